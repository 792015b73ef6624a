/* SPDX-License-Identifier: ISC */
/* What the MTAs of mta.h say by themselves. */
#ifndef DRAGOMAN_MTA_WORDS_H
#define DRAGOMAN_MTA_WORDS_H

#define MTA_QUEUE_ID "4F0000A17E"

/* "%s" stands for the host's name; where there are two, the second is what the client wrote. */
struct mta_words {
    const char *greeting;
    const char *ehlo; /* behind "250-": lines with | between them */
    const char *ehlo_refused;
    const char *helo;
    const char *helo_without_name;
    const char *mail;
    const char *rcpt;
    const char *data;
    const char *queued;
    const char *rset;
    const char *noop;
    const char *quit;
    const char *unknown;
    const char *vrfy;
    const char *nested_mail;
    const char *rcpt_without_mail;
    const char *data_without_mail;
    const char *data_without_rcpt;
    const char *syntax;
};

/* By enum mta_kind. */
extern const struct mta_words mta_words[];

#endif
