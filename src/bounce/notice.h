/* SPDX-License-Identifier: ISC */
/*
 * A notice is the part of a bounce that is written for people. It is read by what all systems have
 * in common: a line with an address, and beside it or below it what happened; the systems'
 * sentences stand in phrases.c.
 */
#ifndef DRAGOMAN_BOUNCE_NOTICE_H
#define DRAGOMAN_BOUNCE_NOTICE_H

#include <glib.h>
#include <stdbool.h>

#include "lines.h"
#include "transcript.h"

/* One address and what is said about it. */
struct notice_block {
    char *recipient;
    char *original; /* or NULL */
    GString *text;  /* lines, LF between; may be empty */
    GString *more;  /* paragraphs that follow and may belong to it */
    char *before;   /* the line before the address, or NULL */
    bool prose;     /* the address stands in a sentence */
    bool strong;    /* its shape or what announces it leaves little doubt */
};

struct notice {
    GPtrArray *blocks; /* struct notice_block * */
    struct transcript *transcript;
    GString *explanation; /* what follows an announcement and names no address */
    GString *opening;     /* how it begins, as far as it names no address */
    const char *sender;   /* as it was given */
    bool announces_failure, announces_delay, announces_success;
    bool announces_list;   /* of those who failed, or of reasons */
    bool names_only;       /* who failed is named without a domain */
    bool immediate;        /* it begins with what happened, and a recipient follows */
    struct slice returned; /* what comes behind: the message that is returned */
};

/* Reads `text`, which must outlive the notice. `sender` is the address to which the bounce was
 * sent, which is not the one that failed unless the text says so clearly; or NULL. */
struct notice *notice_read(struct slice text, const char *sender);
void notice_free(struct notice *notice);

/* The block about `recipient`; NULL if there is none. */
const struct notice_block *notice_find(const struct notice *notice, const char *recipient);

/* The words that tell best what happened to the block's recipient: those with a code, if any. The
 * caller frees them; NULL if nothing is said. */
char *notice_words(const struct notice *notice, const struct notice_block *block);

#endif
