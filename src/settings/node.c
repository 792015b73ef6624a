/* SPDX-License-Identifier: ISC */
#include "node.h"

#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

static const char *text_at(const struct node_tree *tree, node_text text) {
    return text != 0 ? tree->text + text : NULL;
}

const struct node *node_root(const struct node_tree *tree) {
    return tree->nodes;
}

const char *node_name(const struct node_tree *tree, const struct node *node) {
    return text_at(tree, node->name);
}

const char *node_title(const struct node_tree *tree, const struct node *node) {
    return text_at(tree, node->title);
}

const struct node *node_part(const struct node_tree *tree, const struct node *node,
                             unsigned index) {
    return &tree->nodes[node->nodes + index];
}

const char *node_value(const struct node_tree *tree, const struct node *node, unsigned index) {
    return text_at(tree, tree->values[node->values + index].text);
}

unsigned node_value_line(const struct node_tree *tree, const struct node *node, unsigned index) {
    return tree->values[node->values + index].line;
}

uint32_t node_value_expression(const struct node_tree *tree, const struct node *node,
                               unsigned index) {
    return tree->values[node->values + index].expression;
}

const struct node *node_child(const struct node_tree *tree, const struct node *node,
                              const char *name) {
    for (unsigned i = 0; i < node->node_count; i++) {
        const struct node *child = node_part(tree, node, i);
        const char *known = tree->text + child->name;
        if (*known == *name && strcmp(known, name) == 0)
            return child;
    }
    return NULL;
}

/* --- growing ---------------------------------------------------------------------------------- */

void node_builder_begin(struct node_builder *builder) {
    const struct node root = {.kind = OUTLINE_SECTION, .read = true};
    builder->text = g_string_new(NULL);
    g_string_append_c(builder->text, '\0');
    builder->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    builder->values = g_array_new(FALSE, TRUE, sizeof(struct node_value));
    builder->nodes = g_array_new(FALSE, TRUE, sizeof(struct node));
    g_array_append_val(builder->nodes, root);
}

void node_builder_clear(struct node_builder *builder) {
    g_string_free(builder->text, TRUE);
    g_hash_table_unref(builder->texts);
    g_array_unref(builder->values);
    g_array_unref(builder->nodes);
}

struct node_tree *node_builder_end(struct node_builder *builder) {
    struct node_tree *tree = g_new0(struct node_tree, 1);
    tree->text = g_string_free(builder->text, FALSE);
    tree->values = (const struct node_value *)g_array_free(builder->values, FALSE);
    tree->nodes = (const struct node *)g_array_free(builder->nodes, FALSE);
    g_hash_table_unref(builder->texts);
    return tree;
}

void node_tree_free(struct node_tree *tree) {
    if (tree == NULL)
        return;
    g_free((char *)tree->text);
    g_free((struct node_value *)tree->values);
    g_free((struct node *)tree->nodes);
    g_free(tree);
}

node_text node_builder_text(struct node_builder *builder, const char *text) {
    if (text == NULL)
        return 0;
    gpointer known = g_hash_table_lookup(builder->texts, text);
    if (known != NULL)
        return GPOINTER_TO_UINT(known);
    node_text begin = (node_text)builder->text->len;
    g_string_append_len(builder->text, text, (gssize)strlen(text) + 1);
    g_hash_table_insert(builder->texts, g_strdup(text), GUINT_TO_POINTER(begin));
    return begin;
}

void node_builder_value(struct node_builder *builder, const char *text, unsigned line,
                        uint32_t expression) {
    struct node_value value = {node_builder_text(builder, text), line, expression};
    g_array_append_val(builder->values, value);
}

uint32_t node_builder_children(struct node_builder *builder, uint32_t parent, unsigned count) {
    guint first = builder->nodes->len;
    g_array_set_size(builder->nodes, first + count);
    struct node *node = node_builder_node(builder, parent);
    node->nodes = first;
    node->node_count = count;
    return first;
}

struct node *node_builder_node(struct node_builder *builder, uint32_t index) {
    return &g_array_index(builder->nodes, struct node, index);
}

/* --- from a file ------------------------------------------------------------------------------ */

static void build_values(struct node_builder *builder, struct node *node,
                         const struct outline_entry *entry, cfg_opt_t *option) {
    unsigned count = option != NULL ? cfg_opt_size(option) : 0;
    node->values = builder->values->len;
    node->value_count = count;
    node->read = count > 0 || entry->value_lines->len == 0;
    for (unsigned i = 0; i < count; i++) {
        const char *value = cfg_opt_getnstr(option, i);
        node_builder_value(builder, value != NULL ? value : "", outline_value_place(entry, i).line,
                           0);
    }
}

/* What libconfuse has of a section; sections without a title are counted through: `ranks` has how
 * many of a name have been met. */
static cfg_t *section_values(GHashTable *ranks, const struct outline_entry *entry,
                             cfg_opt_t *option) {
    if (option == NULL || option->type != CFGT_SEC || entry->replaced)
        return NULL;
    if (entry->title != NULL)
        return cfg_opt_gettsec(option, entry->key);
    guint rank = GPOINTER_TO_UINT(g_hash_table_lookup(ranks, entry->name));
    g_hash_table_insert(ranks, entry->name, GUINT_TO_POINTER(rank + 1));
    return rank < cfg_opt_size(option) ? cfg_opt_getnsec(option, rank) : NULL;
}

static void build_nodes(struct node_builder *builder, uint32_t parent, const GPtrArray *entries,
                        cfg_t *values);

static void build_node(struct node_builder *builder, uint32_t index, GHashTable *ranks,
                       const struct outline_entry *entry, cfg_t *parent) {
    cfg_opt_t *option = parent != NULL ? cfg_getopt(parent, entry->name) : NULL;
    struct node *node = node_builder_node(builder, index);
    node->kind = entry->kind;
    node->name = node_builder_text(builder, entry->name);
    node->title = node_builder_text(builder, entry->title);
    node->line = entry->place.line;
    if (entry->kind == OUTLINE_SECTION) {
        cfg_t *values = section_values(ranks, entry, option);
        node->read = values != NULL;
        build_nodes(builder, index, entry->entries, values);
    } else if (entry->kind == OUTLINE_OPTION) {
        bool section = option != NULL && option->type == CFGT_SEC;
        build_values(builder, node, entry, section ? NULL : option);
    }
}

static void build_nodes(struct node_builder *builder, uint32_t parent, const GPtrArray *entries,
                        cfg_t *values) {
    g_autoptr(GHashTable) ranks = g_hash_table_new(g_str_hash, g_str_equal);
    uint32_t first = node_builder_children(builder, parent, entries->len);
    for (guint i = 0; i < entries->len; i++)
        build_node(builder, first + i, ranks, entries->pdata[i], values);
}

struct node_tree *node_tree_build(const struct outline *outline, cfg_t *values) {
    struct node_builder builder;
    node_builder_begin(&builder);
    build_nodes(&builder, 0, outline->entries, values);
    return node_builder_end(&builder);
}
