/* SPDX-License-Identifier: ISC */
/* The map `delivery`: what a remote server has refused, for our bounces and our log. */
#include <string.h>

#include "dragoman/text.h"
#include "map_row.h"
#include "soundness.h"

enum { ORIGINAL_OCTETS_MAX = 1000 };

/* In short, then in whole sentences, then as it was: the log has no other line of it. */
static GString *delivery_text(struct status status, const struct reply *reply,
                              const char *original) {
    char code[STATUS_TEXT_SIZE];
    status.basic = 0;
    guint last = reply->lines->len - 1;
    GString *text = g_string_new(status_print(status, code));
    g_string_append_printf(text, " %s:", (const char *)reply->lines->pdata[last]);
    for (guint i = 0; i < last; i++)
        g_string_append_printf(text, " %s", (const char *)reply->lines->pdata[i]);
    g_string_append(text, " (");
    text_append_harmless(text, original, CHARSET_ASCII, ORIGINAL_OCTETS_MAX);
    g_string_append_c(text, ')');
    return text;
}

static bool is_refusal(struct status status) {
    return status.class_digit == STATUS_TEMPORARY || status.class_digit == STATUS_PERMANENT;
}

/* The pair by which the refusal is judged: the server's own, else what Postfix says. */
static struct status pair_of(const struct foreign_reply *reply, struct status status) {
    struct status pair = reply->status.basic != 0 ? reply->status : status;
    if (pair.class_digit == 0) {
        status.basic = pair.basic;
        pair = status;
    }
    if (pair.basic == 0)
        pair.basic = (uint16_t)(status.class_digit * 100 + 50);
    return pair;
}

static void restate_delivery(const struct map_question *question, struct status status,
                             const struct foreign_reply *reply, const char *original,
                             struct map_answer *answer) {
    struct restatement restatement;
    map_begin(question, answer);
    answer->was = pair_of(reply, status);
    transaction_reply(answer->about, answer->was, reply->text);
    if (reply->server != NULL)
        transaction_reply_server(answer->about, reply->server);
    struct refusal_said said = {
        .transaction = answer->about,
        .status = answer->was,
        .command = reply->command,
        .reported = true,
    };
    if (!restate(question->snapshot, &said, "", &shape_bounce, question->observer, &restatement))
        return;
    answer->rule = restatement.rule;
    answer->status = restatement.reply->status;
    /* Whether Postfix tries again is decided already. */
    if (answer->status.class_digit != status.class_digit)
        answer->status = status;
    GString *value = delivery_text(answer->status, restatement.reply, original);
    map_set_value(answer, value, line_is_sound(value->str));
    restatement_clear(&restatement);
}

void map_delivery(const struct map_question *question, enum map map, const char *key,
                  struct map_answer *answer) {
    (void)map;
    struct status status;
    const char *original;
    char ref[REF_SIZE];
    if (!status_parse(key, &status, &original) || status.basic != 0 || !is_refusal(status))
        return;
    original += strspn(original, " ");
    struct foreign_reply *reply = foreign_reply_parse(original);
    if (!ref_find(reply->text, ref)) /* who has a ref speaks two languages already */
        restate_delivery(question, status, reply, original, answer);
    foreign_reply_free(reply);
}
