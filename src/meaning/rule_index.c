/* SPDX-License-Identifier: ISC */
#include "dragoman/rule_index.h"

#include "dragoman/policy.h"
#include "positions.h"

/* The rules that are listed under the values of one fact. */
struct fact_index {
    enum fact fact;
    const char *key; /* of a keyed fact; interned, so that pointers can be compared */
    enum key_kind kind;
    GHashTable *rules; /* struct key (its text is the rules' tables') → GArray of guint */
};

struct rule_index {
    GArray *facts;  /* struct fact_index */
    GArray *always; /* guint: rules that are not listed */
};

static void fact_index_clear(void *data) {
    g_hash_table_unref(((struct fact_index *)data)->rules);
}

static void positions_free(void *positions) {
    g_array_unref(positions);
}

static struct fact_index *need_fact(struct rule_index *index, const struct condition *condition) {
    for (guint i = 0; i < index->facts->len; i++) {
        struct fact_index *known = &g_array_index(index->facts, struct fact_index, i);
        if (known->fact == condition->fact && known->key == condition->key)
            return known;
    }
    struct fact_index new = {
        .fact = condition->fact,
        .key = condition->key,
        .kind = table_key_kind(condition->table),
        .rules = g_hash_table_new_full(key_hash, key_equal, g_free, positions_free),
    };
    g_array_append_val(index->facts, new);
    return &g_array_index(index->facts, struct fact_index, index->facts->len - 1);
}

struct listing {
    GHashTable *rules;
    guint position;
};

static void list_under(const struct key *key, void *context) {
    const struct listing *listing = context;
    GArray *positions = g_hash_table_lookup(listing->rules, key);
    if (positions == NULL) {
        positions = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(listing->rules, g_memdup2(key, sizeof *key), positions);
    }
    g_array_append_val(positions, listing->position);
}

/* A fact without a value may still be "not in the list", or be compared as an empty text. */
static bool can_be_listed(const struct condition *condition) {
    return table_is_keyed(condition->table) && fact_row(condition->fact)->kind != KIND_FLAG &&
           fact_row(condition->fact)->kind != KIND_TEXT;
}

/* The condition under whose values the rule is listed, or NULL. */
static const struct condition *listing_condition(const struct rule *rule) {
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct clause *clause = rule->clauses->pdata[i];
        for (guint j = 0; j < clause->conditions->len && !clause->negated; j++) {
            const struct condition *condition =
                &g_array_index(clause->conditions, struct condition, j);
            if (can_be_listed(condition))
                return condition;
        }
    }
    return NULL;
}

struct rule_index *rule_index_new(const GPtrArray *rules) {
    struct rule_index *index = g_new0(struct rule_index, 1);
    index->facts = g_array_new(FALSE, FALSE, sizeof(struct fact_index));
    g_array_set_clear_func(index->facts, fact_index_clear);
    index->always = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < rules->len; i++) {
        const struct rule *rule = rules->pdata[i];
        const struct condition *condition = rule != NULL ? listing_condition(rule) : NULL;
        if (condition == NULL) {
            g_array_append_val(index->always, i);
        } else {
            struct listing listing = {need_fact(index, condition)->rules, i};
            table_each_key(condition->table, list_under, &listing);
        }
    }
    return index;
}

void rule_index_free(struct rule_index *index) {
    if (index == NULL)
        return;
    g_array_unref(index->facts);
    g_array_unref(index->always);
    g_free(index);
}

static void add_value(const struct fact_index *fact, const char *value, GArray *found) {
    struct key_walk walk = key_walk_begin(fact->kind, value);
    struct key key;
    while (key_walk_next(&walk, &key)) {
        const GArray *positions = g_hash_table_lookup(fact->rules, &key);
        if (positions != NULL)
            g_array_append_vals(found, positions->data, positions->len);
    }
}

GArray *rule_index_candidates(const struct rule_index *index,
                              const struct transaction *transaction) {
    if (index->facts->len == 0)
        return NULL;
    GArray *found = g_array_new(FALSE, FALSE, sizeof(guint));
    if (index->always->len > 0)
        g_array_append_vals(found, index->always->data, index->always->len);
    for (guint i = 0; i < index->facts->len; i++) {
        const struct fact_index *fact = &g_array_index(index->facts, struct fact_index, i);
        struct fact_values values = transaction_values(transaction, fact->fact, fact->key);
        for (size_t j = 0; j < values.count; j++)
            add_value(fact, values.texts[j], found);
    }
    positions_order(found);
    return found;
}
