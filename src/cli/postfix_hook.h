/* SPDX-License-Identifier: ISC */
/*
 * What Postfix makes of an answer on its way to the client, as far as it is not a milter's: it
 * frames the action of a policy service (smtpd_check.c), corrects its enhanced code to what is
 * being refused (smtpd_dsn_fix.c), and asks a map about every refusal before it sends it.
 */
#ifndef DRAGOMAN_POSTFIX_HOOK_H
#define DRAGOMAN_POSTFIX_HOOK_H

#include "dragoman/map.h"

/* By what Postfix asks dragoman. */
enum hook {
    HOOK_MILTER,
    HOOK_POLICY, /* check_policy_service */
    HOOK_REPLY,  /* the same, and smtpd_reject_filter_maps */
    HOOK_FOOTER, /* the same, and smtpd_reject_footer_maps */
    HOOK_COUNT
};

/* HOOK_COUNT if there is none of that name ("milter", "policy", "reply", "footer"). */
enum hook hook_from_name(const char *name);

/* Whether a policy service is asked at a stage, as the manual connects it: in
 * smtpd_recipient_restrictions, smtpd_data_restrictions and smtpd_end_of_data_restrictions. */
bool hook_asks_policy(enum stage stage);

/* The reply in which Postfix puts an action of one line; the caller frees it. */
struct reply *hook_frame(const struct reply *action, enum stage stage, const char *recipient);

/* The refusal `text` (whole lines with CRLF) as it leaves Postfix; the caller frees it. */
char *hook_pass(enum hook hook, const struct map_question *question, const char *text);

#endif
