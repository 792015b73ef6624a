/* SPDX-License-Identifier: ISC */
/* The map `rbl`: the text of a refusal by a block list. */
#include <string.h>

#include "map_row.h"
#include "soundness.h"

static bool is_list_name(const char *key) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return *key != '\0' && strlen(key) < 256 && key[strspn(key, letters)] != '\0' &&
           strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_=[]") ==
               strlen(key);
}

/* Postfix's own text, which its readers know, with our words behind it. */
static GString *rbl_template(const char *words) {
    GString *value = g_string_new("$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked "
                                  "using $rbl_domain${rbl_reason?; $rbl_reason}");
    g_autoptr(GString) doubled = g_string_new(words);
    g_string_replace(doubled, "$", "$$", 0);
    g_string_append_printf(value, " - %s", doubled->str);
    return value;
}

void map_rbl(const struct map_question *question, enum map map, const char *key,
             struct map_answer *answer) {
    (void)map;
    const struct status status = {554, 5, 7, 1};
    struct restatement restatement;
    if (!is_list_name(key))
        return;
    g_autofree char *text =
        g_strdup_printf("Service unavailable; Client host [192.0.2.1] blocked using %s", key);
    map_begin(question, answer);
    transaction_reply(answer->about, status, text);
    struct refusal_said said = {
        .transaction = answer->about, .status = status, .command = COMMAND_RCPT};
    if (!restate(question->snapshot, &said, "", &shape_policy, question->observer, &restatement))
        return;
    const char *words = restatement.reply->lines->pdata[0];
    answer->rule = restatement.rule;
    answer->status = status;
    map_set_value(answer, rbl_template(words), line_is_sound(words));
    restatement_clear(&restatement);
}
