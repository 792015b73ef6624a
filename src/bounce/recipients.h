/* SPDX-License-Identifier: ISC */
/*
 * The recipients of a report, put together from everything that a bounce says about them.
 */
#ifndef DRAGOMAN_BOUNCE_RECIPIENTS_H
#define DRAGOMAN_BOUNCE_RECIPIENTS_H

#include "delivery_status.h"
#include "dragoman/report.h"
#include "mail.h"
#include "notice.h"

void report_recipient_free(gpointer recipient);

/* Whether the fields leave something open that the notice may tell. */
bool recipients_need_notice(const struct delivery_status *status);

/* One recipient for each group of fields; `notice` may be NULL. */
void recipients_of_fields(struct report *report, const struct mail *mail,
                          const struct delivery_status *status, const struct notice *notice);

/* The recipients of a notice; if it names none, those of the field X-Failed-Recipients; if there is
 * none, those to whom the returned message was sent, which is a guess. */
void recipients_of_notice(struct report *report, const struct mail *mail,
                          const struct notice *notice, enum report_action action);

/* They complain, so the message was delivered to them. */
void recipients_have_received(struct report *report);

/* Who answered, for an automatic reply; whose complaint it is. */
void recipients_of_answer(struct report *report, const struct mail *mail);
void recipients_of_complaint(struct report *report, const struct mail *mail);

#endif
