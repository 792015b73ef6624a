/* SPDX-License-Identifier: ISC */
/*
 * The files of etc/ as they were when the program was built: with no configuration at all it runs
 * on these. embedded_files.c is made by scripts/embed-files.
 */
#ifndef DRAGOMAN_EMBEDDED_H
#define DRAGOMAN_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* relative to etc/, e.g. "texts/en.conf" */
    const char *text;
    size_t length;
};

/* Ends with a row whose name is NULL. */
extern const struct embedded_file embedded_files[];

/* The prefix by which messages name such a file: "builtin:texts/en.conf". */
#define EMBEDDED_PREFIX "builtin:"

#endif
