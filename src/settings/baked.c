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

const uint16_t *baked_pieces(uint32_t expression) {
    return expression > 0 ? baked_patterns.pieces + baked_patterns.rows[expression - 1].pieces
                          : NULL;
}

static int compare_expression(const void *key, const void *row) {
    const struct baked_pattern *pattern = row;
    return strcmp(key, baked_patterns.expressions + pattern->expression);
}

struct pattern *baked_restore_pattern(const char *expression) {
    const struct baked_pattern *row = bsearch(expression, baked_patterns.rows, baked_patterns.count,
                                              sizeof *row, compare_expression);
    /* All of them have been compiled by the same version. */
    if (row == NULL || !pattern_can_restore(baked_patterns.octets))
        return NULL;
    return pattern_restore(baked_patterns.octets + row->octets,
                           baked_patterns.pieces + row->pieces);
}
