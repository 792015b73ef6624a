/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <string.h>

struct lines lines_of(struct slice text) {
    return (struct lines){text.text, text.text + text.length};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool lines_next(struct lines *lines, struct line *line) {
    if (lines->at >= lines->end)
        return false;
    const char *start = lines->at, *end = start;
    while (end < lines->end && *end != '\n' && *end != '\r')
        end++;
    lines->at = end + (end < lines->end);
    if (end + 1 < lines->end && end[0] == '\r' && end[1] == '\n')
        lines->at++;
    const char *text = start;
    while (text < end && is_blank(*text))
        text++;
    while (end > text && is_blank(end[-1]))
        end--;
    line->start = start;
    line->indent = (size_t)(text - start);
    line->text = (struct slice){text, (size_t)(end - text)};
    return true;
}

bool slice_starts(struct slice text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && g_ascii_strncasecmp(text.text, prefix, length) == 0;
}

bool slice_equals(struct slice text, const char *word) {
    return text.length == strlen(word) && slice_starts(text, word);
}

const char *slice_find(struct slice text, const char *needle) {
    size_t length = strlen(needle);
    if (length == 0 || text.length < length)
        return NULL;
    char lower = g_ascii_tolower(*needle), upper = g_ascii_toupper(*needle);
    const char *last = text.text + text.length - length;
    for (const char *at = text.text; at <= last; at++)
        if ((*at == lower || *at == upper) && g_ascii_strncasecmp(at, needle, length) == 0)
            return at;
    return NULL;
}

struct slice slice_of(const char *text) {
    return (struct slice){text, strlen(text)};
}

struct slice slice_from(struct slice text, const char *at) {
    return (struct slice){at, text.length - (size_t)(at - text.text)};
}

struct slice slice_trim(struct slice text) {
    while (text.length > 0 && g_ascii_isspace(text.text[0])) {
        text.text++;
        text.length--;
    }
    while (text.length > 0 && g_ascii_isspace(text.text[text.length - 1]))
        text.length--;
    return text;
}

char *slice_dup(struct slice text) {
    return g_strndup(text.text, text.length);
}
