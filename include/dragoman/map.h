/* SPDX-License-Identifier: ISC */
/*
 * The maps by which an MTA asks about its own refusals, and about what it shall refuse. A map is a
 * function from a key to a value or to "not found", which always means: do as you would without us.
 */
#ifndef DRAGOMAN_MAP_H
#define DRAGOMAN_MAP_H

#include "dragoman/ref.h"
#include "dragoman/reply_memory.h"
#include "dragoman/restatement.h"

enum map {
#define MAP(id, name, asked_by, help) MAP_##id,
#include "dragoman/maps.def"
#undef MAP
    MAP_COUNT,
    MAP_NONE = MAP_COUNT
};

/* MAP_NONE if there is none of that name. */
enum map map_from_name(struct slice name);
const char *map_name(enum map map);

/* What an answer is made from. */
struct map_question {
    const struct snapshot *snapshot;
    struct reply_memory *memory;     /* of replies that were spoken in one line */
    const struct observer *observer; /* or NULL */
    const char *ref;                 /* for tests; NULL: each answer has one of its own */
    struct transaction *spare;       /* to be used again; goes to the answer if it is */
};

struct map_answer {
    GString *value; /* NULL: not found */
    /* What the log says of it: */
    char ref[REF_SIZE];        /* "" without one */
    const struct rule *rule;   /* that decided, or NULL */
    struct status was;         /* the pair before; basic is 0 where nothing was refused before */
    struct status status;      /* the pair of the answer */
    struct transaction *about; /* or NULL */
    bool idle;                 /* the value, if any, says that there is nothing to say */
    bool unsound;              /* a value was made that the MTA could not have sent on: a fault */
};

/* Asks a map. The caller clears the answer. Whatever fails is "not found". */
struct map_answer map_ask(const struct map_question *question, enum map map, struct slice key);
void map_answer_clear(struct map_answer *answer);

#endif
