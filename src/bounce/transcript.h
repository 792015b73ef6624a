/* SPDX-License-Identifier: ISC */
/*
 * The replies of other servers in a notice for people: the lines of an SMTP dialogue that Sendmail,
 * Postfix and others print, and lines that begin with a code.
 */
#ifndef DRAGOMAN_BOUNCE_TRANSCRIPT_H
#define DRAGOMAN_BOUNCE_TRANSCRIPT_H

#include <glib.h>

#include "lines.h"

struct transcript_reply {
    GString *text;   /* all its lines, LF between */
    char *recipient; /* whom it is about; or NULL */
    bool answers;    /* `recipient` is of the command that it answers, not of its words */
    bool local;      /* the reporting system's own summary, not what the other server said */
};

struct transcript {
    GPtrArray *replies; /* struct transcript_reply * */
    char *recipient;    /* of the last RCPT command */
    bool open;          /* the last reply can go on in the next line */
};

struct transcript *transcript_new(void);
void transcript_free(struct transcript *transcript);

/* Looks at one line. Returns whether it belongs to a dialogue. */
bool transcript_line(struct transcript *transcript, struct slice line);

/* What was said about `recipient` (NULL: about nobody in particular), or NULL: a server's words
 * rather than the reporting system's. If there is none for that recipient, the last one that is
 * for nobody in particular. */
const struct transcript_reply *transcript_find(const struct transcript *transcript,
                                               const char *recipient);

/* Whether any reply is about a recipient. */
bool transcript_names_recipient(const struct transcript *transcript);

/* The whole reply of which `first` is the first line, or NULL. */
const char *transcript_complete(const struct transcript *transcript, const char *first);

#endif
