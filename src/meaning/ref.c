/* SPDX-License-Identifier: ISC */
#include "dragoman/ref.h"

#include <glib.h>
#include <string.h>
#include <sys/random.h>

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { HYPHEN_AT = 4 };

void ref_make(char ref[static REF_SIZE]) {
    unsigned char random[REF_SIZE - 2];
    if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        memset(random, 0, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        ref[i < HYPHEN_AT ? i : i + 1] = letters[random[i] % 32];
    ref[HYPHEN_AT] = '-';
    ref[REF_SIZE - 1] = '\0';
}

void ref_take(const char *fixed, char ref[static REF_SIZE]) {
    if (fixed != NULL)
        g_strlcpy(ref, fixed, REF_SIZE);
    else
        ref_make(ref);
}

static bool is_ref(const char *text) {
    for (size_t i = 0; i < REF_SIZE - 1; i++)
        if (i == HYPHEN_AT ? text[i] != '-' : text[i] == '\0' || strchr(letters, text[i]) == NULL)
            return false;
    return true;
}

bool ref_find(const char *text, char ref[static REF_SIZE]) {
    static const char opening[] = "[ref ";
    size_t length = strlen(text), tail = strlen(opening) + REF_SIZE - 1 + strlen("]");
    if (length < tail || text[length - 1] != ']')
        return false;
    const char *start = text + length - tail;
    if (!g_str_has_prefix(start, opening) || !is_ref(start + strlen(opening)))
        return false;
    g_strlcpy(ref, start + strlen(opening), REF_SIZE);
    return true;
}
