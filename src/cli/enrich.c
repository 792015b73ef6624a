/* SPDX-License-Identifier: ISC */
/* dragoman enrich: a filter that puts an explanation in front of a bounce. Whatever happens, the
 * message comes out. */
#include "dragoman/enrich.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "dragoman/settings.h"

/* The message is lost where it cannot be written: whoever runs the filter shall try again
 * (EX_TEMPFAIL of sysexits.h). */
enum { EXIT_NOT_WRITTEN = 75 };

struct options {
    const char *file;
    const char *languages;
    const char *host;
    const char *sender;
    bool trace;
    bool letter;
};

/* --- the message ------------------------------------------------------------------------------ */

/* Reads up to `most` octets more than the limit; false if there is an error. */
static bool read_some(GString *message, size_t most) {
    char buffer[65536];
    while (message->len < most) {
        ssize_t length = read(STDIN_FILENO, buffer, sizeof buffer);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return length == 0;
        g_string_append_len(message, buffer, length);
    }
    return true;
}

static bool write_all(const char *octets, size_t length) {
    return fwrite(octets, 1, length, stdout) == length;
}

/* What has been read, and what has not: without taking it all into memory. */
static bool pass(const GString *message) {
    char buffer[65536];
    bool good = write_all(message->str, message->len);
    ssize_t length;
    while (good && ((length = read(STDIN_FILENO, buffer, sizeof buffer)) > 0 ||
                    (length < 0 && errno == EINTR)))
        good = length < 0 || write_all(buffer, (size_t)length);
    return good;
}

/* The header, the mark at its end, and the new body. */
static bool write_enriched(const GString *message, const struct enriched *enriched) {
    const char *behind = message->str + enriched->header_length;
    const char *line_end = *behind == '\r' ? "\r\n" : "\n";
    g_autofree char *mark =
        g_strdup_printf("%s: %s%s%s", enrich_mark, enriched->mark, line_end, line_end);
    return write_all(message->str, enriched->header_length) && write_all(mark, strlen(mark)) &&
           write_all(enriched->body->str, enriched->body->len);
}

/* --- what the filter knows -------------------------------------------------------------------- */

/* The address of a line "Return-Path: <address>"; NULL where there is none. */
static char *return_path(const GString *message) {
    static const char name[] = "return-path:";
    const char *line = message->str;
    while (*line != '\0' && *line != '\n' && strncmp(line, "\r\n", 2) != 0) {
        if (g_ascii_strncasecmp(line, name, strlen(name)) == 0) {
            const char *value = line + strlen(name);
            return g_strstrip(g_strndup(value, strcspn(value, "\r\n")));
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return NULL;
}

static void print_trace(const struct enriched *enriched) {
    if (enriched->untouched != UNTOUCHED_NOT)
        fprintf(stderr, "unchanged: %s (%s)\n", untouched_help(enriched->untouched),
                untouched_name(enriched->untouched));
    else
        fputs("enriched\n", stderr);
    for (guint i = 0; i < enriched->findings->len; i++) {
        const struct enrich_finding *finding = enriched->findings->pdata[i];
        g_autoptr(GString) line = g_string_new(NULL);
        text_append_field(line, "recipient", finding->recipient);
        fprintf(stderr, "%s reason=%s certain=%s\n", line->str,
                finding->reason != NULL ? finding->reason : "none",
                finding->certain ? "yes" : "no");
    }
    for (guint i = 0; i < enriched->evidence->len; i++)
        fprintf(stderr, "evidence: %s\n", (const char *)enriched->evidence->pdata[i]);
    for (guint i = 0; i < enriched->languages->len; i++)
        fprintf(stderr, "%s%s", i == 0 ? "languages: " : ", ",
                (const char *)enriched->languages->pdata[i]);
    fputs(enriched->languages->len > 0 ? "\n" : "", stderr);
}

/* --- the command ------------------------------------------------------------------------------ */

static struct settings *load(const struct options *options) {
    struct complaints *complaints = complaints_new();
    g_auto(GStrv) languages =
        options->languages != NULL ? g_strsplit(options->languages, ",", -1) : NULL;
    struct settings *settings =
        settings_load_for_enriching(options->file, (const char *const *)languages, complaints);
    complaints_print(complaints, stderr);
    complaints_free(complaints);
    return settings;
}

static bool filter(const struct options *options, const struct settings *settings,
                   const GString *message) {
    g_autofree char *path = return_path(message);
    const char *own = settings->snapshot->site.bounces.host;
    struct enrich_request request = {
        .message = {message->str, message->len},
        .sender = options->sender != NULL ? options->sender : path,
        .host = options->host != NULL ? options->host
                : own != NULL         ? own
                                      : g_get_host_name(),
    };
    struct enriched *enriched = enrich(settings->snapshot, &request);
    if (options->trace)
        print_trace(enriched);
    bool changed = enriched->untouched == UNTOUCHED_NOT;
    bool good = true;
    if (options->letter)
        good = !changed || write_all(enriched->letter, strlen(enriched->letter));
    else
        good = changed ? write_enriched(message, enriched) : pass(message);
    enriched_free(enriched);
    return good;
}

/* A wrong option in a mail server's configuration must not cost the message: what it is piped into
 * would be given an empty one. */
static int usage_error(const char *what) {
    g_autoptr(GString) nothing = g_string_new(NULL);
    int status = command_usage_error(&enrich_command, "%s", what);
    bool good = isatty(STDIN_FILENO) != 0 || (pass(nothing) && fflush(stdout) == 0);
    return good ? status : EXIT_NOT_WRITTEN;
}

static int run_filter(const struct options *options) {
    struct settings *settings = load(options);
    size_t most = settings->snapshot != NULL ? settings->snapshot->site.bounces.octets_max : 0;
    g_autoptr(GString) message = g_string_new(NULL);
    bool read = read_some(message, most + 1);
    bool good =
        read && settings->snapshot != NULL ? filter(options, settings, message) : pass(message);
    settings_free(settings);
    good = fflush(stdout) == 0 && good && read;
    if (!good)
        fprintf(stderr, "dragoman enrich: the message could not be passed on: %s\n",
                g_strerror(errno));
    return good ? EXIT_GOOD : EXIT_NOT_WRITTEN;
}

static int run(int count, char **arguments) {
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"lang", required_argument, NULL, 'l'},
        {"host", required_argument, NULL, 'H'},
        {"sender", required_argument, NULL, 's'},
        {"trace", no_argument, NULL, 't'},
        {"letter", no_argument, NULL, 'L'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.file = NULL};
    int option;
    while ((option = getopt_long(count, arguments, "c:l:", known, NULL)) != -1)
        switch (option) {
        case 'c':
            options.file = optarg;
            break;
        case 'l':
            options.languages = optarg;
            break;
        case 'H':
            options.host = optarg;
            break;
        case 's':
            options.sender = optarg;
            break;
        case 'L':
            options.letter = true;
            break;
        case 't':
            options.trace = true;
            break;
        default:
            return usage_error("that is no option");
        }
    if (optind < count)
        return usage_error("the message is read from standard input");
    return run_filter(&options);
}

const struct command enrich_command = {
    .name = "enrich",
    .summary = "put an explanation in front of a bounce",
    .usage =
        "Usage: dragoman enrich [-c FILE] [-l LANGUAGES] [--host NAME] [--sender ADDRESS]\n"
        "                       [--letter] [--trace] < MESSAGE > MESSAGE\n"
        "Reads a message, puts an explanation in front of the text of a bounce, and leaves\n"
        "everything else as it is. What is no bounce beyond doubt comes out unchanged, and so\n"
        "does every message where something goes wrong.\n"
        "\n"
        "  -c, --config FILE      the configuration (its section `bounces`)\n"
        "  -l, --lang LANGUAGES   languages of the explanation, in this order, e.g. tr,en\n"
        "      --host NAME        who adds the explanation (default: this host)\n"
        "      --sender ADDRESS   envelope sender (default: the field Return-Path, else <>);\n"
        "                         only a message from <> is changed\n"
        "      --letter           write only the explanation, as a mail reader shows it\n"
        "      --trace            say on standard error what was found, and why\n"
        "\n"
        "Exit status: 0 the message came out, changed or not; 2 usage; 75 it could not be\n"
        "read or written.\n",
    .run = run,
};
