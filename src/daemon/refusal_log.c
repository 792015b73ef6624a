/* SPDX-License-Identifier: ISC */
#include "refusal_log.h"

#include "counters.h"
#include "dragoman/text.h"
#include "log.h"

static void append_fact(GString *line, const char *key, const struct transaction *transaction,
                        enum fact fact) {
    struct fact_values values = transaction_values(transaction, fact, NULL);
    if (values.count > 0)
        text_append_field(line, key, values.texts[0]);
    if (values.count > 1 && fact == FACT_RECIPIENT) {
        g_autofree char *count = g_strdup_printf("%zu", values.count);
        text_append_field(line, "recipients", count);
    }
}

static void append_client(GString *line, const struct transaction *transaction) {
    const char *name = transaction_value(transaction, FACT_CLIENT_NAME);
    const char *ip = transaction_value(transaction, FACT_CLIENT_IP);
    g_autofree char *client =
        g_strdup_printf("%s[%s]", name != NULL ? name : "unknown", ip != NULL ? ip : "none");
    text_append_field(line, "client", client);
}

static void append_transaction(GString *line, const struct transaction *transaction) {
    append_client(line, transaction);
    append_fact(line, "helo", transaction, FACT_HELO);
    append_fact(line, "from", transaction, FACT_SENDER);
    append_fact(line, "to", transaction, FACT_RECIPIENT);
    append_fact(line, "user", transaction, FACT_AUTH_USER);
    append_fact(line, "queue-id", transaction, FACT_QUEUE_ID);
}

static void append_rule(GString *line, const struct rule *rule) {
    g_autofree char *place = g_strdup_printf("%s:%u", rule->place.file, rule->place.line);
    text_append_field(line, "rule", rule->name);
    text_append_field(line, "at", place);
}

static void append_verdict(GString *line, const struct verdict *verdict,
                           const struct reason *reason) {
    text_append_field(line, "verb", verb_name(verdict->verb));
    if (verdict->rule != NULL)
        append_rule(line, verdict->rule);
    if (verdict->failure != NULL)
        text_append_field(line, "fallback-because", verdict->failure);
    if (reason != NULL)
        text_append_field(line, "reason", reason->id);
    text_append_field(line, "decided", stage_name(verdict->stage));
}

static void write_line(const struct transaction *transaction, const struct snapshot *snapshot,
                       const struct answer *answer, const struct verdict *verdict) {
    g_autoptr(GString) line = g_string_new(NULL);
    if (answer->action == ACTION_REFUSE && verdict == answer->verdict)
        text_append_field(line, "ref", answer->ref);
    append_verdict(line, verdict, verdict_reason(snapshot, verdict));
    text_append_field(line, "stage", stage_name(answer->stage));
    if (answer->action == ACTION_REFUSE && verdict == answer->verdict) {
        char code[STATUS_TEXT_SIZE];
        text_append_field(line, "code", status_print(answer->reply->status, code));
    }
    text_append_field(line, "shadow", "no");
    append_transaction(line, transaction);
    log_write(LOG_INFO, "%s", line->str);
}

static void count(const struct verdict *verdict) {
    static const enum counter counters[VERB_COUNT] = {
        [VERB_REJECT] = COUNTER_REJECTED, [VERB_DEFER] = COUNTER_DEFERRED,
        [VERB_ACCEPT] = COUNTER_ACCEPTED, [VERB_DISCARD] = COUNTER_DISCARDED,
        [VERB_HOLD] = COUNTER_HELD,       [VERB_RESTATE] = COUNTER_ACCEPTED,
    };
    counter_add(counters[verdict->verb]);
    if (verdict->failure != NULL)
        counter_add(COUNTER_FALLBACKS);
}

/* A rule that accepts is asked for by every good message: it is counted, not logged. */
void refusal_log(const struct transaction *transaction, const struct snapshot *snapshot,
                 const struct answer *answer) {
    const struct verdict *verdict = answer->verdict;
    if (answer->action != ACTION_CONTINUE) {
        count(verdict);
        if (answer->action != ACTION_ACCEPT || verdict->failure != NULL)
            write_line(transaction, snapshot, answer, verdict);
    }
    if (answer->hold != NULL && answer->action == ACTION_CONTINUE) {
        count(answer->hold);
        write_line(transaction, snapshot, answer, answer->hold);
    }
}

static void append_status(GString *line, const char *key, struct status status) {
    char code[STATUS_TEXT_SIZE];
    if (status.basic != 0 || status.class_digit != 0)
        text_append_field(line, key, status_print(status, code));
}

static void append_decision(GString *line, const char *ref, const struct rule *rule) {
    if (*ref != '\0')
        text_append_field(line, "ref", ref);
    if (rule == NULL)
        return;
    text_append_field(line, "verb", verb_name(rule->verb));
    append_rule(line, rule);
    if (rule->reason != NULL)
        text_append_field(line, "reason", rule->reason->id);
}

void refusal_log_map(enum map map, const struct map_answer *answer) {
    g_autoptr(GString) line = g_string_new(NULL);
    text_append_field(line, "map", map_name(map));
    append_decision(line, answer->ref, answer->rule);
    append_status(line, "was", answer->was);
    append_status(line, "code", answer->status);
    if (answer->about != NULL) {
        append_fact(line, "said", answer->about, FACT_REPLY_TEXT);
        append_fact(line, "client", answer->about, FACT_CLIENT_IP);
        append_fact(line, "helo", answer->about, FACT_HELO);
        append_fact(line, "from", answer->about, FACT_SENDER);
        append_fact(line, "to", answer->about, FACT_RECIPIENT);
    }
    log_write(LOG_INFO, "%s", line->str);
}

void refusal_log_finding(const struct transaction *transaction, const struct finding *finding,
                         enum stage stage) {
    g_autoptr(GString) line = g_string_new(NULL);
    const struct verdict verdict = {.verb = finding->verb, .rule = finding->rule};
    append_decision(line, finding->ref, finding->rule);
    text_append_field(line, "stage", stage_name(stage));
    if (finding->reply != NULL)
        append_status(line, "code", finding->reply->status);
    append_transaction(line, transaction);
    count(&verdict);
    log_write(LOG_INFO, "%s", line->str);
}

void refusal_log_restated(const struct transaction *transaction, const struct rule *rule,
                          struct status was, struct status status, const char *ref) {
    g_autoptr(GString) line = g_string_new(NULL);
    append_decision(line, ref, rule);
    append_status(line, "was", was);
    append_status(line, "code", status);
    append_fact(line, "said", transaction, FACT_REPLY_TEXT);
    append_transaction(line, transaction);
    log_write(LOG_INFO, "%s", line->str);
}

void refusal_log_shadow(const struct transaction *transaction, const struct rule *rule) {
    g_autoptr(GString) line = g_string_new(NULL);
    text_append_field(line, "verb", verb_name(rule->verb));
    append_rule(line, rule);
    if (rule->reason != NULL)
        text_append_field(line, "reason", rule->reason->id);
    text_append_field(line, "stage", stage_name(rule->stage));
    text_append_field(line, "shadow", "yes");
    append_transaction(line, transaction);
    counter_add(COUNTER_SHADOWED);
    log_write(LOG_INFO, "%s", line->str);
}
