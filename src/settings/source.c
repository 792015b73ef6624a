/* SPDX-License-Identifier: ISC */
#include "source.h"

#include <errno.h>
#include <string.h>

#include "baked.h"
#include "embedded.h"

static const struct embedded_file *find_embedded(const char *file) {
    if (!g_str_has_prefix(file, EMBEDDED_PREFIX))
        return NULL;
    const struct embedded_file *row = embedded_files;
    while (row->name != NULL && strcmp(row->name, file + strlen(EMBEDDED_PREFIX)) != 0)
        row++;
    return row->name != NULL ? row : NULL;
}

bool source_exists(const char *file) {
    return find_embedded(file) != NULL || g_file_test(file, G_FILE_TEST_IS_REGULAR);
}

char *source_shipped_languages(const char *before) {
    g_autoptr(GString) tags = g_string_new(NULL);
    for (const struct embedded_file *file = embedded_files; file->name != NULL; file++)
        if (g_str_has_prefix(file->name, before))
            g_string_append_printf(tags, "%s%.*s", tags->len > 0 ? ", " : "",
                                   (int)(strlen(file->name) - strlen(before) - strlen(".conf")),
                                   file->name + strlen(before));
    return g_string_free(g_steal_pointer(&tags), FALSE);
}

char *source_resolve(const char *folder, const char *name) {
    if (g_path_is_absolute(name) || g_str_has_prefix(name, EMBEDDED_PREFIX))
        return g_strdup(name);
    if (folder == NULL)
        return g_strconcat(EMBEDDED_PREFIX, name, NULL);
    return strcmp(folder, ".") == 0 ? g_strdup(name) : g_build_filename(folder, name, NULL);
}

char *source_content(const char *file, struct place named_at, size_t *length,
                     struct complaints *complaints) {
    const struct embedded_file *embedded = find_embedded(file);
    if (embedded != NULL) {
        *length = embedded->length;
        return g_strndup(embedded->text, embedded->length);
    }
    g_autoptr(GError) error = NULL;
    char *content = NULL;
    if (g_file_get_contents(file, &content, length, &error))
        return content;
    int number = errno;
    const char *why = error->code == G_FILE_ERROR_NOENT   ? "there is no such file"
                      : error->code == G_FILE_ERROR_ACCES ? "reading it is not permitted"
                                                          : g_strerror(number);
    complain(complaints, SEVERITY_ERROR, named_at,
             "the file \"%s\" cannot be read: %s; check its name and permissions", file, why);
    return NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* libconfuse's error function gets no context; one file is read at a time in a thread. */
static _Thread_local struct {
    struct complaints *complaints;
    const char *file;
    bool quiet; /* the file is wrong already: libconfuse would say it again in other words */
} parsing;

static void parse_error(cfg_t *cfg, const char *format, va_list arguments) {
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    struct place place = {parsing.file, cfg != NULL ? (unsigned)cfg->line : 0};
    if (!parsing.quiet)
        complain(parsing.complaints, SEVERITY_ERROR, place,
                 "%s; see dragoman.conf(5) for the syntax", text);
}

static struct node_tree *read_nodes(const char *file, enum file_kind kind, const char *content,
                                    size_t length, struct complaints *complaints) {
    size_t errors = complaints_count(complaints, SEVERITY_ERROR);
    struct outline *outline = outline_read(file, content, length, complaints);
    struct schema *schema = schema_new(outline, kind);
    schema_check(schema, outline, complaints);
    cfg_t *values = cfg_init(schema_options(schema), CFGF_IGNORE_UNKNOWN);
    parsing.complaints = complaints;
    parsing.file = file;
    parsing.quiet = complaints_count(complaints, SEVERITY_ERROR) > errors;
    cfg_set_error_function(values, parse_error);
    cfg_parse_buf(values, outline->text);
    struct node_tree *tree = node_tree_build(outline, values);
    cfg_free(values);
    schema_free(schema);
    outline_free(outline);
    return tree;
}

/* Whether a baked file has all that is wanted of it. */
static bool is_enough(const struct baked_file *baked, enum file_kind kind) {
    return baked != NULL && (!baked->untested || kind == FILE_RULES);
}

struct source *source_read(const char *file, enum file_kind kind, struct place named_at,
                           struct complaints *complaints) {
    const struct embedded_file *embedded = find_embedded(file);
    size_t length;
    g_autofree char *content = NULL;
    const struct baked_file *baked = embedded != NULL ? baked_find(embedded->name) : NULL;
    if (!is_enough(baked, kind)) {
        content = source_content(file, named_at, &length, complaints);
        if (content == NULL)
            return NULL;
    }
    struct source *source = g_new0(struct source, 1);
    source->file = g_intern_string(file);
    source->folder = embedded != NULL ? NULL : g_path_get_dirname(file);
    if (baked == NULL)
        baked = baked_find_content(content, length);
    source->shipped = baked != NULL;
    if (is_enough(baked, kind)) {
        source->tree = &baked->tree;
        return source;
    }
    source->own_tree = read_nodes(source->file, kind, content, length, complaints);
    source->tree = source->own_tree;
    return source;
}

void source_free(struct source *source) {
    if (source == NULL)
        return;
    node_tree_free(source->own_tree);
    g_free(source->folder);
    g_free(source);
}

bool source_is_shipped(const struct source *source) {
    return source->shipped;
}

/* --- sections --------------------------------------------------------------------------------- */

struct section source_section(const struct source *source) {
    return (struct section){source->tree, node_root(source->tree), {source->file, 0}};
}

static struct place place_in(const struct section *section, unsigned line) {
    return (struct place){section->place.file, line};
}

struct section section_part(const struct section *section, unsigned index) {
    const struct node *node = node_part(section->tree, section->node, index);
    return (struct section){section->tree, node, place_in(section, node->line)};
}

bool section_is_read(const struct section *section) {
    return section->node != NULL && section->node->read;
}

const char *section_name(const struct section *section) {
    return node_name(section->tree, section->node);
}

const char *section_title(const struct section *section) {
    return node_title(section->tree, section->node);
}

static const struct node *find_option(const struct section *section, const char *name) {
    return section_is_read(section) ? node_child(section->tree, section->node, name) : NULL;
}

struct place section_place(const struct section *section, const char *name) {
    const struct node *option = find_option(section, name);
    return option != NULL ? place_in(section, option->line) : section->place;
}

size_t section_count(const struct section *section, const char *name) {
    const struct node *option = find_option(section, name);
    return option != NULL ? option->value_count : 0;
}

const char *section_item(const struct section *section, const char *name, size_t index) {
    return node_value(section->tree, find_option(section, name), (unsigned)index);
}

struct place section_item_place(const struct section *section, const char *name, size_t index) {
    const struct node *option = find_option(section, name);
    if (option == NULL || index >= option->value_count)
        return section_place(section, name);
    return place_in(section, node_value_line(section->tree, option, (unsigned)index));
}

const char *section_text(const struct section *section, const char *name) {
    return section_count(section, name) > 0 ? section_item(section, name, 0) : NULL;
}
