/* SPDX-License-Identifier: ISC */
#include "dragoman/interpret.h"

static struct verdict fallback_verdict(const struct site *site, enum stage stage,
                                       const char *failure) {
    struct verdict verdict = verdict_none;
    verdict.verb = site->fallback == FALLBACK_DEFER ? VERB_DEFER : VERB_ACCEPT;
    verdict.stage = stage;
    verdict.failure = failure;
    return verdict;
}

struct verdict interpret(const struct snapshot *snapshot, const struct transaction *transaction,
                         enum stage stage, const struct observer *observer) {
    const char *overflow = transaction_overflow(transaction);
    if (overflow != NULL)
        return fallback_verdict(&snapshot->site, stage, overflow);
    struct verdict verdict = policy_evaluate(snapshot->policy, stage, transaction, observer);
    if (verdict.failure == NULL)
        return verdict;
    const char *failure = verdict.failure;
    verdict_clear(&verdict);
    return fallback_verdict(&snapshot->site, stage, failure);
}

const struct reason *verdict_reason(const struct snapshot *snapshot,
                                    const struct verdict *verdict) {
    if (verdict->rule != NULL)
        return verdict->rule->reason;
    return verdict->failure != NULL && verdict->verb == VERB_DEFER ? snapshot->site.fallback_reason
                                                                   : NULL;
}

struct status interpret_status(const struct reason *reason, enum status_class status_class,
                               enum stage decided, enum stage stage) {
    struct status status = reason_pair(reason, status_class, stage_command(stage));
    return status.basic != 0 ? status : reason_pair(reason, status_class, stage_command(decided));
}

struct reply *interpret_reply(const struct snapshot *snapshot,
                              const struct transaction *transaction, const struct verdict *verdict,
                              enum stage stage, const char *ref, const struct shape *shape) {
    const struct rule *rule = verdict->rule;
    struct subject subject = {
        .reason = verdict_reason(snapshot, verdict),
        .transaction = transaction,
        .settings = rule != NULL ? rule->settings : NULL,
        .captures = &verdict->captures,
        .ref = ref,
    };
    subject.status =
        rule != NULL && rule->code.basic != 0
            ? rule->code
            : interpret_status(subject.reason, verb_class(verdict->verb), verdict->stage, stage);
    return compose(snapshot, &subject, shape);
}
