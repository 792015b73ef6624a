/* SPDX-License-Identifier: ISC */
/* How one map answers; each is a function of its own. */
#ifndef DRAGOMAN_MAP_ROW_H
#define DRAGOMAN_MAP_ROW_H

#include "dragoman/foreign_reply.h"
#include "dragoman/map.h"

/* Sets the value and what the log says of it, or leaves the answer as it is: not found. */
typedef void map_function(const struct map_question *question, enum map map, const char *key,
                          struct map_answer *answer);

map_function map_reply, map_footer, map_rbl, map_delivery, map_access, map_sendmail;

/* The transaction that the answer is about, with nothing known. */
void map_begin(const struct map_question *question, struct map_answer *answer);

/* A value that is sound is kept, another is freed and noted. */
void map_set_value(struct map_answer *answer, GString *value, bool sound);

#endif
