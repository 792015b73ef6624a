/* SPDX-License-Identifier: ISC */
#include "phrase_set.h"

#include <string.h>

/* Octets that stand in no phrase share class 0. */
struct phrase_set {
    uint8_t class_of[256];
    unsigned classes;
    uint16_t *next;  /* state × class: the state that follows */
    uint16_t *kinds; /* of the phrases that end in a state */
    unsigned states;
};

static void classify(struct phrase_set *set, const struct phrase_list *lists, size_t count) {
    set->classes = 1;
    for (size_t list = 0; list < count; list++)
        for (size_t i = 0; i < lists[list].count; i++)
            for (const char *at = lists[list].phrases[i]; *at != '\0'; at++)
                if (set->class_of[(uint8_t)*at] == 0)
                    set->class_of[(uint8_t)*at] = (uint8_t)set->classes++;
    for (uint8_t letter = 'a'; letter <= 'z'; letter++)
        set->class_of[letter - 'a' + 'A'] = set->class_of[letter];
}

static size_t octets_of(const struct phrase_list *lists, size_t count) {
    size_t octets = 1;
    for (size_t list = 0; list < count; list++)
        for (size_t i = 0; i < lists[list].count; i++)
            octets += strlen(lists[list].phrases[i]);
    return octets;
}

static void add_phrase(struct phrase_set *set, const char *phrase, uint16_t kind) {
    unsigned state = 0;
    for (; *phrase != '\0'; phrase++) {
        uint16_t *next = &set->next[state * set->classes + set->class_of[(uint8_t)*phrase]];
        if (*next == 0)
            *next = (uint16_t)set->states++;
        state = *next;
    }
    set->kinds[state] |= kind;
}

/* Completes the tree: where it has no branch, the walk goes on in the longest suffix that is the
 * beginning of a phrase. States are numbered so that a queue visits the short ones first. */
static void link_suffixes(struct phrase_set *set) {
    g_autofree uint16_t *suffix = g_new0(uint16_t, set->states);
    g_autofree uint16_t *queue = g_new0(uint16_t, set->states);
    unsigned head = 0, tail = 0;
    for (unsigned class = 0; class < set->classes; class ++)
        if (set->next[class] != 0)
            queue[tail++] = set->next[class];
    while (head < tail) {
        unsigned state = queue[head++];
        uint16_t *row = set->next + state * set->classes;
        const uint16_t *fallback = set->next + suffix[state] * set->classes;
        set->kinds[state] |= set->kinds[suffix[state]];
        for (unsigned class = 0; class < set->classes; class ++) {
            if (row[class] == 0) {
                row[class] = fallback[class];
            } else {
                suffix[row[class]] = fallback[class];
                queue[tail++] = row[class];
            }
        }
    }
}

struct phrase_set *phrase_set_new(const struct phrase_list *lists, size_t count) {
    struct phrase_set *set = g_new0(struct phrase_set, 1);
    size_t octets = octets_of(lists, count);
    g_assert(octets <= UINT16_MAX && count <= 16);
    classify(set, lists, count);
    set->next = g_new0(uint16_t, octets * set->classes);
    set->kinds = g_new0(uint16_t, octets);
    set->states = 1;
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
        state = set->next[state * set->classes + set->class_of[(uint8_t)text.text[i]]];
        found |= set->kinds[state];
    }
    return found;
}
