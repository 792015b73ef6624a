/* SPDX-License-Identifier: ISC */
#include "dragoman/complaint.h"

#include <string.h>

struct complaints {
    GPtrArray *list;
    GPtrArray *files; /* interned names, in the order of first mention */
};

static void complaint_free(void *data) {
    struct complaint *complaint = data;
    g_free(complaint->text);
    g_free(complaint);
}

struct complaints *complaints_new(void) {
    struct complaints *complaints = g_new0(struct complaints, 1);
    complaints->list = g_ptr_array_new_with_free_func(complaint_free);
    complaints->files = g_ptr_array_new();
    return complaints;
}

void complaints_free(struct complaints *complaints) {
    if (complaints == NULL)
        return;
    g_ptr_array_unref(complaints->list);
    g_ptr_array_unref(complaints->files);
    g_free(complaints);
}

void complain(struct complaints *complaints, enum severity severity, struct place place,
              const char *format, ...) {
    struct complaint *complaint = g_new0(struct complaint, 1);
    complaint->severity = severity;
    complaint->place.file = g_intern_string(place.file);
    complaint->place.line = place.line;
    va_list arguments;
    va_start(arguments, format);
    complaint->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(complaints->list, complaint);
    if (!g_ptr_array_find(complaints->files, complaint->place.file, NULL))
        g_ptr_array_add(complaints->files, (char *)complaint->place.file);
}

size_t complaints_count(const struct complaints *complaints, enum severity severity) {
    size_t count = 0;
    for (guint i = 0; i < complaints->list->len; i++)
        count += complaints_at(complaints, i)->severity == severity;
    return count;
}

static guint file_rank(const struct complaints *complaints, const struct complaint *complaint) {
    guint rank = 0;
    g_ptr_array_find(complaints->files, complaint->place.file, &rank);
    return rank;
}

static int compare_places(const void *a, const void *b, void *data) {
    const struct complaint *left = *(struct complaint *const *)a;
    const struct complaint *right = *(struct complaint *const *)b;
    guint left_rank = file_rank(data, left), right_rank = file_rank(data, right);
    if (left_rank != right_rank)
        return left_rank < right_rank ? -1 : 1;
    return (left->place.line > right->place.line) - (left->place.line < right->place.line);
}

void complaints_sort(struct complaints *complaints) {
    /* g_ptr_array_sort_with_data() is stable: equal places keep their order. */
    g_ptr_array_sort_with_data(complaints->list, compare_places, complaints);
}

const struct complaint *complaints_at(const struct complaints *complaints, size_t index) {
    return index < complaints->list->len ? complaints->list->pdata[index] : NULL;
}

char *complaint_print(const struct complaint *complaint) {
    static const char *const severities[] = {"note", "warning", "error"};
    const char *severity = severities[complaint->severity];
    const struct place *place = &complaint->place;
    if (place->line == 0)
        return g_strdup_printf("%s: %s: %s", place->file, severity, complaint->text);
    return g_strdup_printf("%s:%u: %s: %s", place->file, place->line, severity, complaint->text);
}

bool complaints_print(const struct complaints *complaints, FILE *out) {
    for (guint i = 0; i < complaints->list->len; i++) {
        g_autofree char *line = complaint_print(complaints_at(complaints, i));
        fprintf(out, "%s\n", line);
    }
    return complaints_count(complaints, SEVERITY_ERROR) > 0;
}
