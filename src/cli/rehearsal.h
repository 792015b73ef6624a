/* SPDX-License-Identifier: ISC */
/*
 * A rehearsal is a whole SMTP session written down before it is played: the client, the macros of
 * the MTA, and the lines that the client sends. `dragoman try` and the tests of a policy make one
 * each.
 */
#ifndef DRAGOMAN_REHEARSAL_H
#define DRAGOMAN_REHEARSAL_H

#include "dragoman/settings.h"
#include "mta.h"

struct rehearsal {
    char *client_ip; /* NULL: none */
    char *client_name;
    unsigned client_port;
    char *helo;                 /* NULL: the client sends none */
    char *sender;               /* NULL: no message */
    GPtrArray *mail_parameters; /* char *, "SIZE=1000" */
    GPtrArray *recipients;      /* char * */
    GPtrArray *rcpt_parameters; /* char * */
    GPtrArray *headers;         /* char *, "Subject: x" */
    char *body;                 /* NULL: the client stops before DATA unless there are headers */
    GPtrArray *commands;        /* char *, sent after HELO */
    GPtrArray *macros;          /* char *, "auth_authen=ayse" */
};

struct rehearsal *rehearsal_new(void);
void rehearsal_free(struct rehearsal *rehearsal);

/* Sets a fact of a test. False if a client or MTA cannot bring it about (recipient-count). */
bool rehearsal_set(struct rehearsal *rehearsal, enum fact fact, const char *key, const char *value);

/* Gives the client and the macros to the MTA, up to its greeting. */
void rehearsal_connect(const struct rehearsal *rehearsal, struct mta *mta);

/* Plays the session, line by line; `sending` (or NULL) is told of each line before it is sent. */
void rehearsal_play(const struct rehearsal *rehearsal, struct mta *mta,
                    void (*sending)(const char *line, void *context), void *context);

#endif
