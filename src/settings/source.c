/* SPDX-License-Identifier: ISC */
#include "source.h"

#include <errno.h>
#include <string.h>

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
} parsing;

static void parse_error(cfg_t *cfg, const char *format, va_list arguments) {
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    struct place place = {g_intern_string(parsing.file), cfg != NULL ? (unsigned)cfg->line : 0};
    complain(parsing.complaints, SEVERITY_ERROR, place, "%s; see dragoman.conf(5) for the syntax",
             text);
}

static cfg_t *parse(struct source *source, struct complaints *complaints) {
    cfg_t *values = cfg_init(schema_options(source->schema), CFGF_IGNORE_UNKNOWN);
    parsing.complaints = complaints;
    parsing.file = source->file;
    cfg_set_error_function(values, parse_error);
    cfg_parse_buf(values, source->outline->text);
    return values;
}

struct source *source_read(const char *file, enum file_kind kind, struct place named_at,
                           struct complaints *complaints) {
    size_t length;
    g_autofree char *content = source_content(file, named_at, &length, complaints);
    if (content == NULL)
        return NULL;
    struct source *source = g_new0(struct source, 1);
    source->file = g_strdup(file);
    source->folder = find_embedded(file) != NULL ? NULL : g_path_get_dirname(file);
    source->outline = outline_read(file, content, length, complaints);
    source->schema = schema_new(source->outline, kind);
    schema_check(source->schema, source->outline, complaints);
    source->values = parse(source, complaints);
    return source;
}

void source_free(struct source *source) {
    if (source == NULL)
        return;
    cfg_free(source->values);
    schema_free(source->schema);
    outline_free(source->outline);
    g_free(source->file);
    g_free(source->folder);
    g_free(source);
}

/* --- sections --------------------------------------------------------------------------------- */

struct section source_section(const struct source *source) {
    struct place place = {g_intern_string(source->file), 0};
    return (struct section){NULL, source->outline->entries, place, source->values};
}

/* The how-many-eth section of its name `entry` is. */
static unsigned rank_of(const struct section *parent, const struct outline_entry *entry) {
    unsigned rank = 0;
    for (guint i = 0; i < parent->entries->len && parent->entries->pdata[i] != entry; i++)
        rank += strcmp(((struct outline_entry *)parent->entries->pdata[i])->name, entry->name) == 0;
    return rank;
}

struct section section_child(const struct section *parent, const struct outline_entry *entry) {
    struct section child = {entry, entry->entries, entry->place, NULL};
    cfg_opt_t *option = parent->values != NULL ? cfg_getopt(parent->values, entry->name) : NULL;
    if (option == NULL || option->type != CFGT_SEC || entry->replaced)
        return child;
    if (entry->title != NULL) {
        child.values = cfg_opt_gettsec(option, entry->title);
        return child;
    }
    unsigned rank = rank_of(parent, entry);
    if (rank < cfg_opt_size(option))
        child.values = cfg_opt_getnsec(option, rank);
    return child;
}

static const struct outline_entry *find_entry(const struct section *section, const char *name) {
    for (guint i = 0; i < section->entries->len; i++) {
        const struct outline_entry *entry = section->entries->pdata[i];
        if (strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

struct place section_place(const struct section *section, const char *name) {
    const struct outline_entry *entry = find_entry(section, name);
    return entry != NULL ? entry->place : section->place;
}

size_t section_count(const struct section *section, const char *name) {
    cfg_opt_t *option = section->values != NULL ? cfg_getopt(section->values, name) : NULL;
    return option != NULL ? cfg_opt_size(option) : 0;
}

const char *section_item(const struct section *section, const char *name, size_t index) {
    const char *value = cfg_opt_getnstr(cfg_getopt(section->values, name), (unsigned)index);
    return value != NULL ? value : "";
}

struct place section_item_place(const struct section *section, const char *name, size_t index) {
    const struct outline_entry *entry = find_entry(section, name);
    return entry != NULL ? outline_value_place(entry, index) : section->place;
}

const char *section_text(const struct section *section, const char *name) {
    if (section_count(section, name) == 0)
        return NULL;
    return cfg_opt_getnstr(cfg_getopt(section->values, name), 0);
}
