/* SPDX-License-Identifier: ISC */
#include "dragoman/explanation.h"

struct explanation explanation_of(const struct snapshot *snapshot,
                                  const struct transaction *transaction) {
    struct explanation explanation = {NULL, false, {0}};
    struct verdict verdict = policy_evaluate(snapshot->policy, STAGE_REPLY, transaction, NULL);
    if (verdict.verb != VERB_RESTATE) {
        verdict_clear(&verdict);
        return explanation;
    }
    explanation.reason = verdict.rule->reason;
    explanation.certain = !verdict.rule->uncertain;
    explanation.captures = verdict.captures; /* they move with it */
    return explanation;
}

void explanation_clear(struct explanation *explanation) {
    captures_clear(&explanation->captures);
    explanation->reason = NULL;
}

char *explanation_text(const struct explanation *explanation, const struct snapshot *snapshot,
                       const struct transaction *transaction, size_t language, bool given_up) {
    struct subject subject = {
        .reason = explanation->reason,
        .transaction = transaction,
        .captures = &explanation->captures,
        .ref = "",
        .reported = true,
    };
    if (explanation->reason == NULL)
        return NULL;
    bool tries_again = explanation->reason->who == ACTOR_NOBODY;
    return compose_report(snapshot, &subject, language, !(given_up && tries_again));
}
