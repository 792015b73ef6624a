/* SPDX-License-Identifier: ISC */
/* Reads the lines of a file of any size, compressed with gzip or not, in memory of fixed size. */
#ifndef DRAGOMAN_LINE_READER_H
#define DRAGOMAN_LINE_READER_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/address.h"

/* What is longer is cut: no line of a log has a reason to be. */
enum { LINE_OCTETS_MAX = 65536 };

struct line_reader;

/* Reads from this file descriptor, which stays the caller's. */
struct line_reader *line_reader_new(int descriptor);
void line_reader_free(struct line_reader *reader);

/* The next line without its end, followed by a NUL; it may hold NULs itself. Valid until the next
 * call. False at the end of the file, and where it cannot be read. */
bool line_reader_next(struct line_reader *reader, struct slice *line);

/* How many octets of the file have been read; not known of a pipe. */
guint64 line_reader_octets(const struct line_reader *reader);
/* Why it was not read to its end, or NULL. */
const char *line_reader_error(const struct line_reader *reader);

#endif
