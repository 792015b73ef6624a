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

/* Compiles it to machine code as well: worth the time where it is matched often. */
void pattern_accelerate(struct pattern *pattern);

/* The compiled form as octets, which the caller frees with g_free(); and a pattern made from them,
 * NULL where another version of PCRE2 has made them. */
uint8_t *pattern_serialize(const struct pattern *pattern, size_t *length);
struct pattern *pattern_restore(const uint8_t *octets);

/* Matches anywhere in `text`, which must be valid UTF-8; captures may be NULL. A group
 * (?<client_ip>…) is captured as client-ip. */
enum table_match pattern_match(const struct pattern *pattern, const char *text,
                               struct captures *captures);

#endif
