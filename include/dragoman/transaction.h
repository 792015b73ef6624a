/* SPDX-License-Identifier: ISC */
/*
 * A transaction is everything that has been learned of one SMTP session and of the message under
 * way in it (RFC 5321 §3.3). Front ends and the tool fill it with the functions below, stage by
 * stage; evaluation and composition only read it.
 *
 * All texts are copied. Everything is as hostile as the network it comes from: texts may hold
 * control characters. They are valid UTF-8: an octet that is not becomes "?".
 */
#ifndef DRAGOMAN_TRANSACTION_H
#define DRAGOMAN_TRANSACTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/address.h"
#include "dragoman/arena.h"
#include "dragoman/fact.h"

/* What is kept of one message at most; more is a reason for the configured fallback, except of the
 * body, of which the beginning is enough. */
struct limits {
    size_t header_fields; /* number of header fields */
    size_t header_octets; /* octets of all names and values together */
    size_t recipients;    /* number of recipients */
    size_t body_octets;   /* octets of the body that rules can see */
};

extern const struct limits limits_default;

struct transaction;

/* A new transaction of a new connection. `limits` must outlive it. */
struct transaction *transaction_new(const struct limits *limits);
/* Makes an old one new: cheaper than another one. */
void transaction_renew(struct transaction *transaction, const struct limits *limits);
void transaction_free(struct transaction *transaction);

/* --- learning -------------------------------------------------------------------------------- */

/*
 * The connection: the verified name of the client (NULL or an address in brackets means
 * "unknown"), its address as text (NULL if it has none) and its port (0: mail made by the MTA).
 * Forgets everything that was known.
 */
void transaction_connect(struct transaction *transaction, const char *name, const char *ip,
                         unsigned port);

void transaction_helo(struct transaction *transaction, const char *name);

/* MAIL: the path as the client wrote it, with or without <>, and its ESMTP parameters
 * ("SIZE=1000"), a NULL-terminated list or NULL. Forgets the message before. */
void transaction_mail(struct transaction *transaction, const char *path,
                      const char *const *parameters);

/* RCPT: this recipient is the `recipient` of rules until it is kept or dropped. */
void transaction_rcpt(struct transaction *transaction, const char *path,
                      const char *const *parameters);

/* The recipient of transaction_rcpt() was let pass, so it belongs to the message; or it was not. */
void transaction_keep_recipient(struct transaction *transaction);
void transaction_drop_recipient(struct transaction *transaction);

/* The MTA has refused a recipient by itself. */
void transaction_recipient_refused_by_mta(struct transaction *transaction);

void transaction_header(struct transaction *transaction, const char *name, const char *value);
void transaction_body(struct transaction *transaction, const char *octets, size_t length);

/* Whether rules see no more of the body, however much of it comes. */
bool transaction_body_is_full(const struct transaction *transaction);

/* The whole message has been read: `size` is now the real size. */
void transaction_end_of_message(struct transaction *transaction);

void transaction_unknown_command(struct transaction *transaction, const char *command);

/* A reply that somebody else has given: its codes, as far as it has any, and its text without them,
 * lines joined by a blank. */
void transaction_reply(struct transaction *transaction, struct status status, const char *text);

/* Which server gave that reply. */
void transaction_reply_server(struct transaction *transaction, const char *server);

/* A milter macro, bare name ("auth_authen"), given with the command of `stage`; it is forgotten
 * with that command. Facts that are learned from it are set as well. */
void transaction_macro(struct transaction *transaction, enum stage stage, const char *name,
                       const char *value);

/* A fact that the MTA tells by itself, where others learn it from a macro or a parameter: with the
 * command of `stage`, and forgotten with that command. */
void transaction_tell(struct transaction *transaction, enum stage stage, enum fact fact,
                      const char *value);

/* The message is over, accepted or not: forgets it, keeps the connection. */
void transaction_forget_message(struct transaction *transaction);

/* --- asking ---------------------------------------------------------------------------------- */

/* The values of a fact: `count` texts of which none is NULL. */
struct fact_values {
    size_t count;
    const char *const *texts;
};

/* All values that are known of `fact` (of header field, macro or parameter `key`); none is a
 * count of 0. Valid until the transaction learns more. */
struct fact_values transaction_values(const struct transaction *transaction, enum fact fact,
                                      const char *key);

/* The first value, or NULL. */
const char *transaction_value(const struct transaction *transaction, enum fact fact);

/* The client's address, for comparison with networks. */
const struct ip_address *transaction_client_address(const struct transaction *transaction);

/* Whether the client has logged in; whether MAIL carried SMTPUTF8. */
bool transaction_is_authenticated(const struct transaction *transaction);
bool transaction_is_smtputf8(const struct transaction *transaction);

/* The name of the limit that this message has gone over, NULL if none. */
const char *transaction_overflow(const struct transaction *transaction);

#endif
