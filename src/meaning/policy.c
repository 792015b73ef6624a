/* SPDX-License-Identifier: ISC */
#include "dragoman/policy.h"

#include <string.h>

#include "dragoman/text.h"

struct verb_row {
    const char *name;
    enum status_class status_class;
};

static const struct verb_row verbs[VERB_COUNT] = {
    [VERB_REJECT] = {"reject", STATUS_PERMANENT}, [VERB_DEFER] = {"defer", STATUS_TEMPORARY},
    [VERB_ACCEPT] = {"accept", STATUS_ANY},       [VERB_DISCARD] = {"discard", STATUS_ANY},
    [VERB_HOLD] = {"hold", STATUS_ANY},           [VERB_RESTATE] = {"restate", STATUS_ANY},
};

const char *verb_name(enum verb verb) {
    return verb < VERB_COUNT ? verbs[verb].name : "none";
}

enum status_class verb_class(enum verb verb) {
    return verb < VERB_COUNT ? verbs[verb].status_class : STATUS_ANY;
}

/* --- life ------------------------------------------------------------------------------------- */

static void table_free_void(void *table) {
    table_free(table);
}

static void rule_free_void(void *rule) {
    rule_free(rule);
}

static void condition_clear(void *condition) {
    table_free(((struct condition *)condition)->table);
}

static void setting_clear(void *setting) {
    g_free(((struct setting *)setting)->value);
}

static void clause_free(void *data) {
    struct clause *clause = data;
    g_array_unref(clause->conditions);
    g_free(clause);
}

struct policy *policy_new(void) {
    struct policy *policy = g_new0(struct policy, 1);
    policy->tables = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, table_free_void);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        policy->rules[stage] = g_ptr_array_new_with_free_func(rule_free_void);
        policy->passes[stage] = g_array_new(FALSE, FALSE, sizeof(guint));
        policy->plan[stage].macros = g_ptr_array_new();
    }
    return policy;
}

void policy_free(struct policy *policy) {
    if (policy == NULL)
        return;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        rule_index_free(policy->indexes[stage]);
        g_ptr_array_unref(policy->rules[stage]);
        g_array_unref(policy->passes[stage]);
        g_ptr_array_unref(policy->plan[stage].macros);
    }
    g_hash_table_unref(policy->tables);
    g_free(policy);
}

struct rule *rule_new(const char *name, struct place place) {
    struct rule *rule = g_new0(struct rule, 1);
    rule->name = g_intern_string(name);
    rule->place = place;
    rule->stage = STAGE_NONE;
    rule->verb = VERB_NONE;
    rule->codes = RESTATE_CODES_OF_SITE;
    rule->answers = COMMAND_NONE;
    rule->clauses = g_ptr_array_new_with_free_func(clause_free);
    return rule;
}

void rule_add_setting(struct rule *rule, struct setting setting) {
    if (rule->settings == NULL) {
        rule->settings = g_array_new(FALSE, FALSE, sizeof setting);
        g_array_set_clear_func(rule->settings, setting_clear);
    }
    g_array_append_val(rule->settings, setting);
}

void rule_free(struct rule *rule) {
    if (rule == NULL)
        return;
    g_ptr_array_unref(rule->clauses);
    g_clear_pointer(&rule->settings, g_array_unref);
    g_free(rule);
}

/* --- building --------------------------------------------------------------------------------- */

bool policy_add_table(struct policy *policy, struct table *table) {
    if (policy_find_table(policy, table_name(table)) != NULL) {
        table_free(table);
        return false;
    }
    g_hash_table_insert(policy->tables, (char *)table_name(table), table);
    return true;
}

struct table *policy_find_table(const struct policy *policy, const char *name) {
    return g_hash_table_lookup(policy->tables, name);
}

static const char *key_at(const void *known, size_t index) {
    return ((const gpointer *)known)[index];
}

const char *policy_nearest_table(const struct policy *policy, const char *name) {
    guint count;
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(policy->tables, &count);
    return text_nearest(name, names, count, key_at);
}

struct clause *rule_add_clause(struct rule *rule, bool negated) {
    struct clause *clause = g_new0(struct clause, 1);
    clause->negated = negated;
    clause->conditions = g_array_new(FALSE, FALSE, sizeof(struct condition));
    g_array_set_clear_func(clause->conditions, condition_clear);
    g_ptr_array_add(rule->clauses, clause);
    return clause;
}

void rule_visit(const struct rule *rule, visit_condition *visit, void *context) {
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct clause *clause = rule->clauses->pdata[i];
        for (guint j = 0; j < clause->conditions->len; j++)
            visit(&g_array_index(clause->conditions, struct condition, j), context);
    }
}

static void raise_stage(const struct condition *condition, void *context) {
    enum stage *stage = context;
    *stage = MAX(*stage, fact_settled_at(condition->fact, condition->key));
}

static void check_stage(const struct condition *condition, void *context) {
    enum stage *stage = context;
    if (*stage != STAGE_NONE && !fact_is_known(condition->fact, condition->key, *stage))
        *stage = STAGE_NONE;
}

enum stage rule_natural_stage(const struct rule *rule) {
    enum stage stage = STAGE_CONNECT;
    rule_visit(rule, raise_stage, &stage);
    rule_visit(rule, check_stage, &stage);
    return stage;
}

struct fact_check {
    const bool *facts;
    bool good;
};

static void check_fact(const struct condition *condition, void *context) {
    struct fact_check *check = context;
    check->good = check->good && check->facts[condition->fact];
}

bool rule_asks_only(const struct rule *rule, const bool facts[static FACT_COUNT]) {
    struct fact_check check = {facts, true};
    rule_visit(rule, check_fact, &check);
    return check.good;
}

bool rule_lets_pass(const struct rule *rule) {
    return verb_class(rule->verb) == STATUS_ANY && !rule->shadow;
}

void policy_add_rule(struct policy *policy, struct rule *rule) {
    g_ptr_array_add(policy->rules[rule->stage], rule);
}

guint policy_add_unmade(struct policy *policy, enum stage stage) {
    g_ptr_array_add(policy->rules[stage], NULL);
    return policy->rules[stage]->len - 1;
}

/* --- checking --------------------------------------------------------------------------------- */

/* Facts that every transaction has where they can be asked for; others may have no value. */
static bool condition_takes_all(const struct condition *condition) {
    static const enum fact always[] = {FACT_CLIENT_IP, FACT_CLIENT_NAME, FACT_SENDER,
                                       FACT_RECIPIENT, FACT_REPLY_TEXT};
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        if (condition->fact == always[i])
            return table_matches_all(condition->table);
    return false;
}

/* Whether the clause holds for every transaction. */
static bool clause_takes_all(const struct clause *clause) {
    for (guint i = 0; i < clause->conditions->len; i++)
        if (!condition_takes_all(&g_array_index(clause->conditions, struct condition, i)))
            return false;
    return !clause->negated && !clause->incomplete;
}

static bool rule_takes_all(const struct rule *rule) {
    if (rule->shadow || rule->verb == VERB_HOLD)
        return false;
    for (guint i = 0; i < rule->clauses->len; i++)
        if (!clause_takes_all(rule->clauses->pdata[i]))
            return false;
    return true;
}

void policy_check(const struct policy *policy, struct complaints *complaints) {
    const struct rule *taker = NULL;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        if (stage >= STAGE_UNKNOWN)
            taker = NULL; /* they come apart from the others */
        for (guint i = 0; i < policy->rules[stage]->len; i++) {
            const struct rule *rule = policy->rules[stage]->pdata[i];
            if (rule == NULL)
                continue;
            if (taker != NULL && (!rule->shipped || taker->shipped))
                complain(complaints, SEVERITY_ERROR, rule->place,
                         "rule \"%s\" can never match, because \"%s\" (%s:%u) takes all that comes "
                         "before it; give that rule an `if`, or write it last",
                         rule->name, taker->name, taker->place.file, taker->place.line);
            else if (taker == NULL && rule_takes_all(rule))
                taker = rule;
        }
    }
}

/* --- the plan --------------------------------------------------------------------------------- */

static void want_macro(struct stage_plan *plan, const char *name) {
    const char *interned = g_intern_string(name);
    if (!g_ptr_array_find(plan->macros, interned, NULL))
        g_ptr_array_add(plan->macros, (char *)interned);
}

static void want_macros(struct policy *policy, enum stage stage, const char *names) {
    g_auto(GStrv) list = g_strsplit(names, " ", -1);
    for (char **name = list; *name != NULL; name++)
        if (**name != '\0')
            want_macro(&policy->plan[stage], *name);
}

/* At MAIL the MTA is asked again for what STARTTLS may have changed since HELO. */
static void want_fact(const struct condition *condition, void *context) {
    struct policy *policy = context;
    enum stage known = fact_known_at(condition->fact, condition->key);
    enum stage settled = fact_settled_at(condition->fact, condition->key);
    const char *macros = fact_row(condition->fact)->macros;
    policy->plan[known].heard = true;
    if (condition->fact == FACT_MACRO) {
        want_macro(&policy->plan[known], condition->key);
        return;
    }
    want_macros(policy, known, macros);
    want_macros(policy, settled, macros);
    if (condition->fact == FACT_REFUSED_RECIPIENTS)
        policy->refused_recipients = true;
}

static void note_size(const struct condition *condition, void *context) {
    bool *asks = context;
    *asks = *asks || condition->fact == FACT_SIZE;
}

/* The real size of a message is counted from its headers and its body. */
static bool rule_counts_size(const struct rule *rule) {
    bool asks = false;
    rule_visit(rule, note_size, &asks);
    return asks && rule->stage == STAGE_EOM;
}

static void plan_rule(struct policy *policy, const struct rule *rule) {
    if (rule->stage == STAGE_REPLY) /* no MTA tells of it */
        return;
    policy->plan[rule->stage].heard = true;
    policy->plan[rule->stage].answered = true;
    rule_visit(rule, want_fact, policy);
    if (rule->verb == VERB_HOLD)
        policy->holds = true;
    if (!rule_counts_size(rule))
        return;
    policy->counts_size = true;
    policy->plan[STAGE_HEADER].heard = policy->plan[STAGE_BODY].heard = true;
}

/* Who it was is wanted in every log line; the queue id wherever there is one. */
static void plan_log(struct policy *policy) {
    static const enum stage always[] = {STAGE_CONNECT, STAGE_HELO, STAGE_MAIL, STAGE_RCPT};
    static const enum stage with_queue_id[] = {STAGE_MAIL, STAGE_RCPT, STAGE_EOM};
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        policy->plan[always[i]].heard = true;
    for (size_t i = 0; i < G_N_ELEMENTS(with_queue_id); i++)
        want_macro(&policy->plan[with_queue_id[i]], "i");
    want_macro(&policy->plan[STAGE_CONNECT], "j");
    want_macro(&policy->plan[STAGE_MAIL], "auth_authen");
}

/*
 * Where we speak. At connect libmilter has no text; what is decided there is spoken at HELO, or at
 * MAIL if there is no HELO. While the message is read the MTA waits for nobody: what is decided
 * then is spoken at its end, which costs no waiting on the way. libmilter takes no header behind an
 * unknown command, but DATA, and then headers.
 */
static void plan_answers(struct policy *policy) {
    static const enum stage silent[] = {STAGE_CONNECT, STAGE_HEADER, STAGE_EOH, STAGE_BODY};
    if (policy->plan[STAGE_CONNECT].answered)
        policy->plan[STAGE_HELO].answered = true;
    if (policy->plan[STAGE_HELO].answered)
        policy->plan[STAGE_MAIL].answered = true;
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        policy->plan[silent[i]].answered = false;
    policy->plan[STAGE_EOM].heard = policy->plan[STAGE_EOM].answered = true;
    if (policy->plan[STAGE_UNKNOWN].heard)
        policy->plan[STAGE_DATA].heard = true;
}

/* What is done to every table of a policy: to the named ones, and to those of the conditions. */
struct table_visit {
    void (*visit)(struct table *table);
};

static void visit_named_table(void *name, void *table, void *context) {
    (void)name;
    ((const struct table_visit *)context)->visit(table);
}

static void visit_condition_table(const struct condition *condition, void *context) {
    ((const struct table_visit *)context)->visit(condition->table);
}

static void each_table_of_rule(const struct rule *rule, struct table_visit visit) {
    rule_visit(rule, visit_condition_table, &visit);
}

static void each_table(struct policy *policy, struct table_visit visit) {
    g_hash_table_foreach(policy->tables, visit_named_table, &visit);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        for (guint i = 0; i < policy->rules[stage]->len; i++)
            if (policy->rules[stage]->pdata[i] != NULL)
                each_table_of_rule(policy->rules[stage]->pdata[i], visit);
}

void policy_accelerate(struct policy *policy) {
    each_table(policy, (struct table_visit){table_accelerate});
    policy->accelerated = true;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        for (guint i = 0; i < policy->rules[stage]->len; i++)
            policy_rule(policy, stage, i, NULL, NULL);
}

void policy_prepare(struct policy *policy) {
    each_table(policy, (struct table_visit){table_prepare});
}

void policy_freeze(struct policy *policy) {
    each_table(policy, (struct table_visit){table_freeze});
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        for (guint i = 0; i < policy->rules[stage]->len; i++) {
            const struct rule *rule = policy->rules[stage]->pdata[i];
            if (rule == NULL)
                continue;
            plan_rule(policy, rule);
            if (rule_lets_pass(rule))
                g_array_append_val(policy->passes[stage], i);
        }
        policy->indexes[stage] = rule_index_new(policy->rules[stage]);
    }
    plan_log(policy);
    plan_answers(policy);
}

/* --- rules that are made when they are needed ------------------------------------------------- */

static void make_usable(const struct policy *policy, const struct rule *rule) {
    if (policy->accelerated)
        each_table_of_rule(rule, (struct table_visit){table_accelerate});
    each_table_of_rule(rule, (struct table_visit){table_freeze});
}

/* Another thread may have made the same rule meanwhile: then it is that one. */
static const struct rule *keep(gpointer *kept, struct rule *rule) {
    if (g_atomic_pointer_compare_and_exchange(kept, NULL, rule))
        return rule;
    rule_free(rule);
    return g_atomic_pointer_get(kept);
}

const struct rule *policy_rule(const struct policy *policy, enum stage stage, guint position,
                               const struct transaction *transaction, struct probe *probe) {
    gpointer *kept = &policy->rules[stage]->pdata[position];
    struct rule *rule = g_atomic_pointer_get(kept);
    if (rule != NULL || policy->maker.make == NULL)
        return rule;
    rule = policy->maker.make(policy->maker.context, stage, position, transaction, probe);
    if (rule == NULL)
        return NULL;
    make_usable(policy, rule);
    return keep(kept, rule);
}
