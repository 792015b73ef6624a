/* SPDX-License-Identifier: ISC */
/*
 * A source is one configuration file that has been read, as sections with their values and the
 * true lines.
 */
#ifndef DRAGOMAN_SOURCE_H
#define DRAGOMAN_SOURCE_H

#include "node.h"
#include "schema.h"

struct source {
    const char *file; /* as messages name it; interned */
    char *folder;     /* what names in it are relative to; NULL for an embedded file */
    const struct node_tree *tree;
    struct node_tree *own_tree; /* the same; NULL where it is compiled in */
    bool shipped;               /* the file is as it was shipped */
};

/* A section of a file, or the whole file. */
struct section {
    const struct node_tree *tree;
    const struct node *node; /* NULL: there is nothing to read */
    struct place place;
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

/* The languages of the embedded files of one kind, "de, en, tr": what stands in their names between
 * `before`, such as "texts/", and ".conf". The caller frees it. */
char *source_shipped_languages(const char *before);

/* Whether the file is as it was shipped, so that its checks have been made. */
bool source_is_shipped(const struct source *source);

/* A name in a configuration file, relative to the folder of that file. The caller frees it. */
char *source_resolve(const char *folder, const char *name);

/* The content of a file, embedded or on disk; NULL and a complaint if it cannot be read. */
char *source_content(const char *file, struct place named_at, size_t *length,
                     struct complaints *complaints);

/* The source as one section. */
struct section source_section(const struct source *source);

/* Its part at `index`, below node->node_count: a section, an option or an include. */
struct section section_part(const struct section *section, unsigned index);

/* Whether there is something to read in it: not where libconfuse gave up before it, or where a
 * later one of the same name took its place. */
bool section_is_read(const struct section *section);

/* What it is: "rule", "if" …; the name of an option. */
const char *section_name(const struct section *section);

/* The name in quotes behind the section's own ("x" of rule "x"); NULL without one. */
const char *section_title(const struct section *section);

/* The one value of an option, NULL if it is not set; and its place. */
const char *section_text(const struct section *section, const char *name);
struct place section_place(const struct section *section, const char *name);

/* The number of values of an option, the value at `index`, and its place. */
size_t section_count(const struct section *section, const char *name);
const char *section_item(const struct section *section, const char *name, size_t index);
struct place section_item_place(const struct section *section, const char *name, size_t index);

#endif
