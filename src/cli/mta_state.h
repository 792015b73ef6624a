/* SPDX-License-Identifier: ISC */
/* What the parts of the model of an MTA share: mta.c, and the client's commands in mta_commands.c.
 */
#ifndef DRAGOMAN_MTA_STATE_H
#define DRAGOMAN_MTA_STATE_H

#include "dragoman/inquiry.h"
#include "mta.h"
#include "mta_words.h"

struct mta {
    enum mta_kind kind;
    char *host;
    struct session *session;
    struct mta_events events;
    GHashTable *macros;
    char *helo_refusal; /* what stands since HELO, as it goes to the client */
    bool helo_refusal_is_temporary;
    bool greeted;     /* by an EHLO or HELO */
    bool off;         /* the milter has accepted the connection */
    bool message_off; /* it has accepted or discarded this message */
    bool resting;     /* between a message and the next MAIL or EHLO */
    bool in_mail;
    bool in_data;
    bool closed;
    size_t recipients;
    GString *message;
    enum via via;
    char *own_refusal;           /* of every recipient; NULL: none */
    struct reply_memory *memory; /* of what was spoken in one line */
    const struct observer *observer;
    struct verdict found; /* by the policy service */
    struct reply *framed; /* its reply */
    char ref[REF_SIZE];
};

/* Sends a reply, whole lines with CRLF, through the hook that may change it. */
void mta_send_text(struct mta *mta, const char *text);
/* Sends the MTA's own words; "%s" becomes `argument`. */
void mta_send_words(struct mta *mta, const char *format, const char *argument);
/* Sends the extensions, "|" between them; "%s" becomes the name of the host. */
void mta_send_ehlo(struct mta *mta, const char *lines);
/* Sends a refusal; 421 ends the connection. False if there was none. `address` is what the client
 * wrote, at MAIL and RCPT. */
bool mta_send_refusal(struct mta *mta, const struct answer *answer, const char *address);

/* What dragoman has been told. */
struct transaction *mta_transaction_of(struct mta *mta);
/* Whether the policy wants to be told, so that the MTA tells the daemon. */
bool mta_hears(const struct mta *mta, enum stage stage);
/* Gives the macros that the policy wants at this stage. */
void mta_give_macros(struct mta *mta, enum stage stage);
/* Asks, by the hook that is connected. */
struct answer mta_ask(struct mta *mta, enum stage stage);
/* Forgets the message, and what was said of it. */
void mta_end_message(struct mta *mta);

#endif
