/* SPDX-License-Identifier: ISC */
#include "dragoman/table.h"

#include <string.h>

#include "dragoman/key.h"
#include "dragoman/pattern.h"
#include "dragoman/text.h"

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
    GPtrArray *globs;    /* GPatternSpec */
    GPtrArray *patterns; /* struct pattern */
    GArray *networks;    /* struct ip_range, sorted and disjoint once frozen */
    GArray *numbers;     /* struct number_range */
    GPtrArray *included; /* other tables */
    struct table *excluded;
};

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

static void add_key(struct table *table, enum key_form form, const char *text, size_t length) {
    struct key key = {form, {text, length}};
    if (table->keys == NULL)
        table->keys = key_set_new();
    key_set_add(table->keys, &key);
}

static void add_text(struct table *table, enum key_form form, const char *text) {
    add_key(table, form, text, strlen(text));
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

static void pattern_free_void(void *pattern) {
    pattern_free(pattern);
}

static void glob_free(void *glob) {
    g_pattern_spec_free(glob);
}

/* --- what may be NULL ------------------------------------------------------------------------- */

static guint pointers_count(const GPtrArray *pointers) {
    return pointers != NULL ? pointers->len : 0;
}

static void add_pointer(GPtrArray **pointers, void *pointer, GDestroyNotify free_pointer) {
    if (*pointers == NULL)
        *pointers = g_ptr_array_new_with_free_func(free_pointer);
    g_ptr_array_add(*pointers, pointer);
}

static guint ranges_count(const GArray *ranges) {
    return ranges != NULL ? ranges->len : 0;
}

static void add_range(GArray **ranges, const void *range, guint size) {
    if (*ranges == NULL)
        *ranges = g_array_new(FALSE, FALSE, size);
    g_array_append_vals(*ranges, range, 1);
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

/* --- adding ----------------------------------------------------------------------------------- */

static bool has_wildcard(const char *text) {
    return strpbrk(text, "*?") != NULL;
}

static char *add_glob(struct table *table, const char *entry) {
    g_autofree char *folded = g_ascii_strdown(entry, -1);
    add_pointer(&table->globs, g_pattern_spec_new(folded), glob_free);
    return NULL;
}

static char *add_regex(struct table *table, const char *expression) {
    char *why = NULL;
    struct pattern *pattern = pattern_compile(expression, &why);
    if (pattern != NULL)
        add_pointer(&table->patterns, pattern, pattern_free_void);
    return why;
}

static char *add_string(struct table *table, const char *entry) {
    if (has_wildcard(entry))
        return add_glob(table, entry);
    add_text(table, KEY_WHOLE, entry);
    return NULL;
}

/* A line of another program's table ("user@example.com REJECT") is no entry of ours. */
static bool holds_blanks(const char *entry) {
    return strpbrk(entry, " \t,;<>") != NULL;
}

static char *add_domain(struct table *table, const char *entry) {
    if (holds_blanks(entry))
        return g_strdup_printf("\"%s\" is no domain; write one like example.com or *.example.com",
                               entry);
    if (strchr(entry, '@') != NULL)
        return g_strdup_printf("\"%s\" is an address, not a domain; write the part behind the @",
                               entry);
    if (g_str_has_prefix(entry, "*.") && !has_wildcard(entry + 2))
        add_text(table, KEY_PARENT, entry + 2);
    else
        return add_string(table, entry);
    return NULL;
}

static void add_mail_domain(struct table *table, const char *domain) {
    if (g_str_has_prefix(domain, "*."))
        add_text(table, KEY_DOMAIN_PARENT, domain + 2);
    else
        add_text(table, KEY_DOMAIN, domain);
}

/* In quotes a local part may hold anything (RFC 5321 §4.1.2). */
static bool is_address_entry(const char *entry) {
    if (*entry == '"' || strcmp(entry, "<>") == 0)
        return true;
    const char *at = strchr(entry, '@');
    return !holds_blanks(entry) && (at == NULL || strchr(at + 1, '@') == NULL);
}

static char *add_address(struct table *table, const char *entry) {
    if (!is_address_entry(entry))
        return g_strdup_printf("\"%s\" is no address; write user@example.com, *@example.com, "
                               "*@*.example.com or user@",
                               entry);
    const char *at = strrchr(entry, '@');
    if (strcmp(entry, "<>") == 0) {
        add_text(table, KEY_WHOLE, "");
    } else if (at == NULL || at == entry || (at == entry + 1 && *entry == '*')) {
        const char *domain = at == NULL ? entry : at + 1;
        if (*domain == '\0' || has_wildcard(domain + (g_str_has_prefix(domain, "*.") ? 2 : 0)))
            return add_glob(table, entry);
        add_mail_domain(table, domain);
    } else if (has_wildcard(entry)) {
        return add_glob(table, entry);
    } else if (at[1] == '\0') {
        add_key(table, KEY_LOCAL, entry, (size_t)(at - entry));
    } else {
        add_text(table, KEY_WHOLE, entry);
    }
    return NULL;
}

static char *add_network(struct table *table, const char *entry) {
    struct ip_range range;
    char *why = NULL;
    if (strcmp(entry, "none") == 0)
        add_text(table, KEY_WHOLE, entry);
    else if (ip_range_parse(entry, &range, &why))
        add_range(&table->networks, &range, sizeof range);
    return why;
}

static bool parse_range(const char *entry, struct number_range *range) {
    *range = (struct number_range){0, G_MAXUINT64};
    const char *dash = strchr(entry, '-');
    if (dash != NULL) {
        g_autofree char *first = g_strstrip(g_strndup(entry, (size_t)(dash - entry)));
        return text_parse_size(first, &range->first) &&
               text_parse_size(dash + 1 + strspn(dash + 1, " "), &range->last) &&
               range->first <= range->last;
    }
    size_t sign = strcspn(entry, "0123456789");
    guint64 number;
    if (!text_parse_size(entry + sign, &number))
        return false;
    g_autofree char *operator= g_strstrip(g_strndup(entry, sign));
    if (strcmp(operator, "") == 0)
        *range = (struct number_range){number, number};
    else if (strcmp(operator, ">=") == 0)
        range->first = number;
    else if (strcmp(operator, "<=") == 0)
        range->last = number;
    else if (strcmp(operator, ">") == 0 && number < G_MAXUINT64)
        range->first = number + 1;
    else if (strcmp(operator, "<") == 0 && number > 0)
        range->last = number - 1;
    else
        return false;
    return true;
}

static char *add_number(struct table *table, const char *entry) {
    struct number_range range;
    if (!parse_range(entry, &range))
        return g_strdup_printf("\"%s\" is no number; write one like 10, >10, <=5, 3-7 or >10 MB",
                               entry);
    add_range(&table->numbers, &range, sizeof range);
    return NULL;
}

static char *add_flag(struct table *table, const char *entry) {
    if (strcmp(entry, "yes") != 0 && strcmp(entry, "no") != 0)
        return g_strdup_printf("\"%s\" is neither yes nor no; write one of them", entry);
    add_text(table, KEY_WHOLE, entry);
    return NULL;
}

typedef char *add_entry(struct table *table, const char *entry);

static add_entry *const adders[TABLE_TYPE_COUNT] = {
    [TABLE_ADDRESS] = add_address, [TABLE_DOMAIN] = add_domain, [TABLE_CIDR] = add_network,
    [TABLE_STRING] = add_string,   [TABLE_REGEX] = add_regex,   [TABLE_NUMBER] = add_number,
    [TABLE_FLAG] = add_flag,
};

char *table_add(struct table *table, const char *entry) {
    table->has_entries = true;
    if (strcmp(entry, "*") == 0 && table->type != TABLE_REGEX) {
        table->all = true;
        return NULL;
    }
    if (*entry == '~' && table->type != TABLE_REGEX)
        return add_regex(table, entry + 1);
    if (*entry == '\0' && table->type != TABLE_STRING && table->type != TABLE_DOMAIN)
        return g_strdup("an entry is empty; write <> for the null sender, or leave it out");
    return adders[table->type](table, entry);
}

void table_add_pattern(struct table *table, struct pattern *pattern) {
    table->has_entries = true;
    add_pointer(&table->patterns, pattern, pattern_free_void);
}

void table_include(struct table *table, const struct table *other) {
    table->has_entries = true;
    add_pointer(&table->included, (struct table *)other, NULL);
}

static struct table *need_excluded(struct table *table) {
    if (table->excluded == NULL)
        table->excluded = table_new(NULL, table->type);
    return table->excluded;
}

char *table_exclude(struct table *table, const char *entry) {
    return table_add(need_excluded(table), entry);
}

void table_exclude_table(struct table *table, const struct table *other) {
    table_include(need_excluded(table), other);
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
    for (guint i = 0; i < pointers_count(table->patterns) && result == TABLE_NO; i++)
        result = pattern_match(table->patterns->pdata[i], probe, captures);
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
