/* SPDX-License-Identifier: ISC */
/*
 * A fact is one thing that can be known of an SMTP transaction. What there is, and when each is
 * known, stands in facts.def.
 */
#ifndef DRAGOMAN_FACT_H
#define DRAGOMAN_FACT_H

#include <stdbool.h>

#include "dragoman/stage.h"

enum fact {
#define FACT(id, name, kind, known, settled, macros, help) FACT_##id,
#include "dragoman/facts.def"
#undef FACT
    FACT_COUNT,
    FACT_NONE = FACT_COUNT
};

/* How the values of a fact are compared. */
enum fact_kind { KIND_ADDRESS, KIND_DOMAIN, KIND_TEXT, KIND_IP, KIND_NUMBER, KIND_SIZE, KIND_FLAG };

struct fact_row {
    const char *name;
    enum fact_kind kind;
    enum stage known;   /* the earliest stage at which it can be asked for */
    enum stage settled; /* from this stage on it does not change */
    const char *macros; /* milter macros that it is learned from, blanks between */
    const char *help;
};

/* The row of a fact; never NULL for a fact below FACT_COUNT. */
const struct fact_row *fact_row(enum fact fact);

/*
 * The fact of that name; FACT_NONE if there is none. For a keyed fact ("header:Subject") `*key`
 * points to the part behind the colon, else it is NULL. A keyed fact without a key, or a key where
 * none belongs, is FACT_NONE.
 */
enum fact fact_from_name(const char *name, const char **key);

/* Whether the fact needs a key: header, macro, mail-parameter, rcpt-parameter. */
bool fact_is_keyed(enum fact fact);

/* The known fact whose name is nearest to `name`, for "did you mean"; NULL if none is. */
const char *fact_nearest(const char *name);

/* The earliest stage at which this fact, with this key, can be asked for, and the stage at which
 * it is settled. They depend on the key for milter macros. */
enum stage fact_known_at(enum fact fact, const char *key);
enum stage fact_settled_at(enum fact fact, const char *key);

/* Whether the fact can be asked for at `stage`. An unknown command can come at any time, so what
 * is known there is what the connection knows. */
bool fact_is_known(enum fact fact, const char *key, enum stage stage);

#endif
