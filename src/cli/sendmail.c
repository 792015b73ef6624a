/* SPDX-License-Identifier: ISC */
/* dragoman sendmail: the texts of the site for Sendmail, which can only be told them beforehand. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "dragoman/compose.h"
#include "dragoman/settings.h"

/* Macros of its configuration, and the refusals that they stand for. %s is the text. */
static const struct {
    const char *reason;
    const char *comment;
    const char *definition;
} macros[] = {
    {"relay-denied", "mail for other domains", "define(`confRELAY_MSG', `\"%s\"')dnl"},
    {"site-policy", "REJECT in the access table", "define(`confREJECT_MSG', `\"%s\"')dnl"},
    {"mailbox-disabled", "REJECT of a recipient in the access table",
     "define(`confRCPTREJ_MSG', `\"%s\"')dnl"},
    {"mailbox-unknown",
     "DRAGOMAN_UNKNOWN_USER: local users that are in neither aliases nor passwd; only where no "
     "other\ndnl table knows users, for it refuses all others",
     "define(`DRAGOMAN_UNKNOWN_USER', `define(`LUSER_RELAY', `error:5.1.1:\"%s\"')')dnl"},
    {"client-blocklisted", "DRAGOMAN_DNSBL(`zen.spamhaus.org'): a DNS blocklist",
     "define(`DRAGOMAN_DNSBL', `FEATURE(`dnsbl', `$1', `\"%s [\" $&{client_addr} \" $1]\"')')dnl"},
};

/* --- texts ------------------------------------------------------------------------------------ */

/* The last line of a reply says it all. A ref would be the same in all of them, so there is none.
 */
static char *text_of(const struct snapshot *snapshot, const struct reason *reason,
                     enum status_class status_class) {
    struct transaction *transaction = transaction_new(&snapshot->site.limits);
    struct subject subject = {.reason = reason,
                              .status = reason_pair(reason, status_class, COMMAND_RCPT),
                              .transaction = transaction,
                              .ref = ""};
    char code[STATUS_TEXT_SIZE];
    char *text = NULL;
    if (subject.status.basic != 0) {
        struct reply *reply = compose(snapshot, &subject, &shape_sendmail);
        text = g_strdup_printf("%s %s", status_print(subject.status, code),
                               (const char *)reply->lines->pdata[reply->lines->len - 1]);
        reply_free(reply);
    }
    transaction_free(transaction);
    return text;
}

/* What means something to m4 or to Sendmail is left out: quotes end a text, a comma an argument,
 * what stands in parentheses is a comment. Blanks around a slash do not last everywhere. */
static char *m4_text(const char *text) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (; *text != '\0'; text++)
        if (strchr("`'\"\\$()", *text) == NULL)
            g_string_append_c(out, *text == ',' ? ';' : *text);
    g_string_replace(out, " / ", " - ", 0);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void print_macro(const struct snapshot *snapshot, size_t index) {
    const struct reason *reason = catalogue_find(snapshot->catalogue, macros[index].reason);
    g_autofree char *text = reason != NULL ? text_of(snapshot, reason, STATUS_PERMANENT) : NULL;
    if (text == NULL)
        return;
    g_autofree char *quoted = m4_text(text);
    g_autoptr(GString) line = g_string_new(macros[index].definition);
    g_string_replace(line, "%s", quoted, 1);
    printf("dnl %s\n%s\n", macros[index].comment, line->str);
}

static int print_macros(const struct snapshot *snapshot) {
    fputs("dnl What Sendmail refuses by itself, in the words of dragoman: made by\n"
          "dnl `dragoman sendmail', to be included in sendmail.mc before the FEATURE lines.\n"
          "VERSIONID(`dragoman: refusals')\n",
          stdout);
    for (size_t i = 0; i < G_N_ELEMENTS(macros); i++)
        print_macro(snapshot, i);
    return EXIT_GOOD;
}

extern const struct command sendmail_command;

/* The right side of an entry of the access table. */
static int print_access(const struct snapshot *snapshot, const char *id,
                        enum status_class status_class) {
    const struct reason *reason = catalogue_find(snapshot->catalogue, id);
    g_autofree char *near =
        reason == NULL ? text_did_you_mean(catalogue_nearest(snapshot->catalogue, id)) : NULL;
    if (reason == NULL)
        return command_usage_error(&sendmail_command, "there is no reason \"%s\"%s", id, near);
    g_autofree char *text = text_of(snapshot, reason, status_class);
    if (text == NULL)
        return command_usage_error(&sendmail_command, "%s has no %s pair", id,
                                   status_class_name(status_class));
    g_strdelimit(text, "\"\\", ' ');
    const char *enhanced = strchr(text, ' ') + 1;
    printf("ERROR:%.*s:\"%s\"\n", (int)strcspn(enhanced, " "), enhanced, text);
    return EXIT_GOOD;
}

/* --- the command ------------------------------------------------------------------------------ */

struct sendmail_options {
    const char *file;
    const char *access;
    bool temporary;
};

static int print_texts(const struct sendmail_options *options) {
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(options->file, SETTINGS_POLICY, complaints);
    int status = EXIT_BAD;
    complaints_print(complaints, stderr);
    if (settings->snapshot != NULL && options->access == NULL)
        status = print_macros(settings->snapshot);
    else if (settings->snapshot != NULL)
        status = print_access(settings->snapshot, options->access,
                              options->temporary ? STATUS_TEMPORARY : STATUS_PERMANENT);
    settings_free(settings);
    complaints_free(complaints);
    return status;
}

static int run(int count, char **arguments) {
    static const struct option known[] = {{"config", required_argument, NULL, 'c'},
                                          {"access", required_argument, NULL, 'a'},
                                          {"temporary", no_argument, NULL, 't'},
                                          {NULL, 0, NULL, 0}};
    struct sendmail_options options = {NULL, NULL, false};
    int option;
    while ((option = getopt_long(count, arguments, "c:", known, NULL)) != -1) {
        if (option == 'c')
            options.file = optarg;
        else if (option == 'a')
            options.access = optarg;
        else if (option == 't')
            options.temporary = true;
        else
            return command_usage_error(&sendmail_command, "that is no option");
    }
    if (optind < count)
        return command_usage_error(&sendmail_command, "\"%s\" is too much", arguments[optind]);
    return print_texts(&options);
}

const struct command sendmail_command = {
    .name = "sendmail",
    .summary = "print the texts of refusals for sendmail.mc",
    .usage =
        "Usage: dragoman sendmail [-c FILE] [--access REASON [--temporary]]\n"
        "Prints lines of m4 with which Sendmail refuses in the words and languages of dragoman:\n"
        "one line for each refusal, for more cannot be said there.\n"
        "\n"
        "  -c, --config FILE    the configuration\n"
        "      --access REASON  print what stands behind a key in the access table instead\n"
        "      --temporary      of this reason, the temporary refusal\n"
        "\n"
        "Exit status: 0 good, 1 the configuration has errors, 2 usage.\n",
    .run = run,
};
