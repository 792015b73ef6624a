/* SPDX-License-Identifier: ISC */
/*
 * The text of a part as UTF-8, and back into a form that every mail system passes on.
 */
#ifndef DRAGOMAN_BOUNCE_PART_TEXT_H
#define DRAGOMAN_BOUNCE_PART_TEXT_H

#include "mime_frame.h"

/* The text of a text/plain part, decoded from its transfer encoding and character set; lines end
 * with LF. NULL where that cannot be done without losing anything. The caller frees it. */
GString *part_text_decode(const struct mime_part *part, GMimeContentType *type);

/*
 * Appends `text` (UTF-8, LF) with lines that end as `line_end` says and no line that begins with
 * "--" and `boundary`; as quoted-printable, or as base64 where that is shorter. The name of the
 * encoding.
 */
const char *part_text_encode(const char *text, const char *line_end, const char *boundary,
                             GString *out);

#endif
