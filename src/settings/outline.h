/* SPDX-License-Identifier: ISC */
/*
 * The outline of a configuration file: which sections and options stand on which lines, what is
 * never closed, and what libconfuse would quietly misread.
 *
 * libconfuse 3.3 keeps no line for an option, gives a section the line of its end, accepts a file
 * that ends inside a section, melts sections with the same title, takes the last of two equal
 * options, expands ${ENVIRONMENT} and drops backslashes from strings. The outline knows better, and
 * hands libconfuse a text in which strings mean what they say.
 */
#ifndef DRAGOMAN_OUTLINE_H
#define DRAGOMAN_OUTLINE_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/complaint.h"

enum outline_kind { OUTLINE_SECTION, OUTLINE_OPTION, OUTLINE_INCLUDE };

struct outline_entry {
    enum outline_kind kind;
    char *name;
    char *title;         /* of a section, or the file of an include; NULL if it has none */
    char *key;           /* the title as libconfuse sees it: no other section has it */
    struct place place;  /* of the name */
    GArray *value_lines; /* guint: the line of each value of an option */
    GPtrArray *entries;  /* struct outline_entry, of a section */
    bool replaced;       /* another entry of this name and title follows */
    size_t start;        /* where it stands in the text for libconfuse */
    size_t end;
};

struct outline {
    GPtrArray *entries; /* struct outline_entry, in the order of the file */
    char *text;         /* for cfg_parse_buf() */
};

/* Reads `text`, the content of `file`. Complains about a section, string or comment that is never
 * closed, invalid UTF-8 and an octet of zero. The caller owns the outline. */
struct outline *outline_read(const char *file, const char *text, size_t length,
                             struct complaints *complaints);
void outline_free(struct outline *outline);

/* Takes an entry out of the text for libconfuse, which would give up at it; lines stay. */
void outline_blank(struct outline *outline, const struct outline_entry *entry);

/* The place of the value at `index` of an option; of the option itself if there is none. */
struct place outline_value_place(const struct outline_entry *entry, size_t index);

#endif
