/* SPDX-License-Identifier: ISC */
#include "dragoman/inquiry.h"

static struct reply *reply_in(const struct inquiry *inquiry, const struct verdict *verdict,
                              const char *ref, const struct shape *shape) {
    return interpret_reply(inquiry->snapshot, inquiry->transaction, verdict, inquiry->stage, ref,
                           shape);
}

static void speak(const struct inquiry *inquiry, const struct verdict *verdict,
                  struct finding *finding) {
    ref_take(inquiry->ref, finding->ref);
    finding->reply = reply_in(inquiry, verdict, finding->ref, inquiry->shape);
    if (inquiry->memory != NULL)
        reply_memory_keep(inquiry->memory, finding->ref,
                          reply_in(inquiry, verdict, finding->ref, &shape_milter));
}

struct finding inquire(const struct inquiry *inquiry) {
    struct verdict verdict =
        policy_evaluate_known(inquiry->snapshot->policy, inquiry->stage, inquiry->transaction,
                              inquiry->known, inquiry->observer);
    struct finding finding = {.verb = verdict.verb, .rule = verdict.rule};
    if (verb_class(verdict.verb) != STATUS_ANY)
        speak(inquiry, &verdict, &finding);
    verdict_clear(&verdict);
    return finding;
}

void finding_clear(struct finding *finding) {
    reply_free(finding->reply);
    finding->reply = NULL;
}

char *finding_action(const struct finding *finding) {
    switch (finding->verb) {
    case VERB_REJECT:
    case VERB_DEFER:
        return reply_print_first(finding->reply);
    case VERB_DISCARD:
        return g_strdup("DISCARD");
    case VERB_HOLD:
        return g_strdup("HOLD");
    default:
        return NULL;
    }
}
