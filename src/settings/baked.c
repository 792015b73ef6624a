/* SPDX-License-Identifier: ISC */
#include "baked.h"

#include <stdlib.h>
#include <string.h>

#include "embedded.h"

const struct baked_file *baked_find(const char *name) {
    for (const struct baked_file *file = baked_files; file->name != NULL; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

const struct baked_file *baked_find_content(const char *content, size_t length) {
    for (const struct embedded_file *file = embedded_files; file->name != NULL; file++)
        if (file->length == length && memcmp(file->text, content, length) == 0)
            return baked_find(file->name);
    return NULL;
}

static int compare_expression(const void *key, const void *row) {
    return strcmp(key, ((const struct baked_pattern *)row)->expression);
}

const struct baked_pattern *baked_find_pattern(const char *expression) {
    return bsearch(expression, baked_patterns, baked_pattern_count, sizeof baked_patterns[0],
                   compare_expression);
}
