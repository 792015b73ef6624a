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
    const char *ref;                 /* for tests; NULL: each reply has one of its own */
};

/* What is to be done: of VERB_REJECT and VERB_DEFER there is a reply of one line. */
struct finding {
    enum verb verb;          /* VERB_NONE: nothing */
    const struct rule *rule; /* that decided, or NULL */
    struct reply *reply;     /* or NULL */
    char ref[REF_SIZE];      /* of the reply; "" without one */
};

/* Asks. A failure (a limit that was reached) finds nothing: whoever asks goes on without us. The
 * caller clears the finding. */
struct finding inquire(const struct inquiry *inquiry);
void finding_clear(struct finding *finding);

/* What is to be done, in the words of Postfix's access(5), "550 5.1.1 No such mailbox" or "HOLD";
 * NULL where there is nothing: a rule that accepts ends our policy, not the MTA's. The caller frees
 * it. */
char *finding_action(const struct finding *finding);

#endif
