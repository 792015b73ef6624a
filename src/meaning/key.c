/* SPDX-License-Identifier: ISC */
#include "dragoman/key.h"

#include <string.h>

static guint lower(char octet) {
    guint value = (guchar)octet;
    return value - 'A' < 26 ? value + ('a' - 'A') : value;
}

guint key_hash(gconstpointer data) {
    const struct key *key = data;
    guint hash = 5381 + (guint)key->form;
    for (size_t i = 0; i < key->slice.length; i++)
        hash = hash * 33 + lower(key->slice.text[i]);
    return hash;
}

gboolean key_equal(gconstpointer a, gconstpointer b) {
    const struct key *left = a, *right = b;
    return left->form == right->form && left->slice.length == right->slice.length &&
           (left->slice.length == 0 || /* then there may be no text */
            g_ascii_strncasecmp(left->slice.text, right->slice.text, left->slice.length) == 0);
}

/* --- sets ------------------------------------------------------------------------------------- */

/* Where a key is found: open addressing, at most two thirds full. */
struct place_of_key {
    guint hash;
    guint32 end; /* of the record in `records`; 0 where there is none */
};

/* A record is the text, its length and its form, in this order, without gaps. */
enum { TAIL = sizeof(guint32) + 1, PLACES_FIRST = 8, RECORDS_FIRST = 64 };

struct key_set {
    char *records;
    size_t used, room;
    struct place_of_key *places;
    size_t count, size; /* a power of two, or 0 */
};

struct key_set *key_set_new(void) {
    return g_new0(struct key_set, 1);
}

void key_set_free(struct key_set *set) {
    if (set == NULL)
        return;
    g_free(set->records);
    g_free(set->places);
    g_free(set);
}

static struct key key_ending_at(const struct key_set *set, size_t end) {
    guint32 length;
    memcpy(&length, set->records + end - TAIL, sizeof length);
    enum key_form form = (enum key_form)set->records[end - 1];
    return (struct key){form, {set->records + end - TAIL - length, length}};
}

/* The place of the key, or the free one where it belongs. The hash is stirred because keys that
 * differ in their last letters only have hashes side by side. */
static struct place_of_key *find_place(const struct key_set *set, const struct key *key,
                                       guint hash) {
    size_t at = (hash ^ hash >> 15) * 0x2c1b3c6dU;
    for (at ^= at >> 16;; at++) {
        struct place_of_key *place = &set->places[at & (set->size - 1)];
        if (place->end == 0)
            return place;
        if (key == NULL || place->hash != hash)
            continue;
        struct key known = key_ending_at(set, place->end);
        if (key_equal(&known, key))
            return place;
    }
}

static void make_places(struct key_set *set) {
    struct place_of_key *before = set->places;
    size_t size = set->size;
    if (3 * (set->count + 1) <= 2 * size)
        return;
    set->size = MAX(2 * size, (size_t)PLACES_FIRST);
    set->places = g_new0(struct place_of_key, set->size);
    for (size_t i = 0; i < size; i++)
        if (before[i].end != 0)
            *find_place(set, NULL, before[i].hash) = before[i];
    g_free(before);
}

static void append_record(struct key_set *set, const struct key *key) {
    size_t needed = set->used + key->slice.length + TAIL;
    guint32 length = (guint32)key->slice.length;
    if (needed > G_MAXUINT32)
        g_error("a table has more than 4 GB of keys");
    if (needed > set->room) {
        set->room = MAX(needed, MAX(2 * set->room, (size_t)RECORDS_FIRST));
        set->records = g_realloc(set->records, set->room);
    }
    if (length > 0)
        memcpy(set->records + set->used, key->slice.text, length);
    memcpy(set->records + needed - TAIL, &length, sizeof length);
    set->records[needed - 1] = (char)key->form;
    set->used = needed;
}

void key_set_add(struct key_set *set, const struct key *key) {
    make_places(set);
    guint hash = key_hash(key);
    struct place_of_key *place = find_place(set, key, hash);
    if (place->end != 0)
        return;
    append_record(set, key);
    *place = (struct place_of_key){hash, (guint32)set->used};
    set->count++;
}

bool key_set_contains(const struct key_set *set, const struct key *key) {
    return set->count > 0 && find_place(set, key, key_hash(key))->end != 0;
}

void key_set_each(const struct key_set *set, void (*visit)(const struct key *key, void *context),
                  void *context) {
    for (size_t end = set->used; end > 0;) {
        struct key key = key_ending_at(set, end);
        end -= key.slice.length + TAIL;
        visit(&key, context);
    }
}

/* --- walks ------------------------------------------------------------------------------------ */

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
