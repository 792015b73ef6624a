/* SPDX-License-Identifier: ISC */
/* The log line of what was decided: key=value, one line for each decision. */
#ifndef DRAGOMAN_REFUSAL_LOG_H
#define DRAGOMAN_REFUSAL_LOG_H

#include "dragoman/inquiry.h"
#include "dragoman/map.h"
#include "dragoman/session.h"

/* Logs and counts what the MTA is told, if a rule or the fallback is behind it. */
void refusal_log(const struct transaction *transaction, const struct snapshot *snapshot,
                 const struct answer *answer);

/* Logs and counts a rule with shadow = yes that matched. */
void refusal_log_shadow(const struct transaction *transaction, const struct rule *rule);

/* Logs what a map answered. */
void refusal_log_map(enum map map, const struct map_answer *answer);

/* Logs and counts what the policy service answered at `stage`. */
void refusal_log_finding(const struct transaction *transaction, const struct finding *finding,
                         enum stage stage);

/* Logs how a refusal with the pair `was` is told by the restating `rule`. */
void refusal_log_restated(const struct transaction *transaction, const struct rule *rule,
                          struct status was, struct status status, const char *ref);

#endif
