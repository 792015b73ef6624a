/* SPDX-License-Identifier: ISC */
#include "dragoman/pieces.h"

#include <string.h>

enum { PIECE_MIN = 2, PIECE_MAX = 100, NODES_MAX = 10000, NESTING_MAX = 100 };

/* --- characters ------------------------------------------------------------------------------- */

/* What all characters beyond ASCII are taken for. */
static const char beyond_ascii = '\x80';

static char folded(char octet) {
    return (octet & 0x80) != 0 ? beyond_ascii : g_ascii_tolower(octet);
}

/* Whether PCRE2 takes the character for a letter of ASCII in another case: U+017F for s, U+212A
 * for k. */
static bool is_letter_in_disguise(const char *text) {
    return strncmp(text, "\xc5\xbf", 2) == 0 || strncmp(text, "\xe2\x84\xaa", 3) == 0;
}

static const char *next_character(const char *text) {
    do
        text++;
    while (((uint8_t)*text & 0xc0) == 0x80);
    return text;
}

/* --- grams ------------------------------------------------------------------------------------ */

/* A pair is a triple that begins with an octet of zero. */
static uint16_t gram(char first, char second, char third) {
    uint32_t triple =
        (uint32_t)(uint8_t)first << 16 | (uint32_t)(uint8_t)second << 8 | (uint32_t)(uint8_t)third;
    return (uint16_t)(triple * 2654435761U >> (32 - GRAM_BITS));
}

static void add_gram(struct grams *grams, uint16_t gram) {
    grams->bits[gram / 8] |= (uint8_t)(1 << gram % 8);
}

static bool has_gram(const struct grams *grams, uint16_t gram) {
    return (grams->bits[gram / 8] >> gram % 8 & 1) != 0;
}

void grams_of(struct grams *grams, const char *text) {
    char before = 0, last = 0;
    memset(grams, 0, sizeof *grams);
    for (; *text != '\0'; text = next_character(text)) {
        char octet = folded(*text);
        grams->any = grams->any || (octet == beyond_ascii && is_letter_in_disguise(text));
        add_gram(grams, gram(0, last, octet));
        add_gram(grams, gram(before, last, octet));
        before = last;
        last = octet;
    }
}

/* --- the tree --------------------------------------------------------------------------------- */

/* A node is its kind, the number of what follows, and grams or nodes. */
enum node_kind { NODE_PIECE, NODE_ALL, NODE_ANY };
enum { NODE_HEAD = 2 };

static bool allows_piece(const struct grams *grams, const uint16_t *piece, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!has_gram(grams, piece[i]))
            return false;
    return true;
}

static bool allows(const struct grams *grams, const uint16_t *node) {
    const uint16_t *child = node + NODE_HEAD, *end = child + node[1];
    if (node[0] == NODE_PIECE)
        return allows_piece(grams, child, node[1]);
    bool any = node[0] == NODE_ANY;
    for (; child < end; child += NODE_HEAD + child[1])
        if (allows(grams, child) == any)
            return any;
    return !any;
}

bool grams_allow(const struct grams *grams, const uint16_t *pieces) {
    return grams->any || allows(grams, pieces);
}

/* --- choosing --------------------------------------------------------------------------------- */

enum { NO_CHOICE = G_MAXUINT };

static unsigned choose(const uint16_t *node, const unsigned *counts, GArray *chosen);

static unsigned choose_of_piece(const uint16_t *node, const unsigned *counts, GArray *chosen) {
    const uint16_t *grams = node + NODE_HEAD;
    size_t best = 0;
    for (size_t i = 1; i < node[1]; i++)
        if (counts[grams[i]] < counts[grams[best]])
            best = i;
    g_array_append_val(chosen, grams[best]);
    return counts[grams[best]] + 1;
}

/* All children are needed, so one of them is enough to look for. */
static unsigned choose_of_all(const uint16_t *node, const unsigned *counts, GArray *chosen) {
    const uint16_t *child = node + NODE_HEAD, *end = child + node[1], *best = NULL;
    unsigned least = NO_CHOICE;
    guint before = chosen->len;
    for (; child < end; child += NODE_HEAD + child[1]) {
        unsigned cost = choose(child, counts, chosen);
        g_array_set_size(chosen, before);
        if (cost < least) {
            least = cost;
            best = child;
        }
    }
    return best != NULL ? choose(best, counts, chosen) : NO_CHOICE;
}

static unsigned choose_of_any(const uint16_t *node, const unsigned *counts, GArray *chosen) {
    const uint16_t *child = node + NODE_HEAD, *end = child + node[1];
    unsigned sum = 0;
    guint before = chosen->len;
    for (; child < end; child += NODE_HEAD + child[1]) {
        unsigned cost = choose(child, counts, chosen);
        if (cost == NO_CHOICE) {
            g_array_set_size(chosen, before);
            return NO_CHOICE;
        }
        sum += cost;
    }
    return sum;
}

/* What a choice costs: how many others are listed under the same grams. */
static unsigned choose(const uint16_t *node, const unsigned *counts, GArray *chosen) {
    switch ((enum node_kind)node[0]) {
    case NODE_PIECE:
        return choose_of_piece(node, counts, chosen);
    case NODE_ALL:
        return choose_of_all(node, counts, chosen);
    default:
        return choose_of_any(node, counts, chosen);
    }
}

bool pieces_choose_grams(const uint16_t *pieces, const unsigned *counts, GArray *chosen) {
    return choose(pieces, counts, chosen) != NO_CHOICE;
}

bool pieces_allow_all(const uint16_t *pieces) {
    return pieces[0] == NODE_ALL && pieces[1] == 0;
}

size_t pieces_count(const uint16_t *pieces) {
    return NODE_HEAD + pieces[1];
}

/* Appends a node; what is in it is no longer needed then. */
static void add_node(GArray *nodes, enum node_kind kind, GArray *content) {
    const uint16_t head[NODE_HEAD] = {(uint16_t)kind, (uint16_t)content->len};
    g_array_append_vals(nodes, head, NODE_HEAD);
    g_array_append_vals(nodes, content->data, content->len);
    g_array_unref(content);
}

static GArray *content_new(void) {
    return g_array_new(FALSE, FALSE, sizeof(uint16_t));
}

static void add_piece(GArray *nodes, const GString *text) {
    GArray *grams = content_new();
    for (size_t i = 0; i + 1 < text->len; i++) {
        bool pair = text->len == 2;
        uint16_t next = pair ? gram(0, text->str[i], text->str[i + 1])
                             : gram(text->str[i], text->str[i + 1], text->str[i + 2]);
        if (pair || i + 2 < text->len)
            g_array_append_val(grams, next);
    }
    add_node(nodes, NODE_PIECE, grams);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* What stands in an expression is literal, or matches characters that are not known, or none. */
enum atom_kind { ATOM_LITERAL, ATOM_UNKNOWN, ATOM_NOTHING, ATOM_GROUP };

struct atom {
    enum atom_kind kind;
    char octet;    /* of a literal, folded */
    GArray *nodes; /* of a group */
};

enum repeat { REPEAT_ONCE, REPEAT_SOME, REPEAT_PERHAPS };

struct reader {
    const char *next;
    unsigned depth;
    bool lost; /* something stands there that is not read here */
};

static GArray *read_alternatives(struct reader *reader);

static bool read_text(struct reader *reader, const char *text) {
    bool found = g_str_has_prefix(reader->next, text);
    if (found)
        reader->next += strlen(text);
    return found;
}

static struct atom lost(struct reader *reader) {
    reader->lost = true;
    return (struct atom){.kind = ATOM_UNKNOWN};
}

/* Behind \x: two digits, or any number of them in braces. */
static struct atom read_number(struct reader *reader) {
    const char *end = reader->next + (*reader->next == '{');
    bool braces = end > reader->next;
    for (int i = 0; g_ascii_isxdigit(*end) && (braces || i < 2); i++)
        end++;
    if (braces && *end != '}')
        return lost(reader);
    reader->next = end + braces;
    return (struct atom){.kind = ATOM_UNKNOWN};
}

/* Behind a backslash. */
static struct atom read_escape(struct reader *reader) {
    char octet = *reader->next;
    if (octet == '\0' || (octet & 0x80) != 0)
        return lost(reader);
    reader->next++;
    if (!g_ascii_isalnum(octet))
        return (struct atom){.kind = ATOM_LITERAL, .octet = octet};
    if (strchr("bBAzZG", octet) != NULL)
        return (struct atom){.kind = ATOM_NOTHING};
    if (octet == 'x')
        return read_number(reader);
    if (strchr("dDwWsShHvVRtnrf", octet) != NULL)
        return (struct atom){.kind = ATOM_UNKNOWN};
    return lost(reader);
}

/* [:alpha:] in a class. */
static bool skip_posix_class(struct reader *reader) {
    const char *end = reader->next + 2;
    if (!g_str_has_prefix(reader->next, "[:"))
        return false;
    end += strspn(end, "^abcdefghijklmnopqrstuvwxyz");
    if (!g_str_has_prefix(end, ":]"))
        return false;
    reader->next = end + 2;
    return true;
}

/* Behind the bracket of a class; one that stands first does not end it. */
static struct atom read_class(struct reader *reader) {
    (void)read_text(reader, "^");
    for (bool first = true; first || *reader->next != ']'; first = false) {
        if (*reader->next == '\0' || g_str_has_prefix(reader->next, "\\Q") ||
            g_str_has_prefix(reader->next, "\\E"))
            return lost(reader);
        if (skip_posix_class(reader))
            continue;
        reader->next += *reader->next == '\\' && reader->next[1] != '\0' ? 2 : 1;
    }
    reader->next++;
    return (struct atom){.kind = ATOM_UNKNOWN};
}

/* The options that change nothing here; (?x) would. True if a group is opened with them. */
static bool read_group_options(struct reader *reader, struct atom *atom) {
    reader->next += strspn(reader->next, "imsnJU-^");
    if (read_text(reader, ")"))
        atom->kind = ATOM_NOTHING;
    else if (read_text(reader, ":"))
        return true;
    else
        *atom = lost(reader);
    return false;
}

static void read_name(struct reader *reader) {
    reader->next += strcspn(reader->next, ">");
    reader->lost = reader->lost || !read_text(reader, ">");
}

/* Behind "(?": true if alternatives follow. */
static bool read_group_kind(struct reader *reader, struct atom *atom) {
    static const char *const around[] = {"=", "!", "<=", "<!"};
    for (size_t i = 0; i < G_N_ELEMENTS(around); i++)
        if (read_text(reader, around[i])) {
            atom->kind = ATOM_NOTHING;
            return true;
        }
    if (read_text(reader, "<") || read_text(reader, "P<"))
        read_name(reader);
    else if (!read_text(reader, ">") && !read_text(reader, "|"))
        return read_group_options(reader, atom);
    return !reader->lost;
}

/* Behind the parenthesis. What is looked at ahead or behind says nothing. */
static struct atom read_group(struct reader *reader) {
    struct atom atom = {.kind = ATOM_GROUP};
    if (*reader->next == '*' || reader->depth == NESTING_MAX)
        return lost(reader);
    if (read_text(reader, "?") && !read_group_kind(reader, &atom))
        return atom;
    reader->depth++;
    atom.nodes = read_alternatives(reader);
    reader->depth--;
    if (!read_text(reader, ")"))
        reader->lost = true;
    if (atom.kind == ATOM_NOTHING)
        g_clear_pointer(&atom.nodes, g_array_unref);
    return atom;
}

static struct atom read_atom(struct reader *reader) {
    const char *start = reader->next;
    reader->next = next_character(start);
    switch (*start) {
    case '\\':
        return read_escape(reader);
    case '[':
        return read_class(reader);
    case '(':
        return read_group(reader);
    case '^':
    case '$':
        return (struct atom){.kind = ATOM_NOTHING};
    case '.':
    case '{': /* a literal where it repeats nothing */
        return (struct atom){.kind = ATOM_UNKNOWN};
    default:
        return is_letter_in_disguise(start)
                   ? (struct atom){.kind = ATOM_UNKNOWN}
                   : (struct atom){.kind = ATOM_LITERAL, .octet = folded(*start)};
    }
}

/* {3} {3,} {3,5}: what is no such thing may be literal, and is taken as less than it says. */
static enum repeat read_count(struct reader *reader) {
    const char *end = reader->next + 1 + strspn(reader->next + 1, "0123456789, ");
    if (*end != '}')
        return REPEAT_ONCE;
    bool some = strtoul(reader->next + 1, NULL, 10) > 0;
    reader->next = end + 1;
    return some ? REPEAT_SOME : REPEAT_PERHAPS;
}

static enum repeat read_repeat(struct reader *reader) {
    enum repeat repeat = REPEAT_ONCE;
    if (read_text(reader, "?") || read_text(reader, "*"))
        repeat = REPEAT_PERHAPS;
    else if (read_text(reader, "+"))
        repeat = REPEAT_SOME;
    else if (*reader->next == '{')
        repeat = read_count(reader);
    if (repeat != REPEAT_ONCE && !read_text(reader, "?"))
        (void)read_text(reader, "+");
    return repeat;
}

/* --- sequences -------------------------------------------------------------------------------- */

struct sequence {
    GString *run;  /* literal characters that follow each other */
    GArray *nodes; /* all must be allowed */
};

static void end_run(struct sequence *sequence) {
    if (sequence->run->len >= PIECE_MIN)
        add_piece(sequence->nodes, sequence->run);
    g_string_truncate(sequence->run, 0);
}

static void add_atom(struct sequence *sequence, struct atom *atom, enum repeat repeat) {
    if (atom->kind == ATOM_NOTHING)
        return;
    if (atom->kind == ATOM_LITERAL && repeat != REPEAT_PERHAPS)
        g_string_append_c(sequence->run, atom->octet);
    if (atom->kind != ATOM_LITERAL || repeat != REPEAT_ONCE || sequence->run->len == PIECE_MAX)
        end_run(sequence);
    if (atom->nodes != NULL && repeat != REPEAT_PERHAPS)
        g_array_append_vals(sequence->nodes, atom->nodes->data, atom->nodes->len);
    g_clear_pointer(&atom->nodes, g_array_unref);
}

static GArray *read_sequence(struct reader *reader) {
    struct sequence sequence = {g_string_new(NULL), content_new()};
    while (!reader->lost && *reader->next != '\0' && strchr("|)", *reader->next) == NULL) {
        struct atom atom = read_atom(reader);
        add_atom(&sequence, &atom, read_repeat(reader));
    }
    end_run(&sequence);
    g_string_free(sequence.run, TRUE);
    return sequence.nodes;
}

/* No node where nothing is known of one of the alternatives. */
static GArray *read_alternatives(struct reader *reader) {
    GArray *nodes = content_new(), *alternatives = content_new();
    bool known = true;
    do {
        GArray *sequence = read_sequence(reader);
        known = known && sequence->len > 0;
        add_node(alternatives, NODE_ALL, sequence);
    } while (!reader->lost && read_text(reader, "|"));
    reader->lost = reader->lost || alternatives->len > NODES_MAX;
    if (known)
        add_node(nodes, NODE_ANY, alternatives);
    else
        g_array_unref(alternatives);
    return nodes;
}

uint16_t *pieces_of(const char *expression) {
    struct reader reader = {expression, 0, false};
    GArray *nodes = read_alternatives(&reader), *pieces = content_new();
    if (reader.lost || *reader.next != '\0')
        g_array_set_size(nodes, 0);
    add_node(pieces, NODE_ALL, nodes);
    return (uint16_t *)g_array_free(pieces, FALSE);
}
