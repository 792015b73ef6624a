/* SPDX-License-Identifier: ISC */
/*
 * Many phrases searched for at once: an automaton of Aho and Corasick, so that a text is walked
 * through once however many phrases there are. It is made from phrase_lists[] by
 * src/bounce/phrase_bake when the program is built.
 */
#ifndef DRAGOMAN_BOUNCE_PHRASE_SET_H
#define DRAGOMAN_BOUNCE_PHRASE_SET_H

#include <stddef.h>
#include <stdint.h>

#include "dragoman/address.h"

/* A state is what has been read of a phrase. Its continuations are a list, for most have one; those
 * of the root, which almost every octet of a text asks for, are a table. */
struct phrase_state {
    uint16_t first;   /* continuation, 0: none */
    uint16_t sibling; /* the next continuation of the state before, 0: none */
    uint16_t suffix;  /* the longest suffix that is the beginning of a phrase */
    uint16_t kinds;   /* of the phrases that end here */
    uint8_t octet;    /* what leads here */
};

struct phrase_set {
    const struct phrase_state *states; /* the root is 0 */
    uint16_t root[256];
};

extern const struct phrase_set phrases_baked;

/* The state that follows on an octet in lower case, 0 if there is none. */
unsigned phrase_set_next(const struct phrase_set *set, unsigned state, char octet);

/* Where the walk goes on from a state: the longest of its suffixes that has this continuation. */
unsigned phrase_set_walk(const struct phrase_set *set, unsigned state, char octet);

/* Bits of the kinds of which a phrase is in `text`; case does not matter (ASCII). */
uint16_t phrase_set_find(const struct phrase_set *set, struct slice text);

#endif
