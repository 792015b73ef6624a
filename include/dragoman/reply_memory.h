/* SPDX-License-Identifier: ISC */
/*
 * What was spoken in one line, because the protocol has room for no more, is kept in full for a
 * while: the MTA asks about its reply before it sends it (maps `reply` and `footer`), and gets the
 * other lines then.
 */
#ifndef DRAGOMAN_REPLY_MEMORY_H
#define DRAGOMAN_REPLY_MEMORY_H

#include "dragoman/compose.h"

struct reply_memory;

/* Room for so many replies; a further one takes the place of the oldest. */
struct reply_memory *reply_memory_new(size_t most);
void reply_memory_free(struct reply_memory *memory);

/* Keeps `reply` under its ref, and takes it over. */
void reply_memory_keep(struct reply_memory *memory, const char *ref, struct reply *reply);

/* The reply of that ref, or NULL. Valid until the next reply is kept. */
const struct reply *reply_memory_find(const struct reply_memory *memory, const char *ref);

#endif
