/* SPDX-License-Identifier: ISC */
#include "mime_frame.h"

#include <string.h>

#include "lines.h"

enum { PARTS_MAX = 32, TYPE_OCTETS_MAX = 4096 };

/* --- lines ------------------------------------------------------------------------------------ */

/* Where the line at `at` ends: behind its LF, or at the end of the text. */
static size_t next_line(struct slice text, size_t at) {
    const char *end = memchr(text.text + at, '\n', text.length - at);
    return end != NULL ? (size_t)(end + 1 - text.text) : text.length;
}

/* The line without its LF or CRLF. */
static struct slice line_at(struct slice text, size_t at, size_t next) {
    size_t end = next;
    if (end > at && text.text[end - 1] == '\n')
        end--;
    if (end > at && end < next && text.text[end - 1] == '\r')
        end--;
    return (struct slice){text.text + at, end - at};
}

/* --- fields ----------------------------------------------------------------------------------- */

static bool is_folded(struct slice line) {
    return line.length > 0 && (line.text[0] == ' ' || line.text[0] == '\t');
}

/* A name of printable ASCII, perhaps blanks, and a colon (RFC 5322 §2.2, §4.5). */
static bool begins_field(struct slice line) {
    size_t at = 0;
    while (at < line.length && line.text[at] > ' ' && line.text[at] < 0x7f && line.text[at] != ':')
        at++;
    bool named = at > 0;
    while (at < line.length && is_folded((struct slice){line.text + at, 1}))
        at++;
    return named && at < line.length && line.text[at] == ':';
}

/* Reads fields up to the empty line; `*behind` is what follows that. */
static struct mime_fields read_fields(struct slice text, size_t *behind) {
    struct mime_fields fields = {{text.text, 0}, false};
    size_t at = 0;
    while (at < text.length) {
        size_t next = next_line(text, at);
        struct slice line = line_at(text, at, next);
        if (line.length == 0) {
            *behind = next;
            return fields;
        }
        if (!begins_field(line) && !(is_folded(line) && at > 0))
            fields.damaged = true;
        at = fields.octets.length = next;
    }
    *behind = at;
    return fields;
}

struct mime_fields mime_fields_read(struct slice text) {
    size_t behind;
    return read_fields(text, &behind);
}

bool mime_fields_next(const struct mime_fields *fields, size_t *at, struct slice *field) {
    struct slice text = fields->octets;
    if (*at >= text.length)
        return false;
    size_t end = next_line(text, *at);
    while (end < text.length && (text.text[end] == ' ' || text.text[end] == '\t'))
        end = next_line(text, end);
    *field = (struct slice){text.text + *at, end - *at};
    *at = end;
    return true;
}

bool mime_field_is(struct slice field, const char *name) {
    const char *colon = memchr(field.text, ':', field.length);
    return colon != NULL &&
           slice_equals(slice_trim((struct slice){field.text, (size_t)(colon - field.text)}), name);
}

size_t mime_fields_find(const struct mime_fields *fields, const char *name, struct slice *value) {
    struct slice field;
    size_t count = 0;
    for (size_t at = 0; mime_fields_next(fields, &at, &field);)
        if (mime_field_is(field, name) && count++ == 0) {
            const char *colon = memchr(field.text, ':', field.length);
            *value = slice_trim(slice_from(field, colon + 1));
        }
    return count;
}

static GMimeContentType *parse_type(struct slice value) {
    g_autofree char *text = slice_dup(value);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\r' || *at == '\n' || *at == '\t')
            *at = ' ';
    return value.length <= TYPE_OCTETS_MAX ? g_mime_content_type_parse(NULL, text) : NULL;
}

GMimeContentType *mime_part_type(const struct mime_part *part) {
    struct slice value = {"text/plain", strlen("text/plain")};
    size_t count = mime_fields_find(&part->fields, "Content-Type", &value);
    return count <= 1 ? parse_type(value) : NULL;
}

/* --- parts ------------------------------------------------------------------------------------ */

enum delimiter { NO_DELIMITER, DELIMITER, CLOSE_DELIMITER, DOUBTFUL_DELIMITER };

/* RFC 2046 §5.1.1. Some programs take every line that begins so for one, others do not. */
static enum delimiter delimiter_of(struct slice line, const char *boundary) {
    size_t length = strlen(boundary);
    if (line.length < length + 2 || memcmp(line.text, "--", 2) != 0 ||
        memcmp(line.text + 2, boundary, length) != 0)
        return NO_DELIMITER;
    struct slice rest = {line.text + 2 + length, line.length - 2 - length};
    if (slice_trim(rest).length == 0)
        return DELIMITER;
    bool closes =
        slice_starts(rest, "--") && slice_trim(slice_from(rest, rest.text + 2)).length == 0;
    return closes ? CLOSE_DELIMITER : DOUBTFUL_DELIMITER;
}

static void add_part(struct mime_frame *frame, struct slice text, size_t from, size_t to) {
    struct mime_part part = {0};
    size_t behind = 0;
    if (to > from && text.text[to - 1] == '\n')
        to--;
    if (to > from && text.text[to - 1] == '\r' && text.text[to] == '\n')
        to--;
    part.whole = (struct slice){text.text + from, to - from};
    part.fields = read_fields(part.whole, &behind);
    part.body = (struct slice){part.whole.text + behind, part.whole.length - behind};
    g_array_append_val(frame->parts, part);
}

static void find_parts(struct mime_frame *frame, struct slice text) {
    enum { BEFORE, INSIDE, BEHIND } where = BEFORE;
    size_t from = 0;
    for (size_t at = frame->body_at, next; at < text.length; at = next) {
        next = next_line(text, at);
        enum delimiter delimiter = delimiter_of(line_at(text, at, next), frame->boundary);
        if (delimiter == NO_DELIMITER)
            continue;
        if (delimiter == DOUBTFUL_DELIMITER || where == BEHIND || frame->parts->len >= PARTS_MAX)
            return;
        if (where == INSIDE)
            add_part(frame, text, from, at);
        where = delimiter == CLOSE_DELIMITER ? BEHIND : INSIDE;
        if (frame->parts->len == 0 && where == BEHIND)
            return;
        from = next;
    }
    frame->complete = where == BEHIND;
}

const struct mime_part *mime_frame_part(const struct mime_frame *frame, guint index) {
    return &g_array_index(frame->parts, struct mime_part, index);
}

/* --- the message ------------------------------------------------------------------------------ */

/* A mailbox file or a delivery program puts such a line in front of the header. */
static size_t skip_from_line(struct slice octets) {
    return octets.length > 5 && memcmp(octets.text, "From ", 5) == 0 ? next_line(octets, 0) : 0;
}

struct mime_frame *mime_frame_new(struct slice octets) {
    struct mime_frame *frame = g_new0(struct mime_frame, 1);
    struct slice value;
    size_t start = skip_from_line(octets), behind = 0;
    const char *line = memchr(octets.text, '\n', octets.length);
    frame->parts = g_array_new(FALSE, FALSE, sizeof(struct mime_part));
    frame->line_end = line != NULL && line > octets.text && line[-1] == '\r' ? "\r\n" : "\n";
    frame->fields =
        read_fields((struct slice){octets.text + start, octets.length - start}, &behind);
    frame->body_at = start + behind;
    if (mime_fields_find(&frame->fields, "Content-Type", &value) == 1)
        frame->type = parse_type(value);
    if (frame->type != NULL && g_mime_content_type_is_type(frame->type, "multipart", "*"))
        frame->boundary = g_mime_content_type_get_parameter(frame->type, "boundary");
    if (frame->boundary != NULL && *frame->boundary != '\0')
        find_parts(frame, octets);
    return frame;
}

void mime_frame_free(struct mime_frame *frame) {
    if (frame->type != NULL)
        g_object_unref(frame->type);
    g_array_unref(frame->parts);
    g_free(frame);
}
