/* SPDX-License-Identifier: ISC */
/*
 * Evaluation asks the rules of a stage, top to bottom; the first that matches decides.
 */
#ifndef DRAGOMAN_EVALUATE_H
#define DRAGOMAN_EVALUATE_H

#include "dragoman/policy.h"
#include "dragoman/transaction.h"

/* What a rule said when it was asked. */
enum rule_answer {
    RULE_MATCHED,
    RULE_NO_MATCH, /* `decisive` is the condition of an `if` that did not hold */
    RULE_EXCEPTED, /* `decisive` is the last condition of an `unless` that held */
    RULE_LIMIT     /* `decisive` is the condition whose match limit was reached */
};

/* Is told of each rule that was asked; shadow rules that match are found out here too. Any of the
 * functions that take an observer take NULL. */
struct observer {
    bool every_rule; /* ask also those that the index knows cannot match, to tell why */
    void (*asked)(const struct rule *rule, enum rule_answer answer,
                  const struct condition *decisive, void *context); /* or NULL */
    void *context;
    /* Whether there is no time left for the next rule (then `failure` is "deadline"); or NULL. */
    bool (*out_of_time)(void *context);
};

/* What was decided. */
struct verdict {
    enum verb verb;          /* VERB_NONE if no rule matched */
    enum stage stage;        /* where it was decided */
    const struct rule *rule; /* NULL for the fallback and for VERB_NONE */
    struct captures captures;
    const char *failure; /* why it is the fallback: the limit that was reached; else NULL */
};

extern const struct verdict verdict_none;

/* Frees the captures and makes it verdict_none. */
void verdict_clear(struct verdict *verdict);

/* The facts of which it is known whether they have a value. A rule that asks for another one cannot
 * be judged. */
struct known_facts {
    bool known[FACT_COUNT];
};

/*
 * Asks the rules of `stage`. Pure: reads the policy and the transaction, and calls the observer.
 * The caller clears the verdict. Where a match limit is reached, nothing is decided: the verdict
 * has `failure` set.
 */
struct verdict policy_evaluate(const struct policy *policy, enum stage stage,
                               const struct transaction *transaction,
                               const struct observer *observer);

/*
 * Asks the rules of all stages up to `last` at once, as far as the facts in `known` go, for those
 * who are asked only once. Of the rules that cannot be judged, one that refuses is passed over, but
 * behind one that might have accepted nobody is refused, nor at its stage behind one that might
 * have held. The caller clears the verdict.
 */
struct verdict policy_evaluate_known(const struct policy *policy, enum stage last,
                                     const struct transaction *transaction,
                                     const struct known_facts *known,
                                     const struct observer *observer);

#endif
