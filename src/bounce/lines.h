/* SPDX-License-Identifier: ISC */
/*
 * A text line by line, without copying it.
 */
#ifndef DRAGOMAN_BOUNCE_LINES_H
#define DRAGOMAN_BOUNCE_LINES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/address.h"

struct line {
    struct slice text; /* without indentation and without blanks at its end */
    size_t indent;
    const char *start; /* of the line, with its indentation */
};

struct lines {
    const char *at;
    const char *end;
};

struct lines lines_of(struct slice text);

/* The next line; false at the end. LF, CRLF and CR end lines. */
bool lines_next(struct lines *lines, struct line *line);

/* ASCII case does not matter in any of these. */
bool slice_starts(struct slice text, const char *prefix);
bool slice_equals(struct slice text, const char *word);
/* The first place of `needle`, or NULL. */
const char *slice_find(struct slice text, const char *needle);

struct slice slice_of(const char *text);
/* What is left behind `at`, which points into `text`. */
struct slice slice_from(struct slice text, const char *at);
/* Without blanks at both ends. */
struct slice slice_trim(struct slice text);
char *slice_dup(struct slice text);

#endif
