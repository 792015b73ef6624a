/* SPDX-License-Identifier: ISC */
/*
 * An explanation says what somebody else's refusal means: the rules of stage `reply` give it a
 * reason, by what its text says, then by its enhanced code, then by its basic code.
 */
#ifndef DRAGOMAN_EXPLANATION_H
#define DRAGOMAN_EXPLANATION_H

#include "dragoman/interpret.h"

struct explanation {
    const struct reason *reason; /* NULL: nothing is known of such a reply */
    bool certain;                /* the reply says so; else it is inferred */
    struct captures captures;    /* what the reply names: a limit, a list … */
};

/* Explains the reply that `transaction` has learned (transaction_reply()). The caller clears it. */
struct explanation explanation_of(const struct snapshot *snapshot,
                                  const struct transaction *transaction);
void explanation_clear(struct explanation *explanation);

/* What it says in the language at `language` of the snapshot: UTF-8, one paragraph, harmless. Where
 * the sending server has given up, nothing is said of its trying again. The caller frees it. NULL
 * where there is no reason. */
char *explanation_text(const struct explanation *explanation, const struct snapshot *snapshot,
                       const struct transaction *transaction, size_t language, bool given_up);

#endif
