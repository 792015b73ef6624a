/* SPDX-License-Identifier: ISC */
/* Writes phrases_baked.c: the automaton that finds the phrases. It is run when the program is
 * built. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "phrase_lists.h"
#include "phrase_set.h"

/* A set that grows: `set` reads the states that are written here. */
struct growth {
    struct phrase_set set;
    struct phrase_state *states;
    unsigned count;
};

static size_t count_octets(void) {
    size_t octets = 0;
    for (size_t kind = 0; kind < PHRASE_KIND_COUNT; kind++)
        for (size_t i = 0; i < phrase_lists[kind].count; i++)
            octets += strlen(phrase_lists[kind].phrases[i]);
    return octets;
}

static unsigned add_state(struct growth *growth, unsigned parent, char octet) {
    unsigned state = growth->count++;
    growth->states[state].octet = (uint8_t)octet;
    if (parent == 0) {
        growth->set.root[(uint8_t)octet] = (uint16_t)state;
    } else {
        growth->states[state].sibling = growth->states[parent].first;
        growth->states[parent].first = (uint16_t)state;
    }
    return state;
}

static void add_phrase(struct growth *growth, const char *phrase, unsigned kind) {
    unsigned state = 0;
    for (; *phrase != '\0'; phrase++) {
        unsigned next = phrase_set_next(&growth->set, state, *phrase);
        state = next != 0 ? next : add_state(growth, state, *phrase);
    }
    growth->states[state].kinds |= (uint16_t)(1U << kind);
}

/* A queue visits the short beginnings first, so that the suffixes of a state are linked before it.
 */
static void link_suffixes(struct growth *growth) {
    g_autofree unsigned *queue = g_new(unsigned, growth->count);
    unsigned head = 0, tail = 0;
    for (unsigned octet = 0; octet < G_N_ELEMENTS(growth->set.root); octet++)
        if (growth->set.root[octet] != 0)
            queue[tail++] = growth->set.root[octet];
    while (head < tail) {
        const struct phrase_state *state = &growth->states[queue[head++]];
        for (unsigned next = state->first; next != 0; next = growth->states[next].sibling) {
            struct phrase_state *follower = &growth->states[next];
            follower->suffix =
                (uint16_t)phrase_set_walk(&growth->set, state->suffix, (char)follower->octet);
            follower->kinds |= growth->states[follower->suffix].kinds;
            queue[tail++] = next;
        }
    }
}

static void grow(struct growth *growth) {
    size_t octets = count_octets();
    g_assert(octets < UINT16_MAX && PHRASE_KIND_COUNT <= 16);
    growth->states = g_new0(struct phrase_state, octets + 1);
    growth->set.states = growth->states;
    growth->count = 1;
    for (unsigned kind = 0; kind < PHRASE_KIND_COUNT; kind++)
        for (size_t i = 0; i < phrase_lists[kind].count; i++)
            add_phrase(growth, phrase_lists[kind].phrases[i], kind);
    link_suffixes(growth);
}

static void print(const struct growth *growth) {
    printf("/* Made by src/bounce/phrase_bake; do not edit. */\n#include \"phrase_set.h\"\n\n"
           "static const struct phrase_state states[] = {\n");
    for (unsigned i = 0; i < growth->count; i++) {
        const struct phrase_state *state = &growth->states[i];
        printf("    {%u, %u, %u, %u, %u},\n", state->first, state->sibling, state->suffix,
               state->kinds, state->octet);
    }
    printf("};\nconst struct phrase_set phrases_baked = {states, {");
    for (unsigned octet = 0; octet < G_N_ELEMENTS(growth->set.root); octet++)
        printf("%u, ", growth->set.root[octet]);
    printf("}};\n");
}

int main(void) {
    struct growth growth = {0};
    grow(&growth);
    print(&growth);
    g_free(growth.states);
    return 0;
}
