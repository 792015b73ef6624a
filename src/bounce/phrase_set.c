/* SPDX-License-Identifier: ISC */
#include "phrase_set.h"

#include <glib.h>

unsigned phrase_set_next(const struct phrase_set *set, unsigned state, char octet) {
    if (state == 0)
        return set->root[(uint8_t)octet];
    unsigned next = set->states[state].first;
    while (next != 0 && set->states[next].octet != (uint8_t)octet)
        next = set->states[next].sibling;
    return next;
}

unsigned phrase_set_walk(const struct phrase_set *set, unsigned state, char octet) {
    unsigned next = phrase_set_next(set, state, octet);
    while (next == 0 && state != 0) {
        state = set->states[state].suffix;
        next = phrase_set_next(set, state, octet);
    }
    return next;
}

uint16_t phrase_set_find(const struct phrase_set *set, struct slice text) {
    unsigned state = 0;
    uint16_t found = 0;
    for (size_t i = 0; i < text.length; i++) {
        state = phrase_set_walk(set, state, g_ascii_tolower(text.text[i]));
        found |= set->states[state].kinds;
    }
    return found;
}
