/* SPDX-License-Identifier: ISC */
/*
 * A table is a set of values that a fact can be compared with: a `table` of the policy, or the
 * list behind an option of an `if` (which is a table without a name). Looking a value up costs the
 * same in a table of ten entries and of a million, except for wildcards; of regular expressions,
 * those are tried that can match (dragoman/pattern_index.h).
 */
#ifndef DRAGOMAN_TABLE_H
#define DRAGOMAN_TABLE_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/address.h"
#include "dragoman/fact.h"
#include "dragoman/key.h"
#include "dragoman/pieces.h"

/* How entries are read and compared; ADDRESS, DOMAIN and STRING ignore case (ASCII). */
enum table_type {
    TABLE_ADDRESS, /* user@domain, domain or *@domain, user@, <> */
    TABLE_DOMAIN,  /* domain, *.domain */
    TABLE_CIDR,    /* IP address or network */
    TABLE_STRING,  /* text, with * and ? as wildcards */
    TABLE_REGEX,   /* a PCRE2 regular expression for each entry */
    TABLE_NUMBER,  /* 7, <7, >7, <=7, >=7, 3-7; sizes with units */
    TABLE_FLAG,    /* yes, no */
    TABLE_TYPE_COUNT
};

/* "address", "domain" …; TABLE_TYPE_COUNT if there is none of that name. */
const char *table_type_name(enum table_type type);
enum table_type table_type_from_name(const char *name);

/* The type of an inline list for a fact of this kind. */
enum table_type table_type_of_kind(enum fact_kind kind);

struct table;

/* A new, empty table. `name` is NULL for an inline list. The caller owns it. */
struct table *table_new(const char *name, enum table_type type);
void table_free(struct table *table);

const char *table_name(const struct table *table);
enum table_type table_type(const struct table *table);

/*
 * Adds an entry. Beside what the type says, "~regex" is a regular expression of PCRE2 that ignores
 * case. Returns NULL, or what is wrong with it as "what is wrong; what to write instead", which
 * the caller frees.
 */
char *table_add(struct table *table, const char *entry);

struct pattern;

/* Adds a regular expression that has been compiled already; the table owns it. */
void table_add_pattern(struct table *table, struct pattern *pattern);

/* Adds all that `other` holds, as a whole; `other` must outlive the table. */
void table_include(struct table *table, const struct table *other);

/* Excludes an entry, or all that `other` holds ("!entry"): a value matches if it is in the table
 * (or nothing is) and not excluded. */
char *table_exclude(struct table *table, const char *entry);
void table_exclude_table(struct table *table, const struct table *other);

/* Lets its regular expressions be compiled to machine code, for whoever matches many values; and
 * does now what is put off until they are first matched (dragoman/pattern.h). */
void table_accelerate(struct table *table);
void table_prepare(struct table *table);

/* Ends the adding: from here on the table is const and may be read by many threads. */
void table_freeze(struct table *table);

/* Whether it can match nothing: no entry was added. Whether it matches every value. */
bool table_is_empty(const struct table *table);
bool table_matches_all(const struct table *table);

/*
 * Names and values that the named groups of a regular expression have captured; the texts belong
 * to the set. At most CAPTURES_MAX are kept.
 */
enum { CAPTURES_MAX = 16 };

struct capture {
    const char *name; /* owned by the table */
    char *value;
};

struct captures {
    bool whole; /* the expression has read the text from its beginning to its end */
    size_t count;
    struct capture *each; /* NULL where there are none: a session keeps several sets */
};

void captures_clear(struct captures *captures);
/* The value of that name, or NULL. */
const char *captures_find(const struct captures *captures, const char *name);

/*
 * For an index over many tables: whether a value is in the table exactly where one of its keys is
 * one of the table's (no pattern, network, number or other table takes part), what kind of keys
 * they are, and all of them.
 */
bool table_is_keyed(const struct table *table);
enum key_kind table_key_kind(const struct table *table);
void table_each_key(const struct table *table, void (*visit)(const struct key *key, void *context),
                    void *context);

enum table_match {
    TABLE_NO,
    TABLE_YES,
    TABLE_LIMIT /* a regular expression went over its match limit: nothing is known */
};

/*
 * A value that is looked up in many tables, with what they need to know of it. The text must be
 * valid UTF-8, stays the caller's, and must not change while the probe is used.
 */
struct probe {
    const char *text;
    const struct ip_address *address; /* the client's, for TABLE_CIDR; may be NULL */
    size_t length;
    bool has_grams; /* they are collected when the first regular expression needs them */
    struct grams grams;
};

void probe_set(struct probe *probe, const char *text, const struct ip_address *address);
const struct grams *probe_grams(struct probe *probe);

/* Looks a value up; `captures` may be NULL. */
enum table_match table_match(const struct table *table, struct probe *probe,
                             struct captures *captures);

#endif
