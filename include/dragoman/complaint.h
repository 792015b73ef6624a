/* SPDX-License-Identifier: ISC */
/*
 * Complaints are what a configuration is told about itself: all of them in one run, each with the
 * file and line, what is wrong and what to write instead.
 */
#ifndef DRAGOMAN_COMPLAINT_H
#define DRAGOMAN_COMPLAINT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Where in a configuration something stands. `file` outlives every complaint and every rule that
 * names it (it is interned); `line` counts from 1, 0 is "the file as a whole". */
struct place {
    const char *file;
    unsigned line;
};

/* An error refuses the configuration; a warning and a note do not. */
enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

struct complaint {
    enum severity severity;
    struct place place;
    char *text; /* "what is wrong; what to write instead" */
};

struct complaints;

struct complaints *complaints_new(void);
void complaints_free(struct complaints *complaints);

/* Adds one. The format's text is "what is wrong; what to write instead". */
void complain(struct complaints *complaints, enum severity severity, struct place place,
              const char *format, ...) G_GNUC_PRINTF(4, 5);

/* How many there are of this severity. */
size_t complaints_count(const struct complaints *complaints, enum severity severity);

/* Sorts by file (in the order in which files were first named) and line; equal places keep the
 * order in which they were found. */
void complaints_sort(struct complaints *complaints);

/* The complaint at `index`, NULL past the end. Owned by `complaints`. */
const struct complaint *complaints_at(const struct complaints *complaints, size_t index);

/* "FILE:LINE: error: TEXT" without a newline; the caller frees it. */
char *complaint_print(const struct complaint *complaint);

/* Writes all of them to `out`, a line each. Whether one of them is an error. */
bool complaints_print(const struct complaints *complaints, FILE *out);

#endif
