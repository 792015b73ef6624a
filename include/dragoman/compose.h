/* SPDX-License-Identifier: ISC */
/*
 * Composition turns a reason into the lines of a reply: in every language of the site what
 * happened and what to do, and at the end a line that says it all in short.
 */
#ifndef DRAGOMAN_COMPOSE_H
#define DRAGOMAN_COMPOSE_H

#include <glib.h>

#include "dragoman/snapshot.h"
#include "dragoman/status.h"

/* How much one protocol can carry. Lengths are in octets. */
struct shape {
    size_t lines_max;
    size_t line_octets_max; /* with code and CRLF */
    size_t columns;         /* lines are wrapped near this */
    bool brief;             /* only the last line, which says all in short */
};

/* A reply of several lines: libmilter takes 32, RFC 5321 §4.5.3.1.5 allows 512 octets each. */
extern const struct shape shape_milter;

/* One line, where nothing else can be said: answers of a policy service, texts of Sendmail's
 * rulesets, which are one token of 245 octets. */
extern const struct shape shape_policy;
extern const struct shape shape_sendmail;

/* Sentences that whoever writes them wraps himself: the words of a bounce. */
extern const struct shape shape_bounce;

/* A reply: a status and the texts of its lines, without codes and line ends. */
struct reply {
    struct status status;
    GPtrArray *lines; /* char *; printable, never empty */
};

void reply_free(struct reply *reply);

/* The reply as it stands on the wire of SMTP (RFC 5321 §4.2.1): the code pair in front of each
 * line, "-" behind the basic code of all but the last, CRLF behind each. The caller frees it. */
char *reply_print(const struct reply *reply);

/* The code pair and the first line, for those who have room for one: "550 5.1.1 No such mailbox".
 * The caller frees it. */
char *reply_print_first(const struct reply *reply);

/* What a reply is about. */
struct subject {
    const struct reason *reason;
    struct status status;
    const struct transaction *transaction; /* facts, and which charset the client takes */
    const GArray *settings;                /* struct setting, parameters of the rule; or NULL */
    const struct captures *captures;       /* parameters from regular expressions; or NULL */
    const char *ref;                       /* finds the log line again; or "" */
    const char *verbatim; /* words of whoever refused first, to be quoted; or NULL */
    size_t octets_before; /* what the client reads beside the reply */
    bool reported;        /* another server refused: what is said is whose word it is */
};

/* What is said in one language about a refusal by another server: what happened and, with `remedy`,
 * what to do; in UTF-8, as one paragraph. The caller frees it. */
char *compose_report(const struct snapshot *snapshot, const struct subject *subject,
                     size_t language, bool remedy);

/*
 * Composes. What does not fit into the site's `reply_octets` is left out, the least important
 * first: remedies, then sentences, from the last language to the first; the first sentence and the
 * last line always stay. The caller frees the reply. Pure.
 */
struct reply *compose(const struct snapshot *snapshot, const struct subject *subject,
                      const struct shape *shape);

#endif
