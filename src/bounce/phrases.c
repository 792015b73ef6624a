/* SPDX-License-Identifier: ISC */
#include "phrases.h"

#include <string.h>

#include "lines.h"
#include "phrase_set.h"

/* No line that says something is longer. */
enum { SENTENCE_MAX = 1024 };

unsigned phrases_in(struct slice text) {
    text.length = MIN(text.length, SENTENCE_MAX);
    return phrase_set_find(&phrases_baked, text);
}

/* Some begin with the line, after dashes and the like. */
static const char *const returned_beginnings[] = {
    "below this line is a copy",
    "this is a copy of",
    "below is a copy",
    "enclosed is a copy",
    "here is a copy",
    "included is a copy",
    "original message follows",
    "old message:",
    "original message headers",
    "original message header",
    "original message ",
    "original message:",
    "original mail",
    "original-message",
    "original headers",
    "the original message follows",
    "the original message is included",
    "message headers follow",
    "message header follows",
    "message header:",
    "message text follows",
    "message follows",
    "returned message",
    "returned mail follows",
    "unsent message",
    "undelivered message",
    "non-delivered message",
    "message body follows",
    "the header of the original message",
    "a copy of the original message",
    "a copy of your message",
    "start of returned message",
    "begin of returned message",
    "message contents follow",
    "headers of the message",
    "content-type: message/rfc822",
    "content-type: text/rfc822-headers",
    "return-path:",
    "received:",
    "x-received:",
    "dkim-signature:",
    "元のメッセージ",
};

bool phrase_begins_returned_message(struct slice line) {
    while (line.length > 0 && strchr("-=*_|#> ", line.text[0]) != NULL)
        line = slice_from(line, line.text + 1);
    if (slice_starts(line, "original message was"))
        return false;
    if (slice_starts(line, "the first ") && slice_find(line, "original message") != NULL)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(returned_beginnings); i++)
        if (slice_starts(line, returned_beginnings[i]))
            return true;
    return false;
}
