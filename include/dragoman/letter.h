/* SPDX-License-Identifier: ISC */
/*
 * A letter is the explanation that stands in front of a bounce, in the languages of a letter book:
 * what happened, to whom, why and whose word that is, what can be done, the other server's words as
 * they are, and who added this.
 */
#ifndef DRAGOMAN_LETTER_H
#define DRAGOMAN_LETTER_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/explanation.h"
#include "dragoman/letter_book.h"

/* Lines of a letter have at most this many characters; only what is not ours can be longer. */
enum { LETTER_COLUMNS_MAX = 72 };

/* What was said of one recipient or of several: for the administrator, word for word. */
struct letter_answer {
    const char *server; /* who said it; NULL: the reporting server itself */
    const char *reply;  /* one line; NULL if nothing was said */
    const char *code;   /* the enhanced code, where the reply does not have it; else NULL */
};

/* A day in the calendar; year 0: not known. */
struct letter_date {
    int day, month, year;
};

/* Recipients with the same fate. Texts are UTF-8 and may be hostile; NULL is "not known". */
struct letter_block {
    bool delayed;                          /* still being tried */
    bool gave_up;                          /* a temporary trouble that lasted too long */
    bool certain;                          /* the reply says why; else it is inferred */
    const struct explanation *explanation; /* its reason may be NULL: nothing is known */
    const struct transaction *transaction; /* what was explained */
    const char *server;                    /* whose word it is: a domain or a host name */
    const char *receiver;                  /* the server that was to take the message: the same */
    const char *reporter;                  /* the server that reports */
    const char *domain;                    /* of the recipient */
    const char *limit, *size;              /* in octets, or with a unit */
    struct letter_date until;              /* the reporter keeps trying */
    GPtrArray *recipients;                 /* const char * */
    GArray *answers;                       /* struct letter_answer */
};

/* A whole letter. */
struct letter {
    const struct snapshot *snapshot; /* whose letter book it is, and whose texts of reasons */
    const char *host;                /* who adds it */
    const GPtrArray *blocks;         /* struct letter_block * */
    const size_t *order;             /* languages of the letter book, by index */
    size_t count;                    /* of languages */
    size_t blocks_max, recipients_max, answers_max; /* of which so many are told in full */
};

/* UTF-8, lines end with LF. The caller frees it. Pure. */
char *letter_write(const struct letter *letter);

#endif
