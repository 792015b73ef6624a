/* SPDX-License-Identifier: ISC */
/*
 * The index of many regular expressions finds the few that can match a text, so that a table of ten
 * thousand of them costs little more than one of ten.
 *
 * Every text that an expression matches contains its pieces (dragoman/pieces.h), and so at least
 * one of a few grams that are chosen of them: the expression is listed under these. One without
 * pieces is always asked.
 */
#ifndef DRAGOMAN_PATTERN_INDEX_H
#define DRAGOMAN_PATTERN_INDEX_H

#include <glib.h>

#include "dragoman/pieces.h"

struct pattern_index;

/* The index of `patterns` (struct pattern), which must outlive it. The caller owns it. */
struct pattern_index *pattern_index_new(const GPtrArray *patterns);
void pattern_index_free(struct pattern_index *index);

/* The positions (guint) of the patterns that can match a text with these grams, ascending, each
 * once. The caller frees the array. NULL stands for all of them. */
GArray *pattern_index_candidates(const struct pattern_index *index, const struct grams *grams);

#endif
