/* SPDX-License-Identifier: ISC */
/* dragoman try: a whole SMTP session, and what its client would read. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "dragoman/settings.h"
#include "rehearsal.h"

/* Every real ref is random; this one says where it comes from. */
static const char default_ref[] = "TRY0-0000";

struct try_options {
    const char *file;
    const char *host;
    const char *ref;
    const char *own_refusal;
    enum mta_kind mta;
    enum via via;
    bool trace;
    bool json;
    bool script;
};

/* What is shown, as text at once, as JSON at the end. */
struct show {
    const struct try_options *options;
    json_t *dialogue;
    json_t *decisions;
    json_t *rules;
};

/* --- showing ---------------------------------------------------------------------------------- */

/* A dialogue may hold what a hostile client sent: JSON wants UTF-8, a terminal no controls. */
static char *printable(const char *text) {
    g_autoptr(GString) out = g_string_new(NULL);
    text_append_harmless(out, text, CHARSET_UTF8, strlen(text) + 1);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void show_line(const struct show *show, const char *who, const char *line) {
    g_autofree char *text = printable(line);
    if (show->options->json)
        json_array_append_new(show->dialogue, json_pack("{s:s, s:s}", "from", who, "line", text));
    else
        printf("%c: %s\n", g_ascii_toupper(*who), text);
}

static void show_client(const char *line, void *context) {
    show_line(context, "client", line);
}

static void show_server(const char *text, void *context) {
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (line[1] != NULL)
            show_line(context, "server", *line);
}

static json_t *rule_json(const struct rule *rule) {
    if (rule == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:i}", "name", rule->name, "file", rule->place.file, "line",
                     (int)rule->place.line);
}

static json_t *decision_json(const struct answer *answer, const struct verdict *verdict) {
    char code[STATUS_TEXT_SIZE] = "";
    if (answer->action == ACTION_REFUSE)
        status_print(answer->reply->status, code);
    const struct reason *reason = verdict->rule != NULL ? verdict->rule->reason : NULL;
    return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:o}", "verb", verb_name(verdict->verb), "decided",
                     stage_name(verdict->stage), "spoken", stage_name(answer->stage), "reason",
                     reason != NULL ? reason->id : NULL, "code", code, "rule",
                     rule_json(verdict->rule));
}

static void show_answer(const struct answer *answer, const struct transaction *transaction,
                        void *context) {
    const struct show *show = context;
    (void)transaction;
    if (!show->options->json)
        return;
    if (answer->action != ACTION_CONTINUE)
        json_array_append_new(show->decisions, decision_json(answer, answer->verdict));
    else if (answer->hold != NULL)
        json_array_append_new(show->decisions, decision_json(answer, answer->hold));
}

static const char *const answer_names[] = {
    [RULE_MATCHED] = "matches",
    [RULE_NO_MATCH] = "does not match: `if` fails at",
    [RULE_EXCEPTED] = "does not match: `unless` holds at",
    [RULE_LIMIT] = "is unknown: the match limit was reached at",
};

static char *condition_name(const struct condition *condition) {
    const char *name = fact_row(condition->fact)->name;
    return condition->key != NULL ? g_strdup_printf("%s:%s", name, condition->key) : g_strdup(name);
}

static void show_rule(const struct rule *rule, enum rule_answer answer,
                      const struct condition *decisive, void *context) {
    const struct show *show = context;
    bool named = decisive != NULL && answer != RULE_MATCHED;
    g_autofree char *condition = named ? condition_name(decisive) : NULL;
    if (show->options->json) {
        json_array_append_new(
            show->rules, json_pack("{s:s, s:o, s:s, s:s?, s:b}", "stage", stage_name(rule->stage),
                                   "rule", rule_json(rule), "answer", answer_names[answer],
                                   "condition", condition, "shadow", (int)rule->shadow));
        return;
    }
    printf("   %s: rule \"%s\" (%s:%u) %s%s%s%s\n", stage_name(rule->stage), rule->name,
           rule->place.file, rule->place.line, answer_names[answer], named ? " " : "",
           named ? condition : "",
           rule->shadow && answer == RULE_MATCHED ? ", but is a shadow" : "");
}

/* --- the session ------------------------------------------------------------------------------ */

static void play_script(struct mta *mta, struct show *show) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while (!mta_is_closed(mta) && (length = getline(&line, &room, stdin)) >= 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            line[--length] = '\0';
        for (ssize_t i = 0; i < length; i++)
            if (line[i] == '\0')
                line[i] = '?';
        show_client(line, show);
        mta_line(mta, line);
    }
    free(line);
}

static void play(struct settings *settings, const struct try_options *options,
                 const struct rehearsal *rehearsal, struct show *show) {
    struct mta_events events = {show_server, show_answer, show};
    struct observer observer = {.every_rule = true, .asked = show_rule, .context = show};
    struct mta *mta = mta_new(options->mta, options->host, settings->snapshot,
                              options->trace ? &observer : NULL, &events);
    mta_set_ref(mta, options->ref);
    mta_set_via(mta, options->via);
    if (options->own_refusal != NULL)
        mta_set_own_refusal(mta, options->own_refusal);
    if (options->script) {
        rehearsal_connect(rehearsal, mta);
        play_script(mta, show);
    } else {
        rehearsal_play(rehearsal, mta, show_client, show);
    }
    mta_free(mta);
}

static void print_json(const struct show *show) {
    json_t *root = json_pack("{s:i, s:s, s:o, s:o, s:o}", "version", 1, "mta",
                             show->options->mta == MTA_POSTFIX ? "postfix" : "sendmail", "dialogue",
                             show->dialogue, "decisions", show->decisions, "rules", show->rules);
    json_dumpf(root, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(root);
}

static int try_session(const struct try_options *options, const struct rehearsal *rehearsal) {
    struct show show = {options, json_array(), json_array(), json_array()};
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(options->file, SETTINGS_RESTATING, complaints);
    bool good = settings->snapshot != NULL;
    if (!good)
        complaints_print(complaints, stderr);
    if (good)
        play(settings, options, rehearsal, &show);
    if (good && options->json) {
        print_json(&show);
    } else {
        json_decref(show.dialogue);
        json_decref(show.decisions);
        json_decref(show.rules);
    }
    settings_free(settings);
    complaints_free(complaints);
    return good ? EXIT_GOOD : EXIT_BAD;
}

/* --- the command ------------------------------------------------------------------------------ */

enum {
    OPTION_MTA = 1000,
    OPTION_VIA,
    OPTION_REFUSAL,
    OPTION_HOST,
    OPTION_REF,
    OPTION_TRACE,
    OPTION_JSON,
    OPTION_SCRIPT,
    OPTION_HEADER,
    OPTION_MACRO,
    OPTION_NO_HELO
};

/* An option that is a fact has the number of the fact behind OPTION_FACTS. */
enum { OPTION_FACTS = 2000 };

static const struct option known_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"client-ip", required_argument, NULL, OPTION_FACTS + FACT_CLIENT_IP},
    {"client-name", required_argument, NULL, OPTION_FACTS + FACT_CLIENT_NAME},
    {"client-port", required_argument, NULL, OPTION_FACTS + FACT_CLIENT_PORT},
    {"helo", required_argument, NULL, OPTION_FACTS + FACT_HELO},
    {"no-helo", no_argument, NULL, OPTION_NO_HELO},
    {"from", required_argument, NULL, OPTION_FACTS + FACT_SENDER},
    {"rcpt", required_argument, NULL, OPTION_FACTS + FACT_RECIPIENT},
    {"size", required_argument, NULL, OPTION_FACTS + FACT_DECLARED_SIZE},
    {"smtputf8", no_argument, NULL, OPTION_FACTS + FACT_SMTPUTF8},
    {"auth-user", required_argument, NULL, OPTION_FACTS + FACT_AUTH_USER},
    {"tls-version", required_argument, NULL, OPTION_FACTS + FACT_TLS_VERSION},
    {"command", required_argument, NULL, OPTION_FACTS + FACT_COMMAND},
    {"header", required_argument, NULL, OPTION_HEADER},
    {"body", required_argument, NULL, OPTION_FACTS + FACT_BODY},
    {"macro", required_argument, NULL, OPTION_MACRO},
    {"mta", required_argument, NULL, OPTION_MTA},
    {"via", required_argument, NULL, OPTION_VIA},
    {"refusal", required_argument, NULL, OPTION_REFUSAL},
    {"host", required_argument, NULL, OPTION_HOST},
    {"ref", required_argument, NULL, OPTION_REF},
    {"trace", no_argument, NULL, OPTION_TRACE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"script", no_argument, NULL, OPTION_SCRIPT},
    {NULL, 0, NULL, 0},
};

static bool read_mta(const char *name, enum mta_kind *kind) {
    *kind = strcmp(name, "sendmail") == 0 ? MTA_SENDMAIL : MTA_POSTFIX;
    return *kind == MTA_SENDMAIL || strcmp(name, "postfix") == 0;
}

static bool is_refusal(const char *reply) {
    struct status status;
    const char *end;
    return status_parse(reply, &status, &end) &&
           (status.basic / 100 == 4 || status.basic / 100 == 5);
}

/* Returns what is wrong with the option, or NULL. */
static const char *read_option(int option, struct try_options *options,
                               struct rehearsal *rehearsal) {
    if (option >= OPTION_FACTS) {
        rehearsal_set(rehearsal, (enum fact)(option - OPTION_FACTS), NULL,
                      optarg != NULL ? optarg : "yes");
        return NULL;
    }
    switch (option) {
    case 'c':
        options->file = optarg;
        return NULL;
    case OPTION_NO_HELO:
        g_clear_pointer(&rehearsal->helo, g_free);
        return NULL;
    case OPTION_HEADER:
        g_ptr_array_add(rehearsal->headers, g_strdup(optarg));
        return strchr(optarg, ':') != NULL ? NULL : "--header wants \"Name: value\"";
    case OPTION_MACRO:
        g_ptr_array_add(rehearsal->macros, g_strdup(optarg));
        return strchr(optarg, '=') != NULL ? NULL : "--macro wants NAME=VALUE";
    case OPTION_MTA:
        return read_mta(optarg, &options->mta) ? NULL : "--mta wants postfix or sendmail";
    case OPTION_VIA:
        options->via = via_from_name(optarg);
        return options->via < VIA_COUNT ? NULL : "--via wants milter, policy, reply or footer";
    case OPTION_REFUSAL:
        options->own_refusal = optarg;
        return is_refusal(optarg) ? NULL
                                  : "--refusal wants a reply like \"550 5.1.1 No such user\"";
    case OPTION_HOST:
        options->host = optarg;
        return NULL;
    case OPTION_REF:
        options->ref = optarg;
        return strlen(optarg) < REF_SIZE ? NULL : "--ref wants at most 9 characters";
    case OPTION_TRACE:
        options->trace = true;
        return NULL;
    case OPTION_JSON:
        options->json = true;
        return NULL;
    case OPTION_SCRIPT:
        options->script = true;
        return NULL;
    default:
        return "that is no option";
    }
}

static int run(int count, char **arguments) {
    struct try_options options = {.host = "mail.server.example", .ref = default_ref};
    struct rehearsal *rehearsal = rehearsal_new();
    const char *wrong = NULL;
    int option;
    while (wrong == NULL &&
           (option = getopt_long(count, arguments, "c:", known_options, NULL)) != -1)
        wrong = read_option(option, &options, rehearsal);
    if (wrong == NULL && optind < count)
        wrong = "it takes options only";
    if (wrong == NULL && options.mta == MTA_SENDMAIL && options.via != VIA_MILTER)
        wrong = "--via is about Postfix; Sendmail has no such hooks";
    if (rehearsal->recipients->len == 0 && rehearsal->commands->len == 0)
        g_ptr_array_add(rehearsal->recipients, g_strdup("recipient@server.example"));
    int status = wrong != NULL ? command_usage_error(&try_command, "%s", wrong)
                               : try_session(&options, rehearsal);
    rehearsal_free(rehearsal);
    return status;
}

const struct command try_command = {
    .name = "try",
    .summary = "play an SMTP session and show what its client reads",
    .usage = "Usage: dragoman try [OPTION]...\n"
             "       dragoman try [OPTION]... --script < COMMANDS\n"
             "Plays a session against the policy, and prints it as the client sees it.\n"
             "\n"
             "  -c, --config FILE   the configuration (default: as dragomand)\n"
             "      --mta KIND      postfix (default) or sendmail\n"
             "      --via HOOK      by what Postfix asks: milter (default), policy, or the maps\n"
             "                      reply or footer (and the policy service)\n"
             "      --refusal TEXT  the server itself refuses each recipient with this reply\n"
             "      --client-ip IP  --client-name NAME  --client-port PORT\n"
             "                      who connects; IP none is a client without an address,\n"
             "                      NAME unknown one without a verified name\n"
             "      --helo NAME     --no-helo\n"
             "      --from ADDRESS  --rcpt ADDRESS (repeat it for several)\n"
             "      --size OCTETS   --smtputf8\n"
             "      --auth-user USER  --tls-version VERSION  --macro NAME=VALUE\n"
             "      --command LINE  send an unknown command after HELO\n"
             "      --header 'NAME: VALUE'  --body TEXT\n"
             "      --script        read the client's lines from standard input\n"
             "      --host NAME     what the server calls itself\n"
             "      --ref REF       the ref in refusals (default: TRY0-0000)\n"
             "      --trace         say of each rule why it does or does not match\n"
             "      --json          print one JSON object\n"
             "\n"
             "Exit status: 0 played, 1 the configuration is not in order, 2 usage.\n",
    .run = run,
};
