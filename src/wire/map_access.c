/* SPDX-License-Identifier: ISC */
/*
 * The maps of check_*_access, and Sendmail's: one fact is known, and the policy is asked.
 *
 * Postfix asks about a whole name or address first and about its parts then (mx.example.com,
 * example.com, com; fe80::1:2, fe80::1), which cannot be told from whole ones and must not be
 * judged in its place. So of what there is nothing against the answer is DUNNO, behind which it
 * asks for no more parts (access(5)).
 */
#include <string.h>

#include "dragoman/inquiry.h"
#include "map_row.h"
#include "soundness.h"

/* What a key is, and when it is asked about. */
struct subject_row {
    enum stage stage;
    enum fact facts[3]; /* that it tells; the rest is FACT_NONE */
    void (*learn)(struct transaction *transaction, const char *key);
};

static void learn_client_ip(struct transaction *transaction, const char *key) {
    transaction_connect(transaction, NULL, key, 0);
}

static void learn_client_name(struct transaction *transaction, const char *key) {
    transaction_connect(transaction, key, NULL, 0);
}

static void learn_helo(struct transaction *transaction, const char *key) {
    transaction_helo(transaction, key);
}

static void learn_sender(struct transaction *transaction, const char *key) {
    transaction_mail(transaction, key, NULL);
}

static void learn_recipient(struct transaction *transaction, const char *key) {
    transaction_rcpt(transaction, key, NULL);
}

static const struct subject_row client_ip = {
    STAGE_CONNECT, {FACT_CLIENT_IP, FACT_NONE, FACT_NONE}, learn_client_ip};
static const struct subject_row client_name = {
    STAGE_CONNECT, {FACT_CLIENT_NAME, FACT_NONE, FACT_NONE}, learn_client_name};
static const struct subject_row helo = {STAGE_HELO, {FACT_HELO, FACT_NONE, FACT_NONE}, learn_helo};
static const struct subject_row sender = {
    STAGE_MAIL, {FACT_SENDER, FACT_SENDER_DOMAIN, FACT_NONE}, learn_sender};
static const struct subject_row recipient = {
    STAGE_RCPT, {FACT_RECIPIENT, FACT_RECIPIENT_DOMAIN, FACT_NONE}, learn_recipient};

static const struct subject_row *client_subject(const char *key) {
    struct ip_address address;
    if (ip_address_parse(key, &address))
        return &client_ip;
    /* A part of an address ("192.0.2") is asked about as well; a name has a letter. */
    return strpbrk(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL &&
                   strchr(key, ':') == NULL
               ? &client_name
               : NULL;
}

/* Postfix asks about user@domain first, then about its parts, which tell less. */
static bool is_whole_address(const char *key) {
    const char *at = strrchr(key, '@');
    return at != NULL && at > key && at[1] != '\0';
}

static const struct subject_row *subject_of(enum map map, const char *key) {
    struct ip_address address;
    switch (map) {
    case MAP_CLIENT_ACCESS:
        return client_subject(key);
    case MAP_HELO_ACCESS:
        return *key != '\0' ? &helo : NULL;
    case MAP_SENDER_ACCESS:
        return is_whole_address(key) || strcmp(key, "<>") == 0 ? &sender : NULL;
    case MAP_RECIPIENT_ACCESS:
        return is_whole_address(key) ? &recipient : NULL;
    default:
        if (ip_address_parse(key, &address))
            return &client_ip;
        return is_whole_address(key) ? &recipient : NULL;
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct finding ask(const struct map_question *question, const struct subject_row *row,
                          const char *key, const struct shape *shape, struct map_answer *answer) {
    struct known_facts known = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(row->facts) && row->facts[i] != FACT_NONE; i++)
        known.known[row->facts[i]] = true;
    map_begin(question, answer);
    row->learn(answer->about, key);
    struct inquiry inquiry = {
        .snapshot = question->snapshot,
        .transaction = answer->about,
        .known = &known,
        .stage = row->stage,
        .shape = shape,
        .observer = question->observer,
        .memory = question->memory,
        .ref = question->ref,
    };
    struct finding finding = inquire(&inquiry);
    answer->rule = finding.rule;
    if (finding.reply != NULL)
        answer->status = finding.reply->status;
    memcpy(answer->ref, finding.ref, sizeof answer->ref);
    return finding;
}

void map_access(const struct map_question *question, enum map map, const char *key,
                struct map_answer *answer) {
    const struct subject_row *row = subject_of(map, key);
    if (row == NULL)
        return;
    struct finding finding = ask(question, row, key, &shape_policy, answer);
    g_autofree char *action = finding_action(&finding);
    answer->idle = action == NULL;
    if (action != NULL)
        map_set_value(answer, g_string_new(action), line_is_sound(action));
    else if (row != &client_name || strchr(key, '.') != NULL) /* else the address is asked about */
        answer->value = g_string_new("DUNNO");
    finding_clear(&finding);
}

/* --- Sendmail --------------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    const struct subject_row *row;
} sendmail_keys[] = {{"helo:", &helo}, {"mail:", &sender}, {"rcpt:", &recipient}};

static const struct subject_row *sendmail_subject(const char *key, const char **value) {
    static const char client[] = "client:";
    if (g_str_has_prefix(key, client)) {
        *value = key + strlen(client);
        return client_subject(*value);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sendmail_keys); i++)
        if (g_str_has_prefix(key, sendmail_keys[i].prefix)) {
            *value = key + strlen(sendmail_keys[i].prefix);
            return sendmail_keys[i].row;
        }
    return NULL;
}

/* One token for the ruleset: quoted, at most 245 octets. */
void map_sendmail(const struct map_question *question, enum map map, const char *key,
                  struct map_answer *answer) {
    (void)map;
    const char *value;
    const struct subject_row *row = sendmail_subject(key, &value);
    if (row == NULL)
        return;
    struct finding finding = ask(question, row, value, &shape_sendmail, answer);
    if (finding.reply != NULL) {
        g_autofree char *words = reply_print_first(finding.reply);
        g_strdelimit(words, "\"\\", '\'');
        GString *token = g_string_new(NULL);
        g_string_printf(token, "\"%s\"", words);
        map_set_value(answer, token, line_is_sound(words) && token->len <= 245);
    }
    finding_clear(&finding);
}
