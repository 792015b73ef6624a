/* SPDX-License-Identifier: ISC */
/*
 * Evidence: what in a bounce tells which language its reader reads.
 */
#ifndef DRAGOMAN_BOUNCE_EVIDENCE_H
#define DRAGOMAN_BOUNCE_EVIDENCE_H

#include "dragoman/letter_book.h"
#include "mime_frame.h"

/*
 * The language of the book that is told by the returned message (its fields Accept-Language and
 * Content-Language, its character set) or by the domain to which the bounce goes, in this order;
 * or letter_book_count(). What was looked at, and what it told, is added to `trace` (char *).
 */
size_t evidence_language(const struct letter_book *book, const struct mime_frame *frame,
                         GPtrArray *trace);

#endif
