/* SPDX-License-Identifier: ISC */
/* The snapshot in force: connections take it when they begin and keep it to their end. */
#ifndef DRAGOMAN_GENERATION_H
#define DRAGOMAN_GENERATION_H

#include "dragoman/snapshot.h"

/* Takes the caller's reference over; the one before lives on in its connections. */
void generation_set(struct snapshot *snapshot);

/* The snapshot in force, held for the caller. */
struct snapshot *generation_hold(void);

#endif
