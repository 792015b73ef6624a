/* SPDX-License-Identifier: ISC */
#include "line_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_OCTETS = 16 * LINE_OCTETS_MAX, COMPRESSED_OCTETS = 65536 };

struct line_reader {
    gzFile file; /* which reads what is not compressed as it is */
    const char *error;
    guint64 octets;
    bool ended;
    bool skipping; /* what comes, up to the next line, belongs to a line that was cut */
    size_t start;  /* what has not been given out yet: [start, end) of `buffer` */
    size_t end;
    char buffer[BUFFER_OCTETS + 1];
};

struct line_reader *line_reader_new(int descriptor) {
    struct line_reader *reader = g_new(struct line_reader, 1);
    reader->file = gzdopen(dup(descriptor), "rb");
    reader->error = reader->file == NULL ? g_strerror(errno) : NULL;
    reader->octets = 0;
    reader->ended = reader->file == NULL;
    reader->skipping = false;
    reader->start = reader->end = 0;
    if (reader->file != NULL)
        gzbuffer(reader->file, COMPRESSED_OCTETS);
    return reader;
}

void line_reader_free(struct line_reader *reader) {
    if (reader->file != NULL)
        gzclose(reader->file);
    g_free(reader);
}

guint64 line_reader_octets(const struct line_reader *reader) {
    return reader->octets;
}

const char *line_reader_error(const struct line_reader *reader) {
    return reader->error;
}

/* What went wrong with the read before; NULL if nothing did. A file that ends too early gives what
 * it has first. */
static const char *read_error(struct line_reader *reader) {
    int error = Z_OK;
    int number = errno;
    (void)gzerror(reader->file, &error);
    if (error == Z_OK || error == Z_STREAM_END)
        return NULL;
    return error == Z_ERRNO ? g_strerror(number) : "what is compressed in it is damaged or cut off";
}

/* Reads more behind the line that is not complete yet, which is shorter than the buffer. */
static void fill(struct line_reader *reader) {
    size_t kept = reader->end - reader->start;
    memmove(reader->buffer, reader->buffer + reader->start, kept);
    reader->start = 0;
    reader->end = kept;
    int got = gzread(reader->file, reader->buffer + kept, (unsigned)(BUFFER_OCTETS - kept));
    z_off_t octets = gzoffset(reader->file);
    if (got <= 0) {
        reader->error = read_error(reader);
        reader->ended = true;
    } else {
        reader->end += (size_t)got;
        reader->octets = octets > 0 ? (guint64)octets : reader->octets;
    }
}

/* The next stretch of octets up to a line end, to the limit, or to the end of the file; whether
 * the line goes on behind it. */
static bool next_stretch(struct line_reader *reader, struct slice *stretch, bool *goes_on) {
    for (;;) {
        char *start = reader->buffer + reader->start;
        size_t there = reader->end - reader->start;
        size_t looked_at = MIN(there, LINE_OCTETS_MAX + 1);
        const char *newline = memchr(start, '\n', looked_at);
        if (newline == NULL && there <= LINE_OCTETS_MAX && !reader->ended) {
            fill(reader);
            continue;
        }
        *goes_on = newline == NULL && there > LINE_OCTETS_MAX;
        size_t length = newline != NULL ? (size_t)(newline - start) : MIN(there, LINE_OCTETS_MAX);
        *stretch = (struct slice){start, length};
        reader->start += length + (newline != NULL);
        return newline != NULL || length > 0;
    }
}

bool line_reader_next(struct line_reader *reader, struct slice *line) {
    bool goes_on, behind_a_cut;
    do {
        behind_a_cut = reader->skipping;
        if (!next_stretch(reader, line, &goes_on))
            return false;
        reader->skipping = goes_on;
    } while (behind_a_cut);
    if (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    /* Not the first octet of what comes next, unless that will be skipped. */
    reader->buffer[(size_t)(line->text - reader->buffer) + line->length] = '\0';
    return true;
}
