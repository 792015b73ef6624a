/* SPDX-License-Identifier: ISC */
#include "mta.h"

#include <string.h>

#include "dragoman/inquiry.h"
#include "dragoman/policy_service.h"
#include "mta_state.h"

struct mta *mta_new(enum mta_kind kind, const char *host, struct snapshot *snapshot,
                    const struct observer *observer, const struct mta_events *events) {
    struct mta *mta = g_new0(struct mta, 1);
    mta->kind = kind;
    mta->host = g_strdup(host);
    mta->session = session_new(snapshot, observer);
    mta->events = *events;
    mta->macros = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mta->message = g_string_new(NULL);
    mta->memory = reply_memory_new(1);
    mta->observer = observer;
    mta_set_macro(mta, "j", host);
    return mta;
}

void mta_free(struct mta *mta) {
    if (mta == NULL)
        return;
    session_free(mta->session);
    reply_memory_free(mta->memory);
    reply_free(mta->framed);
    g_free(mta->own_refusal);
    g_hash_table_unref(mta->macros);
    g_string_free(mta->message, TRUE);
    g_free(mta->helo_refusal);
    g_free(mta->host);
    g_free(mta);
}

void mta_set_ref(struct mta *mta, const char *ref) {
    session_set_ref(mta->session, ref);
    g_strlcpy(mta->ref, ref, sizeof mta->ref);
}

void mta_set_via(struct mta *mta, enum via via) {
    mta->via = via;
}

void mta_set_own_refusal(struct mta *mta, const char *reply) {
    g_free(mta->own_refusal);
    mta->own_refusal = g_strdup(reply);
}

void mta_set_macro(struct mta *mta, const char *name, const char *value) {
    g_hash_table_replace(mta->macros, g_strdup(name), g_strdup(value));
}

bool mta_is_closed(const struct mta *mta) {
    return mta->closed;
}

bool mta_wants_data(const struct mta *mta) {
    return mta->in_data;
}

/* --- replies ---------------------------------------------------------------------------------- */

void mta_send_text(struct mta *mta, const char *text) {
    const struct map_question question = {
        .snapshot = session_snapshot(mta->session), .memory = mta->memory, .ref = mta->ref};
    if (mta->events.reply == NULL)
        return;
    g_autofree char *passed = via_pass(mta->via, &question, text);
    mta->events.reply(passed, mta->events.context);
}

void mta_send_words(struct mta *mta, const char *format, const char *argument) {
    g_autoptr(GString) text = g_string_new(format);
    g_string_replace(text, "%s", argument, 1);
    g_string_append(text, "\r\n");
    mta_send_text(mta, text->str);
}

void mta_send_ehlo(struct mta *mta, const char *lines) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) list = g_strsplit(lines, "|", -1);
    for (char **line = list; *line != NULL; line++)
        g_string_append_printf(text, "250%c%s\r\n", line[1] != NULL ? '-' : ' ', *line);
    g_string_replace(text, "%s", mta->host, 1);
    mta_send_text(mta, text->str);
}

/* Sendmail names the address in front of the first line of these codes, at MAIL and RCPT only. */
static bool has_address_prefix(const struct mta *mta, const struct answer *answer) {
    unsigned basic = answer->reply->status.basic;
    return mta->kind == MTA_SENDMAIL &&
           (answer->stage == STAGE_MAIL || answer->stage == STAGE_RCPT) &&
           (basic == 450 || basic == 550 || basic == 553);
}

enum { PREFIX_ADDRESS_MAX = 202, PREFIX_ADDRESS_HALF = 100 };

/* As Sendmail shows an address: the eighth bit is cut, and the middle of a long one. */
static char *prefix_address(const char *address) {
    g_autofree char *seven_bit = g_strdup(address);
    for (char *at = seven_bit; *at != '\0'; at++)
        *at &= 0x7f;
    size_t length = strlen(seven_bit);
    if (length <= PREFIX_ADDRESS_MAX)
        return g_steal_pointer(&seven_bit);
    return g_strdup_printf("%.*s...%s", PREFIX_ADDRESS_HALF, seven_bit,
                           seven_bit + length - PREFIX_ADDRESS_HALF);
}

/* The refusal as the client sees it. `address` is what the client wrote, at MAIL and RCPT. */
static char *refusal_text(const struct mta *mta, const struct answer *answer, const char *address) {
    g_autofree char *plain = reply_print(answer->reply);
    if (!has_address_prefix(mta, answer))
        return g_steal_pointer(&plain);
    g_autofree char *shown = prefix_address(address);
    char code[STATUS_TEXT_SIZE];
    size_t prefix = strlen(status_print(answer->reply->status, code)) + 1;
    return g_strdup_printf("%.*s%s... %s", (int)prefix, plain, shown, plain + prefix);
}

/* --- asking ----------------------------------------------------------------------------------- */

struct transaction *mta_transaction_of(struct mta *mta) {
    return session_transaction(mta->session);
}

bool mta_hears(const struct mta *mta, enum stage stage) {
    return session_snapshot(mta->session)->policy->plan[stage].heard;
}

void mta_give_macros(struct mta *mta, enum stage stage) {
    const GPtrArray *wanted = session_snapshot(mta->session)->policy->plan[stage].macros;
    for (guint i = 0; i < wanted->len; i++) {
        const char *value = g_hash_table_lookup(mta->macros, wanted->pdata[i]);
        if (value != NULL)
            transaction_macro(mta_transaction_of(mta), stage, wanted->pdata[i], value);
    }
}

static const char *recipient_of(struct mta *mta) {
    return transaction_value(mta_transaction_of(mta), FACT_RECIPIENT);
}

/* Several recipients have been accepted: a policy service is told of none. */
static bool tells_recipient(struct mta *mta, enum stage stage) {
    return stage == STAGE_RCPT ||
           transaction_values(mta_transaction_of(mta), FACT_RECIPIENT, NULL).count == 1;
}

/* Postfix tells a policy service the size at the end, as it has counted it. */
static void tell_size(struct mta *mta) {
    g_autofree char *size = g_strdup_printf("%zu", mta->message->len);
    transaction_tell(mta_transaction_of(mta), STAGE_MAIL, FACT_SIZE, size);
}

/* Asks as a policy service, which judges all that has been told so far. */
static struct answer ask_policy(struct mta *mta, enum stage stage) {
    struct answer answer = {.action = ACTION_CONTINUE, .stage = stage};
    struct known_facts known = {0};
    const struct inquiry inquiry = {
        .snapshot = session_snapshot(mta->session),
        .transaction = mta_transaction_of(mta),
        .known = &known,
        .stage = stage,
        .shape = &shape_policy,
        .observer = mta->observer,
        .memory = mta->memory,
        .ref = mta->ref,
    };
    if (!via_asks_policy(stage))
        return answer;
    if (stage == STAGE_EOM)
        tell_size(mta);
    policy_known_facts(true, tells_recipient(mta, stage), &known);
    struct finding finding = inquire(&inquiry);
    mta->found = (struct verdict){.verb = finding.verb, .stage = stage, .rule = finding.rule};
    answer.verdict = &mta->found;
    if (finding.reply != NULL) {
        reply_free(mta->framed);
        mta->framed = via_frame(finding.reply, stage, recipient_of(mta));
        answer.reply = mta->framed;
        answer.action = ACTION_REFUSE;
    } else if (finding.verb == VERB_DISCARD) {
        answer.action = ACTION_DISCARD;
    }
    if (stage == STAGE_RCPT && answer.action != ACTION_REFUSE)
        transaction_keep_recipient(mta_transaction_of(mta));
    finding_clear(&finding);
    return answer;
}

struct answer mta_ask(struct mta *mta, enum stage stage) {
    struct answer answer = {.action = ACTION_CONTINUE, .stage = stage};
    if (mta->off || mta->message_off)
        return answer;
    answer = mta->via == VIA_MILTER ? session_at(mta->session, stage) : ask_policy(mta, stage);
    if (mta->events.answer != NULL)
        mta->events.answer(&answer, mta_transaction_of(mta), mta->events.context);
    if (answer.action == ACTION_ACCEPT && stage <= STAGE_HELO)
        mta->off = true;
    else if (answer.action == ACTION_ACCEPT || answer.action == ACTION_DISCARD)
        mta->message_off = true;
    return answer;
}

void mta_end_message(struct mta *mta) {
    session_end_message(mta->session);
    mta->message_off = mta->in_mail = mta->in_data = false;
    mta->recipients = 0;
    g_string_truncate(mta->message, 0);
}

bool mta_send_refusal(struct mta *mta, const struct answer *answer, const char *address) {
    if (answer->action != ACTION_REFUSE)
        return false;
    g_autofree char *text = refusal_text(mta, answer, address);
    mta_send_text(mta, text);
    unsigned basic = answer->reply->status.basic;
    mta->closed = basic == 421 || (basic == 521 && mta->kind == MTA_POSTFIX);
    return true;
}

void mta_connect(struct mta *mta, const struct mta_client *client) {
    transaction_connect(mta_transaction_of(mta), client->name, client->ip, client->port);
    mta_give_macros(mta, STAGE_CONNECT);
    mta_ask(mta, STAGE_CONNECT);
    mta_send_words(mta, mta_words[mta->kind].greeting, mta->host);
}
