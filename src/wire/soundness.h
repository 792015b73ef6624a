/* SPDX-License-Identifier: ISC */
/*
 * What MTAs do not check: they send an ill-formed text on as it is, and the client is out of step
 * from there. So each answer is checked before it leaves.
 */
#ifndef DRAGOMAN_SOUNDNESS_H
#define DRAGOMAN_SOUNDNESS_H

#include <stdbool.h>

#include "dragoman/status.h"

/* A whole reply of SMTP (RFC 5321 §4.2.1) without its last CRLF: of that class, the same code pair
 * on every line, "-" behind the basic code of all but the last, printable, CRLF between lines of at
 * most 512 octets. */
bool reply_is_sound(const char *text, enum status_class status_class);

/* One line of printable text that is not empty. */
bool line_is_sound(const char *text);

/* A template of Postfix that no line end stands in, and whose "$" are all doubled. */
bool template_is_sound(const char *text);

#endif
