/* SPDX-License-Identifier: ISC */
#include "log_summary.h"

#include <string.h>

#include "dragoman/explanation.h"
#include "dragoman/text.h"
#include "reply_shape.h"

enum {
    SHAPES_MAX = 20000,      /* then all are forgotten: a log of so many has no shapes */
    SHAPES_WORTH_CODE = 200, /* from here on machine code for the expressions pays */
    EXAMPLE_OCTETS = 512
};

/* What is known of a shape. */
struct finding {
    struct log_tally *tally;
    enum status_class status_class;
};

struct log_summary {
    const struct snapshot *snapshot;
    GHashTable *shapes;  /* char * → struct finding */
    GHashTable *reasons; /* struct reason → struct log_tally */
    GPtrArray *tallies;
    guint64 count;
    guint64 asked; /* how often the rules were */
};

static void tally_free(void *data) {
    struct log_tally *tally = data;
    g_free(tally->example);
    g_free(tally);
}

struct log_summary *log_summary_new(const struct snapshot *snapshot) {
    struct log_summary *summary = g_new0(struct log_summary, 1);
    summary->snapshot = snapshot;
    summary->shapes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    summary->reasons = g_hash_table_new(NULL, NULL);
    summary->tallies = g_ptr_array_new_with_free_func(tally_free);
    return summary;
}

void log_summary_free(struct log_summary *summary) {
    g_hash_table_unref(summary->shapes);
    g_hash_table_unref(summary->reasons);
    g_ptr_array_unref(summary->tallies);
    g_free(summary);
}

/* --- tallies ---------------------------------------------------------------------------------- */

/* The first as many as one line of a page or of JSON can bear. */
static char *example_of(GString *words) {
    GString *example = g_string_new(NULL);
    for (size_t i = 0; i < words->len; i++)
        if ((unsigned char)words->str[i] < ' ')
            words->str[i] = ' ';
    text_append_harmless(example, words->str, CHARSET_UTF8, EXAMPLE_OCTETS);
    return g_string_free(example, FALSE);
}

static struct log_tally *need_tally(struct log_summary *summary, const struct reason *reason,
                                    GString *words) {
    struct log_tally *tally = g_hash_table_lookup(summary->reasons, reason);
    if (tally != NULL)
        return tally;
    tally = g_new0(struct log_tally, 1);
    tally->reason = reason;
    tally->example = example_of(words);
    g_hash_table_insert(summary->reasons, (void *)reason, tally);
    g_ptr_array_add(summary->tallies, tally);
    return tally;
}

static struct finding find(struct log_summary *summary, const struct log_line *line) {
    if (summary->asked++ == SHAPES_WORTH_CODE)
        policy_accelerate(summary->snapshot->policy);
    g_autoptr(GString) words = log_line_words(line);
    struct foreign_reply *reply = log_line_reply(line, words);
    struct transaction *transaction = transaction_new(&summary->snapshot->site.limits);
    transaction_reply(transaction, reply->status, reply->text);
    if (reply->server != NULL)
        transaction_reply_server(transaction, reply->server);
    struct explanation explanation = explanation_of(summary->snapshot, transaction);
    struct finding finding = {need_tally(summary, explanation.reason, words),
                              log_line_class(line, reply)};
    explanation_clear(&explanation);
    transaction_free(transaction);
    foreign_reply_free(reply);
    return finding;
}

static struct finding find_by_shape(struct log_summary *summary, const struct log_line *line) {
    struct reply_shape shape;
    if (!reply_shape_of(line, &shape))
        return find(summary, line);
    struct finding *known = g_hash_table_lookup(summary->shapes, shape.text);
    if (known == NULL) {
        if (g_hash_table_size(summary->shapes) >= SHAPES_MAX)
            g_hash_table_remove_all(summary->shapes);
        known = g_new(struct finding, 1);
        *known = find(summary, line);
        g_hash_table_insert(summary->shapes, g_strdup(shape.text), known);
    }
    return *known;
}

static void note_time(struct log_tally *tally, struct slice time) {
    size_t length = MIN(time.length, sizeof tally->last - 1);
    if (length == 0)
        return;
    memcpy(tally->last, time.text, length);
    tally->last[length] = '\0';
    if (tally->first[0] == '\0')
        memcpy(tally->first, tally->last, length + 1);
}

void log_summary_add(struct log_summary *summary, const struct log_line *line) {
    struct finding finding = find_by_shape(summary, line);
    summary->count++;
    finding.tally->count++;
    finding.tally->permanent += finding.status_class == STATUS_PERMANENT;
    finding.tally->temporary += finding.status_class == STATUS_TEMPORARY;
    note_time(finding.tally, line->time);
}

/* --- asking ----------------------------------------------------------------------------------- */

guint64 log_summary_count(const struct log_summary *summary) {
    return summary->count;
}

guint64 log_summary_unexplained(const struct log_summary *summary) {
    const struct log_tally *tally = g_hash_table_lookup(summary->reasons, NULL);
    return tally != NULL ? tally->count : 0;
}

static int compare(const void *left, const void *right) {
    const struct log_tally *a = *(struct log_tally *const *)left;
    const struct log_tally *b = *(struct log_tally *const *)right;
    if (a->reason == NULL || b->reason == NULL)
        return (a->reason == NULL) - (b->reason == NULL);
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->reason->id, b->reason->id);
}

const GPtrArray *log_summary_sorted(struct log_summary *summary) {
    g_ptr_array_sort(summary->tallies, compare);
    return summary->tallies;
}
