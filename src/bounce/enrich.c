/* SPDX-License-Identifier: ISC */
#include "dragoman/enrich.h"

#include <string.h>

#include "delivery_status.h"
#include "dossier.h"
#include "evidence.h"
#include "lines.h"
#include "mail.h"
#include "part_text.h"
#include "safety.h"

const char *const enrich_mark = "X-Dragoman-Enriched";

static const struct {
    const char *name, *help;
} untouched_rows[UNTOUCHED_COUNT] = {
    [UNTOUCHED_NOT] = {"", ""},
#define UNTOUCHED(id, name, help) [UNTOUCHED_##id] = {name, help},
#include "dragoman/untouched.def"
#undef UNTOUCHED
};

const char *untouched_name(enum untouched untouched) {
    return untouched_rows[untouched].name;
}

const char *untouched_help(enum untouched untouched) {
    return untouched_rows[untouched].help;
}

/* --- life ------------------------------------------------------------------------------------- */

static void finding_free(void *data) {
    struct enrich_finding *finding = data;
    g_free(finding->recipient);
    g_free(finding);
}

static struct enriched *enriched_new(void) {
    struct enriched *enriched = g_new0(struct enriched, 1);
    enriched->evidence = g_ptr_array_new_with_free_func(g_free);
    enriched->languages = g_ptr_array_new();
    enriched->findings = g_ptr_array_new_with_free_func(finding_free);
    return enriched;
}

void enriched_free(struct enriched *enriched) {
    if (enriched->body != NULL)
        g_string_free(enriched->body, TRUE);
    g_ptr_array_unref(enriched->evidence);
    g_ptr_array_unref(enriched->languages);
    g_ptr_array_unref(enriched->findings);
    g_free(enriched->mark);
    g_free(enriched->letter);
    g_free(enriched);
}

struct enrichment {
    const struct snapshot *snapshot;
    const struct enrich_request *request;
    struct mime_frame *frame;
    struct dossier *dossier;
    size_t *order; /* of languages */
    struct enriched *result;
};

/* --- the report ------------------------------------------------------------------------------- */

static bool is_action(const char *field) {
    for (enum report_action i = 0; field != NULL && i < REPORT_ACTION_COUNT; i++)
        if (g_ascii_strcasecmp(field, report_action_name(i)) == 0)
            return true;
    return false;
}

/* Each group names a recipient and says what became of the message (RFC 3464 §2.3). */
static bool is_readable(struct slice text) {
    struct delivery_status *status = delivery_status_new();
    delivery_status_add(status, text);
    bool good = status->groups->len > 0;
    for (guint i = 0; i < status->groups->len; i++) {
        const struct status_group *group = status->groups->pdata[i];
        good = good && group->fields[FIELD_FINAL_RECIPIENT] != NULL &&
               is_action(group->fields[FIELD_ACTION]);
    }
    delivery_status_free(status);
    return good;
}

/* The one status part, as the reader of reports decodes it. */
static bool has_readable_status(struct slice message) {
    struct mail *mail = mail_read(message.text, message.length);
    struct part *part;
    bool good = false;
    for (size_t i = 0; (part = mail_part(mail, i)) != NULL && !good; i++)
        good =
            part_kind(part) == PART_STATUS && part_level(part) == 0 && is_readable(part_text(part));
    mail_free(mail);
    return good;
}

/* Of the message nothing behind the delivery status is read for it. */
static enum untouched read_report(struct enrichment *enrichment) {
    const struct mime_frame *frame = enrichment->frame;
    const struct mime_part *status = mime_frame_part(frame, safety_status_part(frame));
    const char *start = enrichment->request->message.text;
    struct slice front = {start, (size_t)(status->whole.text + status->whole.length - start)};
    if (!has_readable_status(front))
        return UNTOUCHED_UNREADABLE_STATUS;
    enrichment->dossier = dossier_new(enrichment->snapshot, report_read(front.text, front.length));
    return enrichment->dossier->blocks->len > 0 ? UNTOUCHED_NOT : UNTOUCHED_NOTHING_FAILED;
}

static void note_findings(struct enrichment *enrichment) {
    const GPtrArray *blocks = enrichment->dossier->blocks;
    for (guint i = 0; i < blocks->len; i++) {
        const struct letter_block *block = blocks->pdata[i];
        for (guint j = 0; j < block->recipients->len; j++) {
            struct enrich_finding *finding = g_new0(struct enrich_finding, 1);
            finding->recipient = g_strdup(block->recipients->pdata[j]);
            finding->reason =
                block->explanation->reason != NULL ? block->explanation->reason->id : NULL;
            finding->certain = block->certain;
            g_ptr_array_add(enrichment->result->findings, finding);
        }
    }
}

/* --- the languages ---------------------------------------------------------------------------- */

static void choose_order(struct enrichment *enrichment) {
    const struct bounce_settings *settings = &enrichment->snapshot->site.bounces;
    size_t count = letter_book_count(settings->letters), at = 0;
    size_t first = count;
    enrichment->order = g_new0(size_t, count + 1);
    if (settings->by_evidence)
        first =
            evidence_language(settings->letters, enrichment->frame, enrichment->result->evidence);
    if (first < count)
        enrichment->order[at++] = first;
    for (size_t i = 0; i < count; i++)
        if (i != first)
            enrichment->order[at++] = i;
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(enrichment->result->languages,
                        letter_book_at(settings->letters, enrichment->order[i])->tag);
}

/* --- the first part --------------------------------------------------------------------------- */

/* How much is told: less, where the whole would be too long. */
static const struct {
    size_t blocks, recipients, answers;
} measures[] = {{5, 10, 5}, {3, 5, 1}, {1, 1, 1}};

static char *write_letter(const struct enrichment *enrichment, size_t measure) {
    struct letter letter = {
        .snapshot = enrichment->snapshot,
        .host = enrichment->request->host,
        .blocks = enrichment->dossier->blocks,
        .order = enrichment->order,
        .count = letter_book_count(enrichment->snapshot->site.bounces.letters),
        .blocks_max = measures[measure].blocks,
        .recipients_max = measures[measure].recipients,
        .answers_max = measures[measure].answers,
    };
    return letter_write(&letter);
}

static const struct mime_part *first_part(const struct enrichment *enrichment) {
    return mime_frame_part(enrichment->frame, 0);
}

static void add_line(const struct enrichment *enrichment, GString *out, const char *line) {
    g_string_append(out, line);
    g_string_append(out, enrichment->frame->line_end);
}

/* Fields that tell how the text is written are ours now; the others stay. */
static void keep_fields(const struct enrichment *enrichment, GString *out) {
    static const char *const ours[] = {"Content-Type", "Content-Transfer-Encoding", "Content-MD5",
                                       "Content-Length", "Content-Language"};
    struct slice field;
    for (size_t at = 0; mime_fields_next(&first_part(enrichment)->fields, &at, &field);) {
        bool kept = true;
        for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
            kept = kept && !mime_field_is(field, ours[i]);
        if (kept)
            g_string_append_len(out, field.text, (gssize)field.length);
    }
}

/* RFC 3676 §4.4: where the text flows, a line that begins so gets a blank that the reader drops. */
static void stuff_lines(GString *text) {
    for (size_t at = 0; at < text->len;) {
        const char *line = text->str + at;
        if (*line == ' ' || *line == '>' || strncmp(line, "From ", 5) == 0)
            g_string_insert_c(text, (gssize)at, ' ');
        const char *end = strchr(text->str + at, '\n');
        at = end != NULL ? (size_t)(end + 1 - text->str) : text->len;
    }
}

static bool flows(GMimeContentType *type) {
    const char *format = g_mime_content_type_get_parameter(type, "format");
    return format != NULL && g_ascii_strcasecmp(format, "flowed") == 0;
}

static const char rule[] = "\n------------------------------------------------------------\n\n";

/* The letter and the text behind it, as one text part. */
static void rewrite_text(const struct enrichment *enrichment, GMimeContentType *type,
                         const char *letter, const GString *original, GString *out) {
    g_autoptr(GString) text = g_string_new(letter);
    g_autoptr(GString) encoded = g_string_new(NULL);
    const char *delsp = g_mime_content_type_get_parameter(type, "delsp");
    g_string_append(text, rule);
    if (flows(type))
        stuff_lines(text);
    g_string_append(text, original->str);
    const char *encoding = part_text_encode(text->str, enrichment->frame->line_end,
                                            enrichment->frame->boundary, encoded);
    keep_fields(enrichment, out);
    g_string_append_printf(out, "Content-Type: text/plain; charset=utf-8%s%s%s",
                           flows(type) ? "; format=flowed" : "",
                           flows(type) && g_strcmp0(delsp, "yes") == 0 ? "; delsp=yes" : "",
                           enrichment->frame->line_end);
    g_string_append_printf(out, "Content-Transfer-Encoding: %s%s", encoding,
                           enrichment->frame->line_end);
    g_string_append(out, enrichment->frame->line_end);
    g_string_append_len(out, encoded->str, (gssize)encoded->len);
}

/* A boundary that stands nowhere in the message, and of which the message's own is no beginning. */
static char *new_boundary(const struct enrichment *enrichment) {
    struct slice message = enrichment->request->message;
    g_autofree char *hash = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)message.text, message.length);
    for (unsigned i = 0; i < 16; i++) {
        char *boundary = g_strdup_printf("%x=_dragoman_%.32s", i, hash);
        if (memmem(message.text, message.length, boundary, strlen(boundary)) == NULL &&
            !g_str_has_prefix(boundary, enrichment->frame->boundary))
            return boundary;
        g_free(boundary);
    }
    return NULL;
}

/* The letter as a part of its own, and the part that was there, octet for octet. */
static bool wrap_part(const struct enrichment *enrichment, const char *letter, GString *out) {
    const char *line_end = enrichment->frame->line_end;
    const struct slice whole = first_part(enrichment)->whole;
    g_autofree char *boundary = new_boundary(enrichment);
    g_autoptr(GString) encoded = g_string_new(NULL);
    if (boundary == NULL)
        return false;
    const char *encoding = part_text_encode(letter, line_end, enrichment->frame->boundary, encoded);
    g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"%s%s", boundary,
                           line_end, line_end);
    g_string_append_printf(out, "--%s%s", boundary, line_end);
    add_line(enrichment, out, "Content-Type: text/plain; charset=utf-8");
    g_string_append_printf(out, "Content-Transfer-Encoding: %s%s%s", encoding, line_end, line_end);
    g_string_append_len(out, encoded->str, (gssize)encoded->len);
    g_string_append_printf(out, "%s--%s%s", line_end, boundary, line_end);
    g_string_append_len(out, whole.text, (gssize)whole.length);
    g_string_append_printf(out, "%s--%s--%s", line_end, boundary, line_end);
    return true;
}

/* --- the body --------------------------------------------------------------------------------- */

/* Everything but the first part, as it is. False where it grows too much. */
static bool put_together(struct enrichment *enrichment, const GString *part) {
    struct slice message = enrichment->request->message;
    const struct slice whole = first_part(enrichment)->whole;
    const char *body = message.text + enrichment->frame->body_at;
    const char *behind = whole.text + whole.length;
    size_t mark = strlen(enrich_mark) + strlen(": \r\n") + strlen(enrichment->result->mark);
    if (part->len + mark > whole.length + ENRICH_ADDED_OCTETS_MAX)
        return false;
    GString *out = g_string_sized_new(message.length + part->len);
    g_string_append_len(out, body, whole.text - body);
    g_string_append_len(out, part->str, (gssize)part->len);
    g_string_append_len(out, behind, message.text + message.length - behind);
    enrichment->result->body = out;
    return true;
}

static bool try_text(struct enrichment *enrichment, GMimeContentType *type, const char *letter,
                     const GString *original) {
    g_autoptr(GString) part = g_string_new(NULL);
    if (original == NULL)
        return false;
    rewrite_text(enrichment, type, letter, original, part);
    return put_together(enrichment, part);
}

static bool try_wrap(struct enrichment *enrichment, const char *letter) {
    g_autoptr(GString) part = g_string_new(NULL);
    return wrap_part(enrichment, letter, part) && put_together(enrichment, part);
}

static enum untouched rewrite(struct enrichment *enrichment) {
    const struct mime_part *part = first_part(enrichment);
    g_autoptr(GMimeContentType) type = mime_part_type(part);
    GString *original =
        g_mime_content_type_is_type(type, "text", "plain") ? part_text_decode(part, type) : NULL;
    g_autofree char *octets = slice_dup(part->whole);
    enum untouched untouched = UNTOUCHED_TOO_LONG;
    if (safety_is_armoured(octets) || (original != NULL && safety_is_armoured(original->str)))
        untouched = UNTOUCHED_SECURED;
    for (size_t i = 0; untouched == UNTOUCHED_TOO_LONG && i < G_N_ELEMENTS(measures); i++) {
        g_autofree char *letter = write_letter(enrichment, i);
        if (try_text(enrichment, type, letter, original) || try_wrap(enrichment, letter))
            untouched = UNTOUCHED_NOT;
        if (untouched == UNTOUCHED_NOT)
            enrichment->result->letter = g_steal_pointer(&letter);
    }
    if (original != NULL)
        g_string_free(original, TRUE);
    return untouched;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum untouched enrich_frame(struct enrichment *enrichment) {
    struct enriched *result = enrichment->result;
    enum untouched untouched =
        safety_of_frame(enrichment->frame, &enrichment->snapshot->site.bounces);
    result->header_length =
        (size_t)(enrichment->frame->fields.octets.text + enrichment->frame->fields.octets.length -
                 enrichment->request->message.text);
    if (untouched == UNTOUCHED_NOT)
        untouched = read_report(enrichment);
    if (untouched != UNTOUCHED_NOT)
        return untouched;
    note_findings(enrichment);
    choose_order(enrichment);
    result->mark = g_strdup_printf("1; host=%s", enrichment->request->host);
    return rewrite(enrichment);
}

struct enriched *enrich(const struct snapshot *snapshot, const struct enrich_request *request) {
    struct enrichment enrichment = {
        .snapshot = snapshot, .request = request, .result = enriched_new()};
    struct enriched *result = enrichment.result;
    result->untouched = safety_of_octets(request, &snapshot->site.bounces);
    if (result->untouched != UNTOUCHED_NOT)
        return result;
    mail_initialise();
    enrichment.frame = mime_frame_new(request->message);
    result->untouched = enrich_frame(&enrichment);
    mime_frame_free(enrichment.frame);
    if (enrichment.dossier != NULL)
        dossier_free(enrichment.dossier);
    g_free(enrichment.order);
    return result;
}
