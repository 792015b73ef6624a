/* SPDX-License-Identifier: ISC */
/*
 * A source is one configuration file that has been read: its outline, and what libconfuse made of
 * it. Together they give each section as libconfuse's values with the true lines.
 */
#ifndef DRAGOMAN_SOURCE_H
#define DRAGOMAN_SOURCE_H

#include <confuse.h>

#include "outline.h"
#include "schema.h"

struct source {
    char *file;   /* as messages name it */
    char *folder; /* what names in it are relative to; NULL for an embedded file */
    struct outline *outline;
    struct schema *schema;
    cfg_t *values;
};

/* A section of a file, or the whole file (`entry` is NULL then). */
struct section {
    const struct outline_entry *entry;
    const GPtrArray *entries;
    struct place place;
    cfg_t *values;
};

/*
 * Reads a file; "builtin:NAME" is one of the embedded ones. Complains at `named_at` if it cannot be
 * read, else at the file's own lines. NULL if there is nothing to go on with.
 */
struct source *source_read(const char *file, enum file_kind kind, struct place named_at,
                           struct complaints *complaints);
void source_free(struct source *source);

/* Whether there is such a file, embedded or on disk. */
bool source_exists(const char *file);

/* A name in a configuration file, relative to the folder of that file. The caller frees it. */
char *source_resolve(const char *folder, const char *name);

/* The content of a file, embedded or on disk; NULL and a complaint if it cannot be read. */
char *source_content(const char *file, struct place named_at, size_t *length,
                     struct complaints *complaints);

/* The source as one section. */
struct section source_section(const struct source *source);

/* The section that `entry`, of `parent`, stands for; `values` is NULL where libconfuse gave up
 * before it, or where a later one of the same name took its place. */
struct section section_child(const struct section *parent, const struct outline_entry *entry);

/* The one value of an option, NULL if it is not set; and its place. */
const char *section_text(const struct section *section, const char *name);
struct place section_place(const struct section *section, const char *name);

/* The number of values of an option, the value at `index`, and its place. */
size_t section_count(const struct section *section, const char *name);
const char *section_item(const struct section *section, const char *name, size_t index);
struct place section_item_place(const struct section *section, const char *name, size_t index);

#endif
