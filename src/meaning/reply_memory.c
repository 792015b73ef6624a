/* SPDX-License-Identifier: ISC */
#include "dragoman/reply_memory.h"

struct reply_memory {
    size_t most;
    GQueue *order;       /* char *: refs, the oldest first; they belong to `replies` */
    GHashTable *replies; /* by ref */
};

static void free_reply(void *reply) {
    reply_free(reply);
}

struct reply_memory *reply_memory_new(size_t most) {
    struct reply_memory *memory = g_new0(struct reply_memory, 1);
    memory->most = most;
    memory->order = g_queue_new();
    memory->replies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_reply);
    return memory;
}

void reply_memory_free(struct reply_memory *memory) {
    if (memory == NULL)
        return;
    g_queue_free(memory->order);
    g_hash_table_unref(memory->replies);
    g_free(memory);
}

void reply_memory_keep(struct reply_memory *memory, const char *ref, struct reply *reply) {
    char *own = g_strdup(ref);
    /* g_hash_table_insert() keeps the key that is there, which is the one in `order`. */
    if (g_hash_table_contains(memory->replies, ref)) {
        g_hash_table_insert(memory->replies, own, reply);
        return;
    }
    if (g_hash_table_size(memory->replies) == memory->most)
        g_hash_table_remove(memory->replies, g_queue_pop_head(memory->order));
    g_hash_table_insert(memory->replies, own, reply);
    g_queue_push_tail(memory->order, own);
}

const struct reply *reply_memory_find(const struct reply_memory *memory, const char *ref) {
    return g_hash_table_lookup(memory->replies, ref);
}
