/* SPDX-License-Identifier: ISC */
#include "safety.h"

#include <string.h>

#include "lines.h"

static bool is_null_sender(const char *sender) {
    return sender == NULL || path_mailbox(sender).length == 0;
}

enum untouched safety_of_octets(const struct enrich_request *request,
                                const struct bounce_settings *settings) {
    struct slice message = request->message;
    if (message.length > settings->octets_max)
        return UNTOUCHED_TOO_LARGE;
    if (message.length == 0)
        return UNTOUCHED_NOT_A_REPORT;
    if (memchr(message.text, '\0', message.length) != NULL)
        return UNTOUCHED_NUL;
    return is_null_sender(request->sender) ? UNTOUCHED_NOT : UNTOUCHED_NOT_NULL_SENDER;
}

/* --- the header ------------------------------------------------------------------------------- */

static bool has_field(const struct mime_frame *frame, const char *name) {
    struct slice value;
    return mime_fields_find(&frame->fields, name, &value) > 0;
}

static bool is_delivery_report(const struct mime_frame *frame) {
    const char *type;
    if (frame->type == NULL || !g_mime_content_type_is_type(frame->type, "multipart", "report"))
        return false;
    type = g_mime_content_type_get_parameter(frame->type, "report-type");
    return type != NULL && g_ascii_strcasecmp(type, "delivery-status") == 0;
}

static bool is_signed(const struct mime_frame *frame) {
    static const char *const fields[] = {"DKIM-Signature", "DomainKey-Signature", "ARC-Seal",
                                         "ARC-Message-Signature"};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (has_field(frame, fields[i]))
            return true;
    return false;
}

/* RFC 2045 §6.4: a multipart is not encoded as a whole. */
static bool is_encoded(const struct mime_frame *frame) {
    struct slice value;
    size_t count = mime_fields_find(&frame->fields, "Content-Transfer-Encoding", &value);
    return count > 1 || (count == 1 && !slice_equals(value, "7bit") &&
                         !slice_equals(value, "8bit") && !slice_equals(value, "binary"));
}

/* --- the parts -------------------------------------------------------------------------------- */

static bool is_status(const struct mime_part *part) {
    g_autoptr(GMimeContentType) type = mime_part_type(part);
    return type != NULL && (g_mime_content_type_is_type(type, "message", "delivery-status") ||
                            g_mime_content_type_is_type(type, "message", "global-delivery-status"));
}

static bool is_secured(const struct mime_part *part) {
    static const char *const types[][2] = {{"multipart", "signed"},
                                           {"multipart", "encrypted"},
                                           {"application", "pkcs7-mime"},
                                           {"application", "x-pkcs7-mime"},
                                           {"application", "pkcs7-signature"},
                                           {"application", "x-pkcs7-signature"},
                                           {"application", "pgp"},
                                           {"application", "pgp-encrypted"},
                                           {"application", "pgp-signature"},
                                           {"application", "pgp-keys"}};
    g_autoptr(GMimeContentType) type = mime_part_type(part);
    for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
        if (g_mime_content_type_is_type(type, types[i][0], types[i][1]))
            return true;
    return false;
}

/* A status part inside the part for people would be a second one. */
static bool hides_status(const struct mime_part *part) {
    return slice_find(part->whole, "delivery-status") != NULL &&
           slice_find(part->fields.octets, "multipart/") != NULL;
}

static enum untouched safety_of_parts(const struct mime_frame *frame) {
    guint statuses = 0;
    for (guint i = 0; i < frame->parts->len; i++) {
        const struct mime_part *part = mime_frame_part(frame, i);
        g_autoptr(GMimeContentType) type = mime_part_type(part);
        if (part->fields.damaged || type == NULL)
            return UNTOUCHED_DAMAGED;
        if (is_secured(part))
            return UNTOUCHED_SECURED;
        statuses += is_status(part);
    }
    if (statuses == 0)
        return UNTOUCHED_NO_STATUS;
    if (statuses > 1 || hides_status(mime_frame_part(frame, 0)))
        return UNTOUCHED_SEVERAL_STATUS;
    return UNTOUCHED_NOT;
}

guint safety_status_part(const struct mime_frame *frame) {
    for (guint i = 0; i < frame->parts->len; i++)
        if (is_status(mime_frame_part(frame, i)))
            return i;
    return 0;
}

/* The part for people is the first (RFC 6522 §3); it is not the message that is returned. */
static enum untouched safety_of_notice(const struct mime_frame *frame) {
    const struct mime_part *notice = mime_frame_part(frame, 0);
    guint status = safety_status_part(frame);
    g_autoptr(GMimeContentType) type = mime_part_type(notice);
    if (status == 0 ||
        (!g_mime_content_type_is_type(type, "text", "*") &&
         !g_mime_content_type_is_type(type, "multipart", "*")) ||
        g_mime_content_type_is_type(type, "text", "rfc822-headers"))
        return UNTOUCHED_NO_NOTICE;
    size_t octets = notice->whole.length + mime_frame_part(frame, status)->whole.length;
    return octets > ENRICH_READ_OCTETS_MAX ? UNTOUCHED_PART_TOO_LARGE : UNTOUCHED_NOT;
}

enum untouched safety_of_frame(const struct mime_frame *frame,
                               const struct bounce_settings *settings) {
    if (has_field(frame, enrich_mark))
        return UNTOUCHED_ALREADY;
    if (!is_delivery_report(frame))
        return UNTOUCHED_NOT_A_REPORT;
    if (frame->fields.damaged || !frame->complete || is_encoded(frame))
        return UNTOUCHED_DAMAGED;
    if (is_signed(frame) && !settings->also_signed)
        return UNTOUCHED_SIGNED;
    enum untouched untouched = safety_of_parts(frame);
    return untouched != UNTOUCHED_NOT ? untouched : safety_of_notice(frame);
}

bool safety_is_armoured(const char *text) {
    return strstr(text, "-----BEGIN PGP ") != NULL || strstr(text, "-----BEGIN PKCS7") != NULL;
}
