/* SPDX-License-Identifier: ISC */
#include "line_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_OCTETS = 16 * LINE_OCTETS_MAX };

struct line_reader {
    int descriptor;
    int error;
    guint64 octets;
    bool ended;
    bool skipping; /* what comes, up to the next line, belongs to a line that was cut */
    size_t start;  /* what has not been given out yet: [start, end) of `buffer` */
    size_t end;
    char buffer[BUFFER_OCTETS + 1];
};

struct line_reader *line_reader_new(int descriptor) {
    struct line_reader *reader = g_new(struct line_reader, 1);
    reader->descriptor = descriptor;
    reader->error = 0;
    reader->octets = 0;
    reader->ended = reader->skipping = false;
    reader->start = reader->end = 0;
    return reader;
}

void line_reader_free(struct line_reader *reader) {
    g_free(reader);
}

guint64 line_reader_octets(const struct line_reader *reader) {
    return reader->octets;
}

int line_reader_error(const struct line_reader *reader) {
    return reader->error;
}

/* Reads more behind the line that is not complete yet, which is shorter than the buffer. */
static void fill(struct line_reader *reader) {
    size_t kept = reader->end - reader->start;
    memmove(reader->buffer, reader->buffer + reader->start, kept);
    reader->start = 0;
    reader->end = kept;
    ssize_t got;
    do
        got = read(reader->descriptor, reader->buffer + kept, BUFFER_OCTETS - kept);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        reader->error = errno;
    if (got <= 0)
        reader->ended = true;
    else {
        reader->end += (size_t)got;
        reader->octets += (guint64)got;
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
