/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include <string.h>

#include "address_line.h"
#include "dragoman/foreign_reply.h"
#include "dragoman/report.h"
#include "mailbox.h"
#include "notice_line.h"
#include "phrases.h"

enum {
    BLOCK_OCTETS_MAX = 4096,
    MORE_OCTETS_MAX = 2048,
    ANNOUNCEMENT_REACH = 12, /* lines */
    IMMEDIATE_REACH = 6,
    GREETING_OCTETS_MAX = 20
};

/* Reading, line by line. */
struct reading {
    struct notice *notice;
    const char *sender;
    struct notice_block *block; /* the last one, while lines may still belong to it */
    size_t block_indent;
    bool paragraph_ended;     /* an empty line has come since the block's text */
    bool skipping;            /* the rest of a paragraph that tells nothing */
    bool awaits_names;        /* a list was announced, and nothing has come since */
    bool greets;              /* the first line is short, as a person begins */
    bool begins_as_notice;    /* the first lines announce a failure, and greet nobody */
    unsigned since_announced; /* lines since a failure was announced; 0: it was not */
    unsigned line_count;      /* lines that are not empty */
    struct slice last_line;
};

static void block_free(gpointer data) {
    struct notice_block *block = data;
    g_free(block->recipient);
    g_free(block->original);
    g_free(block->before);
    g_string_free(block->text, TRUE);
    g_string_free(block->more, TRUE);
    g_free(block);
}

void notice_free(struct notice *notice) {
    if (notice == NULL)
        return;
    g_ptr_array_unref(notice->blocks);
    transcript_free(notice->transcript);
    g_string_free(notice->explanation, TRUE);
    g_string_free(notice->opening, TRUE);
    g_free(notice);
}

static void append_line(GString *text, struct slice line, gsize max) {
    if (line.length == 0 || text->len + line.length + 1 > max)
        return;
    if (text->len > 0)
        g_string_append_c(text, '\n');
    g_string_append_len(text, line.text, (gssize)line.length);
}

/* ---- blocks ---- */

const struct notice_block *notice_find(const struct notice *notice, const char *recipient) {
    for (guint i = 0; i < notice->blocks->len; i++) {
        const struct notice_block *block = notice->blocks->pdata[i];
        if (mailbox_equal(block->recipient, recipient) ||
            (block->original != NULL && mailbox_equal(block->original, recipient)))
            return block;
    }
    return NULL;
}

static void open_block(struct reading *reading, struct slice mailbox, bool strong) {
    struct notice *notice = reading->notice;
    if (notice->blocks->len >= REPORT_RECIPIENTS_MAX)
        return;
    struct notice_block *block = g_new0(struct notice_block, 1);
    block->recipient = slice_dup(mailbox);
    block->text = g_string_new(NULL);
    block->more = g_string_new(NULL);
    block->strong = strong;
    if (reading->block == NULL && reading->last_line.length > 0 &&
        (phrases_in(reading->last_line) & PHRASE_FAILURE) == 0)
        block->before = slice_dup(reading->last_line);
    g_ptr_array_add(notice->blocks, block);
    reading->block = block;
    reading->paragraph_ended = false;
}

static bool is_announced(const struct reading *reading) {
    return reading->since_announced > 0 && reading->since_announced <= ANNOUNCEMENT_REACH;
}

/* Whether an address line belongs to the text of the open block: it is indented more than the
 * block's own address. */
static bool continues_block(const struct reading *reading, const struct line *line) {
    return reading->block != NULL && !reading->paragraph_ended &&
           line->indent > reading->block_indent && reading->block->text->len > 0;
}

/* Whether the line opens a block, and how surely. */
static bool opens_block(const struct reading *reading, const struct address_line *read,
                        bool *strong) {
    bool is_sender =
        reading->sender != NULL && strlen(reading->sender) == read->mailbox.length &&
        g_ascii_strncasecmp(reading->sender, read->mailbox.text, read->mailbox.length) == 0;
    *strong = read->shape == SHAPE_LABELED || (read->shape == SHAPE_COLON && !is_sender) ||
              (is_announced(reading) && read->shape != SHAPE_PROSE);
    if (read->shape == SHAPE_NONE || read->shape == SHAPE_PROSE)
        return false;
    return !is_sender || *strong;
}

static void begin_block(struct reading *reading, const struct line *line,
                        const struct address_line *read, bool strong) {
    open_block(reading, read->mailbox, strong);
    if (reading->block == NULL)
        return;
    reading->block_indent = line->indent;
    if (read->original.length > 0)
        reading->block->original = slice_dup(read->original);
    append_line(reading->block->text, read->rest, BLOCK_OCTETS_MAX);
    reading->notice->immediate |= reading->begins_as_notice && strong &&
                                  reading->line_count <= IMMEDIATE_REACH &&
                                  (is_announced(reading) || read->shape == SHAPE_LABELED);
    if (is_announced(reading))
        reading->since_announced = 1;
    reading->skipping = reading->awaits_names = false;
}

/* "(ultimately generated from …)": the sender's own word for the block's address. Without a block
 * it is the only address there is ("pipe to |program" / "generated by user@example.org"). */
static bool take_origin(struct reading *reading, const struct line *line) {
    struct slice origin = address_line_origin(line->text);
    if (origin.length == 0)
        return false;
    if (reading->block == NULL || reading->paragraph_ended) {
        if (!is_announced(reading))
            return false;
        open_block(reading, origin, true);
        if (reading->block != NULL)
            append_line(reading->block->text, reading->last_line, BLOCK_OCTETS_MAX);
    } else if (reading->block->original == NULL) {
        reading->block->original = slice_dup(origin);
    }
    return true;
}

/* ---- lines ---- */

static void note_phrases(struct reading *reading, const struct line *line, unsigned phrases) {
    struct notice *notice = reading->notice;
    bool failure = (phrases & (PHRASE_FAILURE | PHRASE_DELAY)) != 0;
    if (reading->since_announced > 0)
        reading->since_announced++;
    if (failure)
        reading->since_announced = 1;
    notice->announces_failure |= failure;
    if (reading->line_count == 1)
        reading->greets = !failure && line->text.length < GREETING_OCTETS_MAX;
    if (reading->line_count <= 2 && failure && !line_is_quoted(line->text))
        reading->begins_as_notice = !reading->greets;
    if (notice->blocks->len > 0) /* what is behind may quote another server */
        return;
    notice->announces_delay |= (phrases & PHRASE_DELAY) != 0;
    notice->announces_success |= (phrases & PHRASE_SUCCESS) != 0;
}

/* The first paragraph is the block's text, what comes behind may be more about it. */
static void append_to_block(struct reading *reading, struct slice text) {
    struct notice_block *block = reading->block;
    if (!reading->paragraph_ended || block->text->len == 0) {
        append_line(block->text, text, BLOCK_OCTETS_MAX);
        reading->paragraph_ended = false;
    } else {
        append_line(block->more, text, MORE_OCTETS_MAX);
    }
}

/* Whether what stands before the line is over, so that it is no part of a server's reply. */
static bool is_apart(const struct reading *reading) {
    return reading->block == NULL || reading->paragraph_ended || reading->block->text->len == 0;
}

/* Headings, announcements, what is told of the returned message, thanks and footers: none of them
 * says why. */
static bool tells_nothing(struct reading *reading, const struct line *line, unsigned phrases) {
    struct notice *notice = reading->notice;
    if (line_announces_list(line->text, phrases)) {
        notice->announces_list = true;
        reading->awaits_names = slice_find(line->text, "reason") == NULL;
        reading->last_line.length = 0;
        return true;
    }
    if (reading->awaits_names) {
        notice->names_only |= line_is_bare_name(line->text);
        reading->awaits_names = false;
    }
    if (line_is_heading(line->text) || line_describes_original(line->text) ||
        line_is_time(line->text)) {
        reading->last_line.length = 0;
        return true;
    }
    if (line_may_have_codes(line->text) || !is_apart(reading))
        return reading->skipping;
    notice->announces_delay |= (phrases & PHRASE_RETRYING) != 0;
    reading->skipping |= (phrases & PHRASE_POLITE) != 0;
    return reading->skipping;
}

/* What is no address: a part of a dialogue, or words. */
static void read_words(struct reading *reading, const struct line *line) {
    unsigned phrases = phrases_in(line->text);
    bool dialogue = transcript_line(reading->notice->transcript, line->text);
    bool announced = is_announced(reading);
    note_phrases(reading, line, phrases);
    if (!dialogue && tells_nothing(reading, line, phrases))
        return;
    struct slice text = line_without_dashes(line->text);
    if (!dialogue && reading->block == NULL)
        append_line(announced ? reading->notice->explanation : reading->notice->opening, text,
                    MORE_OCTETS_MAX);
    if (reading->block != NULL)
        append_to_block(reading, text);
    reading->last_line = text;
}

static void read_text_line(struct reading *reading, const struct line *line) {
    struct address_line read = address_line_read(line->text);
    bool strong;
    if (read.shape != SHAPE_NONE && continues_block(reading, line))
        read.shape = SHAPE_NONE;
    if (opens_block(reading, &read, &strong)) {
        begin_block(reading, line, &read, strong);
        reading->last_line = line->text;
    } else if (take_origin(reading, line)) {
        reading->last_line = line->text;
    } else {
        read_words(reading, line);
    }
}

static void end_paragraph(struct reading *reading) {
    reading->paragraph_ended = true;
    reading->skipping = false;
    reading->notice->transcript->open = false;
}

/* Fields of a delivery status are read elsewhere. */
static bool begins_fields(struct slice line) {
    return slice_starts(line, "Reporting-MTA:") || slice_starts(line, "Final-Recipient:") ||
           slice_starts(line, "Original-Recipient:");
}

static bool read_line(struct reading *reading, const struct line *line) {
    if (line->text.length == 0) {
        end_paragraph(reading);
        return true;
    }
    if (begins_fields(line->text) || phrase_begins_returned_message(line->text))
        return false;
    reading->line_count++;
    if (line_is_rule(line->text)) {
        end_paragraph(reading);
        if (reading->block != NULL && reading->block->text->len > 0)
            reading->block = NULL;
    } else {
        read_text_line(reading, line);
    }
    return true;
}

/* ---- prose ---- */

/* An address in the middle of a sentence that can be the one that failed: it has a real domain, and
 * it is neither the sender's nor one to write to. */
static struct slice prose_mailbox(const struct reading *reading, struct slice line) {
    struct slice none = {line.text, 0};
    struct slice mailbox = mailbox_find(line);
    if (mailbox.length == 0 ||
        memchr(mailbox_domain(mailbox).text, '.', mailbox_domain(mailbox).length) == NULL)
        return none;
    if (reading->sender != NULL && strlen(reading->sender) == mailbox.length &&
        g_ascii_strncasecmp(reading->sender, mailbox.text, mailbox.length) == 0)
        return none;
    bool original = line_describes_original(line) && reading->notice->announces_list;
    return original || line_is_quoted(line) || (phrases_in(line) & PHRASE_CONTACT) != 0 ? none
                                                                                        : mailbox;
}

/* "There was an error delivering your mail to <user@example.org>." */
static bool is_certain_prose(struct slice line, struct slice mailbox) {
    return mailbox.text > line.text && mailbox.text[-1] == '<' &&
           (phrases_in(line) & PHRASE_FAILURE) != 0;
}

/* Looks for an address in sentences, and takes its paragraph for what is said about it. */
static void read_prose(struct reading *reading, struct slice text) {
    struct lines lines = lines_of(text);
    struct line line;
    reading->block = NULL;
    reading->last_line.length = 0;
    while (lines_next(&lines, &line)) {
        struct slice mailbox = {0};
        if (line.text.length == 0)
            reading->paragraph_ended = true;
        else if (reading->block == NULL)
            mailbox = prose_mailbox(reading, line.text);
        if (mailbox.length > 0)
            open_block(reading, mailbox, is_certain_prose(line.text, mailbox));
        if (mailbox.length > 0 && reading->block != NULL)
            reading->block->prose = true;
        if (reading->block != NULL && !line_describes_original(line.text))
            append_line(reading->paragraph_ended ? reading->block->more : reading->block->text,
                        line.text, MORE_OCTETS_MAX);
    }
}

struct notice *notice_read(struct slice text, const char *sender) {
    struct notice *notice = g_new0(struct notice, 1);
    notice->blocks = g_ptr_array_new_with_free_func(block_free);
    notice->transcript = transcript_new();
    notice->sender = sender;
    notice->explanation = g_string_new(NULL);
    notice->opening = g_string_new(NULL);
    struct reading reading = {.notice = notice, .sender = sender};
    struct lines lines = lines_of(text);
    struct line line;
    notice->returned = (struct slice){text.text + text.length, 0};
    while (lines_next(&lines, &line))
        if (!read_line(&reading, &line)) {
            notice->returned = slice_from(text, line.start);
            break;
        }
    if (notice->blocks->len == 0 && !notice->names_only &&
        !transcript_names_recipient(notice->transcript))
        read_prose(&reading,
                   (struct slice){text.text, (size_t)(notice->returned.text - text.text)});
    return notice;
}
