/* SPDX-License-Identifier: ISC */
#include "html.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name;
    const char *character;
} references[] = {
    {"lt;", "<"},   {"gt;", ">"},  {"amp;", "&"}, {"quot;", "\""}, {"nbsp;", " "},
    {"apos;", "'"}, {"#39;", "'"}, {"#64;", "@"}, {"#46;", "."},   {"commat;", "@"},
};

static const char *const line_tags[] = {"br", "p",  "div", "tr", "li", "h1",  "h2",    "h3",
                                        "hr", "td", "th",  "ul", "ol", "pre", "table", "dt"};

static const char *const hidden_tags[] = {"style", "script", "head"};

static bool tag_is(const char *tag, size_t length, const char *name) {
    size_t size = strlen(name);
    return length >= size && g_ascii_strncasecmp(tag, name, size) == 0 &&
           (length == size || !g_ascii_isalnum(tag[size]));
}

static bool breaks_line(const char *tag, size_t length) {
    if (length > 0 && *tag == '/') {
        tag++;
        length--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(line_tags); i++)
        if (tag_is(tag, length, line_tags[i]))
            return true;
    return false;
}

/* The end of an element whose content nobody sees; `end` if it does not end. */
static const char *behind_hidden(const char *tag, size_t length, const char *end) {
    for (size_t i = 0; i < G_N_ELEMENTS(hidden_tags); i++) {
        if (!tag_is(tag, length, hidden_tags[i]))
            continue;
        for (const char *at = tag + length; at + 2 < end; at++) {
            at = memchr(at, '<', (size_t)(end - at));
            if (at == NULL)
                return end;
            if (at + 1 < end && at[1] == '/' &&
                tag_is(at + 2, (size_t)(end - at - 2), hidden_tags[i]))
                return at;
        }
        return end;
    }
    return NULL;
}

static const char *skip_tag(const char *at, const char *end, GString *out) {
    const char *close = memchr(at, '>', (size_t)(end - at));
    if (close == NULL)
        return end;
    const char *tag = at + 1;
    size_t length = (size_t)(close - tag);
    const char *hidden = behind_hidden(tag, length, end);
    if (hidden != NULL)
        return hidden;
    if (breaks_line(tag, length))
        g_string_append_c(out, '\n');
    return close + 1;
}

static const char *resolve(const char *at, const char *end, GString *out) {
    for (size_t i = 0; i < G_N_ELEMENTS(references); i++) {
        size_t length = strlen(references[i].name);
        if ((size_t)(end - at) > length &&
            g_ascii_strncasecmp(at + 1, references[i].name, length) == 0) {
            g_string_append(out, references[i].character);
            return at + 1 + length;
        }
    }
    g_string_append_c(out, '&');
    return at + 1;
}

GString *html_to_text(const char *html, size_t length) {
    GString *out = g_string_sized_new(length / 2 + 1);
    const char *end = html + length;
    for (const char *at = html; at < end;) {
        bool tag =
            *at == '<' && at + 1 < end && (g_ascii_isalpha(at[1]) || at[1] == '/' || at[1] == '!');
        if (tag)
            at = skip_tag(at, end, out);
        else if (*at == '&')
            at = resolve(at, end, out);
        else
            g_string_append_c(out, *at++);
    }
    return out;
}
