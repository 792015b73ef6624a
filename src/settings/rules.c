/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dragoman/interpret.h"
#include "dragoman/text.h"
#include "loader.h"
#include "unmade.h"

enum fact load_fact(const struct section *option, const char **key) {
    enum fact fact = fact_from_name(section_name(option), key);
    if (fact != FACT_NONE && *key != NULL)
        *key = g_intern_string(*key);
    return fact;
}

/* --- conditions ------------------------------------------------------------------------------- */

static void load_condition(struct loader *loader, const struct section *section,
                           const struct section *option, struct clause *clause) {
    struct condition condition = {.place = option->place};
    condition.fact = load_fact(option, &condition.key);
    clause->incomplete = clause->incomplete || condition.fact == FACT_NONE;
    if (condition.fact == FACT_NONE)
        return;
    condition.table = table_new(NULL, table_type_of_kind(fact_row(condition.fact)->kind));
    load_values(loader, section, section_name(option), condition.table);
    g_array_append_val(clause->conditions, condition);
}

static void load_clause(struct loader *loader, const struct section *section, struct rule *rule) {
    struct clause *clause = rule_add_clause(rule, strcmp(section_name(section), "unless") == 0);
    clause->incomplete = section->node->node_count == 0;
    if (clause->incomplete)
        loader_error(loader, section->place,
                     "the `%s` of rule \"%s\" is empty; write a fact into it, or leave it out for "
                     "a rule that takes everything",
                     section_name(section), rule->name);
    for (unsigned i = 0; i < section->node->node_count; i++) {
        struct section option = section_part(section, i);
        load_condition(loader, section, &option, clause);
    }
}

static void load_clauses(struct loader *loader, const struct section *section, struct rule *rule) {
    for (unsigned i = 0; i < section->node->node_count; i++) {
        struct section child = section_part(section, i);
        if (strcmp(section_name(&child), "if") == 0 || strcmp(section_name(&child), "unless") == 0)
            load_clause(loader, &child, rule);
    }
}

/* --- the verb --------------------------------------------------------------------------------- */

static void find_reason(struct loader *loader, const struct section *section, const char *id,
                        struct rule *rule) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    rule->reason = load_reason_named(loader, id);
    if (rule->reason != NULL)
        return;
    g_autofree char *hint = text_did_you_mean(catalogue_nearest(catalogue, id));
    loader_error(loader, section_place(section, verb_name(rule->verb)),
                 "there is no reason \"%s\"%s", id, hint);
}

/* accept, discard and hold give no reply: "yes" is enough for them, a reason tells the log why. */
static void load_verb_value(struct loader *loader, const struct section *section,
                            struct rule *rule) {
    const char *value = section_text(section, verb_name(rule->verb));
    bool refusal = verb_class(rule->verb) != STATUS_ANY || rule->verb == VERB_RESTATE;
    if (strcmp(value, "yes") != 0)
        find_reason(loader, section, value, rule);
    else if (refusal)
        loader_error(loader, section_place(section, verb_name(rule->verb)),
                     "`%s` says no reason; write one, like %s = site-policy", verb_name(rule->verb),
                     verb_name(rule->verb));
}

static void load_verb(struct loader *loader, const struct section *section, struct rule *rule) {
    for (enum verb verb = 0; verb < VERB_COUNT; verb++) {
        if (section_count(section, verb_name(verb)) == 0)
            continue;
        if (rule->verb != VERB_NONE) {
            loader_error(loader, section_place(section, verb_name(verb)),
                         "rule \"%s\" has two verbs, `%s` and `%s`; leave one", rule->name,
                         verb_name(rule->verb), verb_name(verb));
            return;
        }
        rule->verb = verb;
        load_verb_value(loader, section, rule);
    }
    if (rule->verb == VERB_NONE)
        loader_error(
            loader, rule->place,
            "rule \"%s\" has no verb; write reject, defer, accept, discard, hold or restate",
            rule->name);
}

/* --- the stage -------------------------------------------------------------------------------- */

static const char *stage_at(const void *known, size_t index) {
    (void)known;
    return stage_name((enum stage)index);
}

struct stage_check {
    struct loader *loader;
    enum stage stage;
};

static void complain_if_unknown(const struct condition *condition, void *context) {
    const struct stage_check *check = context;
    enum stage known = fact_known_at(condition->fact, condition->key);
    if (!fact_is_known(condition->fact, condition->key, check->stage))
        loader_error(check->loader, condition->place,
                     "%s is not known at stage %s; write stage = %s or a later one",
                     fact_row(condition->fact)->name, stage_name(check->stage), stage_name(known));
}

static void load_stage(struct loader *loader, const struct section *section, struct rule *rule) {
    const char *name = section_text(section, "stage");
    if (name == NULL) {
        rule->stage = rule_natural_stage(rule);
        if (rule->stage == STAGE_NONE)
            loader_error(loader, rule->place,
                         "no stage knows all the facts of rule \"%s\": `command` is known at stage "
                         "unknown only; take it or the others out",
                         rule->name);
        return;
    }
    rule->stage = stage_from_name(name);
    if (rule->stage == STAGE_NONE) {
        g_autofree char *hint = text_did_you_mean(text_nearest(name, NULL, STAGE_COUNT, stage_at));
        loader_error(loader, section_place(section, "stage"), "there is no stage \"%s\"%s", name,
                     hint);
        return;
    }
    struct stage_check check = {loader, rule->stage};
    rule_visit(rule, complain_if_unknown, &check);
}

/* Somebody else's reply can only be restated; and to an unknown command anything but a refusal does
 * harm in the MTAs. */
static void check_verb_at_stage(struct loader *loader, const struct rule *rule) {
    if (rule->verb != VERB_NONE && (rule->verb == VERB_RESTATE) != (rule->stage == STAGE_REPLY))
        loader_error(
            loader, rule->place,
            "rule \"%s\" has the verb %s at stage %s; at stage reply, and only there, write "
            "restate",
            rule->name, verb_name(rule->verb), stage_name(rule->stage));
    if (rule->stage == STAGE_UNKNOWN && rule->verb != VERB_NONE &&
        verb_class(rule->verb) == STATUS_ANY)
        loader_error(loader, rule->place,
                     "rule \"%s\" cannot %s an unknown command; write reject or defer", rule->name,
                     verb_name(rule->verb));
}

/* --- the code --------------------------------------------------------------------------------- */

static void check_code(struct loader *loader, const struct section *section,
                       const struct rule *rule) {
    enum { MOST = 8 };
    struct status_finding findings[MOST];
    enum status_class wanted = verb_class(rule->verb);
    size_t count = status_check(rule->code, stage_command(rule->stage), wanted, findings, MOST);
    for (size_t i = 0; i < MIN(count, MOST); i++)
        complain(loader->complaints, findings[i].fault->severity, section_place(section, "code"),
                 "%s", findings[i].text);
}

static void load_code(struct loader *loader, const struct section *section, struct rule *rule) {
    const char *code = section_text(section, "code");
    if (code == NULL)
        return;
    if (!status_parse(code, &rule->code, NULL) || rule->code.basic == 0) {
        rule->code.basic = 0;
        loader_error(loader, section_place(section, "code"),
                     "\"%s\" is no code pair; write one like \"550 5.7.1\"", code);
    } else if (verb_class(rule->verb) == STATUS_ANY) {
        loader_error(loader, section_place(section, "code"),
                     "`code` belongs to reject and defer only; leave it out");
    } else if (rule->stage != STAGE_NONE) {
        check_code(loader, section, rule);
    }
}

static char *stages_with_pair(const struct reason *reason, enum status_class status_class) {
    g_autoptr(GString) stages = g_string_new(NULL);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        if (reason_pair(reason, status_class, stage_command(stage)).basic != 0)
            g_string_append_printf(stages, "%s%s", stages->len > 0 ? ", " : "", stage_name(stage));
    return g_string_free(g_steal_pointer(&stages), FALSE);
}

/* The reason must have a pair for the verb's class where the rule is asked. */
static void check_pair(struct loader *loader, const struct section *section,
                       const struct rule *rule) {
    enum status_class status_class = verb_class(rule->verb);
    if (rule->reason == NULL || status_class == STATUS_ANY || rule->stage == STAGE_NONE ||
        rule->code.basic != 0)
        return;
    if (interpret_status(rule->reason, status_class, rule->stage, rule->stage).basic != 0)
        return;
    g_autofree char *stages = stages_with_pair(rule->reason, status_class);
    struct place place = section_place(section, verb_name(rule->verb));
    if (*stages == '\0')
        loader_error(loader, place, "the reason \"%s\" has no %s code pair; write `%s` instead",
                     rule->reason->id, status_class_name(status_class),
                     rule->verb == VERB_REJECT ? "defer" : "reject");
    else
        loader_error(loader, place,
                     "the reason \"%s\" cannot be given at stage %s; write one of the stages %s, "
                     "or another reason",
                     rule->reason->id, stage_name(rule->stage), stages);
}

/* --- parameters ------------------------------------------------------------------------------- */

static bool knows_setting(const struct rule *rule, const char *name) {
    const char *key;
    return fact_from_name(name, &key) != FACT_NONE ||
           g_ptr_array_find_with_equal_func(rule->reason->parameters, name, g_str_equal, NULL);
}

static const char *setting_at(const void *known, size_t index) {
    const GPtrArray *parameters = known;
    return parameters->pdata[index];
}

static void load_setting(struct loader *loader, struct place place, const char *text,
                         struct rule *rule) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        loader_error(loader, place, "\"%s\" sets no parameter; write it like \"limit=10 MB\"",
                     text);
        return;
    }
    g_autofree char *name = g_strstrip(g_strndup(text, (size_t)(equals - text)));
    if (rule->reason != NULL && !knows_setting(rule, name)) {
        const GPtrArray *parameters = rule->reason->parameters;
        g_autofree char *hint =
            text_did_you_mean(text_nearest(name, parameters, parameters->len, setting_at));
        loader_error(loader, place, "the reason \"%s\" has no parameter \"%s\"%s", rule->reason->id,
                     name, hint);
        return;
    }
    struct setting setting = {g_intern_string(name), g_strstrip(g_strdup(equals + 1))};
    rule_add_setting(rule, setting);
}

static void load_settings_of(struct loader *loader, const struct section *section,
                             struct rule *rule) {
    for (size_t i = 0; i < section_count(section, "with"); i++)
        load_setting(loader, section_item_place(section, "with", i),
                     section_item(section, "with", i), rule);
}

static bool is_set(const struct rule *rule, const char *name) {
    for (guint i = 0; rule->settings != NULL && i < rule->settings->len; i++)
        if (g_array_index(rule->settings, struct setting, i).name == name)
            return true;
    return false;
}

static void check_template(struct loader *loader, const struct rule *rule,
                           const struct template *template) {
    const struct template_parameter *parameter;
    for (size_t i = 0; template != NULL && (parameter = template_parameter(template, i)) != NULL;
         i++)
        if (!parameter->optional && parameter->fact != FACT_NONE &&
            !fact_is_known(parameter->fact, NULL, rule->stage) && !is_set(rule, parameter->name))
            loader_error(loader, rule->place,
                         "the text of \"%s\" names {%s}, which is not known at stage %s; choose a "
                         "later stage, or set it with = { \"%s=…\" }",
                         rule->reason->id, parameter->name, stage_name(rule->stage),
                         parameter->name);
}

static void check_texts(struct loader *loader, const struct rule *rule) {
    if (rule->reason == NULL || rule->stage == STAGE_NONE || verb_class(rule->verb) == STATUS_ANY)
        return;
    const struct reason_text *text = &rule->reason->texts[0];
    const struct template *const templates[] = {text->brief, text->says, text->remedy,
                                                text->internal};
    for (size_t i = 0; i < G_N_ELEMENTS(templates); i++)
        check_template(loader, rule, templates[i]);
}

/* --- rules ------------------------------------------------------------------------------------ */

static void load_certainty(struct loader *loader, const struct section *section,
                           struct rule *rule) {
    bool certain = true;
    read_flag(loader, section, "certain", &certain);
    rule->uncertain = !certain;
}

/* What belongs to `restate` alone. */
static void load_restating(struct loader *loader, const struct section *section,
                           struct rule *rule) {
    static const char *const codes[] = {"keep", "correct", NULL};
    static const char *const options[] = {"answers", "restate-codes"};
    int restating = (int)rule->codes;
    const char *answers = section_text(section, "answers");
    for (size_t i = 0; i < G_N_ELEMENTS(options) && rule->verb != VERB_RESTATE; i++)
        if (section_text(section, options[i]) != NULL)
            loader_error(loader, section_place(section, options[i]),
                         "`%s` belongs to restate only; leave it out", options[i]);
    if (answers != NULL && !reason_find_occasion(answers, &rule->answers))
        loader_error(loader, section_place(section, "answers"),
                     "`answers` is \"%s\"; write one of connect, helo, mail, rcpt, data, eom, "
                     "unknown, vrfy, auth, starttls, etrn",
                     answers);
    if (read_choice(loader, section, "restate-codes", codes, &restating))
        rule->codes = (enum restate_codes)restating;
}

struct rule *load_one_rule(struct loader *loader, const struct section *section) {
    struct rule *rule = rule_new(section_title(section), section->place);
    load_clauses(loader, section, rule);
    read_flag(loader, section, "shadow", &rule->shadow);
    load_certainty(loader, section, rule);
    load_verb(loader, section, rule);
    load_restating(loader, section, rule);
    load_stage(loader, section, rule);
    check_verb_at_stage(loader, rule);
    load_code(loader, section, rule);
    check_pair(loader, section, rule);
    load_settings_of(loader, section, rule);
    check_texts(loader, rule);
    if (rule->stage == STAGE_NONE || rule->verb == VERB_NONE)
        g_clear_pointer(&rule, rule_free);
    return rule;
}

static void load_rule(struct loader *loader, const struct item *item) {
    if (section_title(&item->section) == NULL || !section_is_read(&item->section) ||
        leave_unmade(loader, item))
        return;
    struct rule *rule = load_one_rule(loader, &item->section);
    if (rule == NULL)
        return;
    rule->shipped = source_is_shipped(item->source);
    policy_add_rule(loader->settings->snapshot->policy, rule);
}

void load_rules(struct loader *loader) {
    loader_each(loader, "rule", load_rule);
    policy_check(loader->settings->snapshot->policy, loader->complaints);
}
