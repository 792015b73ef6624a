/* SPDX-License-Identifier: ISC */
/*
 * Counters live in memory that the supervisor shares with its children, so that they survive a
 * child and one process can show them all.
 */
#ifndef DRAGOMAN_COUNTERS_H
#define DRAGOMAN_COUNTERS_H

#include <stdbool.h>

enum counter {
#define COUNTER(id, name, help) COUNTER_##id,
#include "dragoman/counters.def"
#undef COUNTER
    COUNTER_COUNT
};

/* Makes the shared memory; to be called once, before the first child. False if there is none. */
bool counters_open(void);

/* Adds one; from any thread and process. */
void counter_add(enum counter counter);

unsigned long counter_value(enum counter counter);
const char *counter_name(enum counter counter);

#endif
