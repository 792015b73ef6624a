/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "dragoman/report.h"
#include "dragoman/text.h"
#include "html.h"

enum { PARTS_MAX = 64, BOUNDARIES_MAX = 64 };

struct part {
    enum part_kind kind;
    unsigned level;
    GMimePart *source; /* of a text that is not decoded yet; owned by the message */
    GString *text;     /* or NULL */
};

struct mail {
    GByteArray octets; /* not owned; the stream reads it */
    char *copy;        /* of the octets, where they had to be changed */
    GMimeMessage *message;
    GPtrArray *parts; /* struct part * */
};

static void part_free(gpointer data) {
    struct part *part = data;
    if (part->text != NULL)
        g_string_free(part->text, TRUE);
    g_free(part);
}

/* ---- what is taken of the octets ---- */

/* Where the boundaries of a nesting bomb are cut off. */
static size_t length_within_boundaries(const char *octets, size_t length) {
    static const char word[] = "oundary=";
    const char *at = octets, *end = octets + length;
    for (int i = 0; i < BOUNDARIES_MAX; i++) {
        at = memmem(at, (size_t)(end - at), word, sizeof word - 1);
        if (at == NULL)
            return length;
        at += sizeof word - 1;
    }
    return (size_t)(at - octets);
}

/* Where so many lines are over that they can only be a bomb of header fields or of parts. */
static size_t length_within_lines(const char *octets, size_t length) {
    const char *at = octets, *end = octets + length;
    for (int i = 0; i < REPORT_LINES_MAX && at < end; i++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL)
            return length;
        at = line_end + 1;
    }
    return (size_t)(at - octets);
}

/* Skips what can stand before a header: lines of blanks and the "From " line of a mailbox. */
static size_t skip_to_header(const char *octets, size_t length) {
    size_t at = text_blank_lines(octets, length);
    if (length - at > 5 &&
        (memcmp(octets + at, "From ", 5) == 0 || memcmp(octets + at, ">From", 5) == 0)) {
        const char *end = memchr(octets + at, '\n', length - at);
        at = end == NULL ? length : (size_t)(end + 1 - octets);
    }
    return at;
}

/* A message of which every line ends with CR alone gets LF instead. */
static char *repair_line_ends(const char *octets, size_t length) {
    if (memchr(octets, '\n', MIN(length, 4096)) != NULL || memchr(octets, '\r', length) == NULL)
        return NULL;
    char *copy = g_memdup2(octets, length);
    for (size_t i = 0; i < length; i++)
        if (copy[i] == '\r')
            copy[i] = '\n';
    return copy;
}

/* ---- parts ---- */

static struct part *add_part(struct mail *mail, enum part_kind kind, unsigned level) {
    struct part *part = g_new0(struct part, 1);
    part->kind = kind;
    part->level = level;
    g_ptr_array_add(mail->parts, part);
    return part;
}

static void add_text(struct mail *mail, const char *text, unsigned level) {
    if (text == NULL || *text == '\0')
        return;
    struct part *part = add_part(mail, PART_TEXT, level);
    part->text = g_string_new_len(text, (gssize)MIN(strlen(text), REPORT_TEXT_OCTETS_MAX));
}

static void add_returned(struct mail *mail, GMimeObject *message, unsigned level) {
    static const char *const fields[] = {
        "X-Envelope-To", "Envelope-To", "List-Id",
        "X-BeenThere",   "To",          "Cc",
        "X-Original-To", "Bcc",         "X-HmXmrOriginalRecipient"};
    struct part *part = add_part(mail, PART_RETURNED, level);
    part->text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const char *value = g_mime_object_get_header(message, fields[i]);
        if (value != NULL)
            g_string_append_printf(part->text, "%s: %.4000s\n", fields[i], value);
    }
}

static const struct {
    const char *type, *subtype; /* a part of the subtype is enough */
    enum part_kind kind;
} kinds[] = {
    {"message", "delivery-status", PART_STATUS},
    {"message", "disposition-notification", PART_RECEIPT},
    {"message", "feedback-report", PART_FEEDBACK},
    {"text", "rfc822-header", PART_RETURNED},
    {"message", "global-headers", PART_RETURNED},
    {"text", "html", PART_HTML},
    {"text", "", PART_TEXT},
    {"message", "", PART_TEXT},
    {"application", "octet-stream", PART_TEXT},
};

static void add_leaf(struct mail *mail, GMimePart *leaf, unsigned level) {
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(leaf));
    const char *main_type = g_mime_content_type_get_media_type(type);
    const char *subtype = g_mime_content_type_get_media_subtype(type);
    if (main_type == NULL || subtype == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *lower = g_ascii_strdown(subtype, -1);
        if (g_ascii_strcasecmp(main_type, kinds[i].type) != 0 ||
            strstr(lower, kinds[i].subtype) == NULL)
            continue;
        add_part(mail, kinds[i].kind, level)->source = leaf;
        return;
    }
}

static void take_apart(struct mail *mail, GMimeObject *object, unsigned depth, unsigned level);

static void take_multipart_apart(struct mail *mail, GMimeMultipart *multipart, unsigned depth,
                                 unsigned level) {
    int count = g_mime_multipart_get_count(multipart);
    if (count == 0) /* damaged boundaries leave everything here */
        add_text(mail, g_mime_multipart_get_prologue(multipart), level);
    for (int i = 0; i < count; i++)
        take_apart(mail, g_mime_multipart_get_part(multipart, i), depth + 1, level);
    if (depth == 0)
        add_text(mail, g_mime_multipart_get_epilogue(multipart), level);
}

static void take_apart(struct mail *mail, GMimeObject *object, unsigned depth, unsigned level) {
    if (object == NULL || depth > REPORT_DEPTH_MAX || mail->parts->len >= PARTS_MAX)
        return;
    if (GMIME_IS_MULTIPART(object)) {
        take_multipart_apart(mail, GMIME_MULTIPART(object), depth, level);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner == NULL)
            return;
        add_returned(mail, GMIME_OBJECT(inner), level);
        take_apart(mail, g_mime_message_get_mime_part(inner), depth + 1, level + 1);
    } else if (GMIME_IS_PART(object)) {
        add_leaf(mail, GMIME_PART(object), level);
    }
}

static void initialise(void) {
    g_mime_init();
}

void mail_initialise(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialise);
}

/* Parses `mail->octets`. The parts refer to them, so they are not copied. */
static GMimeMessage *parse(struct mail *mail) {
    mail_initialise();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&mail->octets);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

struct mail *mail_read(const char *octets, size_t length) {
    struct mail *mail = g_new0(struct mail, 1);
    mail->parts = g_ptr_array_new_with_free_func(part_free);
    length = MIN(length, REPORT_OCTETS_MAX);
    size_t start = length == 0 ? 0 : skip_to_header(octets, length);
    if (start >= length)
        return mail;
    mail->copy = repair_line_ends(octets + start, length - start);
    const char *message = mail->copy != NULL ? mail->copy : octets + start;
    length = length_within_lines(message, length - start);
    length = length_within_boundaries(message, length);
    mail->octets = (GByteArray){(guint8 *)message, (guint)length};
    mail->message = parse(mail);
    if (mail->message != NULL)
        take_apart(mail, g_mime_message_get_mime_part(mail->message), 0, 0);
    return mail;
}

void mail_free(struct mail *mail) {
    g_ptr_array_unref(mail->parts);
    if (mail->message != NULL)
        g_object_unref(mail->message);
    g_free(mail->copy);
    g_free(mail);
}

const char *mail_header(const struct mail *mail, const char *name) {
    return mail->message == NULL ? NULL
                                 : g_mime_object_get_header(GMIME_OBJECT(mail->message), name);
}

const char *mail_report_type(const struct mail *mail) {
    GMimeObject *body = mail->message == NULL ? NULL : g_mime_message_get_mime_part(mail->message);
    GMimeContentType *type = body == NULL ? NULL : g_mime_object_get_content_type(body);
    if (type == NULL || !g_mime_content_type_is_type(type, "multipart", "report"))
        return NULL;
    return g_mime_content_type_get_parameter(type, "report-type");
}

struct part *mail_part(const struct mail *mail, size_t index) {
    return index < mail->parts->len ? mail->parts->pdata[index] : NULL;
}

enum part_kind part_kind(const struct part *part) {
    return part->kind;
}

unsigned part_level(const struct part *part) {
    return part->level;
}

/* ---- texts ---- */

static GString *decode_transfer(GMimePart *source) {
    GMimeDataWrapper *content = g_mime_part_get_content(source);
    if (content == NULL)
        return g_string_new(NULL);
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    GString *text = g_string_new_len((const char *)octets->data,
                                     (gssize)MIN(octets->len, REPORT_TEXT_OCTETS_MAX));
    g_object_unref(stream);
    return text;
}

static bool is_ascii(const GString *text) {
    for (gsize i = 0; i < text->len; i++)
        if ((unsigned char)text->str[i] >= 0x80 || text->str[i] == 0x1b)
            return false;
    return true;
}

/* The charset of a part, by the name that iconv knows; NULL where nothing is to be converted. */
static const char *foreign_charset(GMimePart *source, const GString *text) {
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(source));
    const char *charset = g_mime_content_type_get_parameter(type, "charset");
    if (charset == NULL || g_ascii_strncasecmp(charset, "utf-8", 5) == 0)
        return NULL;
    if (strcasestr(charset, "utf-7") != NULL)
        return "UTF-7";
    bool wide = g_ascii_strncasecmp(charset, "utf", 3) == 0 ||
                g_ascii_strncasecmp(charset, "ucs", 3) == 0 ||
                strcasestr(charset, "ebcdic") != NULL;
    return is_ascii(text) && !wide ? NULL : g_mime_charset_iconv_name(charset);
}

/* What cannot be converted stays as it is. */
static void convert(GString *text, const char *charset) {
    gsize length = 0;
    iconv_t conversion = g_mime_iconv_open("UTF-8", charset);
    if (conversion == (iconv_t)-1)
        return;
    g_mime_iconv_close(conversion);
    g_autofree char *converted = g_convert_with_fallback(text->str, (gssize)text->len, "UTF-8",
                                                         charset, "?", NULL, &length, NULL);
    if (converted != NULL) {
        g_string_truncate(text, 0);
        g_string_append_len(text, converted, (gssize)length);
    }
}

/* NUL becomes a blank, a CR that is not followed by LF an LF, and what is no UTF-8 is replaced. */
static void clean(GString *text) {
    for (gsize i = 0; i < text->len; i++) {
        if (text->str[i] == '\0')
            text->str[i] = ' ';
        if (text->str[i] == '\r')
            text->str[i] = i + 1 < text->len && text->str[i + 1] == '\n' ? ' ' : '\n';
    }
    if (!g_utf8_validate_len(text->str, text->len, NULL)) {
        g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
        g_string_assign(text, valid);
    }
}

static void decode_part(struct part *part) {
    part->text = decode_transfer(part->source);
    const char *charset = foreign_charset(part->source, part->text);
    if (charset != NULL)
        convert(part->text, charset);
    if (part->kind == PART_HTML) {
        GString *plain = html_to_text(part->text->str, part->text->len);
        g_string_free(part->text, TRUE);
        part->text = plain;
    }
    clean(part->text);
}

struct slice part_text(struct part *part) {
    if (part->text == NULL)
        decode_part(part);
    else if (part->source == NULL)
        clean(part->text);
    return (struct slice){part->text->str, part->text->len};
}
