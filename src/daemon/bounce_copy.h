/* SPDX-License-Identifier: ISC */
/*
 * The copy of a message that may be a bounce, while the MTA tells it piece by piece. Only messages
 * from the null sender are copied, and none beyond the limit of the site.
 */
#ifndef DRAGOMAN_BOUNCE_COPY_H
#define DRAGOMAN_BOUNCE_COPY_H

#include "dragoman/enrich.h"

struct bounce_copy;

/* For one connection; NULL where the site enriches nothing. Every function takes NULL. */
struct bounce_copy *bounce_copy_new(const struct snapshot *snapshot);
void bounce_copy_free(struct bounce_copy *copy);

/* MAIL: forgets the message before. `sender` is the path, with or without <>. */
void bounce_copy_begin(struct bounce_copy *copy, const char *sender);

/* RCPT: by which mailer of the MTA the recipient is delivered (NULL: it does not say so). */
void bounce_copy_recipient(struct bounce_copy *copy, const char *mailer);

void bounce_copy_header(struct bounce_copy *copy, const char *name, const char *value);
void bounce_copy_body(struct bounce_copy *copy, const char *octets, size_t length);

/* The message is over. */
void bounce_copy_forget(struct bounce_copy *copy);

/* Whether the message is still copied, so that the MTA has to tell all of it. */
bool bounce_copy_is_made(const struct bounce_copy *copy);

/* Enriches what was copied, and logs what came of it; NULL if the message passes as it is. `mta` is
 * how the MTA calls itself, `queue_id` its name for the message; both may be NULL. The caller frees
 * it. */
struct enriched *bounce_copy_enrich(const struct bounce_copy *copy, const char *mta,
                                    const char *queue_id);

#endif
