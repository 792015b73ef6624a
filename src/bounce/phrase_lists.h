/* SPDX-License-Identifier: ISC */
/*
 * The sentences of mail systems, by what they tell.
 */
#ifndef DRAGOMAN_BOUNCE_PHRASE_LISTS_H
#define DRAGOMAN_BOUNCE_PHRASE_LISTS_H

#include <stddef.h>

/* A list of phrases in lower case, of one kind. */
struct phrase_list {
    const char *const *phrases;
    size_t count;
};

enum { PHRASE_KIND_COUNT = 11 };

/* In the order of the bits of enum phrase_kind. */
extern const struct phrase_list phrase_lists[PHRASE_KIND_COUNT];

#endif
