/* SPDX-License-Identifier: ISC */
/*
 * Text that comes from outside: made harmless before it is shown, and compared with what we know.
 */
#ifndef DRAGOMAN_TEXT_H
#define DRAGOMAN_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* No parameter of a text is longer than this many octets: with code and CRLF it still fits into
 * one reply line of 512 octets (RFC 5321 §4.5.3.1.5). */
enum { PARAMETER_OCTETS_MAX = 256 };

enum charset { CHARSET_ASCII, CHARSET_UTF8 };

/*
 * Appends `text` so that it cannot harm who reads it: control characters become '?', as does every
 * octet that is not ASCII (CHARSET_ASCII) or not part of valid, printable UTF-8 (CHARSET_UTF8);
 * what is longer than `max` octets ends in "...". No line, code or escape sequence survives.
 */
void text_append_harmless(GString *out, const char *text, enum charset charset, size_t max);

/* Appends `key="value"` (or key=value, where the value needs no quotes) as a field of a log line:
 * harmless, UTF-8, '"' and '\' escaped with a backslash. */
void text_append_field(GString *out, const char *key, const char *value);

/*
 * Of `count` known words the one that `word` was probably meant to be, or NULL where none is near:
 * for "did you mean". `known` is any array of objects whose name `name_of` returns.
 */
const char *text_nearest(const char *word, const void *known, size_t count,
                         const char *(*name_of)(const void *known, size_t index));

/* "; did you mean \"near\"?" or "" where `near` is NULL. The caller frees it. */
char *text_did_you_mean(const char *near);

/*
 * A size with its unit, in octets: "10 MB", "512kB", "1 GiB", "4096". kB, MB and GB are powers of
 * 1000, KiB, MiB and GiB powers of 1024. Returns false if it is none.
 */
bool text_parse_size(const char *text, guint64 *octets);

/* How many octets the lines in front of a text take that hold nothing but blanks. */
size_t text_blank_lines(const char *text, size_t length);

#endif
