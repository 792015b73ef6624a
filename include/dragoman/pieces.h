/* SPDX-License-Identifier: ISC */
/*
 * The pieces of a regular expression are what stands literally in all that it matches: in
 * "mailbox (?:is )?full|over quota" that is "mailbox " and "full", or "over quota". Most
 * expressions match few texts, and a text without the pieces need not be matched at all. This is
 * asked of the grams of the text, all pairs and triples of its characters, which are collected once
 * for all expressions.
 *
 * Letters of ASCII are compared without regard to case, and all other characters are taken as
 * equal: the answer is "certainly not" or "perhaps".
 */
#ifndef DRAGOMAN_PIECES_H
#define DRAGOMAN_PIECES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The pieces of an expression that PCRE2 has compiled, as a tree that can be compiled in: its
 * length is pieces_count(). The caller frees them with g_free(). */
uint16_t *pieces_of(const char *expression);
size_t pieces_count(const uint16_t *pieces);

/* Whether nothing is known: every text is allowed. */
bool pieces_allow_all(const uint16_t *pieces);

enum { GRAM_BITS = 13 };

struct grams {
    bool any; /* the text holds letters that PCRE2 takes for letters of ASCII: all is possible */
    uint8_t bits[(1 << GRAM_BITS) / 8];
};

/* Collects the grams of a text in UTF-8. */
void grams_of(struct grams *grams, const char *text);

/* Whether a text with these grams can contain the pieces. */
bool grams_allow(const struct grams *grams, const uint16_t *pieces);

/*
 * Appends to `chosen` (uint16_t) grams of which every text that contains the pieces has at least
 * one: one of each alternative, that which `counts` (of each gram) has least of. False, and nothing
 * appended, if there are texts without any.
 */
bool pieces_choose_grams(const uint16_t *pieces, const unsigned *counts, GArray *chosen);

#endif
