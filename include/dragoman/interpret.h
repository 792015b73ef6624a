/* SPDX-License-Identifier: ISC */
/*
 * interpret() is what dragoman is about: a transaction and a stage go in, a verdict and the words
 * for it come out. It is pure (no socket, clock, log, lock or global), so what `dragoman try`
 * prints is what the server says.
 */
#ifndef DRAGOMAN_INTERPRET_H
#define DRAGOMAN_INTERPRET_H

#include "dragoman/compose.h"
#include "dragoman/evaluate.h"

/*
 * Decides: asks the rules of `stage`. A failure (a limit of the message or of a match that was
 * reached) becomes the site's fallback: VERB_ACCEPT or VERB_DEFER with `failure` set. The caller
 * clears the verdict.
 */
struct verdict interpret(const struct snapshot *snapshot, const struct transaction *transaction,
                         enum stage stage, const struct observer *observer);

/*
 * The reply that speaks a verdict of VERB_REJECT or VERB_DEFER at `stage`, which is the verdict's
 * own or a later one: its pair is the one for that moment. The caller frees it.
 */
struct reply *interpret_reply(const struct snapshot *snapshot,
                              const struct transaction *transaction, const struct verdict *verdict,
                              enum stage stage, const char *ref, const struct shape *shape);

/* The reason that is given for the verdict; NULL where none is. */
const struct reason *verdict_reason(const struct snapshot *snapshot, const struct verdict *verdict);

/* The pair with which `reason` is refused at `stage` by a verdict of stage `decided`. Basic is 0
 * if the reason has none. */
struct status interpret_status(const struct reason *reason, enum status_class status_class,
                               enum stage decided, enum stage stage);

#endif
