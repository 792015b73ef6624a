/* SPDX-License-Identifier: ISC */
/*
 * A model of an MTA with dragoman as its milter, or behind other hooks of Postfix: client commands
 * go in, the replies that the client would see come out, octet for octet where dragoman has
 * refused. What Postfix 3.7 and Sendmail 8.17 do with a milter's answer was measured on them, and
 * the end-to-end tests compare the model with both.
 */
#ifndef DRAGOMAN_MTA_H
#define DRAGOMAN_MTA_H

#include "dragoman/session.h"
#include "via.h"

enum mta_kind { MTA_POSTFIX, MTA_SENDMAIL };

/* The client, as the MTA sees it before the first command. */
struct mta_client {
    const char *ip;   /* NULL: a client without an address */
    const char *name; /* NULL: unknown */
    unsigned port;
};

/* What happens is told as it happens; each function may be NULL. */
struct mta_events {
    /* A reply to the client: whole lines with CRLF. */
    void (*reply)(const char *text, void *context);
    /* What dragoman answered at a stage, and to what. */
    void (*answer)(const struct answer *answer, const struct transaction *transaction,
                   void *context);
    void *context;
};

struct mta;

/* A new MTA of that kind, called `host`; `snapshot` is held. `observer` is told of every rule and
 * may be NULL. The caller owns it. */
struct mta *mta_new(enum mta_kind kind, const char *host, struct snapshot *snapshot,
                    const struct observer *observer, const struct mta_events *events);
void mta_free(struct mta *mta);

/* The ref in every refusal. */
void mta_set_ref(struct mta *mta, const char *ref);

/* By what Postfix asks dragoman; without this, as a milter. */
void mta_set_via(struct mta *mta, enum via via);

/* The MTA itself refuses every recipient with this reply, e.g. "550 5.1.1 …". */
void mta_set_own_refusal(struct mta *mta, const char *reply);

/* A milter macro that the MTA gives where the policy asks for it; bare name. */
void mta_set_macro(struct mta *mta, const char *name, const char *value);

/* The client connects: the greeting. */
void mta_connect(struct mta *mta, const struct mta_client *client);

/* The client sends a line (without CRLF): a command, or a line of the message after DATA. */
void mta_line(struct mta *mta, const char *line);

/* Whether the MTA has closed the connection; whether it wants lines of a message. */
bool mta_is_closed(const struct mta *mta);
bool mta_wants_data(const struct mta *mta);

#endif
