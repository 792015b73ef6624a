/* SPDX-License-Identifier: ISC */
/* Maps: one request, one answer, at once. */
#include "counters.h"
#include "dragoman/text.h"
#include "generation.h"
#include "log.h"
#include "query.h"
#include "refusal_log.h"

static enum framing find(const char *octets, size_t length, size_t *whole) {
    struct socketmap_request request;
    enum framing framing = socketmap_read(octets, length, &request);
    if (framing == FRAMING_WHOLE)
        *whole = request.octets;
    return framing;
}

/* A misspelt map finds nothing for ever: the log says so, but not for each mail. */
static void complain_unknown(struct slice name) {
    static gint64 last;
    gint64 now = g_get_monotonic_time();
    counter_add(COUNTER_PROTOCOL_ERRORS);
    if (last != 0 && now - last < 60 * G_USEC_PER_SEC)
        return;
    last = now;
    g_autofree char *copy = g_strndup(name.text, MIN(name.length, 64));
    g_autoptr(GString) line = g_string_new(NULL);
    text_append_field(line, "map", copy);
    log_write(LOG_WARNING, "the MTA asks for a map that there is not: %s", line->str);
}

static void count(const struct map_answer *answer) {
    bool says = answer->value != NULL && !answer->idle;
    counter_add(says ? COUNTER_ANSWERS : COUNTER_NOT_FOUND);
    if (answer->unsound)
        counter_add(COUNTER_UNSOUND);
}

static void append_answer(struct query_endpoint *endpoint, enum map map, struct slice key,
                          GString *out) {
    struct query_clock clock = {0};
    struct observer observer = query_observer(&clock, endpoint->listener);
    struct snapshot *snapshot = generation_hold();
    struct map_question question = {
        .snapshot = snapshot,
        .memory = endpoint->memory,
        .observer = &observer,
        .spare = endpoint->spare,
    };
    struct map_answer answer = map_ask(&question, map, key);
    count(&answer);
    if (answer.value != NULL)
        socketmap_append_found(out, answer.value->str);
    else
        socketmap_append_not_found(out);
    if (answer.value != NULL && !answer.idle)
        refusal_log_map(map, &answer);
    if (answer.about != NULL)
        endpoint->spare = g_steal_pointer(&answer.about);
    map_answer_clear(&answer);
    snapshot_release(snapshot);
}

static void answer(struct query_connection *connection, const char *octets, size_t length) {
    struct socketmap_request request;
    g_autoptr(GString) out = g_string_new(NULL);
    socketmap_read(octets, length, &request);
    enum map map = map_from_name(request.map);
    if (map != MAP_NONE) {
        append_answer(connection->endpoint, map, request.key, out);
    } else {
        complain_unknown(request.map);
        socketmap_append_not_found(out);
    }
    query_send(connection, out);
}

const struct query_protocol socketmap_protocol = {find, answer, SOCKETMAP_OCTETS_MAX};
