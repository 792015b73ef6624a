/* SPDX-License-Identifier: ISC */
/* Logs: what all the refusals in a mail.log were for. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "dragoman/explanation.h"
#include "explain.h"
#include "line_reader.h"
#include "log_summary.h"

/* --- progress --------------------------------------------------------------------------------- */

enum {
    PROGRESS_WORTH_OCTETS = 8 * 1000 * 1000,
    PROGRESS_EVERY_OCTETS = 4 * 1000 * 1000,
    PROGRESS_COLUMNS = 40
};

/* A bar on standard error; `size` is 0 where none is shown. */
struct progress {
    guint64 size;
    guint64 next;
    gint64 started;
};

static struct progress progress_begin(int descriptor) {
    struct stat file;
    struct progress progress = {0, PROGRESS_EVERY_OCTETS, g_get_monotonic_time()};
    if (isatty(STDERR_FILENO) != 0 && fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode) &&
        file.st_size > PROGRESS_WORTH_OCTETS)
        progress.size = (guint64)file.st_size;
    return progress;
}

/* Microseconds are also the millionths that MB/s needs. */
static void progress_show(struct progress *progress, guint64 octets) {
    static const char full[] = "########################################";
    if (progress->size == 0 || octets < progress->next)
        return;
    progress->next = octets + PROGRESS_EVERY_OCTETS;
    gint64 elapsed = MAX(g_get_monotonic_time() - progress->started, 1);
    guint64 done = MIN(octets, progress->size);
    int filled = (int)(done * PROGRESS_COLUMNS / progress->size);
    fprintf(stderr, "\r[%-*.*s] %3d %%  %" PRIu64 " MB/s ", PROGRESS_COLUMNS, filled, full,
            (int)(done * 100 / progress->size), octets / (guint64)elapsed);
}

static void progress_end(const struct progress *progress) {
    if (progress->size > 0)
        fprintf(stderr, "\r%*s\r", PROGRESS_COLUMNS + 24, "");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The lines of the log; they become part of the summary. */
static guint64 read_lines(struct line_reader *reader, int descriptor, struct log_summary *summary) {
    struct progress progress = progress_begin(descriptor);
    struct log_line found;
    struct slice line;
    guint64 count = 0;
    for (; line_reader_next(reader, &line); count++) {
        if (log_line_read(line, &found) && found.kind != LOG_LINE_ECHO)
            log_summary_add(summary, &found);
        progress_show(&progress, line_reader_octets(reader));
    }
    progress_end(&progress);
    return count;
}

/* --- for people ------------------------------------------------------------------------------- */

/* What is said of a reason in general: of nobody in particular. */
static char *text_of(const struct explainer *explainer, const struct reason *reason,
                     size_t language) {
    const struct snapshot *snapshot = explainer->settings->snapshot;
    struct transaction *nothing = transaction_new(&snapshot->site.limits);
    struct explanation explanation = {reason, true, {0}};
    settings_need_reason(explainer->settings, explanation.reason);
    char *text = explanation_text(&explanation, snapshot, nothing, language, false);
    transaction_free(nothing);
    return text;
}

static const char *label(const struct explainer *explainer, const char *name, size_t language) {
    return code_book_label(explainer->book, name, language);
}

static void print_heading(const struct explainer *explainer, const struct log_tally *tally) {
    const struct page *page = &explainer->page;
    g_autoptr(GString) heading = g_string_new(NULL);
    g_string_printf(heading, "%" PRIu64 "  %s", tally->count,
                    tally->reason != NULL ? tally->reason->id : label(explainer, "unknown", 0));
    page_heading(page, heading->str);
    g_string_printf(heading, "%s %" PRIu64 ", %s %" PRIu64, label(explainer, "permanent", 0),
                    tally->permanent, label(explainer, "transient", 0), tally->temporary);
    if (tally->first[0] != '\0')
        g_string_append_printf(heading, "; %s \xe2\x80\x93 %s", tally->first, tally->last);
    page_paragraph(page, 2, NULL, heading->str);
}

static void print_tally(const struct explainer *explainer, const struct log_tally *tally) {
    const struct page *page = &explainer->page;
    const struct reason *reason = tally->reason;
    print_heading(explainer, tally);
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *text = reason != NULL ? text_of(explainer, reason, i) : NULL;
        page_paragraph(page, 2, NULL, text != NULL ? text : label(explainer, "not-explained", i));
        if (reason != NULL)
            page_paragraph(page, 2, label(explainer, "who", i),
                           label(explainer, actor_name(reason->who), i));
    }
    page_paragraph(page, 2, label(explainer, "example", 0), tally->example);
    page_blank(page);
}

static void print_summary(const struct explainer *explainer, struct log_summary *summary,
                          guint64 lines) {
    const GPtrArray *tallies = log_summary_sorted(summary);
    g_autofree char *totals =
        g_strdup_printf("%" PRIu64 " %s, %" PRIu64 " %s", lines, label(explainer, "lines", 0),
                        log_summary_count(summary), label(explainer, "refusals", 0));
    page_paragraph(&explainer->page, 0, NULL, totals);
    page_blank(&explainer->page);
    for (guint i = 0; i < tallies->len; i++)
        print_tally(explainer, tallies->pdata[i]);
}

/* --- for programs ----------------------------------------------------------------------------- */

static json_t *time_json(const char *time) {
    return explain_json_text(*time != '\0' ? time : NULL);
}

static json_t *tally_json(const struct explainer *explainer, const struct log_tally *tally) {
    const struct reason *reason = tally->reason;
    json_t *texts = json_object();
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *text = text_of(explainer, reason, i);
        json_object_set_new(texts, explainer->languages[i], explain_json_text(text));
    }
    return json_pack("{s:s, s:I, s:I, s:I, s:s, s:b, s:o, s:o, s:o, s:o}", "reason", reason->id,
                     "count", (json_int_t)tally->count, "permanent", (json_int_t)tally->permanent,
                     "transient", (json_int_t)tally->temporary, "who", actor_name(reason->who),
                     "hard", (int)reason->hard, "example", explain_json_text(tally->example),
                     "first", time_json(tally->first), "last", time_json(tally->last), "texts",
                     texts);
}

static json_t *summary_json(const struct explainer *explainer, struct log_summary *summary,
                            guint64 lines) {
    const GPtrArray *tallies = log_summary_sorted(summary);
    json_t *reasons = json_array();
    for (guint i = 0; i < tallies->len; i++) {
        const struct log_tally *tally = tallies->pdata[i];
        if (tally->reason != NULL)
            json_array_append_new(reasons, tally_json(explainer, tally));
    }
    return json_pack("{s:i, s:s, s:I, s:I, s:o, s:I}", "version", 1, "input", "maillog", "lines",
                     (json_int_t)lines, "refusals", (json_int_t)log_summary_count(summary),
                     "reasons", reasons, "unexplained",
                     (json_int_t)log_summary_unexplained(summary));
}

/* --- the way in ------------------------------------------------------------------------------- */

static int explain_open_log(const struct explainer *explainer, const char *file, int descriptor) {
    struct log_summary *summary = log_summary_new(explainer->settings->snapshot);
    struct line_reader *reader = line_reader_new(descriptor);
    guint64 lines = read_lines(reader, descriptor, summary);
    bool known = log_summary_count(summary) > log_summary_unexplained(summary);
    const char *error = line_reader_error(reader);
    if (explainer->json)
        explain_print_json(summary_json(explainer, summary, lines));
    else
        print_summary(explainer, summary, lines);
    if (error != NULL)
        explain_file_error(file, error);
    line_reader_free(reader);
    log_summary_free(summary);
    return known && error == NULL ? EXIT_GOOD : EXIT_BAD;
}

int explain_log(const struct explainer *explainer, const char *file) {
    if (file == NULL || strcmp(file, "-") == 0)
        return explain_open_log(explainer, "-", STDIN_FILENO);
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        explain_file_error(file, g_strerror(errno));
        return EXIT_BAD;
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    int status = explain_open_log(explainer, file, descriptor);
    close(descriptor);
    return status;
}
