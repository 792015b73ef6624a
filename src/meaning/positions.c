/* SPDX-License-Identifier: ISC */
#include "positions.h"

static int compare(const void *a, const void *b) {
    guint left = *(const guint *)a, right = *(const guint *)b;
    return (left > right) - (left < right);
}

void positions_order(GArray *positions) {
    guint kept = 0;
    g_array_sort(positions, compare);
    for (guint i = 0; i < positions->len; i++) {
        guint position = g_array_index(positions, guint, i);
        if (kept == 0 || g_array_index(positions, guint, kept - 1) != position)
            g_array_index(positions, guint, kept++) = position;
    }
    g_array_set_size(positions, kept);
}
