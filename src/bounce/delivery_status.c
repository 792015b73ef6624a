/* SPDX-License-Identifier: ISC */
#include "delivery_status.h"

#include <string.h>

#include "lines.h"

enum { VALUE_OCTETS_MAX = 8192 };

static const struct {
    const char *name;
    enum status_field field;
} field_names[] = {
    {"Final-Recipient", FIELD_FINAL_RECIPIENT},
    {"Original-Recipient", FIELD_ORIGINAL_RECIPIENT},
    {"X-Actual-Recipient", FIELD_ACTUAL_RECIPIENT},
    {"Action", FIELD_ACTION},
    {"Status", FIELD_STATUS},
    {"Remote-MTA", FIELD_REMOTE_MTA},
    {"Diagnostic-Code", FIELD_DIAGNOSTIC},
    {"Reporting-MTA", FIELD_REPORTING_MTA},
    {"Reporting-UA", FIELD_OTHER},
    {"Arrival-Date", FIELD_OTHER},
    {"Received-From-MTA", FIELD_OTHER},
    {"DSN-Gateway", FIELD_OTHER},
    {"Original-Envelope-Id", FIELD_OTHER},
    {"Last-Attempt-Date", FIELD_OTHER},
    {"Will-Retry-Until", FIELD_RETRY_UNTIL},
    {"Final-Log-ID", FIELD_OTHER},
    {"Localized-Diagnostic", FIELD_OTHER},
};

static void group_free(gpointer data) {
    struct status_group *group = data;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        g_free(group->fields[i]);
    g_free(group);
}

struct delivery_status *delivery_status_new(void) {
    struct delivery_status *status = g_new0(struct delivery_status, 1);
    status->groups = g_ptr_array_new_with_free_func(group_free);
    return status;
}

void delivery_status_free(struct delivery_status *status) {
    g_ptr_array_unref(status->groups);
    g_free(status->reporting_mta);
    g_free(status);
}

/* The field that a line begins and its value; FIELD_COUNT if the line begins none of these. */
static enum status_field field_of(struct slice line, struct slice *value) {
    const char *colon = memchr(line.text, ':', MIN(line.length, 40));
    if (colon == NULL)
        return FIELD_COUNT;
    struct slice name = slice_trim((struct slice){line.text, (size_t)(colon - line.text)});
    *value = slice_trim(slice_from(line, colon + 1));
    for (size_t i = 0; i < G_N_ELEMENTS(field_names); i++)
        if (slice_equals(name, field_names[i].name))
            return field_names[i].field;
    return g_ascii_strncasecmp(name.text, "X-", MIN(name.length, 2)) == 0 &&
                   memchr(name.text, ' ', name.length) == NULL
               ? FIELD_OTHER
               : FIELD_COUNT;
}

/* ---- reading ---- */

struct reader {
    struct delivery_status *status;
    struct status_group *group; /* the one that is being filled; owned here */
    enum status_field last;     /* which continuation lines continue */
};

static bool names_recipient(const struct status_group *group) {
    bool outcome = group->fields[FIELD_ACTION] != NULL || group->fields[FIELD_STATUS] != NULL;
    bool other = group->fields[FIELD_ORIGINAL_RECIPIENT] != NULL ||
                 group->fields[FIELD_ACTUAL_RECIPIENT] != NULL;
    return group->fields[FIELD_FINAL_RECIPIENT] != NULL || (other && outcome);
}

/* The block is over: keeps it if it is about a recipient. */
static void finish_group(struct reader *reader) {
    if (reader->group == NULL)
        return;
    char **mta = &reader->group->fields[FIELD_REPORTING_MTA];
    if (*mta != NULL && reader->status->reporting_mta == NULL)
        reader->status->reporting_mta = server_of_field(*mta);
    if (names_recipient(reader->group) && reader->status->groups->len < REPORT_RECIPIENTS_MAX)
        g_ptr_array_add(reader->status->groups, reader->group);
    else
        group_free(reader->group);
    reader->group = NULL;
    reader->last = FIELD_COUNT;
}

static void set_field(struct reader *reader, enum status_field field, struct slice value) {
    if (reader->group != NULL && field != FIELD_OTHER && reader->group->fields[field] != NULL) {
        bool next = field <= FIELD_ACTUAL_RECIPIENT || field == FIELD_ACTION;
        if (!next) /* the first one counts */
            field = FIELD_OTHER;
        else
            finish_group(reader);
    }
    if (reader->group == NULL)
        reader->group = g_new0(struct status_group, 1);
    reader->last = field;
    g_free(reader->group->fields[field]);
    value.length = MIN(value.length, VALUE_OCTETS_MAX);
    reader->group->fields[field] = slice_dup(value);
}

/* A folded line. Diagnostic-Code may be long; the parts are joined by one blank. */
static void continue_field(struct reader *reader, struct slice text) {
    char **value = &reader->group->fields[reader->last];
    size_t length = strlen(*value);
    if (length + text.length > VALUE_OCTETS_MAX)
        return;
    char *longer = g_malloc(length + text.length + 2);
    memcpy(longer, *value, length);
    longer[length] = ' ';
    memcpy(longer + length + 1, text.text, text.length);
    longer[length + 1 + text.length] = '\0';
    g_free(*value);
    *value = longer;
}

static void read_line(struct reader *reader, const struct line *line) {
    struct slice value = {0};
    if (line->text.length == 0) {
        finish_group(reader);
        return;
    }
    bool folded = line->indent > 0 && reader->group != NULL && reader->last != FIELD_COUNT;
    enum status_field field = field_of(line->text, &value);
    bool named = field <= FIELD_REPORTING_MTA || (field == FIELD_OTHER && reader->group != NULL);
    if (named && !(folded && field > FIELD_DIAGNOSTIC))
        set_field(reader, field, value);
    else if (folded)
        continue_field(reader, line->text);
    else
        reader->last = FIELD_COUNT;
    if (line->indent == 0 && slice_starts(line->text, "--"))
        finish_group(reader);
}

void delivery_status_add(struct delivery_status *status, struct slice text) {
    struct reader reader = {.status = status, .last = FIELD_COUNT};
    struct lines lines = lines_of(text);
    struct line line;
    while (lines_next(&lines, &line))
        read_line(&reader, &line);
    finish_group(&reader);
}

bool delivery_status_is_in(struct slice text) {
    return slice_find(text, "Final-Recipient:") != NULL ||
           slice_find(text, "Original-Recipient:") != NULL;
}

/* ---- values ---- */

enum report_action report_action_of(const char *field, enum report_action otherwise) {
    for (enum report_action i = 0; field != NULL && i < REPORT_ACTION_COUNT; i++)
        if (slice_starts(slice_of(field), report_action_name(i)))
            return i;
    return otherwise;
}

char *server_of_field(const char *field) {
    const char *semicolon = strchr(field, ';');
    struct slice value = slice_trim(slice_of(semicolon != NULL ? semicolon + 1 : field));
    size_t length = 0;
    while (length < value.length && !g_ascii_isspace(value.text[length]) &&
           value.text[length] != '(' && value.text[length] != ';')
        length++;
    if (length > 2 && value.text[0] == '[' && value.text[length - 1] == ']') {
        value.text++;
        length -= 2;
    }
    while (length > 1 && value.text[length - 1] == '.')
        length--;
    return length == 0 || length > 255 ? NULL : g_strndup(value.text, length);
}
