/* SPDX-License-Identifier: ISC */
#include "dragoman/pattern_index.h"

#include <string.h>

#include "dragoman/pattern.h"
#include "positions.h"

enum { GRAMS = 1 << GRAM_BITS, WORD_BITS = 64 };

struct pattern_index {
    const GPtrArray *patterns;
    guint starts[GRAMS + 1]; /* where the positions of a gram begin in `listed` */
    guint *listed;
    GArray *always; /* guint */
};

struct listing {
    uint16_t gram;
    guint position;
};

/* The grams under which each pattern is listed; the rarest, so that the lists stay short. */
static GArray *list_patterns(struct pattern_index *index) {
    g_autofree unsigned *counts = g_new0(unsigned, GRAMS);
    g_autoptr(GArray) chosen = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    GArray *listings = g_array_new(FALSE, FALSE, sizeof(struct listing));
    for (guint i = 0; i < index->patterns->len; i++) {
        g_array_set_size(chosen, 0);
        if (!pieces_choose_grams(pattern_pieces(index->patterns->pdata[i]), counts, chosen))
            g_array_append_val(index->always, i);
        for (guint j = 0; j < chosen->len; j++) {
            struct listing listing = {g_array_index(chosen, uint16_t, j), i};
            counts[listing.gram]++;
            g_array_append_val(listings, listing);
        }
    }
    return listings;
}

static int compare_listings(const void *a, const void *b) {
    const struct listing *left = a, *right = b;
    if (left->gram != right->gram)
        return left->gram < right->gram ? -1 : 1;
    return (left->position > right->position) - (left->position < right->position);
}

struct pattern_index *pattern_index_new(const GPtrArray *patterns) {
    struct pattern_index *index = g_new0(struct pattern_index, 1);
    index->patterns = patterns;
    index->always = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) listings = list_patterns(index);
    g_array_sort(listings, compare_listings);
    index->listed = g_new(guint, listings->len);
    for (guint i = 0; i < listings->len; i++) {
        const struct listing *listing = &g_array_index(listings, struct listing, i);
        index->listed[i] = listing->position;
        index->starts[listing->gram + 1] = i + 1;
    }
    for (guint gram = 1; gram <= GRAMS; gram++)
        index->starts[gram] = MAX(index->starts[gram], index->starts[gram - 1]);
    return index;
}

void pattern_index_free(struct pattern_index *index) {
    if (index == NULL)
        return;
    g_array_unref(index->always);
    g_free(index->listed);
    g_free(index);
}

static void add_allowed(const struct pattern_index *index, const struct grams *grams, guint gram,
                        GArray *found) {
    for (guint i = index->starts[gram]; i < index->starts[gram + 1]; i++) {
        guint position = index->listed[i];
        if (grams_allow(grams, pattern_pieces(index->patterns->pdata[position])))
            g_array_append_val(found, position);
    }
}

GArray *pattern_index_candidates(const struct pattern_index *index, const struct grams *grams) {
    if (grams->any)
        return NULL;
    GArray *found = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(found, index->always->data, index->always->len);
    for (guint first = 0; first < GRAMS; first += WORD_BITS) {
        guint64 word;
        memcpy(&word, grams->bits + first / 8, sizeof word);
        for (guint64 left = GUINT64_FROM_LE(word); left != 0; left &= left - 1)
            add_allowed(index, grams, first + (guint)__builtin_ctzll(left), found);
    }
    positions_order(found);
    return found;
}
