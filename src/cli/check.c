/* SPDX-License-Identifier: ISC */
/* dragoman check: is a configuration in order, and does the policy do what its tests expect? */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "dragoman/foreign_reply.h"
#include "dragoman/settings.h"
#include "rehearsal.h"

/* What came of a test: the first decision that was anything but letting the message pass. */
struct outcome {
    enum verb verb; /* VERB_NONE: it passed */
    struct status status;
    const struct rule *rule;
    const char *reason;
};

static void note_outcome(struct outcome *outcome, const struct verdict *verdict) {
    outcome->verb = verdict->verb;
    outcome->rule = verdict->rule;
    if (verdict->rule != NULL && verdict->rule->reason != NULL)
        outcome->reason = verdict->rule->reason->id;
}

static void on_answer(const struct answer *answer, const struct transaction *transaction,
                      void *context) {
    struct outcome *outcome = context;
    (void)transaction;
    if (outcome->verb != VERB_NONE)
        return;
    if (answer->action == ACTION_REFUSE || answer->action == ACTION_DISCARD)
        note_outcome(outcome, answer->verdict);
    else if (answer->hold != NULL)
        note_outcome(outcome, answer->hold);
    if (answer->action == ACTION_REFUSE)
        outcome->status = answer->reply->status;
}

/* --- running a test --------------------------------------------------------------------------- */

static bool set_facts(struct rehearsal *rehearsal, const struct policy_test *test) {
    bool good = true;
    for (guint i = 0; i < test->facts->len; i++) {
        const struct test_fact *fact = &g_array_index(test->facts, struct test_fact, i);
        if (rehearsal_set(rehearsal, fact->fact, fact->key, fact->value))
            continue;
        fprintf(stderr,
                "%s:%u: error: a test cannot set %s; it follows from what the client does\n",
                test->place.file, test->place.line, fact_row(fact->fact)->name);
        good = false;
    }
    if (rehearsal->recipients->len == 0 && rehearsal->commands->len == 0)
        g_ptr_array_add(rehearsal->recipients, g_strdup("recipient@server.example"));
    return good;
}

static struct outcome play_test(const struct settings *settings, struct rehearsal *rehearsal) {
    struct outcome outcome = {.verb = VERB_NONE};
    struct mta_events events = {.answer = on_answer, .context = &outcome};
    struct mta *mta =
        mta_new(MTA_POSTFIX, "mail.server.example", settings->snapshot, NULL, &events);
    rehearsal_play(rehearsal, mta, NULL, NULL);
    mta_free(mta);
    return outcome;
}

/* A reply that somebody else gave, and what the rules of stage reply say of it. */
static struct outcome play_reply(const struct settings *settings, const char *text) {
    struct outcome outcome = {.verb = VERB_NONE};
    struct foreign_reply *reply = foreign_reply_parse(text);
    struct transaction *transaction = transaction_new(&settings->snapshot->site.limits);
    transaction_reply(transaction, reply->status, reply->text);
    struct verdict verdict = interpret(settings->snapshot, transaction, STAGE_REPLY, NULL);
    if (verdict.verb != VERB_NONE)
        note_outcome(&outcome, &verdict);
    verdict_clear(&verdict);
    transaction_free(transaction);
    foreign_reply_free(reply);
    return outcome;
}

static const char *outcome_name(const struct outcome *outcome) {
    return outcome->verb == VERB_NONE ? "accept" : verb_name(outcome->verb);
}

static bool is_expected(const struct outcome *outcome, const char *expect) {
    struct status status;
    if (status_parse(expect, &status, NULL))
        return status_equal(status, outcome->status);
    return strcmp(expect, outcome_name(outcome)) == 0 || g_strcmp0(expect, outcome->reason) == 0;
}

static void complain_of(const struct policy_test *test, const struct outcome *outcome) {
    char code[STATUS_TEXT_SIZE];
    g_autofree char *by =
        outcome->rule != NULL
            ? g_strdup_printf(" by rule \"%s\" (%s:%u)", outcome->rule->name,
                              outcome->rule->place.file, outcome->rule->place.line)
            : g_strdup("");
    status_print(outcome->status, code);
    fprintf(stderr, "%s:%u: error: test \"%s\" expects %s, but gets %s%s%s%s%s%s\n",
            test->expected_at.file, test->expected_at.line, test->name, test->expect,
            outcome_name(outcome), *code != '\0' ? " " : "", code,
            outcome->reason != NULL ? " " : "", outcome->reason != NULL ? outcome->reason : "", by);
}

static bool run_test(const struct settings *settings, const struct policy_test *test) {
    struct rehearsal *rehearsal = rehearsal_new();
    bool good = set_facts(rehearsal, test);
    struct outcome outcome =
        test->reply != NULL ? play_reply(settings, test->reply) : play_test(settings, rehearsal);
    rehearsal_free(rehearsal);
    if (good && is_expected(&outcome, test->expect))
        return true;
    if (good)
        complain_of(test, &outcome);
    return false;
}

/* The shipped restating rules and their tests are ours, not the site's. */
static bool is_shipped(const struct settings *settings, struct place place) {
    return strstr(place.file, "restate/") != NULL && strcmp(place.file, settings->file) != 0;
}

/* Who sees the number notices a file that was cut off between two sections. */
static guint count_rules(const struct settings *settings, bool shipped) {
    guint count = 0;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        const GPtrArray *rules = settings->snapshot->policy->rules[stage];
        for (guint i = 0; i < rules->len; i++)
            count += shipped || !is_shipped(settings, ((struct rule *)rules->pdata[i])->place);
    }
    return count;
}

static int run_tests(const struct settings *settings, bool shipped, bool quiet) {
    guint passed = 0, count = 0, rules = count_rules(settings, shipped);
    for (guint i = 0; i < settings->tests->len; i++) {
        const struct policy_test *test = settings->tests->pdata[i];
        if (!shipped && is_shipped(settings, test->place))
            continue;
        count++;
        passed += run_test(settings, test);
    }
    if (!quiet || passed < count)
        fprintf(passed < count ? stderr : stdout,
                "%s: in order; %u rule%s, %u of %u tests passed\n", settings->file, rules,
                rules == 1 ? "" : "s", passed, count);
    return passed < count ? EXIT_BAD : EXIT_GOOD;
}

/* --- the command ------------------------------------------------------------------------------ */

static int check(const char *file, bool shipped, bool quiet) {
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(file, SETTINGS_RESTATING, complaints);
    int status = EXIT_BAD;
    complaints_print(complaints, stderr);
    if (settings->snapshot != NULL)
        status = run_tests(settings, shipped, quiet);
    else
        fprintf(stderr, "%s: %zu errors, %zu warnings\n", settings->file,
                complaints_count(complaints, SEVERITY_ERROR),
                complaints_count(complaints, SEVERITY_WARNING));
    settings_free(settings);
    complaints_free(complaints);
    return status;
}

static int run(int count, char **arguments) {
    static const struct option known[] = {
        {"quiet", no_argument, NULL, 'q'}, {"shipped", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
    bool quiet = false, shipped = false;
    int option;
    while ((option = getopt_long(count, arguments, "q", known, NULL)) != -1) {
        quiet = quiet || option == 'q';
        shipped = shipped || option == 's';
        if (option == '?')
            return command_usage_error(&check_command, "that is no option");
    }
    if (count - optind > 1)
        return command_usage_error(&check_command, "one file is enough");
    return check(optind < count ? arguments[optind] : NULL, shipped, quiet);
}

const struct command check_command = {
    .name = "check",
    .summary = "check a configuration and run the tests in it",
    .usage =
        "Usage: dragoman check [-q] [--shipped] [FILE]\n"
        "Checks FILE and everything it names (without FILE: the installed configuration, else\n"
        "the built-in one), prints all complaints, then runs its `test` sections.\n"
        "\n"
        "  -q, --quiet    say nothing where everything is in order\n"
        "      --shipped  run the tests of the shipped restating rules as well\n"
        "\n"
        "Exit status: 0 in order, 1 errors or failed tests, 2 usage.\n",
    .run = run,
};
