/* SPDX-License-Identifier: ISC */
#include "outline.h"

#include <string.h>

enum token {
    TOKEN_END,
    TOKEN_WORD,   /* a name or a value without quotes */
    TOKEN_STRING, /* a value in quotes */
    TOKEN_SIGN    /* one of = { } ( ) , + */
};

struct reader {
    const char *file;
    const char *at;
    const char *end;
    guint line;
    struct complaints *complaints;
    GString *out;   /* the text for libconfuse */
    GString *value; /* of a word or string */
    char sign;
    guint token_line;
    GPtrArray *open; /* struct outline_entry: the sections around us */
    bool stopped;
};

static void entry_free(void *data) {
    struct outline_entry *entry = data;
    g_free(entry->name);
    g_free(entry->title);
    g_free(entry->key);
    g_array_unref(entry->value_lines);
    g_ptr_array_unref(entry->entries);
    g_free(entry);
}

static struct outline_entry *entry_new(enum outline_kind kind, const char *name,
                                       struct place place) {
    struct outline_entry *entry = g_new0(struct outline_entry, 1);
    entry->kind = kind;
    entry->name = g_strdup(name);
    entry->place = place;
    entry->value_lines = g_array_new(FALSE, FALSE, sizeof(guint));
    entry->entries = g_ptr_array_new_with_free_func(entry_free);
    return entry;
}

void outline_free(struct outline *outline) {
    if (outline == NULL)
        return;
    g_ptr_array_unref(outline->entries);
    g_free(outline->text);
    g_free(outline);
}

static struct place place_at(const struct reader *reader, guint line) {
    return (struct place){g_intern_string(reader->file), line};
}

static void never_closed(struct reader *reader, guint line, const char *what, const char *closing) {
    complain(reader->complaints, SEVERITY_ERROR, place_at(reader, line),
             "%s that begins here is never closed; end it with %s", what, closing);
    reader->stopped = true;
}

/* --- octets ----------------------------------------------------------------------------------- */

static bool at_end(const struct reader *reader) {
    return reader->at >= reader->end;
}

static char take(struct reader *reader) {
    char octet = *reader->at++;
    reader->line += octet == '\n';
    g_string_append_c(reader->out, octet);
    return octet;
}

static bool looks_at(const struct reader *reader, const char *text) {
    size_t length = strlen(text);
    return (size_t)(reader->end - reader->at) >= length && strncmp(reader->at, text, length) == 0;
}

static void skip_line_comment(struct reader *reader) {
    while (!at_end(reader) && *reader->at != '\n')
        take(reader);
}

static void skip_block_comment(struct reader *reader) {
    guint line = reader->line;
    while (!at_end(reader) && !looks_at(reader, "*/"))
        take(reader);
    if (at_end(reader)) {
        never_closed(reader, line, "a comment", "*/");
        return;
    }
    take(reader);
    take(reader);
}

static void skip_blanks_and_comments(struct reader *reader) {
    while (!at_end(reader)) {
        if (g_ascii_isspace(*reader->at))
            take(reader);
        else if (*reader->at == '#' || looks_at(reader, "//"))
            skip_line_comment(reader);
        else if (looks_at(reader, "/*"))
            skip_block_comment(reader);
        else
            return;
    }
}

/* --- tokens ----------------------------------------------------------------------------------- */

/* A backslash stands for itself, except before a quote, a backslash or a line end: "\d" in a
 * regular expression means \d. In an expression ("~…") two backslashes stay two. */
static void take_escape(struct reader *reader, char quote, bool expression) {
    char next = reader->at + 1 < reader->end ? reader->at[1] : '\0';
    bool escapes = next == quote || (next == '\\' && !expression);
    reader->at++;
    if (next == '\n') {
        reader->at++;
        reader->line++;
        g_string_append(reader->out, "\\\n");
        return;
    }
    if (!escapes) {
        g_string_append(reader->out, "\\\\");
        g_string_append_c(reader->value, '\\');
        if (next == '\\') { /* of an expression: it must not escape what follows */
            reader->at++;
            g_string_append(reader->out, "\\\\");
            g_string_append_c(reader->value, '\\');
        }
        return;
    }
    reader->at++;
    g_string_append_c(reader->out, '\\');
    g_string_append_c(reader->out, next);
    g_string_append_c(reader->value, next);
}

static void take_string(struct reader *reader) {
    guint line = reader->line;
    char quote = take(reader);
    bool expression = !at_end(reader) && *reader->at == '~';
    while (!at_end(reader) && *reader->at != quote) {
        if (*reader->at == '\\') {
            take_escape(reader, quote, expression);
            continue;
        }
        if (quote == '"' && looks_at(reader, "${"))
            g_string_append_c(reader->out, '\\'); /* no text from the environment */
        g_string_append_c(reader->value, *reader->at);
        take(reader);
    }
    if (at_end(reader))
        never_closed(reader, line, "a string", quote == '"' ? "\"" : "'");
    else
        take(reader);
}

static bool is_sign(char octet) {
    return octet != '\0' && strchr("={}(),+", octet) != NULL;
}

static void take_word(struct reader *reader) {
    while (!at_end(reader) && !g_ascii_isspace(*reader->at) && !is_sign(*reader->at) &&
           *reader->at != '"' && *reader->at != '\'' && *reader->at != '#')
        g_string_append_c(reader->value, take(reader));
}

static enum token next_token(struct reader *reader) {
    skip_blanks_and_comments(reader);
    g_string_truncate(reader->value, 0);
    reader->token_line = reader->line;
    if (at_end(reader) || reader->stopped)
        return TOKEN_END;
    if (is_sign(*reader->at)) {
        reader->sign = take(reader);
        return TOKEN_SIGN;
    }
    if (*reader->at == '"' || *reader->at == '\'') {
        take_string(reader);
        return TOKEN_STRING;
    }
    take_word(reader);
    return TOKEN_WORD;
}

static bool is_sign_token(const struct reader *reader, enum token token, char sign) {
    return token == TOKEN_SIGN && reader->sign == sign;
}

/* --- entries ---------------------------------------------------------------------------------- */

static void add_entry(struct reader *reader, GPtrArray *top, struct outline_entry *entry) {
    struct outline_entry *section =
        reader->open->len > 0 ? reader->open->pdata[reader->open->len - 1] : NULL;
    g_ptr_array_add(section != NULL ? section->entries : top, entry);
}

static void read_list(struct reader *reader, struct outline_entry *option) {
    enum token token;
    while ((token = next_token(reader)) != TOKEN_END && !is_sign_token(reader, token, '}'))
        if (token != TOKEN_SIGN)
            g_array_append_val(option->value_lines, reader->token_line);
    if (token == TOKEN_END && !reader->stopped)
        never_closed(reader, option->place.line, "a list", "}");
}

/* Reads what stands behind "name =" or "name +=". */
static void read_value(struct reader *reader, struct outline_entry *option) {
    enum token token = next_token(reader);
    if (is_sign_token(reader, token, '{'))
        read_list(reader, option);
    else if (token != TOKEN_SIGN && token != TOKEN_END)
        g_array_append_val(option->value_lines, reader->token_line);
}

static void read_include(struct reader *reader, struct outline_entry *include) {
    enum token token;
    while ((token = next_token(reader)) != TOKEN_END && !is_sign_token(reader, token, ')'))
        if (token != TOKEN_SIGN && include->title == NULL)
            include->title = g_strdup(reader->value->str);
    if (token == TOKEN_END && !reader->stopped)
        never_closed(reader, include->place.line, "an include", ")");
}

/* Takes the title that has just been read; in the text for libconfuse, which melts sections with
 * the same one, it gets a number. */
static void take_title(struct reader *reader, struct outline_entry *entry, enum token token) {
    g_autofree char *number = g_strdup_printf(":%zu", reader->out->len);
    entry->title = g_strdup(reader->value->str);
    entry->key = g_strconcat(entry->title, number, NULL);
    g_string_insert(reader->out, (gssize)reader->out->len - (token == TOKEN_STRING ? 1 : 0),
                    number);
}

/* Reads an entry whose name has just been read. What libconfuse does not understand either is left
 * to its own complaint. */
static void read_entry(struct reader *reader, GPtrArray *top) {
    struct outline_entry *entry =
        entry_new(OUTLINE_OPTION, reader->value->str, place_at(reader, reader->token_line));
    entry->start = reader->out->len - strlen(entry->name);
    add_entry(reader, top, entry);
    enum token token = next_token(reader);
    if (token == TOKEN_STRING || token == TOKEN_WORD) {
        take_title(reader, entry, token);
        token = next_token(reader);
    }
    if (is_sign_token(reader, token, '+'))
        token = next_token(reader);
    if (is_sign_token(reader, token, '{')) {
        entry->kind = OUTLINE_SECTION;
        g_ptr_array_add(reader->open, entry);
    } else if (is_sign_token(reader, token, '(')) {
        entry->kind = OUTLINE_INCLUDE;
        read_include(reader, entry);
    } else if (is_sign_token(reader, token, '=')) {
        read_value(reader, entry);
    }
    entry->end = reader->out->len;
}

static void close_section(struct reader *reader) {
    struct outline_entry *section = g_ptr_array_steal_index(reader->open, reader->open->len - 1);
    section->end = reader->out->len;
}

static void read_entries(struct reader *reader, GPtrArray *top) {
    enum token token;
    while ((token = next_token(reader)) != TOKEN_END)
        if (token == TOKEN_WORD)
            read_entry(reader, top);
        else if (is_sign_token(reader, token, '}') && reader->open->len > 0)
            close_section(reader);
}

static void complain_of_open_sections(struct reader *reader) {
    for (guint i = 0; i < reader->open->len && !reader->stopped; i++) {
        const struct outline_entry *section = reader->open->pdata[i];
        g_autofree char *title =
            section->title != NULL ? g_strdup_printf(" \"%s\"", section->title) : g_strdup("");
        complain(reader->complaints, SEVERITY_ERROR, section->place,
                 "the file ends inside %s%s, which begins here; close it with }", section->name,
                 title);
    }
}

static bool check_octets(struct reader *reader, const char *text, size_t length) {
    const char *wrong;
    if (g_utf8_validate(text, (gssize)length, &wrong))
        return true;
    guint line = 1;
    for (const char *at = text; at < wrong; at++)
        line += *at == '\n';
    complain(reader->complaints, SEVERITY_ERROR, place_at(reader, line),
             "the octet 0x%02x is not UTF-8 text; save the file in UTF-8",
             (unsigned)(guchar)*wrong);
    return false;
}

struct outline *outline_read(const char *file, const char *text, size_t length,
                             struct complaints *complaints) {
    struct outline *outline = g_new0(struct outline, 1);
    struct reader reader = {
        .file = file, .at = text, .end = text + length, .line = 1, .complaints = complaints};
    outline->entries = g_ptr_array_new_with_free_func(entry_free);
    reader.out = g_string_new(NULL);
    reader.value = g_string_new(NULL);
    reader.open = g_ptr_array_new();
    if (check_octets(&reader, text, length)) {
        read_entries(&reader, outline->entries);
        complain_of_open_sections(&reader);
    }
    outline->text = g_string_free(reader.out, FALSE);
    g_string_free(reader.value, TRUE);
    g_ptr_array_unref(reader.open);
    return outline;
}

void outline_blank(struct outline *outline, const struct outline_entry *entry) {
    for (size_t i = entry->start; i < entry->end; i++)
        if (outline->text[i] != '\n')
            outline->text[i] = ' ';
}

struct place outline_value_place(const struct outline_entry *entry, size_t index) {
    struct place place = entry->place;
    if (index < entry->value_lines->len)
        place.line = g_array_index(entry->value_lines, guint, index);
    return place;
}
