/* SPDX-License-Identifier: ISC */
#include "dragoman/key.h"

#include <string.h>

guint key_hash(gconstpointer data) {
    const struct key *key = data;
    guint hash = 5381 + (guint)key->form;
    for (size_t i = 0; i < key->slice.length; i++)
        hash = hash * 33 + (guchar)g_ascii_tolower(key->slice.text[i]);
    return hash;
}

gboolean key_equal(gconstpointer a, gconstpointer b) {
    const struct key *left = a, *right = b;
    return left->form == right->form && left->slice.length == right->slice.length &&
           g_ascii_strncasecmp(left->slice.text, right->slice.text, left->slice.length) == 0;
}

struct key_walk key_walk_begin(enum key_kind kind, const char *value) {
    return (struct key_walk){.kind = kind, .value = {value, strlen(value)}};
}

/* Takes the first label off what is left of the domain; false where it was the last one. */
static bool next_parent(struct slice *rest) {
    const char *dot = rest->length > 0 ? memchr(rest->text, '.', rest->length) : NULL;
    if (dot == NULL)
        return false;
    rest->length -= (size_t)(dot + 1 - rest->text);
    rest->text = dot + 1;
    return true;
}

enum step { STEP_WHOLE, STEP_LOCAL, STEP_DOMAIN, STEP_PARENTS };

static bool next_of_address(struct key_walk *walk, struct key *key) {
    switch (walk->step++) {
    case STEP_WHOLE:
        *key = (struct key){KEY_WHOLE, walk->value};
        return true;
    case STEP_LOCAL:
        *key = (struct key){KEY_LOCAL, mailbox_local_part(walk->value)};
        return true;
    case STEP_DOMAIN:
        walk->rest = mailbox_domain(walk->value);
        *key = (struct key){KEY_DOMAIN, walk->rest};
        return true;
    default:
        if (!next_parent(&walk->rest))
            return false;
        *key = (struct key){KEY_DOMAIN_PARENT, walk->rest};
        return true;
    }
}

bool key_walk_next(struct key_walk *walk, struct key *key) {
    if (walk->kind == KEYS_OF_ADDRESS)
        return next_of_address(walk, key);
    if (walk->step++ == STEP_WHOLE) {
        walk->rest = walk->value;
        *key = (struct key){KEY_WHOLE, walk->value};
        return true;
    }
    bool found = walk->kind == KEYS_OF_DOMAIN && next_parent(&walk->rest);
    *key = (struct key){KEY_PARENT, walk->rest};
    return found;
}
