/* SPDX-License-Identifier: ISC */
#include "dragoman/text.h"

#include <string.h>

static bool is_printable_ascii(unsigned char octet) {
    return octet >= 0x20 && octet < 0x7f;
}

/* Octets of the printable UTF-8 character at `text`, 0 if there is none. Format characters are
 * refused too: they include the ones that turn the direction of writing. */
static size_t printable_utf8_length(const char *text, size_t rest) {
    gunichar character = g_utf8_get_char_validated(text, (gssize)rest);
    if (character == (gunichar)-1 || character == (gunichar)-2 || !g_unichar_isprint(character))
        return 0;
    GUnicodeType type = g_unichar_type(character);
    if (type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
        type == G_UNICODE_PARAGRAPH_SEPARATOR)
        return 0;
    return (size_t)(g_utf8_next_char(text) - text);
}

static size_t harmless_length(const char *text, size_t rest, enum charset charset) {
    if (is_printable_ascii((unsigned char)*text))
        return 1;
    return charset == CHARSET_UTF8 ? printable_utf8_length(text, rest) : 0;
}

void text_append_harmless(GString *out, const char *text, enum charset charset, size_t max) {
    static const char ellipsis[] = "...";
    size_t length = strlen(text);
    bool cut = length > max;
    size_t room = cut ? max - strlen(ellipsis) : max;
    size_t at = 0;
    while (at < length) {
        size_t good = harmless_length(text + at, length - at, charset);
        size_t step = good > 0 ? good : 1;
        if (at + step > room)
            break;
        if (good > 0)
            g_string_append_len(out, text + at, (gssize)good);
        else
            g_string_append_c(out, '?');
        at += step;
    }
    if (cut)
        g_string_append(out, ellipsis);
}

static bool needs_quotes(const char *value) {
    return *value == '\0' || strpbrk(value, " \"\\=") != NULL;
}

void text_append_field(GString *out, const char *key, const char *value) {
    g_autoptr(GString) harmless = g_string_new(NULL);
    text_append_harmless(harmless, value, CHARSET_UTF8, PARAMETER_OCTETS_MAX);
    g_string_append_printf(out, "%s%s=", out->len > 0 ? " " : "", key);
    if (!needs_quotes(harmless->str)) {
        g_string_append(out, harmless->str);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *at = harmless->str; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

/* Levenshtein's distance, two rows; words longer than the limit are never near. */
enum { WORD_MAX = 64 };

static size_t edit_distance(const char *a, const char *b) {
    size_t previous[WORD_MAX + 1], current[WORD_MAX + 1];
    size_t length_b = strlen(b);
    for (size_t j = 0; j <= length_b; j++)
        previous[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        current[0] = i + 1;
        for (size_t j = 0; j < length_b; j++) {
            size_t replaced = previous[j] + (g_ascii_tolower(a[i]) != g_ascii_tolower(b[j]));
            current[j + 1] = MIN(replaced, MIN(previous[j + 1], current[j]) + 1);
        }
        memcpy(previous, current, sizeof previous);
    }
    return previous[length_b];
}

const char *text_nearest(const char *word, const void *known, size_t count,
                         const char *(*name_of)(const void *known, size_t index)) {
    size_t length = strlen(word);
    if (length == 0 || length > WORD_MAX)
        return NULL;
    const char *nearest = NULL;
    size_t best = length / 3 + 2; /* further away it is another word */
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(known, i);
        if (strlen(name) > WORD_MAX)
            continue;
        size_t distance = edit_distance(word, name);
        if (distance < best && distance < strlen(name)) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

char *text_did_you_mean(const char *near) {
    return near == NULL ? g_strdup("") : g_strdup_printf("; did you mean \"%s\"?", near);
}

struct unit {
    const char *name;
    guint64 octets;
};

static const struct unit units[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000 * 1000},
    {"GB", 1000 * 1000 * 1000},
    {"KiB", 1024},
    {"MiB", 1024 * 1024},
    {"GiB", 1024 * 1024 * 1024},
};

bool text_parse_size(const char *text, guint64 *octets) {
    if (!g_ascii_isdigit(*text))
        return false;
    char *end;
    guint64 number = g_ascii_strtoull(text, &end, 10);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_ascii_strcasecmp(end, units[i].name) == 0)
            return g_uint64_checked_mul(octets, number, units[i].octets);
    return false;
}

size_t text_blank_lines(const char *text, size_t length) {
    size_t lines = 0;
    for (size_t i = 0; i < length && g_ascii_isspace(text[i]); i++)
        if (text[i] == '\r' || text[i] == '\n')
            lines = i + 1;
    return lines;
}
