/* SPDX-License-Identifier: ISC */
#include "transcript.h"

#include <string.h>

#include "mailbox.h"

enum { REPLIES_MAX = 1000, REPLY_OCTETS_MAX = 4096 };

enum speaker { NOBODY, CLIENT, SERVER, REPORTER };

/* Who speaks in a line that begins like this, and how much of that is only a sign. */
static const struct {
    const char *beginning;
    size_t sign_length;
    enum speaker speaker;
} signs[] = {
    {"<<< RCPT", 3, CLIENT}, {"Sent <<<", 8, CLIENT},      {"Received >>>", 12, SERVER},
    {"Sent >>>", 8, CLIENT}, {"Received <<<", 12, SERVER}, {">>> ", 3, CLIENT},
    {"<<<", 3, SERVER},      {"In:", 3, CLIENT},           {"Out:", 4, SERVER},
    {"SMTP:4", 5, SERVER},   {"SMTP:5", 5, SERVER},
};

static void reply_free(gpointer data) {
    struct transcript_reply *reply = data;
    g_string_free(reply->text, TRUE);
    g_free(reply->recipient);
    g_free(reply);
}

struct transcript *transcript_new(void) {
    struct transcript *transcript = g_new0(struct transcript, 1);
    transcript->replies = g_ptr_array_new_with_free_func(reply_free);
    return transcript;
}

void transcript_free(struct transcript *transcript) {
    g_ptr_array_unref(transcript->replies);
    g_free(transcript->recipient);
    g_free(transcript);
}

/* "550 …", "550-…", "550": a line that begins with the code of a refusal. */
static bool begins_with_code(struct slice text) {
    if (text.length < 3 || (text.text[0] != '4' && text.text[0] != '5') ||
        !g_ascii_isdigit(text.text[1]) || !g_ascii_isdigit(text.text[2]))
        return false;
    if (text.length == 3)
        return true;
    char next = text.text[3];
    return next == '-' || ((next == ' ' || next == ':') && text.length > 5);
}

/* Finds out who speaks, and takes the sign off. */
static enum speaker speaker_of(struct slice *line) {
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (!slice_starts(*line, signs[i].beginning))
            continue;
        *line = slice_trim(slice_from(*line, line->text + signs[i].sign_length));
        return signs[i].speaker;
    }
    return begins_with_code(*line) ? REPORTER : NOBODY;
}

static void set_recipient(char **recipient, struct slice text) {
    struct slice mailbox = mailbox_find(text);
    g_free(*recipient);
    *recipient = mailbox.length > 0 ? slice_dup(mailbox) : NULL;
}

/* Whether the line belongs to the reply before it: the same code, and that one goes on. */
static bool goes_on(const struct transcript *transcript, struct slice line, bool local) {
    if (!transcript->open || transcript->replies->len == 0 || line.length < 3)
        return false;
    const struct transcript_reply *last = transcript->replies->pdata[transcript->replies->len - 1];
    const char *last_line = strrchr(last->text->str, '\n');
    last_line = last_line == NULL ? last->text->str : last_line + 1;
    return last->local == local && strlen(last_line) > 3 && last_line[3] == '-' &&
           strncmp(last_line, line.text, 3) == 0 && last->text->len < REPLY_OCTETS_MAX;
}

static void add_reply(struct transcript *transcript, struct slice line, bool local) {
    if (goes_on(transcript, line, local)) {
        struct transcript_reply *last = transcript->replies->pdata[transcript->replies->len - 1];
        g_string_append_c(last->text, '\n');
        g_string_append_len(last->text, line.text, (gssize)line.length);
        return;
    }
    if (transcript->replies->len >= REPLIES_MAX)
        return;
    struct transcript_reply *reply = g_new0(struct transcript_reply, 1);
    reply->text = g_string_new_len(line.text, (gssize)MIN(line.length, REPLY_OCTETS_MAX));
    reply->local = local;
    set_recipient(&reply->recipient, line);
    if (transcript->recipient != NULL && !local) {
        g_free(reply->recipient);
        reply->recipient = g_strdup(transcript->recipient);
        reply->answers = true;
    }
    g_ptr_array_add(transcript->replies, reply);
    transcript->open = true;
}

bool transcript_line(struct transcript *transcript, struct slice line) {
    enum speaker speaker = speaker_of(&line);
    switch (speaker) {
    case CLIENT:
        if (slice_starts(line, "RCPT"))
            set_recipient(&transcript->recipient, line);
        else if (!slice_starts(line, "DATA") && !slice_starts(line, "."))
            g_clear_pointer(&transcript->recipient, g_free);
        transcript->open = false;
        break;
    case SERVER:
    case REPORTER:
        if (begins_with_code(line))
            add_reply(transcript, line, speaker == REPORTER);
        break;
    case NOBODY:
        transcript->open = false;
    }
    return speaker != NOBODY;
}

/* How well a reply fits: one about the recipient before one about nobody, a server's before the
 * reporter's own. Another address in a server's words may be the sender's. */
static int fit(const struct transcript_reply *reply, const char *recipient) {
    int rank = reply->local ? 1 : 2;
    if (reply->recipient == NULL || recipient == NULL)
        return rank;
    if (mailbox_equal(reply->recipient, recipient))
        return rank + 2;
    return reply->answers || reply->local ? 0 : rank;
}

bool transcript_names_recipient(const struct transcript *transcript) {
    for (guint i = 0; i < transcript->replies->len; i++) {
        const struct transcript_reply *reply = transcript->replies->pdata[i];
        if (reply->recipient != NULL)
            return true;
    }
    return false;
}

const struct transcript_reply *transcript_find(const struct transcript *transcript,
                                               const char *recipient) {
    const struct transcript_reply *found = NULL;
    int best = 0;
    for (guint i = 0; i < transcript->replies->len; i++) {
        const struct transcript_reply *reply = transcript->replies->pdata[i];
        int rank = fit(reply, recipient);
        if (rank > 0 && rank >= best) {
            best = rank;
            found = reply;
        }
    }
    return found;
}

const char *transcript_complete(const struct transcript *transcript, const char *first) {
    size_t length = strlen(first);
    for (guint i = 0; i < transcript->replies->len; i++) {
        const struct transcript_reply *reply = transcript->replies->pdata[i];
        if (length > 4 && reply->text->len > length && reply->text->str[length] == '\n' &&
            strncmp(reply->text->str, first, length) == 0)
            return reply->text->str;
    }
    return NULL;
}
