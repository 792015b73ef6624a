/* SPDX-License-Identifier: ISC */
/* The policy service: another one may be asked first, then our own policy. */
#include <string.h>

#include "counters.h"
#include "dragoman/foreign_reply.h"
#include "dragoman/inquiry.h"
#include "generation.h"
#include "query.h"
#include "refusal_log.h"
#include "upstream.h"

/* One request. */
struct petition {
    struct query_endpoint *endpoint;
    struct snapshot *snapshot;
    struct transaction *transaction;
    struct policy_request request;
};

static bool petition_read(struct petition *petition, const char *octets, size_t length) {
    petition->snapshot = generation_hold();
    const struct limits *limits = &petition->snapshot->site.limits;
    petition->transaction = g_steal_pointer(&petition->endpoint->spare);
    if (petition->transaction == NULL)
        petition->transaction = transaction_new(limits);
    else
        transaction_renew(petition->transaction, limits);
    return policy_learn(octets, length, &petition->request, petition->transaction);
}

static void petition_clear(struct petition *petition) {
    transaction_free(petition->endpoint->spare);
    petition->endpoint->spare = petition->transaction;
    snapshot_release(petition->snapshot);
}

static void send_action(struct query_connection *connection, const char *action) {
    g_autoptr(GString) out = g_string_new("action=");
    g_string_append(out, action);
    g_string_append(out, "\n\n");
    query_send(connection, out);
}

/* --- our own policy --------------------------------------------------------------------------- */

/* The action of our own policy, or NULL where it has none. */
static char *own_action(const struct query_connection *connection, struct petition *petition) {
    struct query_clock clock = {.about = petition->transaction};
    struct observer observer = query_observer(&clock, connection->endpoint->listener);
    struct inquiry inquiry = {
        .snapshot = petition->snapshot,
        .transaction = petition->transaction,
        .known = &petition->request.known,
        .stage = petition->request.stage,
        .shape = &shape_policy,
        .observer = &observer,
        .memory = connection->endpoint->memory,
    };
    if (petition->request.stage == STAGE_NONE)
        return NULL;
    struct finding finding = inquire(&inquiry);
    char *action = finding_action(&finding);
    if (action != NULL)
        refusal_log_finding(petition->transaction, &finding, petition->request.stage);
    finding_clear(&finding);
    return action;
}

static void answer_alone(struct query_connection *connection, struct petition *petition) {
    g_autofree char *action = own_action(connection, petition);
    counter_add(action != NULL ? COUNTER_ANSWERS : COUNTER_NOT_FOUND);
    send_action(connection, action != NULL ? action : "DUNNO");
}

/* --- another service's refusal ---------------------------------------------------------------- */

/* The action word is the service's decision and stays; a code is a word too, but may be corrected
 * within its class. */
static char *restated_action(const struct policy_answer *answer, const struct reply *reply) {
    char code[STATUS_TEXT_SIZE];
    if (g_ascii_isdigit(answer->word.text[0]))
        return reply_print_first(reply);
    struct status status = reply->status;
    status.basic = 0;
    return g_strdup_printf("%.*s %s %s", (int)answer->word.length, answer->word.text,
                           status_print(status, code), (const char *)reply->lines->pdata[0]);
}

/* In one line for the MTA, and in full for when it asks about that line. */
static char *restate_said(const struct query_connection *connection,
                          const struct petition *petition, const struct policy_answer *answer,
                          const struct refusal_said *said) {
    struct query_clock clock = {0};
    struct observer observer = query_observer(&clock, connection->endpoint->listener);
    struct restatement brief, full;
    char ref[REF_SIZE];
    ref_make(ref);
    if (!restate(petition->snapshot, said, ref, &shape_policy, &observer, &brief))
        return NULL;
    if (restate(petition->snapshot, said, ref, &shape_milter, NULL, &full))
        reply_memory_keep(connection->endpoint->memory, ref, full.reply);
    refusal_log_restated(said->transaction, brief.rule, said->status, brief.reply->status, ref);
    char *action = restated_action(answer, brief.reply);
    restatement_clear(&brief);
    return action;
}

/* The service's action in our words, or NULL where it stays as it is. */
static char *restate_action(const struct query_connection *connection, struct petition *petition,
                            const struct policy_answer *answer, struct status status) {
    char ref[REF_SIZE];
    g_autofree char *text = g_strndup(answer->text.text, answer->text.length);
    if (ref_find(text, ref)) /* it speaks our languages already */
        return NULL;
    struct foreign_reply *reply = foreign_reply_parse(text);
    transaction_reply(petition->transaction, status, reply->text);
    struct refusal_said said = {
        .transaction = petition->transaction,
        .status = status,
        .command = petition->request.command,
        .words = reply->text,
    };
    char *action = restate_said(connection, petition, answer, &said);
    foreign_reply_free(reply);
    return action;
}

/* --- asking ----------------------------------------------------------------------------------- */

/* A request that waits for another service. */
struct waiting {
    struct query_connection *connection;
    struct petition petition;
};

static void waiting_free(void *data) {
    struct waiting *waiting = data;
    petition_clear(&waiting->petition);
    g_free(waiting);
}

static void pass_on(struct query_connection *connection, const char *octets, size_t length) {
    g_autoptr(GString) out = g_string_new_len(octets, (gssize)length);
    query_send(connection, out);
}

/* The service decides first; what it lets pass is judged by our own policy. */
static void answer_after(struct query_connection *connection, struct petition *petition,
                         const char *octets, size_t length) {
    struct policy_answer answer;
    struct status status;
    if (!policy_answer_read(octets, length, &answer)) {
        answer_alone(connection, petition);
        return;
    }
    bool refused = policy_answer_refuses(&answer, &status);
    g_autofree char *action = refused ? restate_action(connection, petition, &answer, status)
                                      : own_action(connection, petition);
    counter_add(action != NULL ? COUNTER_ANSWERS : COUNTER_NOT_FOUND);
    if (action != NULL)
        send_action(connection, action);
    else
        pass_on(connection, octets, length);
}

static void on_answered(void *context, const char *octets, size_t length) {
    struct waiting *waiting = context;
    struct query_connection *connection = waiting->connection;
    if (octets != NULL)
        answer_after(connection, &waiting->petition, octets, length);
    else
        answer_alone(connection, &waiting->petition);
    g_clear_pointer(&connection->asking, asking_free);
}

static void answer(struct query_connection *connection, const char *octets, size_t length) {
    struct petition petition = {.endpoint = connection->endpoint};
    bool good = petition_read(&petition, octets, length);
    if (good && connection->endpoint->upstream != NULL) {
        struct waiting *waiting = g_new0(struct waiting, 1);
        *waiting = (struct waiting){connection, petition};
        query_wait(connection);
        connection->asking = upstream_ask(connection->endpoint->upstream, octets, length,
                                          on_answered, waiting, waiting_free);
        return;
    }
    if (good)
        answer_alone(connection, &petition);
    else
        send_action(connection, "DUNNO");
    petition_clear(&petition);
}

const struct query_protocol policy_protocol = {policy_read, answer, POLICY_OCTETS_MAX};
