/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes in texts that people or machines wrote.
 */
#ifndef DRAGOMAN_BOUNCE_MAILBOX_H
#define DRAGOMAN_BOUNCE_MAILBOX_H

#include <stdbool.h>

#include "dragoman/address.h"

/* The first mailbox in `text` (something@something, a quoted local part included); length 0 if
 * there is none. */
struct slice mailbox_find(struct slice text);

/* Whether two mailboxes are the same; case is ignored. */
bool mailbox_equal(const char *a, const char *b);

/*
 * The mailbox of a field of RFC 3464 ("rfc822; user@example.org"), also of RFC 6533 ("utf-8;
 * \x{E7}a@example.org") and with the xtext of RFC 3461 decoded. NULL if it is none, such as
 * "rfc822;@host" or "local; |/usr/bin/procmail". The caller frees it.
 */
char *mailbox_of_field(const char *field);

#endif
