/* SPDX-License-Identifier: ISC */
/*
 * A snapshot is one generation of everything that was configured. It is const once it is built and
 * dies when the last connection that holds it lets go.
 */
#ifndef DRAGOMAN_SNAPSHOT_H
#define DRAGOMAN_SNAPSHOT_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/letter_book.h"
#include "dragoman/policy.h"
#include "dragoman/reasons.h"
#include "dragoman/transaction.h"

/* What happens to a message when we fail: a limit is reached, or something goes wrong. */
enum fallback {
    FALLBACK_ACCEPT, /* the message passes, unjudged */
    FALLBACK_DEFER   /* the client is asked to try again */
};

/* What a site wants of the bounces that pass by. */
struct bounce_settings {
    bool enrich;                 /* an explanation is put in front of them */
    bool also_signed;            /* of those with a DKIM or ARC signature too, which it breaks */
    bool also_relayed;           /* of those for recipients of other servers too */
    bool by_evidence;            /* the sender's language comes first, where something tells it */
    char *host;                  /* who adds it; NULL: as the MTA calls itself */
    size_t octets_max;           /* longer messages pass as they are */
    struct letter_book *letters; /* in the order of the site; NULL where nothing is enriched */
};

/* What a site says about itself and wants of every reply. */
struct site {
    char *help_url; /* with {lang}, {reason}, {ref}, {code}; or NULL */
    char *contact;  /* an address or a phone number; or NULL */
    bool utf8;      /* UTF-8 replies where MAIL carried SMTPUTF8 */
    size_t reply_octets;
    enum restate_codes restate_codes; /* KEEP or CORRECT: of what others have refused */
    enum fallback fallback;
    const struct reason *fallback_reason; /* for FALLBACK_DEFER */
    struct limits limits;
    struct bounce_settings bounces;
};

struct snapshot {
    atomic_uint references;
    struct site site;
    struct catalogue *catalogue; /* its languages are those of the replies, in their order */
    struct policy *policy;
};

/* An empty snapshot with one reference. */
struct snapshot *snapshot_new(void);

/* One more holder; returns the snapshot. Safe from any thread. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
/* One holder less; the last frees it. NULL is allowed. */
void snapshot_release(struct snapshot *snapshot);

#endif
