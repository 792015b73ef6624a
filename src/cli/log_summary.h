/* SPDX-License-Identifier: ISC */
/* What the refusals of a log were for: each reason, how often, and when. */
#ifndef DRAGOMAN_LOG_SUMMARY_H
#define DRAGOMAN_LOG_SUMMARY_H

#include <glib.h>

#include "dragoman/snapshot.h"
#include "log_line.h"

enum { LOG_TIME_SIZE = 40 };

/* One reason. */
struct log_tally {
    const struct reason *reason; /* NULL: the replies of which nothing is known */
    guint64 count;
    guint64 permanent;
    guint64 temporary;
    char *example; /* the first such reply, harmless */
    char first[LOG_TIME_SIZE];
    char last[LOG_TIME_SIZE]; /* as written in the log; "" where no line had a time */
};

struct log_summary;

/* `snapshot` must outlive it. */
struct log_summary *log_summary_new(const struct snapshot *snapshot);
void log_summary_free(struct log_summary *summary);

void log_summary_add(struct log_summary *summary, const struct log_line *line);

/* How many were added; of how many nothing is known. */
guint64 log_summary_count(const struct log_summary *summary);
guint64 log_summary_unexplained(const struct log_summary *summary);

/* The reasons, the most frequent first; those of which nothing is known come last. Valid until more
 * is added; struct log_tally. */
const GPtrArray *log_summary_sorted(struct log_summary *summary);

#endif
