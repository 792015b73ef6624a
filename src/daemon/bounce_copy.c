/* SPDX-License-Identifier: ISC */
#include "bounce_copy.h"

#include <string.h>

#include "counters.h"
#include "dragoman/text.h"
#include "log.h"

struct bounce_copy {
    const struct snapshot *snapshot; /* the session holds it */
    GString *message;                /* NULL: this message is not copied */
    bool in_body;
    bool for_others; /* a recipient belongs to another server */
};

struct bounce_copy *bounce_copy_new(const struct snapshot *snapshot) {
    if (!snapshot->site.bounces.enrich)
        return NULL;
    struct bounce_copy *copy = g_new0(struct bounce_copy, 1);
    copy->snapshot = snapshot;
    return copy;
}

void bounce_copy_forget(struct bounce_copy *copy) {
    if (copy == NULL || copy->message == NULL)
        return;
    g_string_free(copy->message, TRUE);
    copy->message = NULL;
}

void bounce_copy_free(struct bounce_copy *copy) {
    bounce_copy_forget(copy);
    g_free(copy);
}

bool bounce_copy_is_made(const struct bounce_copy *copy) {
    return copy != NULL && copy->message != NULL;
}

void bounce_copy_begin(struct bounce_copy *copy, const char *sender) {
    bounce_copy_forget(copy);
    if (copy == NULL || path_mailbox(sender).length > 0)
        return;
    copy->message = g_string_new(NULL);
    copy->in_body = copy->for_others = false;
}

/* Mailers of Postfix and Sendmail that pass a message on by SMTP. */
static bool passes_on(const char *mailer) {
    static const char *const names[] = {"smtp", "relay", "esmtp", "smtp8", "dsmtp", "uucp"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(mailer, names[i]) == 0)
            return true;
    return false;
}

void bounce_copy_recipient(struct bounce_copy *copy, const char *mailer) {
    if (bounce_copy_is_made(copy) && mailer != NULL && passes_on(mailer))
        copy->for_others = true;
}

/* Beyond the limit it cannot be enriched, and takes no memory. */
static void append(struct bounce_copy *copy, const char *octets, size_t length) {
    if (copy->message->len + length > copy->snapshot->site.bounces.octets_max)
        bounce_copy_forget(copy);
    else
        g_string_append_len(copy->message, octets, (gssize)length);
}

void bounce_copy_header(struct bounce_copy *copy, const char *name, const char *value) {
    if (!bounce_copy_is_made(copy))
        return;
    g_autoptr(GString) field = g_string_new(name);
    g_string_append_printf(field, ": %s", value);
    g_string_replace(field, "\r\n", "\n", 0); /* of folded lines: MTAs differ */
    g_string_replace(field, "\n", "\r\n", 0);
    g_string_append(field, "\r\n");
    append(copy, field->str, field->len);
}

void bounce_copy_body(struct bounce_copy *copy, const char *octets, size_t length) {
    if (bounce_copy_is_made(copy) && !copy->in_body)
        append(copy, "\r\n", 2);
    if (!bounce_copy_is_made(copy))
        return;
    copy->in_body = true;
    append(copy, octets, length);
}

/* --- enriching -------------------------------------------------------------------------------- */

/* Ordinary mail from the null sender is no news. */
static void log_result(const struct enriched *enriched, enum untouched untouched,
                       const char *queue_id) {
    g_autoptr(GString) line = g_string_new(NULL);
    if (untouched == UNTOUCHED_NOT_A_REPORT)
        return;
    text_append_field(line, "bounce", untouched == UNTOUCHED_NOT ? "enriched" : "unchanged");
    if (untouched != UNTOUCHED_NOT)
        text_append_field(line, "because", untouched_name(untouched));
    for (guint i = 0; i < enriched->findings->len && untouched == UNTOUCHED_NOT; i++) {
        const struct enrich_finding *finding = enriched->findings->pdata[i];
        if (i == 0)
            text_append_field(line, "reason", finding->reason != NULL ? finding->reason : "none");
    }
    if (queue_id != NULL)
        text_append_field(line, "queue-id", queue_id);
    log_write(LOG_INFO, "%s", line->str);
}

struct enriched *bounce_copy_enrich(const struct bounce_copy *copy, const char *mta,
                                    const char *queue_id) {
    if (!bounce_copy_is_made(copy))
        return NULL;
    const struct bounce_settings *settings = &copy->snapshot->site.bounces;
    struct enrich_request request = {
        .message = {copy->message->str, copy->message->len},
        .host = settings->host != NULL ? settings->host
                : mta != NULL          ? mta
                                       : g_get_host_name(),
    };
    struct enriched *enriched = enrich(copy->snapshot, &request);
    enum untouched untouched = enriched->untouched;
    if (untouched == UNTOUCHED_NOT && copy->for_others && !settings->also_relayed)
        untouched = UNTOUCHED_NOT_FOR_US;
    log_result(enriched, untouched, queue_id);
    if (untouched == UNTOUCHED_NOT)
        return enriched;
    enriched_free(enriched);
    return NULL;
}
