/* SPDX-License-Identifier: ISC */
/*
 * Enrichment puts an explanation in front of the human-readable part of a bounce (RFC 3462 §1,
 * RFC 3464), in the languages of the site. All other octets stay as they are, and so does every
 * message that is not beyond doubt such a bounce. The function is pure.
 */
#ifndef DRAGOMAN_ENRICH_H
#define DRAGOMAN_ENRICH_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/address.h"
#include "dragoman/snapshot.h"

/* Why a message is left alone; UNTOUCHED_NOT where it is not. */
enum untouched {
    UNTOUCHED_NOT,
#define UNTOUCHED(id, name, help) UNTOUCHED_##id,
#include "dragoman/untouched.def"
#undef UNTOUCHED
    UNTOUCHED_COUNT
};

/* "signed"; and a sentence of it, "it has a DKIM …". "" for UNTOUCHED_NOT. */
const char *untouched_name(enum untouched untouched);
const char *untouched_help(enum untouched untouched);

enum {
    ENRICH_READ_OCTETS_MAX =
        64 * 1024, /* of the part for people and the delivery status together */
    ENRICH_ADDED_OCTETS_MAX = 16 * 1024 /* by how much a message grows at most */
};

/* The header field that marks an enriched message and stops loops: "1; host=mail.example.org". */
extern const char *const enrich_mark;

struct enrich_request {
    struct slice message; /* octets, header and body; lines end with LF or CRLF */
    const char *sender;   /* of the envelope, with or without <>: NULL is the null sender */
    const char *host;     /* who adds the explanation */
};

/* What is known of one recipient, for whoever wants to see why it says what it says. */
struct enrich_finding {
    char *recipient;
    const char *reason; /* its id; NULL: nothing is known */
    bool certain;
};

struct enriched {
    enum untouched untouched;
    size_t header_length; /* of the message, without the empty line behind it */
    char *mark;           /* the value of the field enrich_mark, to add to the header */
    GString *body;        /* the new body; NULL where the message is untouched */
    char *letter;         /* the explanation alone: UTF-8, lines end with LF; or NULL */
    GPtrArray *evidence;  /* char *: why the languages stand in their order */
    GPtrArray *languages; /* const char *: their tags, in that order */
    GPtrArray *findings;  /* struct enrich_finding * */
};

/* Never NULL; the caller frees it. The snapshot must have letters. From any thread. */
struct enriched *enrich(const struct snapshot *snapshot, const struct enrich_request *request);
void enriched_free(struct enriched *enriched);

#endif
