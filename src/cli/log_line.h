/* SPDX-License-Identifier: ISC */
/* A line of a mail log, Postfix's or Sendmail's, that tells of a refusal or a failed delivery. */
#ifndef DRAGOMAN_LOG_LINE_H
#define DRAGOMAN_LOG_LINE_H

#include <stdbool.h>

#include "dragoman/address.h"
#include "dragoman/foreign_reply.h"

enum log_line_kind {
    LOG_LINE_REFUSAL,  /* the server that wrote the log has refused something */
    LOG_LINE_DELIVERY, /* a delivery has failed, for good or for now */
    LOG_LINE_ECHO      /* another line tells of the same, so that this one is not to be counted */
};

enum log_writer { LOG_WRITER_POSTFIX, LOG_WRITER_SENDMAIL };

/* All slices point into the line, or at constants; length 0 where nothing is told. */
struct log_line {
    enum log_line_kind kind;
    enum log_writer writer;
    struct slice time;      /* as it is written there */
    struct slice reply;     /* the words, with the log's escapes */
    struct slice recipient; /* without <> */
    struct slice server;    /* the server that was talked to */
    struct status status;   /* the enhanced code that stands beside the words: dsn=5.1.1 */
    enum status_class word; /* what the log calls it: bounced, deferred */
};

/* Reads a line, which a NUL must follow. False where it tells of no refusal. */
bool log_line_read(struct slice line, struct log_line *found);

/* The words without the log's escapes: lines end in LF. The caller frees them. */
GString *log_line_words(const struct log_line *line);

/* The reply that the line tells of, with the codes and the server that stand beside it. The caller
 * frees it. */
struct foreign_reply *log_line_reply(const struct log_line *line, const GString *words);

/* Whether it was permanent or temporary; STATUS_ANY where nothing says so. */
enum status_class log_line_class(const struct log_line *line, const struct foreign_reply *reply);

/* Whether nobody tries to deliver again. */
bool log_line_gives_up(const struct log_line *line);

#endif
