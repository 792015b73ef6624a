/* SPDX-License-Identifier: ISC */
#include "dragoman/policy.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

/* ---- the natural stage ---- */

static const struct {
    const char *conditions;
    enum stage stage;
} natural[] = {
    {"", STAGE_CONNECT},
    {" if client-name=x", STAGE_CONNECT},
    {" if helo=x", STAGE_HELO},
    {" if tls-version=x", STAGE_MAIL}, /* STARTTLS may still come after HELO */
    {" if client-name=x unless sender=a@b", STAGE_MAIL},
    {" if recipient=a@b unless client-name=x", STAGE_RCPT},
    {" if size=>1", STAGE_MAIL},
    {" if header:Subject=x", STAGE_EOH},
    {" if body=x", STAGE_EOM},
    {" if macro:client_ptr=x", STAGE_CONNECT},
    {" if macro:i=x", STAGE_DATA},
    {" if macro:own=x", STAGE_MAIL},
    {" if command=x", STAGE_UNKNOWN},
    {" if command=x and helo=y", STAGE_UNKNOWN},
    {" if command=x unless client-ip=10.0.0.0/8", STAGE_UNKNOWN},
    {" if reply-text=x", STAGE_REPLY},
    {" if reply-text=x and sender=a@b", STAGE_REPLY},
};

START_TEST(rules_have_a_natural_stage) {
    g_autofree char *line = g_strconcat("natural reject site-policy", natural[_i].conditions, NULL);
    struct snapshot *snapshot = sample_with_rules(line);

    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        ck_assert_msg(snapshot->policy->rules[stage]->len == (stage == natural[_i].stage), "%s: %s",
                      line, stage_name(stage));
    snapshot_release(snapshot);
}
END_TEST

START_TEST(some_facts_never_meet) {
    static const enum fact others[] = {FACT_SENDER, FACT_RECIPIENT, FACT_BODY};

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct rule *rule = rule_new("rule", (struct place){"file", 1});
        const enum fact facts[] = {FACT_COMMAND, others[i]};
        struct clause *clause = rule_add_clause(rule, false);
        for (size_t j = 0; j < G_N_ELEMENTS(facts); j++) {
            struct condition condition = {.fact = facts[j], .table = table_new(NULL, TABLE_STRING)};
            g_array_append_val(clause->conditions, condition);
        }
        ck_assert_int_eq(rule_natural_stage(rule), STAGE_NONE);
        rule_free(rule);
    }
}
END_TEST

/* ---- the plan ---- */

/* What is wanted of the MTA beside what the log always wants: connect, helo, mail, rcpt heard,
 * the end of the message heard and answered. One word for each stage: "h" heard, "a" answered. */
static const struct {
    const char *rules;
    const char *plan[STAGE_COUNT]; /* in the order of stages.def, up to unknown */
    bool refused, size, holds;
} plans[] = {
    {"", {"h", "h", "h", "h", "", "", "", "", "ha", ""}, false, false, false},
    {"connect reject site-policy",
     {"h", "ha", "ha", "h", "", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"helo reject site-policy",
     {"h", "ha", "ha", "h", "", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"mail reject site-policy",
     {"h", "h", "ha", "h", "", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"rcpt reject site-policy if client-name=x",
     {"h", "h", "h", "ha", "", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"data reject site-policy",
     {"h", "h", "h", "h", "ha", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"natural reject site-policy if header:Subject=x",
     {"h", "h", "h", "h", "", "h", "h", "", "ha", ""},
     false,
     false,
     false},
    {"header reject site-policy if header:Subject=x",
     {"h", "h", "h", "h", "", "h", "", "", "ha", ""},
     false,
     false,
     false},
    {"natural reject site-policy if body=x",
     {"h", "h", "h", "h", "", "", "", "h", "ha", ""},
     false,
     false,
     false},
    {"eom reject site-policy if header:Subject=x",
     {"h", "h", "h", "h", "", "h", "", "", "ha", ""},
     false,
     false,
     false},
    {"unknown reject site-policy if command=x",
     {"h", "h", "h", "h", "h", "", "", "", "ha", "ha"},
     false,
     false,
     false},
    {"natural reject site-policy if size=>1",
     {"h", "h", "ha", "h", "", "", "", "", "ha", ""},
     false,
     false,
     false},
    {"eom reject site-policy if size=>1",
     {"h", "h", "h", "h", "", "h", "", "h", "ha", ""},
     false,
     true,
     false},
    {"rcpt reject site-policy if refused-recipients=>3",
     {"h", "h", "h", "ha", "", "", "", "", "ha", ""},
     true,
     false,
     false},
    {"rcpt hold if recipient=a@b",
     {"h", "h", "h", "ha", "", "", "", "", "ha", ""},
     false,
     false,
     true},
    {"rcpt reject shadow site-policy if recipient=a@b",
     {"h", "h", "h", "ha", "", "", "", "", "ha", ""},
     false,
     false,
     false},
};

START_TEST(the_plan_follows_the_rules) {
    struct snapshot *snapshot = sample_with_rules(plans[_i].rules);
    const struct policy *policy = snapshot->policy;

    for (enum stage stage = 0; stage <= STAGE_UNKNOWN; stage++) {
        const struct stage_plan *plan = &policy->plan[stage];
        g_autofree char *text =
            g_strconcat(plan->heard ? "h" : "", plan->answered ? "a" : "", NULL);
        ck_assert_msg(strcmp(text, plans[_i].plan[stage]) == 0, "%s: %s is %s", plans[_i].rules,
                      stage_name(stage), text);
    }
    ck_assert_int_eq(policy->refused_recipients, plans[_i].refused);
    ck_assert_int_eq(policy->counts_size, plans[_i].size);
    ck_assert_int_eq(policy->holds, plans[_i].holds);
    snapshot_release(snapshot);
}
END_TEST

static const struct {
    const char *rules;
    enum stage stage;
    const char *macros; /* in the order in which they are asked for */
} macros[] = {
    {"", STAGE_CONNECT, "j"},
    {"", STAGE_HELO, ""},
    {"", STAGE_MAIL, "i auth_authen"},
    {"", STAGE_RCPT, "i"},
    {"", STAGE_EOM, "i"},
    {"rcpt reject site-policy if client-ptr=x", STAGE_CONNECT, "client_ptr j"},
    {"mail reject site-policy if tls-version=x", STAGE_HELO, "tls_version"},
    {"mail reject site-policy if tls-version=x", STAGE_MAIL, "tls_version i auth_authen"},
    {"mail reject site-policy if auth-user=x and authenticated=yes", STAGE_MAIL, "auth_authen i"},
    {"mail reject site-policy if macro:auth_ssf=x unless macro:auth_ssf=y", STAGE_MAIL,
     "auth_ssf i auth_authen"},
    {"eom reject site-policy if macro:msg_size=x", STAGE_EOM, "msg_size i"},
    {"rcpt reject site-policy if refused-recipients=1", STAGE_RCPT, "rcpt_mailer i"},
    {"data reject site-policy if queue-id=x", STAGE_DATA, "i"},
};

START_TEST(macros_are_asked_for) {
    struct snapshot *snapshot = sample_with_rules(macros[_i].rules);
    const GPtrArray *names = snapshot->policy->plan[macros[_i].stage].macros;
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? " " : "", (const char *)names->pdata[i]);
    ck_assert_str_eq(all->str, macros[_i].macros);
    snapshot_release(snapshot);
}
END_TEST

/* ---- the check ---- */

static const struct {
    const char *rules;
    const char *unreachable; /* their names */
} reaches[] = {
    {"rcpt reject site-policy\nrcpt reject site-policy if recipient=a@b", "2"},
    {"rcpt reject site-policy if recipient=a@b\nrcpt reject site-policy", ""},
    {"rcpt accept\nrcpt reject site-policy\nrcpt defer site-policy", "2 3"},
    {"connect accept\nrcpt reject site-policy\nreply restate site-policy if reply-text=x", "2"},
    {"mail reject site-policy\nconnect reject site-policy\nhelo reject site-policy", "3 1"},
    {"rcpt accept\nunknown reject site-policy\nunknown reject site-policy if command=x", "3"},
    {"rcpt reject shadow site-policy\nrcpt reject site-policy", ""},
    {"rcpt hold\nrcpt reject site-policy", ""},
    {"rcpt reject site-policy if recipient=*\nrcpt reject site-policy", "2"},
    {"rcpt reject site-policy if recipient=*,!a@b\nrcpt reject site-policy", ""},
    {"rcpt reject site-policy if recipient=* and sender=a@b\nrcpt reject site-policy", ""},
    {"rcpt reject site-policy unless sender=a@b\nrcpt reject site-policy", ""},
    {"rcpt reject site-policy if recipient=* unless sender=a@b\nrcpt reject site-policy", ""},
    {"reply restate site-policy if reply-text=*\nreply restate site-policy if reply-text=x", "2"},
};

START_TEST(unreachable_rules_are_found) {
    struct snapshot *snapshot = sample_with_rules(reaches[_i].rules);
    struct complaints *complaints = complaints_new();
    g_autoptr(GString) names = g_string_new(NULL);
    const struct complaint *complaint;

    policy_check(snapshot->policy, complaints);
    for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL; i++) {
        g_autofree char *text =
            g_strdup_printf("rule \"%u\" can never match", complaint->place.line);
        g_string_append_printf(names, "%s%u", i > 0 ? " " : "", complaint->place.line);
        ck_assert_msg(g_str_has_prefix(complaint->text, text), "%s", complaint->text);
        ck_assert_int_eq(complaint->severity, SEVERITY_ERROR);
    }
    ck_assert_str_eq(names->str, reaches[_i].unreachable);
    complaints_free(complaints);
    snapshot_release(snapshot);
}
END_TEST

/* ---- tables and verbs ---- */

START_TEST(tables_are_found_by_name) {
    struct policy *policy = policy_new();
    struct table *table = table_new("our-networks", TABLE_CIDR);

    ck_assert_ptr_null(policy_nearest_table(policy, "our-networks"));
    ck_assert(policy_add_table(policy, table));
    ck_assert(policy_add_table(policy, table_new("our-users", TABLE_ADDRESS)));
    ck_assert(!policy_add_table(policy, table_new("our-networks", TABLE_STRING)));
    ck_assert_ptr_eq(policy_find_table(policy, "our-networks"), table);
    ck_assert_ptr_null(policy_find_table(policy, "our-network"));
    ck_assert_str_eq(policy_nearest_table(policy, "our-network"), "our-networks");
    ck_assert_ptr_null(policy_nearest_table(policy, "something-else"));
    policy_free(policy);
    policy_free(NULL);
    rule_free(NULL);
}
END_TEST

START_TEST(verbs_have_a_class) {
    static const struct {
        const char *name;
        enum status_class status_class;
    } verbs[] = {
        {"reject", STATUS_PERMANENT}, {"defer", STATUS_TEMPORARY}, {"accept", STATUS_ANY},
        {"discard", STATUS_ANY},      {"hold", STATUS_ANY},        {"restate", STATUS_ANY},
        {"none", STATUS_ANY},
    };

    for (enum verb verb = 0; verb <= VERB_COUNT; verb++) {
        ck_assert_str_eq(verb_name(verb), verbs[verb].name);
        ck_assert_int_eq(verb_class(verb), verbs[verb].status_class);
    }
}
END_TEST

Suite *policy_suite(void) {
    Suite *suite = suite_create("policy");
    TCase *tests = tcase_create("policy");

    tcase_add_loop_test(tests, rules_have_a_natural_stage, 0, G_N_ELEMENTS(natural));
    tcase_add_test(tests, some_facts_never_meet);
    tcase_add_loop_test(tests, the_plan_follows_the_rules, 0, G_N_ELEMENTS(plans));
    tcase_add_loop_test(tests, macros_are_asked_for, 0, G_N_ELEMENTS(macros));
    tcase_add_loop_test(tests, unreachable_rules_are_found, 0, G_N_ELEMENTS(reaches));
    tcase_add_test(tests, tables_are_found_by_name);
    tcase_add_test(tests, verbs_have_a_class);
    suite_add_tcase(suite, tests);
    return suite;
}
