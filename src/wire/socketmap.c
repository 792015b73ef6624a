/* SPDX-License-Identifier: ISC */
#include "dragoman/socketmap.h"

#include <string.h>

/* The digits in front of ":"; they have no leading zero. */
static enum framing read_length(const char *octets, size_t length, size_t *payload, size_t *start) {
    enum { DIGITS_MAX = 5 };
    size_t digits = 0;
    *payload = 0;
    for (; digits < length && g_ascii_isdigit(octets[digits]); digits++) {
        if (digits == DIGITS_MAX || (digits == 1 && octets[0] == '0'))
            return FRAMING_BROKEN;
        *payload = *payload * 10 + (size_t)(octets[digits] - '0');
    }
    if (digits == length)
        return FRAMING_PARTIAL;
    *start = digits + 1;
    return digits > 0 && octets[digits] == ':' && *payload <= SOCKETMAP_OCTETS_MAX ? FRAMING_WHOLE
                                                                                   : FRAMING_BROKEN;
}

enum framing socketmap_read(const char *octets, size_t length, struct socketmap_request *request) {
    size_t payload, start;
    enum framing framing = read_length(octets, length, &payload, &start);
    if (framing != FRAMING_WHOLE)
        return framing;
    if (length < start + payload + 1)
        return FRAMING_PARTIAL;
    const char *text = octets + start, *blank = memchr(text, ' ', payload);
    if (text[payload] != ',' || blank == NULL || blank == text)
        return FRAMING_BROKEN;
    size_t name = (size_t)(blank - text);
    request->map = (struct slice){text, name};
    request->key = (struct slice){blank + 1, payload - name - 1};
    request->octets = start + payload + 1;
    return FRAMING_WHOLE;
}

static void append_netstring(GString *out, const char *word, const char *value) {
    g_string_append_printf(out, "%zu:%s %s,", strlen(word) + 1 + strlen(value), word, value);
}

void socketmap_append_found(GString *out, const char *value) {
    append_netstring(out, "OK", value);
}

void socketmap_append_not_found(GString *out) {
    append_netstring(out, "NOTFOUND", "");
}
