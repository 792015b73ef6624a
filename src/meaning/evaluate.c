/* SPDX-License-Identifier: ISC */
#include "dragoman/evaluate.h"

/* A few rules are asked faster than looked up. */
enum { INDEX_WORTH_RULES = 8 };

const struct verdict verdict_none = {.verb = VERB_NONE, .stage = STAGE_NONE};

void verdict_clear(struct verdict *verdict) {
    captures_clear(&verdict->captures);
    *verdict = verdict_none;
}

/* One question of the policy to one transaction. */
struct question {
    const struct transaction *transaction;
    struct probe *probe; /* the value that was compared last: rules ask for the same ones */
    struct captures *captures;
    const struct condition *decisive;
};

/* A text that is not there is compared as the empty text, but it is not "any text" ("*"); an
 * address, a number or the like that is not there is in no list. */
static enum table_match match_absent(const struct question *question,
                                     const struct condition *condition) {
    if (fact_row(condition->fact)->kind != KIND_TEXT || table_matches_all(condition->table))
        return TABLE_NO;
    probe_set(question->probe, "", NULL);
    return table_match(condition->table, question->probe, NULL);
}

static enum table_match condition_holds(const struct question *question,
                                        const struct condition *condition) {
    struct fact_values values =
        transaction_values(question->transaction, condition->fact, condition->key);
    const struct ip_address *address = transaction_client_address(question->transaction);
    if (values.count == 0)
        return match_absent(question, condition);
    enum table_match result = TABLE_NO;
    for (size_t i = 0; i < values.count && result == TABLE_NO; i++) {
        if (question->probe->text != values.texts[i])
            probe_set(question->probe, values.texts[i], address);
        result = table_match(condition->table, question->probe, question->captures);
    }
    return result;
}

/* Whether every condition holds; the decisive one is the first that does not, else the last. */
static enum table_match conditions_hold(struct question *question, const struct clause *clause) {
    enum table_match result = TABLE_YES;
    for (guint i = 0; i < clause->conditions->len && result == TABLE_YES; i++) {
        question->decisive = &g_array_index(clause->conditions, struct condition, i);
        result = condition_holds(question, question->decisive);
    }
    return result;
}

static enum rule_answer clause_answer(struct question *question, const struct clause *clause) {
    enum table_match held = conditions_hold(question, clause);
    if (held == TABLE_LIMIT)
        return RULE_LIMIT;
    if (clause->negated)
        return held == TABLE_YES ? RULE_EXCEPTED : RULE_MATCHED;
    return held == TABLE_YES ? RULE_MATCHED : RULE_NO_MATCH;
}

static enum rule_answer ask(struct question *question, const struct rule *rule) {
    enum rule_answer answer = RULE_MATCHED;
    for (guint i = 0; i < rule->clauses->len && answer == RULE_MATCHED; i++)
        answer = clause_answer(question, rule->clauses->pdata[i]);
    return answer;
}

static void observe(const struct observer *observer, const struct rule *rule,
                    enum rule_answer answer, const struct condition *decisive) {
    if (observer != NULL && observer->asked != NULL)
        observer->asked(rule, answer, decisive, observer->context);
}

/* Whether the rule decides, one way or the other. */
static bool rule_decides(const struct rule *rule, const struct transaction *transaction,
                         struct probe *probe, const struct observer *observer,
                         struct verdict *verdict) {
    struct question question = {transaction, probe, &verdict->captures, NULL};
    enum rule_answer answer = ask(&question, rule);
    observe(observer, rule, answer, question.decisive);
    if (answer == RULE_LIMIT)
        verdict->failure = "match limit";
    if (answer == RULE_MATCHED && !rule->shadow) {
        verdict->verb = rule->verb;
        verdict->rule = rule;
        return true;
    }
    captures_clear(&verdict->captures);
    return answer == RULE_LIMIT;
}

static bool is_out_of_time(const struct observer *observer) {
    return observer != NULL && observer->out_of_time != NULL &&
           observer->out_of_time(observer->context);
}

/* Whether all facts that the rule asks for are known. */
static bool can_judge(const struct known_facts *known, const struct rule *rule) {
    return known == NULL || rule_asks_only(rule, known->known);
}

/* The position of the first rule that cannot be judged and would let pass what those behind it
 * refuse. */
static guint first_unjudged(const struct policy *policy, enum stage stage,
                            const struct known_facts *known) {
    const GArray *passes = policy->passes[stage];
    for (guint i = 0; i < passes->len; i++) {
        guint position = g_array_index(passes, guint, i);
        if (!can_judge(known, policy->rules[stage]->pdata[position]))
            return position;
    }
    return policy->rules[stage]->len;
}

/* Whether a rule from `position` on might have ended the questions of later stages too: one that
 * holds would not. */
static bool might_end(const struct policy *policy, enum stage stage, guint position) {
    const GArray *passes = policy->passes[stage];
    for (guint i = 0; i < passes->len; i++) {
        guint pass = g_array_index(passes, guint, i);
        const struct rule *rule = policy->rules[stage]->pdata[pass];
        if (pass >= position && rule->verb != VERB_HOLD)
            return true;
    }
    return false;
}

/* Whether the rule ends the questions: it decides, or there is no time for the next. */
static bool is_last(const struct rule *rule, const struct transaction *transaction,
                    struct probe *probe, const struct observer *observer, struct verdict *verdict) {
    if (rule_decides(rule, transaction, probe, observer, verdict))
        return true;
    if (is_out_of_time(observer))
        verdict->failure = "deadline";
    return verdict->failure != NULL;
}

/* Returns whether nothing more is to be asked. */
static bool ask_stage(const struct policy *policy, enum stage stage,
                      const struct transaction *transaction, const struct known_facts *known,
                      const struct observer *observer, struct verdict *verdict) {
    const GPtrArray *rules = policy->rules[stage];
    guint end = known != NULL ? first_unjudged(policy, stage, known) : rules->len;
    struct probe probe;
    probe.text = NULL;
    bool all = rules->len <= INDEX_WORTH_RULES || (observer != NULL && observer->every_rule);
    g_autoptr(GArray) candidates =
        all ? NULL : rule_index_candidates(policy->indexes[stage], transaction);
    guint count = candidates != NULL ? candidates->len : rules->len;
    for (guint i = 0; i < count; i++) {
        guint position = candidates != NULL ? g_array_index(candidates, guint, i) : i;
        if (position >= end)
            break;
        const struct rule *rule = policy_rule(policy, stage, position, transaction, &probe);
        if (rule != NULL && can_judge(known, rule) &&
            is_last(rule, transaction, &probe, observer, verdict))
            return true;
    }
    return might_end(policy, stage, end);
}

struct verdict policy_evaluate(const struct policy *policy, enum stage stage,
                               const struct transaction *transaction,
                               const struct observer *observer) {
    struct verdict verdict = {.verb = VERB_NONE, .stage = stage};
    ask_stage(policy, stage, transaction, NULL, observer, &verdict);
    return verdict;
}

struct verdict policy_evaluate_known(const struct policy *policy, enum stage last,
                                     const struct transaction *transaction,
                                     const struct known_facts *known,
                                     const struct observer *observer) {
    struct verdict verdict = {.verb = VERB_NONE, .stage = STAGE_CONNECT};
    struct verdict hold = verdict_none;
    bool ended = false;
    for (enum stage stage = STAGE_CONNECT; stage <= last && !ended; stage++) {
        verdict.stage = stage;
        ended = ask_stage(policy, stage, transaction, known, observer, &verdict);
        if (verdict.verb == VERB_HOLD && hold.verb == VERB_NONE) {
            hold = verdict; /* a later stage may still refuse */
            verdict = verdict_none;
            ended = false;
        }
    }
    if (hold.verb == VERB_NONE)
        return verdict;
    if (verb_class(verdict.verb) == STATUS_ANY && verdict.failure == NULL) {
        verdict_clear(&verdict);
        return hold;
    }
    verdict_clear(&hold);
    return verdict;
}
