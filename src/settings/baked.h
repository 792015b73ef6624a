/* SPDX-License-Identifier: ISC */
/*
 * The shipped files of etc/ as they are when they have been read: their nodes and their compiled
 * regular expressions. baked_files.c is made by src/settings/bake when the program is built; with
 * it nothing has to be parsed where a site has not changed a file.
 */
#ifndef DRAGOMAN_BAKED_H
#define DRAGOMAN_BAKED_H

#include <stddef.h>
#include <stdint.h>

#include "node.h"

struct baked_file {
    const char *name; /* as in embedded_files[] */
    const struct node *root;
    bool untested; /* its `test` sections are left out */
};

/* Ends with a row whose name is NULL. */
extern const struct baked_file baked_files[];

/* A regular expression in the form of pcre2_serialize_encode(3). */
struct baked_pattern {
    const char *expression;
    const uint8_t *octets;
    const uint16_t *pieces; /* dragoman/pieces.h */
};

/* Sorted by expression (strcmp). */
extern const struct baked_pattern baked_patterns[];
extern const size_t baked_pattern_count;

/* The shipped file of that name, and the one that has this content; NULL if none is baked. */
const struct baked_file *baked_find(const char *name);
const struct baked_file *baked_find_content(const char *content, size_t length);

/* The compiled form of an expression of a shipped file, NULL if it is in none. */
const struct baked_pattern *baked_find_pattern(const char *expression);

#endif
