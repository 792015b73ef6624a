/* SPDX-License-Identifier: ISC */
/* dragoman explain: what a code, or another server's reply, means and what to do about it. */
#include "explain.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "dragoman/text.h"

void explain_print_json(json_t *object) {
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* Jansson takes UTF-8 only; what is none becomes printable. */
json_t *explain_json_text(const char *text) {
    if (text == NULL)
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

void explain_file_error(const char *file, const char *why) {
    g_autofree char *name = g_filename_display_name(file);
    g_autoptr(GString) shown = g_string_new(NULL);
    text_append_harmless(shown, name, CHARSET_UTF8, PATH_MAX);
    fprintf(stderr, "dragoman explain: %s: %s\n", shown->str, why);
}

struct explain_options {
    const char *languages;
    const char *command;
    bool log;
    bool all;
    bool json;
};

/* Replies need the rules and the texts of reasons; codes explain themselves. */
static bool explainer_open(struct explainer *explainer, const struct explain_options *options,
                           bool replies) {
    struct complaints *complaints = complaints_new();
    explainer->languages = g_strsplit(options->languages, ",", -1);
    explainer->language_count = g_strv_length(explainer->languages);
    explainer->json = options->json;
    explainer->page = page_open();
    if (!replies || !options->json) /* a program needs no words around the explanation */
        explainer->book =
            code_book_load((const char *const *)explainer->languages, replies, complaints);
    if (replies)
        explainer->settings = settings_load_for_explaining(
            NULL, (const char *const *)explainer->languages, complaints);
    bool failed = complaints_print(complaints, stderr);
    complaints_free(complaints);
    return !failed;
}

/* A reply need not be quoted in the shell. NULL where there is nothing. */
static char *join_arguments(char *const *arguments, int count) {
    g_autofree char *joined = count > 0 ? g_strjoinv(" ", (char **)arguments) : NULL;
    return joined != NULL ? g_strdup(g_strstrip(joined)) : NULL;
}

/* Whether the first argument names a file; a code and a reply do not look like one. */
static bool names_file(char *const *arguments, int count) {
    return count > 0 && (strcmp(arguments[0], "-") == 0 || access(arguments[0], F_OK) == 0);
}

static int explain(const struct explainer *explainer, const struct explain_options *options,
                   const char *text, char *const *arguments, int count) {
    if (options->all)
        return explain_all_codes(explainer);
    if (options->command != NULL)
        return explain_command(explainer, options->command);
    if (options->log)
        return explain_log(explainer, count > 0 ? arguments[0] : NULL);
    if (names_file(arguments, count))
        return explain_files(explainer, arguments, count);
    return explain_is_code(text) ? explain_code(explainer, text) : explain_reply(explainer, text);
}

static int open_and_explain(const struct explain_options *options, char *const *arguments,
                            int count) {
    static struct explainer explainer; /* to the end of the process: freeing it only takes time */
    g_autofree char *text = join_arguments(arguments, count);
    bool replies = options->log || (text != NULL && !explain_is_code(text));
    int status = EXIT_BAD;
    if (explainer_open(&explainer, options, replies))
        status = explain(&explainer, options, text, arguments, count);
    return status;
}

static int run(int count, char **arguments) {
    static const struct option known[] = {
        {"lang", required_argument, NULL, 'l'}, {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},        {"command", required_argument, NULL, 'c'},
        {"log", no_argument, NULL, 'L'},        {NULL, 0, NULL, 0},
    };
    struct explain_options options = {.languages = "en,tr"};
    int option;
    while ((option = getopt_long(count, arguments, "l:j", known, NULL)) != -1)
        switch (option) {
        case 'l':
            options.languages = optarg;
            break;
        case 'j':
            options.json = true;
            break;
        case 'a':
            options.all = true;
            break;
        case 'c':
            options.command = optarg;
            break;
        case 'L':
            options.log = true;
            break;
        default:
            return command_usage_error(&explain_command_row, "that is no option");
        }
    if (options.log && count - optind > 1)
        return command_usage_error(&explain_command_row, "--log takes one file");
    if (optind == count && !options.all && !options.log && options.command == NULL)
        return command_usage_error(&explain_command_row, "say what to explain");
    return open_and_explain(&options, arguments + optind, count - optind);
}

const struct command explain_command_row = {
    .name = "explain",
    .summary = "say what an SMTP code or another server's reply means",
    .usage =
        "Usage: dragoman explain [-j] [-l LANGUAGES] CODE\n"
        "       dragoman explain [-j] [-l LANGUAGES] 'REPLY TEXT'\n"
        "       dragoman explain [-j] [-l LANGUAGES] FILE|FOLDER|-...\n"
        "       dragoman explain [-j] [-l LANGUAGES] --log [FILE|-]\n"
        "       dragoman explain --all\n"
        "       dragoman explain --command COMMAND\n"
        "CODE is a basic code (550), an enhanced code (5.1.1, X.1.1) or both. REPLY TEXT is\n"
        "what a server answered, with or without its codes, or the line of a log that tells of\n"
        "it. FILE is a bounce message (or a reply); FOLDER holds many, as a Maildir does;\n"
        "- is standard input.\n"
        "\n"
        "  -l, --lang LANGUAGES   languages of the explanation, of de, en, tr (default: en,tr)\n"
        "  -j, --json             print one JSON object\n"
        "      --log              sum up the refusals in a log of Postfix or Sendmail, which\n"
        "                         may be compressed with gzip\n"
        "      --all              list every known code\n"
        "      --command COMMAND  list the replies that COMMAND may get, e.g. RCPT\n"
        "\n"
        "Exit status: 0 explained, 1 nothing to explain, 2 usage.\n",
    .run = run,
};
