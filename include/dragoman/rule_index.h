/* SPDX-License-Identifier: ISC */
/*
 * The index of a stage's rules finds the few that can match a transaction, so that evaluation does
 * not ask ten thousand rules when ten thousand recipients have one each.
 *
 * A rule whose `if` has a condition of plain values (addresses, domains, texts) can match only
 * where one of these values is there: it is listed under them. Every other rule is always asked.
 */
#ifndef DRAGOMAN_RULE_INDEX_H
#define DRAGOMAN_RULE_INDEX_H

#include <glib.h>

#include "dragoman/transaction.h"

struct rule_index;

/* The index of `rules` (struct rule; NULL is asked always), which must outlive it. The caller owns
 * it. */
struct rule_index *rule_index_new(const GPtrArray *rules);
void rule_index_free(struct rule_index *index);

/* The positions (guint) of the rules that can match, ascending, each once. The caller frees the
 * array. NULL stands for all of them: where no rule is listed, there is nothing to look up. */
GArray *rule_index_candidates(const struct rule_index *index,
                              const struct transaction *transaction);

#endif
