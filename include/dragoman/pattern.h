/* SPDX-License-Identifier: ISC */
/*
 * A regular expression of PCRE2, compiled when it is loaded, and bounded in what one match may
 * cost.
 */
#ifndef DRAGOMAN_PATTERN_H
#define DRAGOMAN_PATTERN_H

#include "dragoman/table.h"

struct pattern;

/* Compiles; on failure returns NULL and sets `*why` to "what is wrong; what to write instead",
 * which the caller frees. The expression ignores case. The caller owns the pattern. */
struct pattern *pattern_compile(const char *expression, char **why);
void pattern_free(struct pattern *pattern);

/* Lets it be compiled to machine code as well, which is worth the time where it is matched often;
 * before it is matched or prepared. */
void pattern_accelerate(struct pattern *pattern);

/* Does what is put off until the first match: for whoever has more time now than then. */
void pattern_prepare(struct pattern *pattern);

/* The pieces of its expression (dragoman/pieces.h), which are the pattern's. */
const uint16_t *pattern_pieces(const struct pattern *pattern);

/* The compiled form as octets, which the caller frees with g_free(). */
uint8_t *pattern_serialize(const struct pattern *pattern, size_t *length);

/* Whether such octets can be restored: not if another version of PCRE2 has made them. */
bool pattern_can_restore(const uint8_t *octets);

/* A pattern made from such octets, which begin where 8 divides the address, and from the pieces of
 * the expression (dragoman/pieces.h). Both must outlive it, and are read at the first match. */
struct pattern *pattern_restore(const uint8_t *octets, const uint16_t *pieces);

/* Matches anywhere in the text of the probe; captures may be NULL. A group (?<client_ip>…) is
 * captured as client-ip. Several threads may match with one pattern. */
enum table_match pattern_match(struct pattern *pattern, struct probe *probe,
                               struct captures *captures);

#endif
