/* SPDX-License-Identifier: ISC */
/*
 * A node is a part of a configuration file that has been read: the file, a section, or an option
 * with its values. Nodes are plain const data, so that those of the shipped files can be compiled
 * in (baked.h) and cost nothing to read.
 */
#ifndef DRAGOMAN_NODE_H
#define DRAGOMAN_NODE_H

#include <confuse.h>

#include "dragoman/arena.h"
#include "outline.h"

struct node {
    enum outline_kind kind;
    bool read;         /* libconfuse has understood it, and no other took its place */
    const char *name;  /* NULL for the file */
    const char *title; /* of a section, or the file of an include; else NULL */
    unsigned line;     /* of the name */
    unsigned value_count;
    unsigned node_count;
    const char *const *values;   /* of an option */
    const unsigned *value_lines; /* of the values */
    const struct node *nodes;    /* of a section, in the order of the file */
};

/* The nodes of a file, taken from `arena`: lines from the outline, values from libconfuse. */
const struct node *node_build(struct arena *arena, const struct outline *outline, cfg_t *values);

/* The first child of that name, or NULL. */
const struct node *node_child(const struct node *node, const char *name);

#endif
