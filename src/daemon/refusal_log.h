/* SPDX-License-Identifier: ISC */
/* The log line of what was decided: key=value, one line for each decision. */
#ifndef DRAGOMAN_REFUSAL_LOG_H
#define DRAGOMAN_REFUSAL_LOG_H

#include "dragoman/session.h"

/* Logs and counts what the MTA is told, if a rule or the fallback is behind it. */
void refusal_log(const struct transaction *transaction, const struct snapshot *snapshot,
                 const struct answer *answer);

/* Logs and counts a rule with shadow = yes that matched. */
void refusal_log_shadow(const struct transaction *transaction, const struct rule *rule);

#endif
