/* SPDX-License-Identifier: ISC */
#include "main_cf.h"

#include <string.h>

struct main_cf {
    GPtrArray *parameters; /* struct parameter, in the order of the file */
    GHashTable *by_name;   /* the last of each name */
};

/* Deeper than any real configuration; ends what goes round in circles. */
enum { EXPANSION_DEPTH_MAX = 20 };

static void parameter_free(void *data) {
    struct parameter *parameter = data;
    g_free(parameter->name);
    g_free(parameter->value);
    g_free(parameter);
}

static bool is_name(const char *name) {
    return *name != '\0' &&
           strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-./:[]") == strlen(name);
}

/* A logical line "name = value" becomes a parameter. */
static void take_line(struct main_cf *cf, char *line, struct place place,
                      struct complaints *complaints) {
    char *equals = strchr(line, '=');
    if (equals != NULL)
        *equals = '\0';
    g_strstrip(line);
    if (equals == NULL || !is_name(line)) {
        complain(complaints, SEVERITY_ERROR, place,
                 "this is no line of a main.cf; write: name = value");
        return;
    }
    struct parameter *parameter = g_new0(struct parameter, 1);
    parameter->name = g_strdup(line);
    parameter->value = g_strstrip(g_strdup(equals + 1));
    parameter->place = place;
    g_ptr_array_add(cf->parameters, parameter);
    g_hash_table_replace(cf->by_name, parameter->name, parameter);
}

struct main_cf *main_cf_new(void) {
    struct main_cf *cf = g_new0(struct main_cf, 1);
    cf->parameters = g_ptr_array_new_with_free_func(parameter_free);
    cf->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return cf;
}

/* A line that begins with a blank continues the one before; comments may stand between them. */
void main_cf_read(struct main_cf *cf, const char *text, const char *file,
                  struct complaints *complaints) {
    struct place place = {g_intern_string(file), 0};
    g_autoptr(GString) logical = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        const char *first = lines[i] + strspn(lines[i], " \t\r");
        if (*first == '\0' || *first == '#')
            continue;
        if (first == lines[i]) {
            if (logical->len > 0)
                take_line(cf, logical->str, place, complaints);
            g_string_truncate(logical, 0);
            place.line = i + 1;
        }
        g_string_append_printf(logical, " %s", g_strchomp(lines[i]));
    }
    if (logical->len > 0)
        take_line(cf, logical->str, place, complaints);
}

void main_cf_free(struct main_cf *cf) {
    if (cf == NULL)
        return;
    g_hash_table_unref(cf->by_name);
    g_ptr_array_unref(cf->parameters);
    g_free(cf);
}

const struct parameter *main_cf_find(const struct main_cf *cf, const char *name) {
    return g_hash_table_lookup(cf->by_name, name);
}

const struct parameter *main_cf_at(const struct main_cf *cf, size_t index) {
    return index < cf->parameters->len ? cf->parameters->pdata[index] : NULL;
}

/* --- values ----------------------------------------------------------------------------------- */

static void expand(const struct main_cf *cf, const char *value, int depth, GString *out);

/* The name behind a '$', in braces or not; the length of both, 0 where it is no plain name. */
static size_t read_name(const char *text, char **name) {
    bool braced = *text == '{' || *text == '(';
    const char *start = text + braced;
    size_t length = strspn(start, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");
    if (length == 0 || (braced && strchr("})", start[length]) == NULL) || start[length] == '?')
        return 0;
    *name = g_strndup(start, length);
    return length + (braced ? 2 : 0);
}

static size_t expand_name(const struct main_cf *cf, const char *text, int depth, GString *out) {
    g_autofree char *name = NULL;
    size_t length = read_name(text, &name);
    const struct parameter *parameter = length > 0 ? main_cf_find(cf, name) : NULL;
    if (parameter != NULL && depth < EXPANSION_DEPTH_MAX)
        expand(cf, parameter->value, depth + 1, out);
    else /* a default of Postfix, or a condition: left as it is */
        g_string_append_printf(out, "$%.*s", (int)length, text);
    return length;
}

static void expand(const struct main_cf *cf, const char *value, int depth, GString *out) {
    for (const char *at = value; *at != '\0'; at++) {
        if (*at != '$')
            g_string_append_c(out, *at);
        else if (at[1] == '$')
            g_string_append_c(out, *at++);
        else
            at += expand_name(cf, at + 1, depth, out);
    }
}

char *main_cf_expand(const struct main_cf *cf, const char *value) {
    g_autoptr(GString) out = g_string_new(NULL);
    expand(cf, value, 0, out);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *main_cf_value(const struct main_cf *cf, const char *name, const char *otherwise) {
    const struct parameter *parameter = main_cf_find(cf, name);
    return parameter != NULL ? main_cf_expand(cf, parameter->value) : g_strdup(otherwise);
}

static size_t item_length(const char *text) {
    size_t length = 0, depth = 0;
    while (text[length] != '\0') {
        char c = text[length];
        if (depth == 0 && strchr(" \t,", c) != NULL)
            break;
        if (c == '{')
            depth++;
        else if (c == '}' && depth > 0)
            depth--;
        length++;
    }
    return length;
}

GStrv main_cf_items(const char *value) {
    GPtrArray *items = g_ptr_array_new();
    for (value += strspn(value, " \t,"); *value != '\0'; value += strspn(value, " \t,")) {
        size_t length = item_length(value);
        g_ptr_array_add(items, g_strndup(value, length));
        value += length;
    }
    g_ptr_array_add(items, NULL);
    return (GStrv)g_ptr_array_free(items, FALSE);
}

unsigned main_cf_seconds(const char *value, unsigned otherwise) {
    static const struct {
        const char *unit;
        unsigned seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
    char *unit;
    guint64 number = value != NULL ? g_ascii_strtoull(value, &unit, 10) : 0;
    if (value == NULL || unit == value || number > G_MAXUINT / 604800)
        return otherwise;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_ascii_strcasecmp(unit, units[i].unit) == 0)
            return (unsigned)number * units[i].seconds;
    return *unit == '\0' ? (unsigned)number : otherwise;
}
