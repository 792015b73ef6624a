/* SPDX-License-Identifier: ISC */
#include "mailbox.h"

#include <string.h>

#include "lines.h"

enum { MAILBOX_OCTETS_MAX = 512 };

static bool is_atom(char c) {
    return g_ascii_isalnum(c) || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool is_domain(char c) {
    return g_ascii_isalnum(c) || (unsigned char)c >= 0x80 || c == '.' || c == '-' || c == '_';
}

/* Where the local part before `at` begins. */
static const char *local_part_start(struct slice text, const char *at) {
    const char *start = at;
    if (at > text.text && at[-1] == '"') {
        for (start = at - 1; start > text.text && start[-1] != '"';)
            start--;
        return start > text.text ? start - 1 : at;
    }
    while (start > text.text && is_atom(start[-1]))
        start--;
    while (start < at && (*start == '\'' || *start == '`' || *start == '.'))
        start++;
    return start;
}

static const char *domain_end(struct slice text, const char *at) {
    const char *limit = text.text + text.length, *end = at + 1;
    if (end < limit && *end == '[') {
        const char *close = memchr(end, ']', (size_t)(limit - end));
        return close != NULL && close - end < 64 ? close + 1 : at + 1;
    }
    while (end < limit && is_domain(*end))
        end++;
    while (end > at + 1 && (end[-1] == '.' || end[-1] == '-' || end[-1] == '_'))
        end--;
    return end;
}

struct slice mailbox_find(struct slice text) {
    struct slice rest = text;
    const char *at;
    while (rest.length > 0 && (at = memchr(rest.text, '@', rest.length)) != NULL) {
        const char *start = local_part_start(text, at), *end = domain_end(text, at);
        if (start < at && end > at + 1 && end - start <= MAILBOX_OCTETS_MAX)
            return (struct slice){start, (size_t)(end - start)};
        rest = slice_from(rest, at + 1);
    }
    return (struct slice){text.text, 0};
}

bool mailbox_equal(const char *a, const char *b) {
    return g_ascii_strcasecmp(a, b) == 0;
}

/* ---- fields ---- */

/* "\x{E7}" of RFC 6533; octets that are consumed, 0 if it is none. */
static size_t decode_braces(const char *text, GString *out) {
    char *end;
    if (strncmp(text, "\\x{", 3) != 0)
        return 0;
    guint64 code = g_ascii_strtoull(text + 3, &end, 16);
    if (*end != '}' || end == text + 3 || code < 0x20 || !g_unichar_validate((gunichar)code) ||
        code > 0x10ffff)
        return 0;
    g_string_append_unichar(out, (gunichar)code);
    return (size_t)(end + 1 - text);
}

/* "+2B" and "+3D" are what RFC 3461 §4 has to encode; other letters behind a plus sign belong to
 * the address, which is "user+detail". */
static size_t decode_xtext(const char *text, bool has_at, GString *out) {
    if (text[0] != '+' || !g_ascii_isxdigit(text[1]) || !g_ascii_isxdigit(text[2]))
        return 0;
    int code = g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2]);
    if (code != '+' && code != '=' && (has_at || code < 0x20 || code > 0x7e))
        return 0;
    g_string_append_c(out, (char)code);
    return 3;
}

static char *decode(struct slice mailbox) {
    GString *out = g_string_sized_new(mailbox.length);
    g_autofree char *text = slice_dup(mailbox);
    bool has_at = strchr(text, '@') != NULL;
    for (const char *at = text; *at != '\0';) {
        size_t length = decode_braces(at, out);
        if (length == 0)
            length = decode_xtext(at, has_at, out);
        if (length == 0) {
            g_string_append_c(out, *at);
            length = 1;
        }
        at += length;
    }
    return g_string_free(out, FALSE);
}

/* A name without a domain, as local systems report it. */
static bool is_bare_name(struct slice name) {
    for (size_t i = 0; i < name.length; i++)
        if (!g_ascii_isalnum(name.text[i]) && strchr("._+-", name.text[i]) == NULL)
            return false;
    return name.length > 0 && name.length <= 64;
}

/* "user@#example.org": what some sender has mistyped; no blank, and an "@" in the middle. */
static bool is_odd_mailbox(struct slice name) {
    const char *at = memchr(name.text, '@', name.length);
    if (at == NULL || at == name.text || at + 1 == name.text + name.length ||
        name.length > MAILBOX_OCTETS_MAX || strchr("|/", name.text[0]) != NULL)
        return false;
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.text[i] <= 0x20 || name.text[i] == 0x7f)
            return false;
    return slice_find(slice_from(name, at + 1), "@") == NULL;
}

char *mailbox_of_field(const char *field) {
    const char *semicolon = strchr(field, ';');
    struct slice value = slice_trim(slice_of(semicolon != NULL ? semicolon + 1 : field));
    char *copy = slice_dup(value);
    struct slice path = path_mailbox(copy);
    char *decoded = decode(slice_trim(path));
    g_free(copy);
    struct slice found = mailbox_find(slice_of(decoded));
    char *mailbox = NULL;
    if (found.length > 0 && (found.text == decoded || g_ascii_isspace(found.text[-1]) ||
                             strchr("<(\"':", found.text[-1]) != NULL))
        mailbox = slice_dup(found);
    else if (is_bare_name(slice_of(decoded)) ||
             (found.length == 0 && is_odd_mailbox(slice_of(decoded))))
        mailbox = g_strdup(decoded);
    g_free(decoded);
    return mailbox;
}
