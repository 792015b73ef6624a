/* SPDX-License-Identifier: ISC */
/*
 * Notifications of Amazon SES, which tell of bounces in JSON.
 */
#ifndef DRAGOMAN_BOUNCE_NOTIFICATION_H
#define DRAGOMAN_BOUNCE_NOTIFICATION_H

#include "delivery_status.h"

enum notification { NOTIFICATION_NONE, NOTIFICATION_BOUNCE, NOTIFICATION_COMPLAINT };

/* Whether the text is one; the recipients of either kind are added to `status`. */
enum notification notification_read(struct slice text, struct delivery_status *status);

#endif
