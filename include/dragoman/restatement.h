/* SPDX-License-Identifier: ISC */
/*
 * A restatement says in better words, in every language of the site, what somebody else has
 * refused: the class of the refusal stays, its code pair becomes that of its reason where the site
 * allows it, and nothing that the first words named is lost.
 */
#ifndef DRAGOMAN_RESTATEMENT_H
#define DRAGOMAN_RESTATEMENT_H

#include "dragoman/interpret.h"

/* A refusal that somebody else gave. */
struct refusal_said {
    const struct transaction *transaction; /* has learned the reply (transaction_reply()) */
    struct status status;                  /* its code pair */
    enum smtp_command command;             /* what it answered; COMMAND_NONE if nobody knows */
    const char *words;                     /* its text; NULL where the client reads it as well */
    size_t octets_before;                  /* what the client reads beside the restatement */
    bool reported;                         /* by another server, not by ours */
};

struct restatement {
    const struct rule *rule; /* that knew it */
    struct reply *reply;
};

/*
 * Restates. False where no rule knows the refusal by its words or by its enhanced code: then it
 * stays as it is. The caller clears the restatement. Pure.
 */
bool restate(const struct snapshot *snapshot, const struct refusal_said *said, const char *ref,
             const struct shape *shape, const struct observer *observer,
             struct restatement *restatement);
void restatement_clear(struct restatement *restatement);

/*
 * The pair with which `reason` is given in place of `said`, which answered `command`. A reply that
 * closes the connection (421, 521) keeps its basic code; where the command is not known, it was
 * probably RCPT, MAIL or the end of the message: then a pair is right that the reason has at one of
 * them.
 */
struct status restatement_status(const struct reason *reason, struct status said,
                                 enum smtp_command command);

#endif
