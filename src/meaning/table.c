/* SPDX-License-Identifier: ISC */
#include "dragoman/table.h"

#include <string.h>

#include "dragoman/pattern.h"
#include "dragoman/pattern_index.h"
#include "dragoman/text.h"
#include "table_parts.h"

/* A few expressions are asked faster than looked up. */
enum { INDEX_WORTH_PATTERNS = 32 };

static const char *const type_names[TABLE_TYPE_COUNT] = {"address", "domain", "cidr", "string",
                                                         "regex",   "number", "flag"};

const char *table_type_name(enum table_type type) {
    return type_names[type];
}

enum table_type table_type_from_name(const char *name) {
    enum table_type type = 0;
    while (type < TABLE_TYPE_COUNT && strcmp(type_names[type], name) != 0)
        type++;
    return type;
}

enum table_type table_type_of_kind(enum fact_kind kind) {
    static const enum table_type types[] = {
        [KIND_ADDRESS] = TABLE_ADDRESS, [KIND_DOMAIN] = TABLE_DOMAIN, [KIND_TEXT] = TABLE_STRING,
        [KIND_IP] = TABLE_CIDR,         [KIND_NUMBER] = TABLE_NUMBER, [KIND_SIZE] = TABLE_NUMBER,
        [KIND_FLAG] = TABLE_FLAG,
    };
    return types[kind];
}

/* --- keys ------------------------------------------------------------------------------------- */

enum key_kind table_key_kind(const struct table *table) {
    switch (table->type) {
    case TABLE_ADDRESS:
        return KEYS_OF_ADDRESS;
    case TABLE_DOMAIN:
        return KEYS_OF_DOMAIN;
    default:
        return KEYS_OF_TEXT;
    }
}

static bool match_keys(const struct table *table, const char *value) {
    struct key_walk walk = key_walk_begin(table_key_kind(table), value);
    struct key key;
    if (table->keys == NULL)
        return false;
    while (key_walk_next(&walk, &key))
        if (key_set_contains(table->keys, &key))
            return true;
    return false;
}

/* --- what may be NULL ------------------------------------------------------------------------- */

static guint pointers_count(const GPtrArray *pointers) {
    return pointers != NULL ? pointers->len : 0;
}

static guint ranges_count(const GArray *ranges) {
    return ranges != NULL ? ranges->len : 0;
}

/* --- life ------------------------------------------------------------------------------------- */

struct table *table_new(const char *name, enum table_type type) {
    struct table *table = g_new0(struct table, 1);
    table->name = g_strdup(name);
    table->type = type;
    return table;
}

void table_free(struct table *table) {
    if (table == NULL)
        return;
    key_set_free(table->keys);
    g_clear_pointer(&table->globs, g_ptr_array_unref);
    pattern_index_free(table->index);
    g_clear_pointer(&table->patterns, g_ptr_array_unref);
    g_clear_pointer(&table->networks, g_array_unref);
    g_clear_pointer(&table->numbers, g_array_unref);
    g_clear_pointer(&table->included, g_ptr_array_unref);
    table_free(table->excluded);
    g_free(table->name);
    g_free(table);
}

const char *table_name(const struct table *table) {
    return table->name;
}

enum table_type table_type(const struct table *table) {
    return table->type;
}

/* --- freezing --------------------------------------------------------------------------------- */

static int compare_ranges(const void *a, const void *b) {
    const struct ip_range *left = a, *right = b;
    return memcmp(left->first, right->first, sizeof left->first);
}

/* Sorts the networks and melts those that overlap, so that one search finds the only candidate. */
static void merge_networks(GArray *networks) {
    g_array_sort(networks, compare_ranges);
    guint kept = 0;
    for (guint i = 0; i < networks->len; i++) {
        struct ip_range range = g_array_index(networks, struct ip_range, i);
        struct ip_range *last = &g_array_index(networks, struct ip_range, kept > 0 ? kept - 1 : 0);
        if (kept == 0 || memcmp(range.first, last->last, sizeof range.first) > 0)
            g_array_index(networks, struct ip_range, kept++) = range;
        else if (memcmp(range.last, last->last, sizeof range.last) > 0)
            memcpy(last->last, range.last, sizeof range.last);
    }
    g_array_set_size(networks, kept);
}

void table_accelerate(struct table *table) {
    for (guint i = 0; i < pointers_count(table->patterns); i++)
        pattern_accelerate(table->patterns->pdata[i]);
    if (table->excluded != NULL)
        table_accelerate(table->excluded);
}

void table_prepare(struct table *table) {
    for (guint i = 0; i < pointers_count(table->patterns); i++)
        pattern_prepare(table->patterns->pdata[i]);
    if (table->excluded != NULL)
        table_prepare(table->excluded);
}

void table_freeze(struct table *table) {
    if (table->frozen)
        return;
    table->frozen = true;
    if (table->networks != NULL)
        merge_networks(table->networks);
    if (pointers_count(table->patterns) >= INDEX_WORTH_PATTERNS)
        table->index = pattern_index_new(table->patterns);
    if (table->excluded != NULL)
        table_freeze(table->excluded);
}

bool table_is_empty(const struct table *table) {
    return !table->has_entries && table->excluded == NULL;
}

bool table_matches_all(const struct table *table) {
    return table->all && table->excluded == NULL;
}

/* --- matching --------------------------------------------------------------------------------- */

void probe_set(struct probe *probe, const char *text, const struct ip_address *address) {
    probe->text = text;
    probe->address = address;
    probe->length = strlen(text);
    probe->has_grams = false; /* there is much room for them, and it need not be touched */
}

const struct grams *probe_grams(struct probe *probe) {
    if (!probe->has_grams)
        grams_of(&probe->grams, probe->text);
    probe->has_grams = true;
    return &probe->grams;
}

static bool match_network(const struct table *table, const struct ip_address *address) {
    guint low = 0, high = ranges_count(table->networks);
    if (address == NULL || !address->known)
        return false;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct ip_range *range = &g_array_index(table->networks, struct ip_range, middle);
        if (memcmp(address->octets, range->first, sizeof range->first) < 0)
            high = middle;
        else if (memcmp(address->octets, range->last, sizeof range->last) > 0)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

static bool match_number(const struct table *table, const char *value) {
    guint64 number;
    if (!text_parse_size(value, &number))
        return false;
    for (guint i = 0; i < ranges_count(table->numbers); i++) {
        const struct number_range *range = &g_array_index(table->numbers, struct number_range, i);
        if (number >= range->first && number <= range->last)
            return true;
    }
    return false;
}

static bool match_glob(const struct table *table, const char *value) {
    if (table->globs == NULL)
        return false;
    g_autofree char *valid = g_utf8_make_valid(value, -1); /* GLib steps over whole characters */
    g_autofree char *folded = g_ascii_strdown(valid, -1);
    size_t length = strlen(folded);
    for (guint i = 0; i < table->globs->len; i++)
        if (g_pattern_spec_match(table->globs->pdata[i], length, folded, NULL))
            return true;
    return false;
}

static enum table_match match_patterns(const struct table *table, struct probe *probe,
                                       struct captures *captures) {
    enum table_match result = TABLE_NO;
    g_autoptr(GArray) candidates =
        table->index != NULL ? pattern_index_candidates(table->index, probe_grams(probe)) : NULL;
    guint count = candidates != NULL ? candidates->len : pointers_count(table->patterns);
    for (guint i = 0; i < count && result == TABLE_NO; i++) {
        guint position = candidates != NULL ? g_array_index(candidates, guint, i) : i;
        result = pattern_match(table->patterns->pdata[position], probe, captures);
    }
    return result;
}

static enum table_match match_included(const struct table *table, struct probe *probe,
                                       struct captures *captures) {
    enum table_match result = TABLE_NO;
    for (guint i = 0; i < pointers_count(table->included) && result == TABLE_NO; i++)
        result = table_match(table->included->pdata[i], probe, captures);
    return result;
}

static enum table_match match_entries(const struct table *table, struct probe *probe,
                                      struct captures *captures) {
    if (table->all || !table->has_entries)
        return TABLE_YES;
    if (match_keys(table, probe->text) || match_glob(table, probe->text))
        return TABLE_YES;
    if (table->type == TABLE_CIDR && match_network(table, probe->address))
        return TABLE_YES;
    if (table->type == TABLE_NUMBER && match_number(table, probe->text))
        return TABLE_YES;
    enum table_match result = match_included(table, probe, captures);
    return result != TABLE_NO ? result : match_patterns(table, probe, captures);
}

enum table_match table_match(const struct table *table, struct probe *probe,
                             struct captures *captures) {
    if (!table->has_entries && table->excluded == NULL)
        return TABLE_NO;
    if (table->excluded != NULL) {
        enum table_match excluded = table_match(table->excluded, probe, NULL);
        if (excluded != TABLE_NO)
            return excluded == TABLE_YES ? TABLE_NO : TABLE_LIMIT;
    }
    return match_entries(table, probe, captures);
}

bool table_is_keyed(const struct table *table) {
    return table->has_entries && !table->all && table->globs == NULL && table->patterns == NULL &&
           table->networks == NULL && table->numbers == NULL && table->included == NULL &&
           table->excluded == NULL;
}

void table_each_key(const struct table *table, void (*visit)(const struct key *key, void *context),
                    void *context) {
    if (table->keys != NULL)
        key_set_each(table->keys, visit, context);
}
