/* SPDX-License-Identifier: ISC */
#include "dragoman/inquiry.h"

static struct reply *reply_in(const struct inquiry *inquiry, const struct verdict *verdict,
                              const char *ref, const struct shape *shape) {
    return interpret_reply(inquiry->snapshot, inquiry->transaction, verdict, inquiry->stage, ref,
                           shape);
}

struct finding inquire(const struct inquiry *inquiry, const char *ref) {
    struct verdict verdict =
        policy_evaluate_known(inquiry->snapshot->policy, inquiry->stage, inquiry->transaction,
                              inquiry->known, inquiry->observer);
    struct finding finding = {.verb = verdict.verb, .rule = verdict.rule};
    if (verb_class(verdict.verb) != STATUS_ANY) {
        finding.reply = reply_in(inquiry, &verdict, ref, inquiry->shape);
        if (inquiry->memory != NULL)
            reply_memory_keep(inquiry->memory, ref,
                              reply_in(inquiry, &verdict, ref, &shape_milter));
    }
    verdict_clear(&verdict);
    return finding;
}

void finding_clear(struct finding *finding) {
    reply_free(finding->reply);
    finding->reply = NULL;
}
