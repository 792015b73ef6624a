/* SPDX-License-Identifier: ISC */
/*
 * A key is a form in which a value can be listed: the address user@mail.example.com is found
 * under itself, under its domain, under the parents of the domain and under user@. Whoever looks a
 * value up walks over its keys, so that no list is ever searched.
 */
#ifndef DRAGOMAN_KEY_H
#define DRAGOMAN_KEY_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/address.h"

enum key_form {
    KEY_WHOLE,         /* the value itself */
    KEY_PARENT,        /* a domain of which the value is a proper subdomain: *.example.com */
    KEY_DOMAIN,        /* the domain of the address: example.com, *@example.com */
    KEY_DOMAIN_PARENT, /* a parent of that domain: *@*.example.com */
    KEY_LOCAL          /* the local part of the address: user@ */
};

struct key {
    enum key_form form;
    struct slice slice; /* compared without regard to case (ASCII) */
};

/* For a GHashTable of struct key. */
guint key_hash(gconstpointer key);
gboolean key_equal(gconstpointer a, gconstpointer b);

/*
 * A set of keys, ignoring case, that copies what is added; a million addresses take 50 octets each.
 * Once nothing is added any more, it may be read by many threads.
 */
struct key_set;

struct key_set *key_set_new(void);
void key_set_free(struct key_set *set);
void key_set_add(struct key_set *set, const struct key *key);
bool key_set_contains(const struct key_set *set, const struct key *key);
/* The text of a key that is visited lives until something is added to the set. */
void key_set_each(const struct key_set *set, void (*visit)(const struct key *key, void *context),
                  void *context);

/* What kind of value is walked over. */
enum key_kind { KEYS_OF_TEXT, KEYS_OF_DOMAIN, KEYS_OF_ADDRESS };

/* A walk over the keys of a value; nothing is copied. */
struct key_walk {
    enum key_kind kind;
    int step;
    struct slice value;
    struct slice rest; /* of the domain whose parents are walked over */
};

struct key_walk key_walk_begin(enum key_kind kind, const char *value);
/* The next key; false at the end. */
bool key_walk_next(struct key_walk *walk, struct key *key);

#endif
