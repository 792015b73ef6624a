/* SPDX-License-Identifier: ISC */
/*
 * The frame of a message: where in its octets the header, the parts, and what stands around them
 * begin and end. Nothing is decoded or copied, so that what is not to be changed can be handed on
 * as it came. It is strict: where two programs could read a message differently, it is damaged.
 */
#ifndef DRAGOMAN_BOUNCE_MIME_FRAME_H
#define DRAGOMAN_BOUNCE_MIME_FRAME_H

#include <gmime/gmime.h>
#include <stdbool.h>

#include "dragoman/address.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeContentType, g_object_unref)

/* A header or the header of a part: its fields, with the line ends of folded ones. */
struct mime_fields {
    struct slice octets; /* without the empty line behind it */
    bool damaged;        /* there is a line that belongs to no field */
};

struct mime_part {
    struct slice whole; /* without the line end in front of the next delimiter, which is its own */
    struct mime_fields fields;
    struct slice body;
};

struct mime_frame {
    struct mime_fields fields;
    size_t body_at;         /* where the body begins */
    const char *line_end;   /* of the message: LF or CRLF */
    GMimeContentType *type; /* of the message; NULL without exactly one good Content-Type */
    const char *boundary;   /* of `type`; NULL if it is no multipart */
    GArray *parts;          /* struct mime_part */
    bool complete;          /* all parts are there, and can be read in one way only */
};

/* Never NULL; the caller frees it. Points into `octets`. */
struct mime_frame *mime_frame_new(struct slice octets);
void mime_frame_free(struct mime_frame *frame);

const struct mime_part *mime_frame_part(const struct mime_frame *frame, guint index);

/* The fields at the beginning of a text. */
struct mime_fields mime_fields_read(struct slice text);

/* How many fields of that name there are; `*value` is the first one's, still folded. */
size_t mime_fields_find(const struct mime_fields *fields, const char *name, struct slice *value);

/* The next field behind `*at` (0 at first) with all its lines; false past the end. */
bool mime_fields_next(const struct mime_fields *fields, size_t *at, struct slice *field);

/* Whether a field has that name. */
bool mime_field_is(struct slice field, const char *name);

/* The Content-Type of a part: text/plain where it has none, NULL where it has several. The caller
 * drops it. */
GMimeContentType *mime_part_type(const struct mime_part *part);

#endif
