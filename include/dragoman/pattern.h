/* SPDX-License-Identifier: ISC */
/*
 * A regular expression of PCRE2, compiled at load with JIT, and bounded in what one match may cost.
 */
#ifndef DRAGOMAN_PATTERN_H
#define DRAGOMAN_PATTERN_H

#include "dragoman/table.h"

struct pattern;

/* Compiles; on failure returns NULL and sets `*why` to "what is wrong; what to write instead",
 * which the caller frees. The expression ignores case, and reads its subject as UTF-8 as far as it
 * is valid. The caller owns the pattern. */
struct pattern *pattern_compile(const char *expression, char **why);
void pattern_free(struct pattern *pattern);

/* Matches anywhere in `text`; captures may be NULL. */
enum table_match pattern_match(const struct pattern *pattern, const char *text,
                               struct captures *captures);

#endif
