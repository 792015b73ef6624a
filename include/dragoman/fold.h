/* SPDX-License-Identifier: ISC */
/*
 * Folding writes a text in printable US-ASCII, as RFC 5321 §4.2 wants reply texts. It is done when
 * texts are loaded, never for a message.
 */
#ifndef DRAGOMAN_FOLD_H
#define DRAGOMAN_FOLD_H

#include <stdbool.h>

struct folding;

/* A folding without letters of its own; the caller owns it. */
struct folding *folding_new(void);
void folding_free(struct folding *folding);

/* States how a language writes one of its letters in ASCII: "ä=ae". Returns false if that is not
 * one character, '=' and printable ASCII. */
bool folding_add(struct folding *folding, const char *rule);

/*
 * `text`, which is UTF-8, in printable ASCII; the caller frees it. Characters that the language
 * does not name are transliterated as in English. Where one has no ASCII form returns NULL and
 * copies that character to `unknown` (at least 7 octets).
 */
char *fold_text(const struct folding *folding, const char *text, char *unknown);

#endif
