/* SPDX-License-Identifier: ISC */
/* Which words of a notice tell what happened to a recipient. */
#include <string.h>

#include "dragoman/foreign_reply.h"
#include "mailbox.h"
#include "notice.h"
#include "notice_line.h"

/* How many codes a text has: a pair, one of them, none. */
static int code_count(const char *text) {
    if (text == NULL || !line_may_have_codes(slice_of(text)))
        return 0;
    struct status status = foreign_reply_status(text);
    return (status.basic >= 400) + (status.class_digit >= 4);
}

/* The text of the first block behind this one that has any: addresses in a row share it. */
static const char *shared_text(const struct notice *notice, const struct notice_block *block) {
    guint at = 0;
    g_ptr_array_find(notice->blocks, block, &at);
    for (; at < notice->blocks->len; at++) {
        const struct notice_block *next = notice->blocks->pdata[at];
        if (next->text->len > 0)
            return next->text->str;
        if (next->more->len > 0)
            return next->more->str;
    }
    return NULL;
}

/* Another block about the same address, with a code (Exchange names the address twice). */
static const char *repeated_text(const struct notice *notice, const struct notice_block *block) {
    for (guint i = 0; i < notice->blocks->len; i++) {
        const struct notice_block *other = notice->blocks->pdata[i];
        if (other != block && mailbox_equal(other->recipient, block->recipient) &&
            code_count(other->text->str) > 0)
            return other->text->str;
    }
    return NULL;
}

/* "554 5.0.0 Service unavailable": Sendmail's own last word where a program or a server has said
 * before what was wrong. */
static bool is_summary(const char *text) {
    static const char *const ends[] = {"Service unavailable", "Can't create output",
                                       "Remote protocol error"};
    bool ends_so = strstr(text, "... unknown mailer error ") != NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(ends) && !ends_so; i++)
        ends_so = g_str_has_suffix(text, ends[i]);
    if (!ends_so)
        return false;
    struct status status = foreign_reply_status(text);
    return status.class_digit == 0 || (status.subject == 0 && status.detail == 0);
}

/* How telling a candidate is: by its codes. */
static int rank_of(const char *text) {
    int codes = code_count(text);
    return codes > 0 && is_summary(text) ? 1 : 2 * codes;
}

/* The candidate with the most codes, the first of equals; NULL if there is no code at all. */
static const char *words_with_codes(const char *const *candidates, size_t count) {
    const char *words = NULL;
    int best = 0;
    for (size_t i = 0; i < count; i++) {
        int rank = rank_of(candidates[i]);
        if (rank > best) {
            best = rank;
            words = candidates[i];
        }
    }
    return words;
}

/* A summary, and behind it the line that stands before it in the block's text. */
static char *with_cause(const char *words, const struct notice_block *block) {
    if (!is_summary(words))
        return g_strdup(words);
    const char *line_end = strrchr(words, '\n');
    const char *summary = line_end != NULL ? line_end + 1 : words;
    const char *at = strstr(block->text->str, summary);
    if (at == NULL || at < block->text->str + 2)
        return g_strdup(summary);
    const char *end = at - 1, *start = end;
    while (start > block->text->str && start[-1] != '\n')
        start--;
    bool tells = strncmp(start, "...", 3) != 0 && strncmp(start, ">>>", 3) != 0;
    return tells ? g_strdup_printf("%s\n%.*s", summary, (int)(end - start), start)
                 : g_strdup(summary);
}

/* Where no code is stated: what stands next to the address. Around an address in a sentence all
 * that follows counts. */
static char *words_without_codes(const struct notice *notice, const struct notice_block *block) {
    bool goes_on = block->text->len > 0 && block->text->str[block->text->len - 1] == ':';
    if (block->prose || (goes_on && block->more->len > 0))
        return g_strjoin("\n", block->text->str, block->more->str, NULL);
    const char *words = block->text->len > 0 ? block->text->str : shared_text(notice, block);
    if (words == NULL)
        words = block->before;
    if (words == NULL && notice->explanation->len > 0)
        words = notice->explanation->str;
    return g_strdup(words);
}

char *notice_words(const struct notice *notice, const struct notice_block *block) {
    const struct transcript_reply *said = transcript_find(notice->transcript, block->recipient);
    const char *candidates[] = {
        block->text->str,
        repeated_text(notice, block),
        said != NULL && !said->local ? said->text->str : NULL,
        block->more->str, /* with the sentence before a reply that stands alone */
        said != NULL ? said->text->str : NULL,
        block->before,
    };
    const char *words = words_with_codes(candidates, G_N_ELEMENTS(candidates));
    return words != NULL ? with_cause(words, block) : words_without_codes(notice, block);
}
