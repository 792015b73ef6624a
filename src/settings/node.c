/* SPDX-License-Identifier: ISC */
#include "node.h"

#include <string.h>

struct build {
    struct arena *arena;
    GHashTable *ranks; /* how many sections of a name have been met; name → count */
};

static void build_values(struct arena *arena, struct node *node, const struct outline_entry *entry,
                         cfg_opt_t *option) {
    unsigned count = option != NULL ? cfg_opt_size(option) : 0;
    const char **values = arena_take(arena, count * sizeof *values);
    unsigned *lines = arena_take(arena, count * sizeof *lines);
    for (unsigned i = 0; i < count; i++) {
        const char *value = cfg_opt_getnstr(option, i);
        values[i] = arena_copy(arena, value != NULL ? value : "");
        lines[i] = outline_value_place(entry, i).line;
    }
    node->read = count > 0 || entry->value_lines->len == 0;
    node->value_count = count;
    node->values = values;
    node->value_lines = lines;
}

/* What libconfuse has of a section; sections without a title are counted through. */
static cfg_t *section_values(struct build *build, const struct outline_entry *entry,
                             cfg_opt_t *option) {
    if (option == NULL || option->type != CFGT_SEC || entry->replaced)
        return NULL;
    if (entry->title != NULL)
        return cfg_opt_gettsec(option, entry->key);
    guint rank = GPOINTER_TO_UINT(g_hash_table_lookup(build->ranks, entry->name));
    g_hash_table_insert(build->ranks, entry->name, GUINT_TO_POINTER(rank + 1));
    return rank < cfg_opt_size(option) ? cfg_opt_getnsec(option, rank) : NULL;
}

static void build_nodes(struct arena *arena, struct node *parent, const GPtrArray *entries,
                        cfg_t *values);

static void build_node(struct build *build, struct node *node, const struct outline_entry *entry,
                       cfg_t *parent) {
    cfg_opt_t *option = parent != NULL ? cfg_getopt(parent, entry->name) : NULL;
    node->kind = entry->kind;
    node->name = arena_copy(build->arena, entry->name);
    node->title = entry->title != NULL ? arena_copy(build->arena, entry->title) : NULL;
    node->line = entry->place.line;
    if (entry->kind == OUTLINE_SECTION) {
        cfg_t *values = section_values(build, entry, option);
        node->read = values != NULL;
        build_nodes(build->arena, node, entry->entries, values);
    } else if (entry->kind == OUTLINE_OPTION) {
        bool section = option != NULL && option->type == CFGT_SEC;
        build_values(build->arena, node, entry, section ? NULL : option);
    }
}

static void build_nodes(struct arena *arena, struct node *parent, const GPtrArray *entries,
                        cfg_t *values) {
    g_autoptr(GHashTable) ranks = g_hash_table_new(g_str_hash, g_str_equal);
    struct build build = {arena, ranks};
    struct node *nodes = arena_take(arena, entries->len * sizeof *nodes);
    for (guint i = 0; i < entries->len; i++)
        build_node(&build, &nodes[i], entries->pdata[i], values);
    parent->node_count = entries->len;
    parent->nodes = nodes;
}

const struct node *node_build(struct arena *arena, const struct outline *outline, cfg_t *values) {
    struct node *root = arena_take(arena, sizeof *root);
    root->kind = OUTLINE_SECTION;
    root->read = true;
    build_nodes(arena, root, outline->entries, values);
    return root;
}

const struct node *node_child(const struct node *node, const char *name) {
    for (unsigned i = 0; i < node->node_count; i++)
        if (strcmp(node->nodes[i].name, name) == 0)
            return &node->nodes[i];
    return NULL;
}
