/* SPDX-License-Identifier: ISC */
/*
 * What a recipient's status is, where several places state it: the field Status, the reply that
 * Diagnostic-Code quotes, and the words of the notice.
 */
#ifndef DRAGOMAN_BOUNCE_OUTCOME_H
#define DRAGOMAN_BOUNCE_OUTCOME_H

#include "dragoman/report.h"

/* What is stated; each may be NULL. */
struct statements {
    const char *status;     /* the value of the field */
    const char *diagnostic; /* the value of the field, with its type */
    const char *words;      /* of the notice */
};

/*
 * Sets status, enhanced_from, class, diagnostic and, where none is known, remote_mta. The reply's
 * own code counts more than Status, unless it is a mere X.0.0: the reporting server often only
 * guesses. The action must be set.
 */
void outcome_settle(struct report_recipient *recipient, struct statements stated);

/* Whether the value of Diagnostic-Code says anything at all, beside "x-unix; 77". */
bool outcome_has_words(const char *diagnostic);

#endif
