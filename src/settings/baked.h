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

#include "dragoman/pattern.h"
#include "node.h"

struct baked_file {
    const char *name; /* as in embedded_files[] */
    struct node_tree tree;
    bool untested; /* its `test` sections are left out */
};

/* Ends with a row whose name is NULL. */
extern const struct baked_file baked_files[];

/* A regular expression: where its parts begin in the arrays below. */
struct baked_pattern {
    uint32_t expression;
    uint32_t octets;
    uint32_t pieces;
};

/* Without any pointer in the rows, so that nothing has to be done for them when a program starts.
 */
struct baked_patterns {
    const struct baked_pattern *rows; /* sorted by expression (strcmp) */
    size_t count;
    const char *expressions;
    const uint8_t *octets;  /* in the form of pcre2_serialize_encode(3) */
    const uint16_t *pieces; /* dragoman/pieces.h */
};

extern const struct baked_patterns baked_patterns;

/* The shipped file of that name, and the one that has this content; NULL if none is baked. */
const struct baked_file *baked_find(const char *name);
const struct baked_file *baked_find_content(const char *content, size_t length);

/* The pieces (dragoman/pieces.h) of the expression of that number, which is its row and one; NULL
 * for 0. */
const uint16_t *baked_pieces(uint32_t expression);

/* The expression as it was compiled for a shipped file; NULL if it is in none, or if another
 * version of PCRE2 has compiled it. The caller owns the pattern. */
struct pattern *baked_restore_pattern(const char *expression);

#endif
