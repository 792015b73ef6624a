/* SPDX-License-Identifier: ISC */
/*
 * A session follows one SMTP connection from stage to stage: it asks the policy, remembers what was
 * decided where nothing can be said, and says it at the next stage at which the client listens.
 * The milter and `dragoman try` both drive it, so both behave alike.
 */
#ifndef DRAGOMAN_SESSION_H
#define DRAGOMAN_SESSION_H

#include "dragoman/interpret.h"
#include "dragoman/ref.h"

/* What the MTA is told at a stage. */
enum action {
    ACTION_CONTINUE,
    ACTION_REFUSE, /* with `reply`: permanent or temporary by its status */
    ACTION_ACCEPT, /* no more questions: for this message, at connect and helo for all of them */
    ACTION_DISCARD
};

/* The answer at a stage; valid until the next one. */
struct answer {
    enum action action;
    const struct reply *reply;     /* of ACTION_REFUSE */
    const struct verdict *verdict; /* what is behind the action; VERB_NONE if nothing is */
    const struct verdict *hold;    /* at the end of the message: into quarantine; else NULL */
    enum stage stage;              /* where it is spoken */
    char ref[REF_SIZE];            /* "" where nothing is spoken */
};

struct session;

/* A new session, which holds the snapshot. `observer` may be NULL and must outlive the session. */
struct session *session_new(struct snapshot *snapshot, const struct observer *observer);
void session_free(struct session *session);

/* What the session has learned; the caller adds to it before it asks. */
struct transaction *session_transaction(struct session *session);
const struct snapshot *session_snapshot(const struct session *session);

/*
 * Asks at `stage`. Where the plan of the policy does not wait for an answer, the action is
 * ACTION_CONTINUE and what was decided is kept for the next stage that does. A recipient that is
 * not refused is kept in the transaction.
 */
struct answer session_at(struct session *session, enum stage stage);

/* The ref of the next answer, for tests and `try --ref`; otherwise each is random. Copied. */
void session_set_ref(struct session *session, const char *ref);

/* The message is over (accepted, refused, reset): what was decided for it is forgotten; what was
 * decided about the connection stays. */
void session_end_message(struct session *session);

#endif
