/* SPDX-License-Identifier: ISC */
#include "phrase_set.h"

#include <glib.h>
#include <string.h>

/* A state is what has been read of a phrase. Its continuations are a list, for most have one; those
 * of the root, which almost every octet of a text asks for, are a table. */
struct state {
    uint16_t first;   /* continuation, 0: none */
    uint16_t sibling; /* the next continuation of the state before, 0: none */
    uint16_t suffix;  /* the longest suffix that is the beginning of a phrase */
    uint16_t kinds;   /* of the phrases that end here */
    char octet;       /* what leads here */
};

struct phrase_set {
    struct state *states; /* the root is 0 */
    unsigned count;
    uint16_t root[256];
};

static size_t octets_of(const struct phrase_list *lists, size_t count) {
    size_t octets = 1;
    for (size_t list = 0; list < count; list++)
        for (size_t i = 0; i < lists[list].count; i++)
            octets += strlen(lists[list].phrases[i]);
    return octets;
}

/* The state that follows on an octet in lower case, 0 if there is none. */
static unsigned next_state(const struct phrase_set *set, unsigned state, char octet) {
    if (state == 0)
        return set->root[(uint8_t)octet];
    unsigned next = set->states[state].first;
    while (next != 0 && set->states[next].octet != octet)
        next = set->states[next].sibling;
    return next;
}

static unsigned add_state(struct phrase_set *set, unsigned parent, char octet) {
    unsigned state = set->count++;
    set->states[state].octet = octet;
    if (parent == 0) {
        set->root[(uint8_t)octet] = (uint16_t)state;
    } else {
        set->states[state].sibling = set->states[parent].first;
        set->states[parent].first = (uint16_t)state;
    }
    return state;
}

static void add_phrase(struct phrase_set *set, const char *phrase, uint16_t kind) {
    unsigned state = 0;
    for (; *phrase != '\0'; phrase++) {
        unsigned next = next_state(set, state, *phrase);
        state = next != 0 ? next : add_state(set, state, *phrase);
    }
    set->states[state].kinds |= kind;
}

/* Where the walk goes on from a state: the longest of its suffixes that has this continuation. */
static unsigned walk(const struct phrase_set *set, unsigned state, char octet) {
    unsigned next = next_state(set, state, octet);
    while (next == 0 && state != 0) {
        state = set->states[state].suffix;
        next = next_state(set, state, octet);
    }
    return next;
}

/* A queue visits the short beginnings first, so that the suffixes of a state are linked before it.
 */
static void link_suffixes(struct phrase_set *set) {
    g_autofree uint16_t *queue = g_new(uint16_t, set->count);
    unsigned head = 0, tail = 0;
    for (unsigned octet = 0; octet < G_N_ELEMENTS(set->root); octet++)
        if (set->root[octet] != 0)
            queue[tail++] = set->root[octet];
    while (head < tail) {
        const struct state *state = &set->states[queue[head++]];
        for (unsigned next = state->first; next != 0; next = set->states[next].sibling) {
            struct state *follower = &set->states[next];
            follower->suffix = (uint16_t)walk(set, state->suffix, follower->octet);
            follower->kinds |= set->states[follower->suffix].kinds;
            queue[tail++] = (uint16_t)next;
        }
    }
}

struct phrase_set *phrase_set_new(const struct phrase_list *lists, size_t count) {
    struct phrase_set *set = g_new0(struct phrase_set, 1);
    size_t octets = octets_of(lists, count);
    g_assert(octets <= UINT16_MAX && count <= 16);
    set->states = g_new0(struct state, octets);
    set->count = 1;
    for (size_t list = 0; list < count; list++)
        for (size_t i = 0; i < lists[list].count; i++)
            add_phrase(set, lists[list].phrases[i], (uint16_t)(1U << list));
    link_suffixes(set);
    return set;
}

uint16_t phrase_set_find(const struct phrase_set *set, struct slice text) {
    unsigned state = 0;
    uint16_t found = 0;
    for (size_t i = 0; i < text.length; i++) {
        state = walk(set, state, g_ascii_tolower(text.text[i]));
        found |= set->states[state].kinds;
    }
    return found;
}
