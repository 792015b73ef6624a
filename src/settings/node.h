/* SPDX-License-Identifier: ISC */
/*
 * A node is a part of a configuration file that has been read: the file, a section, or an option
 * with its values. The nodes of a file are a tree of plain const data without any pointer inside,
 * so that those of the shipped files can be compiled in (baked.h) and cost nothing to read: neither
 * parsing, nor the work of the dynamic linker, which would touch every page of them.
 */
#ifndef DRAGOMAN_NODE_H
#define DRAGOMAN_NODE_H

#include <confuse.h>
#include <stdint.h>

#include "outline.h"

/* Where a text begins in node_tree.text; 0 where there is none. */
typedef uint32_t node_text;

struct node {
    enum outline_kind kind;
    bool read;       /* libconfuse has understood it, and no other took its place */
    node_text name;  /* 0 for the file */
    node_text title; /* of a section, or the file of an include; else 0 */
    uint32_t line;   /* of the name */
    uint32_t values; /* of an option: the first in node_tree.values */
    uint32_t value_count;
    uint32_t nodes; /* of a section, in the order of the file: the first in node_tree.nodes */
    uint32_t node_count;
};

struct node_value {
    node_text text;
    uint32_t line;
    uint32_t expression; /* of a baked file: the number of a regular expression (baked.h); else 0 */
};

struct node_tree {
    const char *text;
    const struct node_value *values;
    const struct node *nodes; /* the first is the file */
};

/* The nodes of a file: lines from the outline, values from libconfuse. Free with node_tree_free().
 */
struct node_tree *node_tree_build(const struct outline *outline, cfg_t *values);
void node_tree_free(struct node_tree *tree);

const struct node *node_root(const struct node_tree *tree);
const char *node_name(const struct node_tree *tree, const struct node *node);  /* NULL: none */
const char *node_title(const struct node_tree *tree, const struct node *node); /* the same */

/* The child, or the value, at `index`. */
const struct node *node_part(const struct node_tree *tree, const struct node *node, unsigned index);
const char *node_value(const struct node_tree *tree, const struct node *node, unsigned index);
unsigned node_value_line(const struct node_tree *tree, const struct node *node, unsigned index);
uint32_t node_value_expression(const struct node_tree *tree, const struct node *node,
                               unsigned index);

/* The first child of that name, or NULL. */
const struct node *node_child(const struct node_tree *tree, const struct node *node,
                              const char *name);

/* --- growing a tree --------------------------------------------------------------------------- */

struct node_builder {
    GString *text;
    GHashTable *texts; /* char * → node_text: equal texts stand there once */
    GArray *values;    /* struct node_value */
    GArray *nodes;     /* struct node */
};

/* A builder has the root already. Its content is freed, or becomes that of a tree. */
void node_builder_begin(struct node_builder *builder);
void node_builder_clear(struct node_builder *builder);
struct node_tree *node_builder_end(struct node_builder *builder);

/* NULL gives 0. */
node_text node_builder_text(struct node_builder *builder, const char *text);
void node_builder_value(struct node_builder *builder, const char *text, unsigned line,
                        uint32_t expression);
/* Makes room for the children of the node at `parent`; where the first is. */
uint32_t node_builder_children(struct node_builder *builder, uint32_t parent, unsigned count);
/* Until the next one is made. */
struct node *node_builder_node(struct node_builder *builder, uint32_t index);

#endif
