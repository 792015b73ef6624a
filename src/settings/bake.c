/* SPDX-License-Identifier: ISC */
/* Writes baked_files.c: the shipped files as nodes, and their regular expressions compiled. It is
 * run when the program is built, and reads the files as the program would. */
#include <stdio.h>
#include <string.h>

#include "baked.h"
#include "dragoman/pattern.h"
#include "dragoman/settings.h"
#include "embedded.h"
#include "source.h"

struct bake {
    GPtrArray *names;        /* of embedded files */
    GPtrArray *sources;      /* struct source, of the same position */
    GHashTable *expressions; /* char * → its number (node_value.expression) */
};

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All regular expressions, sorted; the caller frees the array. */
static gpointer *sorted_expressions(const struct bake *bake, guint *count) {
    gpointer *expressions = g_hash_table_get_keys_as_array(bake->expressions, count);
    qsort(expressions, *count, sizeof *expressions, compare_texts);
    return expressions;
}

/* --- arrays ----------------------------------------------------------------------------------- */

static void print_octets(const char *name, unsigned number, const void *data, size_t length) {
    const uint8_t *octets = data;
    printf("static const _Alignas(8) uint8_t %s_%u[] = {", name, number);
    for (size_t i = 0; i < length; i++)
        printf("%u,", octets[i]);
    printf("};\n");
}

static void print_values(const struct node_builder *builder, unsigned number) {
    printf("static const struct node_value values_%u[] = {", number);
    for (guint i = 0; i < builder->values->len; i++) {
        const struct node_value *value = &g_array_index(builder->values, struct node_value, i);
        printf("{%u,%u,%u},", value->text, value->line, value->expression);
    }
    printf("{0}};\n");
}

static void print_nodes(const struct node_builder *builder, unsigned number) {
    static const char *const kinds[] = {"OUTLINE_SECTION", "OUTLINE_OPTION", "OUTLINE_INCLUDE"};
    printf("static const struct node nodes_%u[] = {\n", number);
    for (guint i = 0; i < builder->nodes->len; i++) {
        const struct node *node = &g_array_index(builder->nodes, struct node, i);
        printf("    {%s, %s, %u, %u, %u, %u, %u, %u, %u},\n", kinds[node->kind],
               node->read ? "true" : "false", node->name, node->title, node->line, node->values,
               node->value_count, node->nodes, node->node_count);
    }
    printf("};\n");
}

/* --- files ------------------------------------------------------------------------------------ */

/* Whoever runs the tests of a file has the time to read it. */
static bool is_baked(const struct node_tree *tree, const struct node *node) {
    return strcmp(node_name(tree, node), "test") != 0;
}

static unsigned count_baked(const struct node_tree *tree, const struct node *node) {
    unsigned count = 0;
    for (unsigned i = 0; i < node->node_count; i++)
        count += is_baked(tree, node_part(tree, node, i));
    return count;
}

static void copy_values(const struct bake *bake, const struct node_tree *tree,
                        const struct node *node, struct node_builder *builder) {
    for (unsigned i = 0; i < node->value_count; i++) {
        const char *value = node_value(tree, node, i);
        gpointer number = *value == '~' ? g_hash_table_lookup(bake->expressions, value + 1) : NULL;
        node_builder_value(builder, value, node_value_line(tree, node, i),
                           GPOINTER_TO_UINT(number));
    }
}

static void copy_children(const struct bake *bake, const struct node_tree *tree,
                          const struct node *parent, uint32_t index, struct node_builder *builder) {
    uint32_t next = node_builder_children(builder, index, count_baked(tree, parent));
    for (unsigned i = 0; i < parent->node_count; i++) {
        const struct node *from = node_part(tree, parent, i);
        if (!is_baked(tree, from))
            continue;
        struct node *node = node_builder_node(builder, next);
        *node = *from;
        node->name = node_builder_text(builder, node_name(tree, from));
        node->title = node_builder_text(builder, node_title(tree, from));
        node->values = builder->values->len;
        copy_values(bake, tree, from, builder);
        copy_children(bake, tree, from, next++, builder);
    }
}

static enum file_kind kind_of(const char *name) {
    return g_str_has_prefix(name, "texts/")     ? FILE_TEXTS
           : g_str_has_prefix(name, "codes/")   ? FILE_CODES
           : g_str_has_prefix(name, "letters/") ? FILE_LETTERS
                                                : FILE_POLICY;
}

/* The words for codes and further languages are not: what is baked makes each start of the program
 * a little longer. */
static bool is_read_often(const char *name) {
    static const char *const seldom[] = {
        "codes/de.conf", "codes/en.conf",   "codes/labels.de.conf",
        "codes/tr.conf", "letters/de.conf", "texts/de.conf",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(seldom); i++)
        if (strcmp(seldom[i], name) == 0)
            return false;
    return true;
}

static void bake_file(const struct bake *bake, const char *name, const struct node_tree *tree,
                      unsigned number, GString *table) {
    const struct node *root = node_root(tree);
    bool untested = count_baked(tree, root) < root->node_count;
    struct node_builder builder;
    node_builder_begin(&builder);
    copy_children(bake, tree, root, 0, &builder);
    print_octets("text", number, builder.text->str, builder.text->len);
    print_values(&builder, number);
    print_nodes(&builder, number);
    g_string_append_printf(table,
                           "    {\"%s\", {(const char *)text_%u, values_%u, nodes_%u}, %s},\n",
                           name, number, number, number, untested ? "true" : "false");
    node_builder_clear(&builder);
}

static void bake_files(const struct bake *bake) {
    g_autoptr(GString) table = g_string_new("const struct baked_file baked_files[] = {\n");
    for (guint i = 0; i < bake->sources->len; i++) {
        const struct source *source = bake->sources->pdata[i];
        bake_file(bake, bake->names->pdata[i], source->tree, i, table);
    }
    printf("%s    {NULL, {0}, false},\n};\n", table->str);
}

static void read_files(struct bake *bake, struct complaints *complaints) {
    const struct place nowhere = {"bake", 0};
    for (const struct embedded_file *file = embedded_files; file->name != NULL; file++) {
        g_autofree char *name = g_strconcat(EMBEDDED_PREFIX, file->name, NULL);
        if (!is_read_often(file->name))
            continue;
        g_ptr_array_add(bake->names, (char *)file->name);
        g_ptr_array_add(bake->sources, source_read(name, kind_of(file->name), nowhere, complaints));
    }
}

/* --- regular expressions ---------------------------------------------------------------------- */

static void find_expressions(struct bake *bake, const struct node_tree *tree,
                             const struct node *node) {
    for (unsigned i = 0; i < node->value_count; i++) {
        const char *value = node_value(tree, node, i);
        if (*value == '~')
            g_hash_table_add(bake->expressions, (char *)value + 1);
    }
    for (unsigned i = 0; i < node->node_count; i++)
        if (is_baked(tree, node_part(tree, node, i)))
            find_expressions(bake, tree, node_part(tree, node, i));
}

/* Numbers are those of the sorted rows, from 1. */
static void number_expressions(struct bake *bake) {
    guint count;
    for (guint i = 0; i < bake->sources->len; i++) {
        const struct source *source = bake->sources->pdata[i];
        find_expressions(bake, source->tree, node_root(source->tree));
    }
    g_autofree gpointer *expressions = sorted_expressions(bake, &count);
    for (guint i = 0; i < count; i++)
        g_hash_table_insert(bake->expressions, expressions[i], GUINT_TO_POINTER(i + 1));
}

/* All patterns stand in three arrays, one behind the other. */
struct patterns {
    GString *text;
    GByteArray *octets;
    GArray *pieces; /* uint16_t */
};

/* Octets are decoded where 8 divides the address. */
static void align_octets(GByteArray *octets) {
    g_byte_array_set_size(octets, (octets->len + 7) / 8 * 8);
}

static void bake_pattern(struct patterns *patterns, const char *expression) {
    char *why = NULL;
    size_t length = 0;
    struct pattern *pattern = pattern_compile(expression, &why);
    g_autofree uint8_t *octets = pattern != NULL ? pattern_serialize(pattern, &length) : NULL;
    pattern_free(pattern);
    g_free(why); /* check_shipped() says it */
    align_octets(patterns->octets);
    printf("    {%zu, %u, %u},\n", patterns->text->len, patterns->octets->len,
           patterns->pieces->len);
    g_string_append_len(patterns->text, expression, (gssize)strlen(expression) + 1);
    if (octets != NULL)
        g_byte_array_append(patterns->octets, octets, (guint)length);
    g_autofree uint16_t *pieces = pieces_of(expression);
    g_array_append_vals(patterns->pieces, pieces, (guint)pieces_count(pieces));
}

static void print_patterns(const struct patterns *patterns) {
    print_octets("expressions", 0, patterns->text->str, patterns->text->len);
    print_octets("codes", 0, patterns->octets->data, patterns->octets->len);
    printf("static const uint16_t pieces_0[] = {");
    for (guint i = 0; i < patterns->pieces->len; i++)
        printf("%u,", g_array_index(patterns->pieces, uint16_t, i));
    printf("};\n"
           "const struct baked_patterns baked_patterns = {\n"
           "    pattern_rows, sizeof pattern_rows / sizeof pattern_rows[0] - 1,\n"
           "    (const char *)expressions_0, codes_0, pieces_0};\n");
}

static void bake_patterns(const struct bake *bake) {
    guint count;
    g_autofree gpointer *expressions = sorted_expressions(bake, &count);
    struct patterns patterns = {g_string_new(NULL), g_byte_array_new(),
                                g_array_new(FALSE, FALSE, sizeof(uint16_t))};
    printf("static const struct baked_pattern pattern_rows[] = {\n");
    for (guint i = 0; i < count; i++)
        bake_pattern(&patterns, expressions[i]);
    printf("    {0}};\n");
    print_patterns(&patterns);
    g_string_free(patterns.text, TRUE);
    g_byte_array_unref(patterns.octets);
    g_array_unref(patterns.pieces);
}

/* Nobody checks again what is baked: so it is done here, in all languages. */
static void check_shipped(struct complaints *complaints) {
    static const char *const policy = EMBEDDED_PREFIX "dragoman.conf";
    settings_free(settings_load(policy, SETTINGS_RESTATING, complaints));
}

static void free_source(void *source) {
    source_free(source);
}

int main(void) {
    struct bake bake = {g_ptr_array_new(), g_ptr_array_new_with_free_func(free_source),
                        g_hash_table_new(g_str_hash, g_str_equal)};
    struct complaints *complaints = complaints_new();
    printf("/* Made by src/settings/bake; do not edit. */\n#include \"baked.h\"\n\n");
    read_files(&bake, complaints);
    number_expressions(&bake);
    bake_files(&bake);
    bake_patterns(&bake);
    check_shipped(complaints);
    bool failed = complaints_print(complaints, stderr);
    complaints_free(complaints);
    g_hash_table_unref(bake.expressions);
    g_ptr_array_unref(bake.sources);
    g_ptr_array_unref(bake.names);
    return failed ? 1 : 0;
}
