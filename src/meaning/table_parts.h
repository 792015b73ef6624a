/* SPDX-License-Identifier: ISC */
/* What a table is made of: filled by table_entry.c, frozen and asked by table.c. */
#ifndef DRAGOMAN_TABLE_PARTS_H
#define DRAGOMAN_TABLE_PARTS_H

#include "dragoman/table.h"

struct number_range {
    guint64 first;
    guint64 last;
};

/* Each kind of entry has the structure in which it is found fastest. Most tables have entries of
 * one kind only: what has none is NULL. */
struct table {
    char *name;
    enum table_type type;
    bool frozen;
    bool has_entries;
    bool all; /* "*" was added */
    struct key_set *keys;
    GPtrArray *globs;            /* GPatternSpec */
    GPtrArray *patterns;         /* struct pattern */
    struct pattern_index *index; /* of the patterns once frozen, where there are many */
    GArray *networks;            /* struct ip_range, sorted and disjoint once frozen */
    GArray *numbers;             /* struct number_range */
    GPtrArray *included;         /* other tables */
    struct table *excluded;
};

#endif
