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
    unsigned number;         /* of the next array */
    GHashTable *expressions; /* char * → NULL */
};

static void print_text(const char *text) {
    if (text == NULL) {
        printf("NULL");
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if (g_ascii_isprint(*text) && *text != '?')
            putchar(*text);
        else
            printf("\\%03o", (unsigned)(guchar)*text);
    putchar('"');
}

static unsigned bake_values(struct bake *bake, const struct node *node) {
    unsigned number = bake->number++;
    printf("static const char *const values_%u[] = {", number);
    for (unsigned i = 0; i < node->value_count; i++) {
        print_text(node->values[i]);
        printf(", ");
    }
    printf("NULL};\nstatic const unsigned lines_%u[] = {", number);
    for (unsigned i = 0; i < node->value_count; i++)
        printf("%u, ", node->value_lines[i]);
    printf("0};\n");
    return number;
}

static void collect_expressions(struct bake *bake, const struct node *node) {
    for (unsigned i = 0; i < node->value_count; i++)
        if (node->values[i][0] == '~')
            g_hash_table_add(bake->expressions, (char *)node->values[i] + 1);
}

static const char *const kinds[] = {"OUTLINE_SECTION", "OUTLINE_OPTION", "OUTLINE_INCLUDE"};

static void print_name(const char *array, unsigned number, unsigned count) {
    if (count > 0)
        printf("%s_%u", array, number);
    else
        printf("NULL");
}

static void print_row(const struct node *node, unsigned values, unsigned nodes, unsigned count) {
    printf("    {%s, %s, ", kinds[node->kind], node->read ? "true" : "false");
    print_text(node->name);
    printf(", ");
    print_text(node->title);
    printf(", %u, %u, %u, ", node->line, node->value_count, count);
    print_name("values", values, node->value_count);
    printf(", ");
    print_name("lines", values, node->value_count);
    printf(", ");
    print_name("nodes", nodes, count);
    printf("},\n");
}

/* Whoever runs the tests of a file has the time to read it. */
static bool is_baked(const struct node *node) {
    return node->name == NULL || strcmp(node->name, "test") != 0;
}

static unsigned count_baked(const struct node *node) {
    unsigned count = 0;
    for (unsigned i = 0; i < node->node_count; i++)
        count += is_baked(&node->nodes[i]);
    return count;
}

/* The arrays of the children come first, then the row that names them. */
static unsigned bake_children(struct bake *bake, const struct node *node) {
    g_autofree unsigned *values = g_new0(unsigned, node->node_count + 1);
    g_autofree unsigned *nodes = g_new0(unsigned, node->node_count + 1);
    for (unsigned i = 0; i < node->node_count; i++) {
        if (!is_baked(&node->nodes[i]))
            continue;
        collect_expressions(bake, &node->nodes[i]);
        if (node->nodes[i].value_count > 0)
            values[i] = bake_values(bake, &node->nodes[i]);
        if (node->nodes[i].node_count > 0)
            nodes[i] = bake_children(bake, &node->nodes[i]);
    }
    unsigned number = bake->number++;
    printf("static const struct node nodes_%u[] = {\n", number);
    for (unsigned i = 0; i < node->node_count; i++)
        if (is_baked(&node->nodes[i]))
            print_row(&node->nodes[i], values[i], nodes[i], count_baked(&node->nodes[i]));
    printf("    {0}};\n");
    return number;
}

static enum file_kind kind_of(const char *name) {
    return g_str_has_prefix(name, "texts/")   ? FILE_TEXTS
           : g_str_has_prefix(name, "codes/") ? FILE_CODES
                                              : FILE_POLICY;
}

/* The words for codes and further languages are not: what is baked makes each start of the program
 * a little longer. */
static bool is_read_often(const char *name) {
    static const char *const seldom[] = {"codes/en.conf", "codes/tr.conf", "texts/de.conf"};
    for (size_t i = 0; i < G_N_ELEMENTS(seldom); i++)
        if (strcmp(seldom[i], name) == 0)
            return false;
    return true;
}

static void bake_files(struct bake *bake, struct complaints *complaints, GPtrArray *sources) {
    const struct place nowhere = {"bake", 0};
    g_autoptr(GString) table = g_string_new("const struct baked_file baked_files[] = {\n");
    for (const struct embedded_file *file = embedded_files; file->name != NULL; file++) {
        g_autofree char *name = g_strconcat(EMBEDDED_PREFIX, file->name, NULL);
        if (!is_read_often(file->name))
            continue;
        struct source *source = source_read(name, kind_of(file->name), nowhere, complaints);
        g_ptr_array_add(sources, source);
        unsigned number = bake_children(bake, source->root);
        unsigned count = count_baked(source->root);
        printf("static const struct node root_%u = {OUTLINE_SECTION, true, NULL, NULL, 0, 0, %u, "
               "NULL, NULL, nodes_%u};\n",
               number, count, number);
        g_string_append_printf(table, "    {\"%s\", &root_%u, %s},\n", file->name, number,
                               count < source->root->node_count ? "true" : "false");
    }
    printf("%s    {NULL, NULL, false},\n};\n", table->str);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void bake_pieces(const char *expression, unsigned number) {
    g_autofree uint16_t *pieces = pieces_of(expression);
    printf("static const uint16_t pieces_%u[] = {", number);
    for (size_t i = 0; i < pieces_count(pieces); i++)
        printf("%u,", pieces[i]);
    printf("};\n");
}

static void bake_pattern(const char *expression, unsigned number, GString *table) {
    char *why = NULL;
    size_t length = 0;
    struct pattern *pattern = pattern_compile(expression, &why);
    uint8_t *octets = pattern != NULL ? pattern_serialize(pattern, &length) : NULL;
    pattern_free(pattern);
    g_free(why);
    if (octets == NULL)
        return; /* the program will complain of it */
    printf("static const _Alignas(8) uint8_t pattern_%u[] = {", number);
    for (size_t i = 0; i < length; i++)
        printf("%u,", octets[i]);
    printf("};\n");
    g_free(octets);
    bake_pieces(expression, number);
    g_autofree char *escaped = g_strescape(expression, NULL);
    g_autoptr(GString) text = g_string_new(escaped);
    g_string_replace(text, "?", "\\?", 0); /* no trigraphs */
    g_string_append_printf(table, "    {\"%s\", pattern_%u, pieces_%u},\n", text->str, number,
                           number);
}

static void bake_patterns(const struct bake *bake) {
    guint count;
    g_autofree gpointer *expressions = g_hash_table_get_keys_as_array(bake->expressions, &count);
    g_autoptr(GString) table = g_string_new("const struct baked_pattern baked_patterns[] = {\n");
    qsort(expressions, count, sizeof *expressions, compare_texts);
    for (guint i = 0; i < count; i++)
        bake_pattern(expressions[i], i, table);
    printf("%s    {\"\\377\", NULL, 0}};\n"
           "const size_t baked_pattern_count = sizeof baked_patterns / sizeof baked_patterns[0] - "
           "1;\n",
           table->str);
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
    struct bake bake = {0, g_hash_table_new(g_str_hash, g_str_equal)};
    struct complaints *complaints = complaints_new();
    GPtrArray *sources = g_ptr_array_new_with_free_func(free_source);
    printf("/* Made by src/settings/bake; do not edit. */\n#include \"baked.h\"\n\n");
    bake_files(&bake, complaints, sources);
    bake_patterns(&bake);
    check_shipped(complaints);
    bool failed = complaints_print(complaints, stderr);
    complaints_free(complaints);
    g_hash_table_unref(bake.expressions);
    g_ptr_array_unref(sources);
    return failed ? 1 : 0;
}
