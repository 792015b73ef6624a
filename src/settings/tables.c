/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "baked.h"
#include "dragoman/pattern.h"
#include "dragoman/text.h"
#include "loader.h"

/* A bad table file should not fill the screen. */
enum { FILE_COMPLAINTS_MAX = 20 };

/* --- tables of the policy --------------------------------------------------------------------- */

static const char *type_name(const void *known, size_t index) {
    (void)known;
    return table_type_name((enum table_type)index);
}

static bool read_type(struct loader *loader, const struct section *section, enum table_type *type) {
    const char *name = section_text(section, "type");
    *type = name != NULL ? table_type_from_name(name) : TABLE_TYPE_COUNT;
    if (*type < TABLE_NUMBER)
        return true;
    g_autofree char *hint =
        text_did_you_mean(name != NULL ? text_nearest(name, NULL, TABLE_NUMBER, type_name) : NULL);
    loader_error(loader, section_place(section, "type"),
                 "table \"%s\" has no valid `type`; write address, domain, cidr, string or regex%s",
                 section_title(section), hint);
    return false;
}

static void load_inline_values(struct loader *loader, const struct section *section,
                               struct table *table) {
    for (size_t i = 0; i < section_count(section, "values"); i++) {
        g_autofree char *why = table_add(table, section_item(section, "values", i));
        if (why != NULL)
            loader_error(loader, section_item_place(section, "values", i), "%s", why);
    }
}

/* A line of a table file: an entry, with a comment behind "#" where a blank stands before it. The
 * line itself is cut, since copying a million of them takes its time. */
static char *entry_of_line(char *entry, size_t length) {
    entry[length] = '\0';
    for (char *hash = strchr(entry, '#'); hash != NULL; hash = strchr(hash + 1, '#'))
        if (hash == entry || g_ascii_isspace(hash[-1])) {
            *hash = '\0';
            break;
        }
    return g_strstrip(entry);
}

static bool is_text(const char *content, size_t length) {
    return g_utf8_validate(content, (gssize)length, NULL);
}

static char *add_line(struct table *table, const char *entry) {
    return *entry != '\0' ? table_add(table, entry) : NULL;
}

static void load_lines(struct loader *loader, struct table *table, const char *file, char *content,
                       size_t length) {
    struct place place = {g_intern_string(file), 0};
    unsigned complaints = 0;
    for (char *line = content, *end = content + length; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t octets = newline != NULL ? (size_t)(newline - line) : (size_t)(end - line);
        g_autofree char *why = NULL;
        place.line++;
        if (is_text(line, octets))
            why = add_line(table, entry_of_line(line, octets));
        else
            why = g_strdup("the line is not UTF-8 text; save the file in UTF-8");
        if (why != NULL && ++complaints <= FILE_COMPLAINTS_MAX)
            loader_error(loader, place, "%s", why);
        line += octets + 1;
    }
    if (complaints > FILE_COMPLAINTS_MAX)
        loader_error(loader, place, "%u more lines of this table are wrong; is its `type` right?",
                     complaints - FILE_COMPLAINTS_MAX);
}

static void load_table_file(struct loader *loader, const struct item *item, struct table *table) {
    const char *name = section_text(&item->section, "file");
    size_t length;
    if (name == NULL)
        return;
    g_autofree char *file = source_resolve(item->source->folder, name);
    g_autofree char *content =
        source_content(file, section_place(&item->section, "file"), &length, loader->complaints);
    if (content != NULL)
        load_lines(loader, table, file, content, length);
}

static void load_table(struct loader *loader, const struct item *item) {
    const struct section *section = &item->section;
    enum table_type type = TABLE_STRING;
    if (section_title(section) == NULL || !section_is_read(section))
        return;
    if (!read_type(loader, section, &type))
        type = TABLE_STRING; /* so that rules which name the table need not complain as well */
    struct table *table = table_new(section_title(section), type);
    if (section_count(section, "file") == 0 && section_count(section, "values") == 0)
        loader_error(loader, section->place,
                     "table \"%s\" has neither `file` nor `values`; write one of them",
                     section_title(section));
    load_inline_values(loader, section, table);
    load_table_file(loader, item, table);
    policy_add_table(loader->settings->snapshot->policy, table);
}

void load_tables(struct loader *loader) {
    loader_each(loader, "table", load_table);
}

/* --- lists of conditions ---------------------------------------------------------------------- */

/* Which tables a list of this type can name. An address is compared with networks in no table. */
static bool types_fit(enum table_type list, enum table_type named) {
    if (list == named || named == TABLE_REGEX)
        return list != TABLE_NUMBER && list != TABLE_FLAG && (list != TABLE_CIDR || list == named);
    return named == TABLE_STRING && (list == TABLE_ADDRESS || list == TABLE_DOMAIN);
}

static void load_table_name(struct loader *loader, struct place place, const char *name,
                            bool excluded, struct table *table) {
    const struct policy *policy = loader->settings->snapshot->policy;
    const struct table *named = policy_find_table(policy, name);
    if (named == NULL) {
        g_autofree char *hint = text_did_you_mean(policy_nearest_table(policy, name));
        loader_error(loader, place, "there is no table \"%s\"%s", name, hint);
    } else if (!types_fit(table_type(table), table_type(named))) {
        loader_error(loader, place,
                     "table \"%s\" is of type %s, which this fact cannot be compared with; use one "
                     "of type %s",
                     name, table_type_name(table_type(named)), table_type_name(table_type(table)));
    } else if (excluded) {
        table_exclude_table(table, named);
    } else {
        table_include(table, named);
    }
}

/* A regular expression of a shipped file has been compiled when the program was built. */
static bool add_baked_pattern(struct table *table, const char *entry) {
    struct pattern *pattern = *entry == '~' ? baked_restore_pattern(entry + 1) : NULL;
    if (pattern != NULL)
        table_add_pattern(table, pattern);
    return pattern != NULL;
}

static void load_value(struct loader *loader, struct place place, const char *value,
                       struct table *table) {
    bool excluded = *value == '!';
    const char *entry = excluded ? value + 1 : value;
    if (*entry == '@') {
        load_table_name(loader, place, entry + 1, excluded, table);
        return;
    }
    if (!excluded && add_baked_pattern(table, entry))
        return;
    g_autofree char *why = excluded ? table_exclude(table, entry) : table_add(table, entry);
    if (why != NULL)
        loader_error(loader, place, "%s", why);
}

void load_values(struct loader *loader, const struct section *section, const char *option,
                 struct table *table) {
    size_t count = section_count(section, option);
    if (count == 0)
        loader_error(loader, section_place(section, option),
                     "the list of `%s` is empty; write at least one value, or leave it out",
                     option);
    for (size_t i = 0; i < count; i++)
        load_value(loader, section_item_place(section, option, i), section_item(section, option, i),
                   table);
}
