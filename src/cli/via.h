/* SPDX-License-Identifier: ISC */
/*
 * What Postfix makes of an answer on its way to the client, as far as it is not a milter's: it
 * frames the action of a policy service (smtpd_check.c), corrects its enhanced code to what is
 * being refused (smtpd_dsn_fix.c), and asks a map about every refusal before it sends it.
 */
#ifndef DRAGOMAN_VIA_H
#define DRAGOMAN_VIA_H

#include "dragoman/map.h"

/* By what Postfix asks dragoman. */
enum via {
    VIA_MILTER,
    VIA_POLICY, /* check_policy_service */
    VIA_REPLY,  /* the same, and smtpd_reject_filter_maps */
    VIA_FOOTER, /* the same, and smtpd_reject_footer_maps */
    VIA_COUNT
};

/* VIA_COUNT if there is none of that name ("milter", "policy", "reply", "footer"). */
enum via via_from_name(const char *name);

/* Whether a policy service is asked at a stage, as the manual connects it: in
 * smtpd_recipient_restrictions, smtpd_data_restrictions and smtpd_end_of_data_restrictions. */
bool via_asks_policy(enum stage stage);

/* The reply in which Postfix puts an action of one line; the caller frees it. */
struct reply *via_frame(const struct reply *action, enum stage stage, const char *recipient);

/* The refusal `text` (whole lines with CRLF) as it leaves Postfix; the caller frees it. */
char *via_pass(enum via via, const struct map_question *question, const char *text);

#endif
