/* SPDX-License-Identifier: ISC */
/*
 * The rules of safety: which messages may be enriched. Every doubt is a no.
 */
#ifndef DRAGOMAN_BOUNCE_SAFETY_H
#define DRAGOMAN_BOUNCE_SAFETY_H

#include "dragoman/enrich.h"
#include "mime_frame.h"

/* What can be told from the octets before anything is parsed, and from the envelope. */
enum untouched safety_of_octets(const struct enrich_request *request,
                                const struct bounce_settings *settings);

/* What the header and the frame tell. */
enum untouched safety_of_frame(const struct mime_frame *frame,
                               const struct bounce_settings *settings);

/* The index of the one part that is a delivery status, after safety_of_frame(). */
guint safety_status_part(const struct mime_frame *frame);

/* Whether a text is signed or encrypted in itself (RFC 4880 §6.2, §7). */
bool safety_is_armoured(const char *text);

#endif
