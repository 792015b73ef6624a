/* SPDX-License-Identifier: ISC */
#include "dragoman/letter.h"

#include <string.h>

enum {
    COLUMNS = 69, /* near which lines of ours are wrapped */
    ADDRESS_OCTETS = 320,
    REPLY_OCTETS = 700, /* of other servers' words */
};

struct writing {
    const struct letter *letter;
    const struct letter_language *language;
    const struct letter_block *block;
    const struct letter_answer *answer;
    char day[16], year[16], count[16];
    char *date;       /* or NULL */
    char size[2][32]; /* of limit and size */
    GString *out;
};

/* --- values ----------------------------------------------------------------------------------- */

/* "31 MB", "1.5 MB": as a person would say it. */
static const char *size_text(struct writing *writing, const char *octets, char text[32]) {
    static const struct {
        guint64 octets;
        const char *name;
    } units[] = {{1000000000, "GB"}, {1000000, "MB"}, {1000, "kB"}};
    const struct template *decimal = writing->language->phrases[LETTER_DECIMAL];
    guint64 size;
    size_t unit = 0;
    if (octets == NULL || !text_parse_size(octets, &size) || size > G_MAXINT64 / 10)
        return NULL;
    while (unit + 1 < G_N_ELEMENTS(units) && size < units[unit].octets)
        unit++;
    guint64 one = units[unit].octets, tenths = (size * 10 + one / 2) / one;
    g_autoptr(GString) sign = g_string_new(NULL);
    template_render(decimal, CHARSET_UTF8, NULL, NULL, sign);
    if (tenths >= 100 || tenths % 10 == 0)
        g_snprintf(text, 32, "%" G_GUINT64_FORMAT " %s", (size + one / 2) / one, units[unit].name);
    else
        g_snprintf(text, 32, "%" G_GUINT64_FORMAT "%.4s%u %s", tenths / 10, sign->str,
                   (unsigned)(tenths % 10), units[unit].name);
    return text;
}

static const char *value_of_block(struct writing *writing, const char *name) {
    const struct letter_block *block = writing->block;
    if (block == NULL)
        return NULL;
    if (strcmp(name, "server") == 0)
        return writing->answer != NULL ? writing->answer->server : block->server;
    if (strcmp(name, "receiver") == 0)
        return block->receiver;
    if (strcmp(name, "reporter") == 0)
        return block->reporter;
    if (strcmp(name, "domain") == 0)
        return block->domain;
    if (strcmp(name, "limit") == 0)
        return size_text(writing, block->limit, writing->size[0]);
    if (strcmp(name, "size") == 0)
        return size_text(writing, block->size, writing->size[1]);
    return NULL;
}

static const char *month_name(const struct writing *writing, int month) {
    const GPtrArray *months = writing->language->months;
    return month >= 1 && (guint)month <= months->len ? months->pdata[month - 1] : NULL;
}

static const char *value_of(const struct template_parameter *parameter, void *context) {
    struct writing *writing = context;
    const struct letter_answer *answer = writing->answer;
    const char *name = parameter->name;
    if (strcmp(name, "host") == 0)
        return writing->letter->host;
    if (strcmp(name, "count") == 0)
        return writing->count;
    if (strcmp(name, "date") == 0)
        return writing->date;
    if (strcmp(name, "day") == 0)
        return writing->day;
    if (strcmp(name, "month") == 0)
        return month_name(writing, writing->block->until.month);
    if (strcmp(name, "year") == 0)
        return writing->year;
    if (strcmp(name, "code") == 0)
        return answer != NULL ? answer->code : NULL;
    return value_of_block(writing, name);
}

/* Whether the template can say all that it has to. */
static bool can_say(struct writing *writing, const struct template *template) {
    const struct template_parameter *parameter;
    if (template == NULL)
        return false;
    for (size_t i = 0; (parameter = template_parameter(template, i)) != NULL; i++)
        if (!parameter->optional && value_of(parameter, writing) == NULL)
            return false;
    return true;
}

static void say(struct writing *writing, const struct template *template, GString *out) {
    template_render(template, CHARSET_UTF8, value_of, writing, out);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Wraps at blanks; lines but the first are indented. Hard blanks become blanks. */
static void append_wrapped(GString *out, const char *text, size_t columns, size_t indent) {
    size_t column = 0;
    while (*text != '\0') {
        size_t octets = strcspn(text, " ");
        size_t length = (size_t)g_utf8_strlen(text, (gssize)octets);
        if (column > indent && column + 1 + length > columns) {
            g_string_append_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > 0 && octets > 0) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append_len(out, text, (gssize)octets);
        column += length;
        text += octets;
        text += strspn(text, " ");
    }
    g_string_append_c(out, '\n');
    g_strdelimit(out->str, (char[]){HARD_BLANK, '\0'}, ' ');
}

static void blank_line(struct writing *writing) {
    g_string_append_c(writing->out, '\n');
}

static void write_phrase(struct writing *writing, enum letter_phrase phrase) {
    g_autoptr(GString) text = g_string_new(NULL);
    if (!can_say(writing, writing->language->phrases[phrase]))
        return;
    say(writing, writing->language->phrases[phrase], text);
    append_wrapped(writing->out, text->str, COLUMNS, 0);
}

/* --- the parts of a block --------------------------------------------------------------------- */

static void write_more(struct writing *writing, guint count) {
    g_snprintf(writing->count, sizeof writing->count, "%u", count);
    write_phrase(writing, LETTER_MORE);
}

static void write_recipients(struct writing *writing) {
    guint most = (guint)writing->letter->recipients_max;
    const GPtrArray *recipients = writing->block->recipients;
    bool several = recipients->len > 1;
    if (several)
        write_phrase(writing, LETTER_RECIPIENTS);
    for (guint i = 0; i < MIN(recipients->len, most); i++) {
        g_autoptr(GString) address = g_string_new(NULL);
        text_append_harmless(address, recipients->pdata[i], CHARSET_UTF8, ADDRESS_OCTETS);
        g_string_append(writing->out, several ? " " : "");
        if (!several)
            say(writing, writing->language->phrases[LETTER_RECIPIENT], writing->out);
        g_string_append_printf(writing->out, " %s\n", address->str);
    }
    if (recipients->len > most)
        write_more(writing, recipients->len - most);
}

/* A paragraph that goes on: sentences are joined. */
static void add_sentence(struct writing *writing, const struct template *template, GString *text) {
    if (!can_say(writing, template))
        return;
    if (text->len > 0)
        g_string_append_c(text, ' ');
    say(writing, template, text);
}

static void finish_paragraph(struct writing *writing, GString *text) {
    if (text->len > 0)
        append_wrapped(writing->out, text->str, COLUMNS, 0);
    g_string_truncate(text, 0);
}

static const struct letter_text *text_of(const struct writing *writing) {
    const struct reason *reason = writing->block->explanation->reason;
    return reason != NULL ? g_hash_table_lookup(writing->language->by_id, reason->id) : NULL;
}

/* The site's own reason, which has no letter: what its reply would say. */
static bool add_reported(const struct writing *writing, GString *text) {
    const struct snapshot *snapshot = writing->letter->snapshot;
    const struct explanation *explanation = writing->block->explanation;
    struct subject subject = {.reason = explanation->reason,
                              .transaction = writing->block->transaction,
                              .captures = &explanation->captures,
                              .ref = ""};
    size_t count = catalogue_language_count(snapshot->catalogue), i = 0;
    while (i < count &&
           strcmp(catalogue_language(snapshot->catalogue, i)->tag, writing->language->tag) != 0)
        i++;
    if (explanation->reason == NULL || i == count || explanation->reason->texts[i].says == NULL)
        return false;
    g_autofree char *words = compose_report(snapshot, &subject, i, false);
    g_string_append(text, words);
    return true;
}

static void add_inferred(struct writing *writing, const struct letter_text *why, GString *text) {
    const struct letter_answer *answer =
        writing->block->answers->len > 0
            ? &g_array_index(writing->block->answers, struct letter_answer, 0)
            : NULL;
    if (answer != NULL && answer->server != NULL)
        add_sentence(
            writing,
            writing->language->phrases[writing->block->delayed ? LETTER_NOT_YET : LETTER_REFUSED],
            text);
    add_sentence(writing, why->inferred, text);
}

static void write_why(struct writing *writing) {
    const struct letter_text *why = text_of(writing);
    g_autoptr(GString) text = g_string_new(NULL);
    if (why != NULL && !writing->block->certain && why->inferred != NULL)
        add_inferred(writing, why, text);
    for (guint i = 0; why != NULL && writing->block->certain && i < why->why->len; i++) {
        finish_paragraph(writing, text);
        add_sentence(writing, why->why->pdata[i], text);
    }
    if (text->len == 0 && !add_reported(writing, text))
        add_sentence(writing, writing->language->phrases[LETTER_UNKNOWN], text);
    if (writing->block->delayed)
        add_sentence(writing, writing->language->phrases[LETTER_RETRYING], text);
    else if (writing->block->gave_up)
        add_sentence(writing, writing->language->phrases[LETTER_GAVE_UP], text);
    finish_paragraph(writing, text);
}

static const struct letter_text *steps_of(const struct writing *writing) {
    const struct reason *reason = writing->block->explanation->reason;
    const struct letter_text *text = text_of(writing);
    if (writing->block->delayed)
        return writing->language->advice[ADVICE_DELAYED];
    if (text != NULL && text->steps->len > 0)
        return text;
    return writing->language->advice[reason != NULL ? reason->who : ACTOR_SENDER_ADMIN];
}

static void write_steps(struct writing *writing) {
    const struct letter_text *steps = steps_of(writing);
    write_phrase(writing, LETTER_STEPS);
    for (guint i = 0; i < steps->steps->len; i++) {
        g_autoptr(GString) text = g_string_new("- ");
        if (!can_say(writing, steps->steps->pdata[i]))
            continue;
        say(writing, steps->steps->pdata[i], text);
        append_wrapped(writing->out, text->str, COLUMNS, 2);
    }
    if (steps->note != NULL && can_say(writing, steps->note)) {
        g_autoptr(GString) text = g_string_new(NULL);
        say(writing, steps->note, text);
        append_wrapped(writing->out, text->str, COLUMNS, 0);
    }
}

/* --- for the administrator -------------------------------------------------------------------- */

static void write_answer(struct writing *writing, const struct letter_answer *answer) {
    const struct template *phrase =
        writing->language->phrases[answer->server != NULL ? LETTER_ANSWERED : LETTER_REPORTED];
    writing->answer = answer;
    if (answer->reply != NULL && can_say(writing, phrase)) {
        g_autoptr(GString) text = g_string_new(NULL);
        say(writing, phrase, text);
        g_string_append_c(text, ' ');
        text_append_harmless(text, answer->reply, CHARSET_UTF8, REPLY_OCTETS);
        append_wrapped(writing->out, text->str, LETTER_COLUMNS_MAX, 0);
    }
    if (answer->code != NULL)
        write_phrase(writing, LETTER_CODE);
    writing->answer = NULL;
}

static void write_technical(struct writing *writing) {
    const GArray *answers = writing->block->answers;
    guint most = (guint)writing->letter->answers_max;
    if (answers->len == 0)
        return;
    blank_line(writing);
    write_phrase(writing, LETTER_TECHNICAL);
    for (guint i = 0; i < MIN(answers->len, most); i++)
        write_answer(writing, &g_array_index(answers, struct letter_answer, i));
}

/* --- the whole -------------------------------------------------------------------------------- */

static void find_date(struct writing *writing) {
    const struct letter_date *until = &writing->block->until;
    g_autoptr(GString) text = g_string_new(NULL);
    g_clear_pointer(&writing->date, g_free);
    if (until->year == 0 || month_name(writing, until->month) == NULL)
        return;
    g_snprintf(writing->day, sizeof writing->day, "%d", until->day);
    g_snprintf(writing->year, sizeof writing->year, "%d", until->year);
    say(writing, writing->language->phrases[LETTER_DATE], text);
    g_strdelimit(text->str, (char[]){HARD_BLANK, '\0'}, ' ');
    writing->date = g_strdup(text->str);
}

static void write_block(struct writing *writing) {
    find_date(writing);
    write_phrase(writing, writing->block->delayed ? LETTER_DELAYED : LETTER_FAILED);
    blank_line(writing);
    write_recipients(writing);
    blank_line(writing);
    write_why(writing);
    blank_line(writing);
    write_steps(writing);
    write_technical(writing);
    blank_line(writing);
}

static void write_language(struct writing *writing) {
    const GPtrArray *blocks = writing->letter->blocks;
    guint more = 0;
    for (guint i = 0; i < blocks->len; i++) {
        writing->block = blocks->pdata[i];
        if (i < writing->letter->blocks_max)
            write_block(writing);
        else
            more += writing->block->recipients->len;
    }
    if (more > 0) {
        write_more(writing, more);
        blank_line(writing);
    }
    writing->block = NULL;
    write_phrase(writing, LETTER_ADDED);
    write_phrase(writing, LETTER_FOLLOWS);
}

char *letter_write(const struct letter *letter) {
    struct writing writing = {.letter = letter, .out = g_string_new(NULL)};
    const struct letter_book *book = letter->snapshot->site.bounces.letters;
    for (size_t i = 1; i < letter->count; i++) {
        writing.language = letter_book_at(book, letter->order[i]);
        write_phrase(&writing, LETTER_BELOW);
    }
    if (letter->count > 1)
        blank_line(&writing);
    for (size_t i = 0; i < letter->count; i++) {
        writing.language = letter_book_at(book, letter->order[i]);
        if (i > 0)
            blank_line(&writing);
        write_language(&writing);
    }
    g_free(writing.date);
    return g_string_free(writing.out, FALSE);
}
