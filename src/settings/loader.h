/* SPDX-License-Identifier: ISC */
/*
 * Loading: the files have been read, and piece by piece settings are built from them. Each
 * load_…() function takes its own kind of section out of all files and complains about it; none
 * relies on another one having found nothing wrong.
 */
#ifndef DRAGOMAN_LOADER_H
#define DRAGOMAN_LOADER_H

#include "dragoman/settings.h"
#include "source.h"

/* A section of the highest level, in the order in which includes put them. */
struct item {
    const struct source *source;
    struct section section;
};

struct loader {
    struct settings *settings;
    struct complaints *complaints;
    struct complaints *unheard;   /* of what is read on: they are `dragoman check`'s; or NULL */
    GPtrArray *sources;           /* struct source: the main file and what it includes */
    GArray *items;                /* struct item: all their sections */
    GPtrArray *texts;             /* struct source: the files of texts */
    bool accelerated;             /* what is loaded is matched often */
    const char *const *languages; /* where it is only explained: the languages of that; or NULL */
    bool letters_wanted;          /* whether or not bounces are enriched */
    const char *const *letters;   /* languages of letters; NULL: as the site says */
    struct source *reasons;
    GPtrArray *unmade; /* struct item, by position in stage reply: rules that wait (unmade.h) */
    GMutex reading;    /* while settings for explaining are read on */
};

/* Calls `load` for each section of that name, in order. */
typedef void load_section(struct loader *loader, const struct item *item);
void loader_each(struct loader *loader, const char *name, load_section *load);

/* An option of a whole file: the first file that sets it. The section of that file, or one without
 * values if none does. */
struct section loader_find(const struct loader *loader, const char *name);

/* The site's own copy of a shipped file, else the embedded one. The caller frees the path. */
char *loader_shipped_file(const struct loader *loader, const char *name);

/* Complains with SEVERITY_ERROR. */
#define loader_error(loader, place, ...)                                                           \
    complain((loader)->complaints, SEVERITY_ERROR, place, __VA_ARGS__)

/* Readers of one option: false and a complaint if its value is wrong; true and `*value` as it was
 * if it is not set. */
bool read_flag(struct loader *loader, const struct section *section, const char *name, bool *value);
bool read_size(struct loader *loader, const struct section *section, const char *name, size_t least,
               size_t *value);
/* One of the words of `choices` (NULL at the end); `*value` is its index. */
bool read_choice(struct loader *loader, const struct section *section, const char *name,
                 const char *const *choices, int *value);

void load_site(struct loader *loader);
void load_service(struct loader *loader);
/* Whether a `listen` answers what others refuse. */
bool load_needs_restating(const struct item *item);
void load_reasons(struct loader *loader);
/* The reason of that id, which is loaded if it has waited for that; NULL if there is none. */
struct reason *load_reason_named(struct loader *loader, const char *id);
void load_texts(struct loader *loader);
/* The texts of one reason only. */
void load_texts_of(struct loader *loader, const struct reason *reason);
/* The section `bounces`, and the letters where they are needed. */
void load_bounces(struct loader *loader);
void load_tables(struct loader *loader);
void load_rules(struct loader *loader);
/* One rule, which the caller owns; NULL if it is of no use. */
struct rule *load_one_rule(struct loader *loader, const struct section *section);
void load_tests(struct loader *loader);

/* Adds what an option of a condition lists ("!", "@table" and entries) to a table. */
void load_values(struct loader *loader, const struct section *section, const char *option,
                 struct table *table);

/* The fact that an option of a condition or test names; FACT_NONE after schema's complaint. */
enum fact load_fact(const struct section *option, const char **key);

#endif
