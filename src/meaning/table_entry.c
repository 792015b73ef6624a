/* SPDX-License-Identifier: ISC */
/* How an entry of a table is read, by the type of the table. */
#include <string.h>

#include "dragoman/pattern.h"
#include "dragoman/text.h"
#include "table_parts.h"

/* --- where entries go ------------------------------------------------------------------------- */

static void add_key(struct table *table, enum key_form form, const char *text, size_t length) {
    struct key key = {form, {text, length}};
    if (table->keys == NULL)
        table->keys = key_set_new();
    key_set_add(table->keys, &key);
}

static void add_text(struct table *table, enum key_form form, const char *text) {
    add_key(table, form, text, strlen(text));
}

static void pattern_free_void(void *pattern) {
    pattern_free(pattern);
}

static void glob_free(void *glob) {
    g_pattern_spec_free(glob);
}

static void add_pointer(GPtrArray **pointers, void *pointer, GDestroyNotify free_pointer) {
    if (*pointers == NULL)
        *pointers = g_ptr_array_new_with_free_func(free_pointer);
    g_ptr_array_add(*pointers, pointer);
}

static void add_range(GArray **ranges, const void *range, guint size) {
    if (*ranges == NULL)
        *ranges = g_array_new(FALSE, FALSE, size);
    g_array_append_vals(*ranges, range, 1);
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
