/* SPDX-License-Identifier: ISC */
/*
 * What the mail systems write around a reply that they pass on: which server gave it, and to what.
 */
#ifndef DRAGOMAN_WIRE_REPLY_FRAME_H
#define DRAGOMAN_WIRE_REPLY_FRAME_H

#include "dragoman/address.h"
#include "dragoman/status.h"

/* The server that a frame names; length 0 if none. Points into `frame`. */
struct slice frame_server(struct slice frame);

/* The command that a frame names, COMMAND_NONE if none. */
enum smtp_command frame_command(struct slice frame);

/* Postfix's "(in reply to RCPT TO command)" at the end of `text`; length 0 if there is none. */
struct slice frame_tail(const char *text);

/* Case does not matter (ASCII); the first place of `needle`, NULL if there is none. */
const char *frame_find(struct slice text, const char *needle);

#endif
