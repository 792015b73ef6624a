/* SPDX-License-Identifier: ISC */
/*
 * Many phrases searched for at once: an automaton of Aho and Corasick, so that a text is walked
 * through once however many phrases there are.
 */
#ifndef DRAGOMAN_BOUNCE_PHRASE_SET_H
#define DRAGOMAN_BOUNCE_PHRASE_SET_H

#include <stddef.h>
#include <stdint.h>

#include "dragoman/address.h"

/* A list of phrases in lower case, of one kind. */
struct phrase_list {
    const char *const *phrases;
    size_t count;
};

struct phrase_set;

/* Kinds are numbered as the lists stand, at most 16. The set is never freed. */
struct phrase_set *phrase_set_new(const struct phrase_list *lists, size_t count);

/* Bits of the kinds of which a phrase is in `text`; case does not matter (ASCII). */
uint16_t phrase_set_find(const struct phrase_set *set, struct slice text);

#endif
