/* SPDX-License-Identifier: ISC */
#include "unmade.h"

#include <string.h>

#include "baked.h"

/* --- whether a rule can match, told from its nodes -------------------------------------------- */

/* What has no wildcard, no range and no table in it is equal or not. */
static bool is_plain(const char *value, enum fact_kind kind) {
    if (kind == KIND_TEXT)
        return strpbrk(value, "*?") == NULL && *value != '!' && *value != '@';
    return kind == KIND_NUMBER && value[strspn(value, "0123456789")] == '\0';
}

static bool value_may_match(const struct section *option, unsigned index, enum fact_kind kind,
                            struct probe *probe) {
    const char *value = node_value(option->tree, option->node, index);
    const uint16_t *pieces = baked_pieces(node_value_expression(option->tree, option->node, index));
    if (pieces != NULL)
        return pieces_allow_all(pieces) || grams_allow(probe_grams(probe), pieces);
    return *value == '~' || !is_plain(value, kind) || g_ascii_strcasecmp(value, probe->text) == 0;
}

static bool values_may_match(const struct section *option, enum fact_kind kind,
                             struct probe *probe) {
    for (unsigned i = 0; i < option->node->value_count; i++)
        if (value_may_match(option, i, kind, probe))
            return true;
    return false;
}

/* A reply has one value of each fact, or none, which is compared as an empty text. */
static bool condition_may_hold(const struct section *option, const struct transaction *transaction,
                               struct probe *probe) {
    const char *key;
    enum fact fact = fact_from_name(section_name(option), &key);
    enum fact_kind kind = fact != FACT_NONE ? fact_row(fact)->kind : KIND_FLAG;
    if (key != NULL || (kind != KIND_TEXT && kind != KIND_NUMBER))
        return true;
    const char *text = transaction_value(transaction, fact);
    if (text == NULL && kind == KIND_NUMBER)
        return false;
    if (probe->text != text)
        probe_set(probe, text != NULL ? text : "", NULL);
    return values_may_match(option, kind, probe);
}

static bool clause_may_hold(const struct section *clause, const struct transaction *transaction,
                            struct probe *probe) {
    if (strcmp(section_name(clause), "if") != 0)
        return true;
    for (unsigned i = 0; i < clause->node->node_count; i++) {
        struct section option = section_part(clause, i);
        if (!condition_may_hold(&option, transaction, probe))
            return false;
    }
    return true;
}

static bool may_match(const struct section *rule, const struct transaction *transaction,
                      struct probe *probe) {
    for (unsigned i = 0; i < rule->node->node_count; i++) {
        struct section clause = section_part(rule, i);
        if (!clause_may_hold(&clause, transaction, probe))
            return false;
    }
    return true;
}

/* --- making ----------------------------------------------------------------------------------- */

static struct rule *make(struct loader *loader, const struct section *section) {
    g_mutex_lock(&loader->reading);
    struct rule *rule = load_one_rule(loader, section);
    g_mutex_unlock(&loader->reading);
    return rule;
}

static struct rule *make_if_it_may_match(void *context, enum stage stage, guint position,
                                         const struct transaction *transaction,
                                         struct probe *probe) {
    struct loader *loader = context;
    const struct item *item = loader->unmade->pdata[position];
    (void)stage; /* there are none but those of stage reply */
    bool wanted = transaction == NULL || may_match(&item->section, transaction, probe);
    return wanted ? make(loader, &item->section) : NULL;
}

bool leave_unmade(struct loader *loader, const struct item *item) {
    struct policy *policy = loader->settings->snapshot->policy;
    if (loader->languages == NULL || !source_is_shipped(item->source) ||
        section_count(&item->section, verb_name(VERB_RESTATE)) == 0)
        return false;
    guint position = policy_add_unmade(policy, STAGE_REPLY);
    g_ptr_array_set_size(loader->unmade, (gint)position + 1);
    loader->unmade->pdata[position] = (struct item *)item;
    policy->maker = (struct rule_maker){make_if_it_may_match, loader};
    return true;
}
