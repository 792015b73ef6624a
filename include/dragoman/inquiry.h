/* SPDX-License-Identifier: ISC */
/*
 * An inquiry asks the policy once, with what is known at that moment, for an answer of one line: so
 * ask a policy service and an access map. What the one line has no room for is kept (reply_memory).
 */
#ifndef DRAGOMAN_INQUIRY_H
#define DRAGOMAN_INQUIRY_H

#include "dragoman/interpret.h"
#include "dragoman/ref.h"
#include "dragoman/reply_memory.h"

struct inquiry {
    const struct snapshot *snapshot;
    const struct transaction *transaction;
    const struct known_facts *known;
    enum stage stage; /* what was decided by then is said */
    const struct shape *shape;
    const struct observer *observer; /* or NULL */
    struct reply_memory *memory;     /* or NULL */
};

/* What is to be done: of VERB_REJECT and VERB_DEFER there is a reply of one line. */
struct finding {
    enum verb verb;          /* VERB_NONE: nothing */
    const struct rule *rule; /* that decided, or NULL */
    struct reply *reply;     /* or NULL */
};

/* Asks; `ref` is that of the reply. A failure (a limit that was reached) finds nothing: whoever
 * asks goes on without us. The caller clears the finding. */
struct finding inquire(const struct inquiry *inquiry, const char *ref);
void finding_clear(struct finding *finding);

#endif
