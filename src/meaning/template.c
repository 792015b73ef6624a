/* SPDX-License-Identifier: ISC */
#include "dragoman/template.h"

#include <string.h>

/* A piece of literal text, or a parameter. Pieces with the same `group` above 0 stand or fall
 * together. */
struct piece {
    char *literal[2]; /* by enum charset; NULL for a parameter */
    size_t parameter;
    unsigned group;
};

struct template {
    GArray *pieces;     /* struct piece */
    GArray *parameters; /* struct template_parameter */
};

struct compilation {
    struct template *template;
    const struct folding *folding;
    struct place place;
    struct complaints *complaints;
    unsigned groups;
    unsigned group; /* the open one, or 0 */
    bool failed;
};

static void piece_clear(void *data) {
    struct piece *piece = data;
    g_free(piece->literal[CHARSET_ASCII]);
    g_free(piece->literal[CHARSET_UTF8]);
}

void template_free(struct template *template) {
    if (template == NULL)
        return;
    g_array_unref(template->pieces);
    g_array_unref(template->parameters);
    g_free(template);
}

/* Complains in the words of complain(), and remembers that there is no template. */
#define fail(compilation, ...)                                                                     \
    ((compilation)->failed = true,                                                                 \
     complain((compilation)->complaints, SEVERITY_ERROR, (compilation)->place, __VA_ARGS__))

/* A reply line has no control characters, and a text is wrapped when it is sent. */
static void check_printable(struct compilation *compilation, const char *text) {
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text)) {
            fail(compilation,
                 "the text has a line end, a tab or another control character (0x%02x); write it "
                 "on one line, or end the line with a backslash",
                 (unsigned)(guchar)*text);
            return;
        }
}

static void add_literal(struct compilation *compilation, const char *text, size_t length) {
    if (length == 0)
        return;
    char unknown[8];
    struct piece piece = {.group = compilation->group};
    piece.literal[CHARSET_UTF8] = g_strndup(text, length);
    if (compilation->folding != NULL)
        piece.literal[CHARSET_ASCII] =
            fold_text(compilation->folding, piece.literal[CHARSET_UTF8], unknown);
    g_array_append_val(compilation->template->pieces, piece);
    if (compilation->folding != NULL && piece.literal[CHARSET_ASCII] == NULL)
        fail(compilation,
             "the character \"%s\" has no ASCII form; name one in the `ascii` list of this "
             "language",
             unknown);
}

static size_t need_parameter(struct template *template, const char *name, bool optional) {
    for (guint i = 0; i < template->parameters->len; i++) {
        struct template_parameter *known =
            &g_array_index(template->parameters, struct template_parameter, i);
        if (strcmp(known->name, name) == 0) {
            known->optional = known->optional && optional;
            return i;
        }
    }
    const char *key;
    struct template_parameter parameter = {.name = g_intern_string(name), .optional = optional};
    parameter.fact = fact_from_name(name, &key);
    if (key != NULL) /* which of several values should it be? */
        parameter.fact = FACT_NONE;
    g_array_append_val(template->parameters, parameter);
    return template->parameters->len - 1;
}

/* Reads the parameter whose brace opens at `text`; returns what follows it. */
static const char *add_parameter(struct compilation *compilation, const char *text) {
    const char *end = strchr(text, '}');
    if (end == NULL || end == text + 1) {
        fail(compilation, "a brace is open at \"%.20s\"; write a parameter as {recipient}", text);
        return text + strlen(text);
    }
    g_autofree char *name = g_strndup(text + 1, (size_t)(end - text - 1));
    struct piece piece = {.group = compilation->group};
    piece.parameter = need_parameter(compilation->template, name, compilation->group > 0);
    g_array_append_val(compilation->template->pieces, piece);
    return end + 1;
}

static const char *open_group(struct compilation *compilation, const char *text) {
    if (compilation->group > 0)
        fail(compilation,
             "\"[[\" stands inside \"[[ ]]\" at \"%.20s\"; close the first with \"]]\"", text);
    compilation->group = ++compilation->groups;
    return text + 2;
}

static const char *close_group(struct compilation *compilation, const char *text) {
    if (compilation->group == 0)
        fail(compilation, "\"]]\" closes nothing at \"%.20s\"; open the part with \"[[\"", text);
    compilation->group = 0;
    return text + 2;
}

static const char *compile_piece(struct compilation *compilation, const char *text) {
    if (*text == '{')
        return add_parameter(compilation, text);
    if (strncmp(text, "[[", 2) == 0)
        return open_group(compilation, text);
    if (strncmp(text, "]]", 2) == 0)
        return close_group(compilation, text);
    const char *end = text + 1;
    while (*end != '\0' && *end != '{' && strncmp(end, "[[", 2) != 0 && strncmp(end, "]]", 2) != 0)
        end++;
    add_literal(compilation, text, (size_t)(end - text));
    return end;
}

struct template *template_compile(const char *text, const struct folding *folding,
                                  struct place place, struct complaints *complaints) {
    struct template *template = g_new0(struct template, 1);
    struct compilation compilation = {
        .template = template, .folding = folding, .place = place, .complaints = complaints};
    template->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
    template->parameters = g_array_new(FALSE, FALSE, sizeof(struct template_parameter));
    g_array_set_clear_func(template->pieces, piece_clear);
    check_printable(&compilation, text);
    while (*text != '\0')
        text = compile_piece(&compilation, text);
    if (compilation.group > 0)
        fail(&compilation, "\"[[\" is never closed; end the optional part with \"]]\"");
    if (!compilation.failed)
        return template;
    template_free(template);
    return NULL;
}

const struct template_parameter *template_parameter(const struct template *template, size_t index) {
    if (index >= template->parameters->len)
        return NULL;
    return &g_array_index(template->parameters, struct template_parameter, index);
}

size_t template_length(const struct template *template, size_t parameter_length) {
    size_t length = 0;
    for (guint i = 0; i < template->pieces->len; i++) {
        const struct piece *piece = &g_array_index(template->pieces, struct piece, i);
        const char *literal = piece->literal[CHARSET_UTF8];
        length += literal == NULL ? parameter_length : (size_t)g_utf8_strlen(literal, -1);
    }
    return length;
}

struct rendering {
    const struct template *template;
    enum charset charset;
    template_value *value_of;
    void *context;
    GString *out;
};

static const char *piece_value(const struct rendering *rendering, const struct piece *piece) {
    const struct template_parameter *parameter =
        template_parameter(rendering->template, piece->parameter);
    return rendering->value_of(parameter, rendering->context);
}

static bool group_has_values(const struct rendering *rendering, guint first, unsigned group) {
    const GArray *pieces = rendering->template->pieces;
    for (guint i = first; i < pieces->len; i++) {
        const struct piece *piece = &g_array_index(pieces, struct piece, i);
        if (piece->group != group)
            break;
        if (piece->literal[CHARSET_UTF8] == NULL && piece_value(rendering, piece) == NULL)
            return false;
    }
    return true;
}

static void render_value(const struct rendering *rendering, const char *value) {
    size_t start = rendering->out->len;
    text_append_harmless(rendering->out, value, rendering->charset, PARAMETER_OCTETS_MAX);
    for (char *at = rendering->out->str + start; *at != '\0'; at++)
        if (*at == ' ')
            *at = HARD_BLANK;
}

static void render_piece(const struct rendering *rendering, const struct piece *piece) {
    const char *literal = piece->literal[rendering->charset];
    if (literal != NULL) {
        g_string_append(rendering->out, literal);
        return;
    }
    const char *value = piece_value(rendering, piece);
    render_value(rendering, value != NULL ? value : "-");
}

void template_render(const struct template *template, enum charset charset,
                     template_value *value_of, void *context, GString *out) {
    struct rendering rendering = {template, charset, value_of, context, out};
    unsigned group = 0;
    bool shown = true;
    for (guint i = 0; i < template->pieces->len; i++) {
        const struct piece *piece = &g_array_index(template->pieces, struct piece, i);
        if (piece->group != group) {
            group = piece->group;
            shown = group == 0 || group_has_values(&rendering, i, group);
        }
        if (shown)
            render_piece(&rendering, piece);
    }
}
