/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "counters.h"
#include "log.h"
#include "query.h"
#include "refusal_log.h"
#include "upstream.h"

/* Postfix keeps a connection of a map for 100 s at most, of a policy service for 1000 s. A request
 * that has begun comes at once, and who does not read answers is gone. */
enum { IDLE_S = 1200, REQUEST_S = 10, OUTPUT_MAX = 1024 * 1024, REQUESTS_AT_ONCE = 100 };

/* What a connection has used is free again only once the loop turns: a crowd is taken bit by bit.
 */
enum { CONNECTIONS_AT_ONCE = 32 };

/* What is kept of replies in one line: the MTA asks about them within the same moment. */
enum { MEMORY_REPLIES = 1024 };

static atomic_ulong beats; /* of the loop */

/* --- connections ------------------------------------------------------------------------------ */

static void connection_free(struct query_connection *connection) {
    asking_free(connection->asking);
    g_queue_unlink(&connection->endpoint->connections, &connection->link);
    bufferevent_free(connection->mta);
    g_free(connection);
}

static void set_timeout(struct query_connection *connection, int seconds) {
    if (connection->patience_s == seconds)
        return;
    connection->patience_s = seconds;
    struct timeval reading = {.tv_sec = seconds}, writing = {.tv_sec = REQUEST_S};
    bufferevent_set_timeouts(connection->mta, &reading, &writing);
}

/* The connection has been used: others are idler now. */
static void touch(struct query_connection *connection) {
    GQueue *connections = &connection->endpoint->connections;
    g_queue_unlink(connections, &connection->link);
    g_queue_push_tail_link(connections, &connection->link);
}

static void on_end(struct bufferevent *mta, short what, void *context);

static void on_flushed(struct bufferevent *mta, void *context) {
    (void)mta;
    connection_free(context);
}

/* Once the answers that are on their way have been read. */
static void close_soon(struct query_connection *connection) {
    if (evbuffer_get_length(bufferevent_get_output(connection->mta)) == 0) {
        connection_free(connection);
        return;
    }
    connection->begun = 0;
    bufferevent_disable(connection->mta, EV_READ);
    bufferevent_setcb(connection->mta, NULL, on_flushed, on_end, connection);
}

/* Who does not read answers gets no more of them. */
static bool is_greedy(const struct query_connection *connection) {
    return evbuffer_get_length(bufferevent_get_output(connection->mta)) > OUTPUT_MAX;
}

/* Whether a request that has begun keeps us waiting for its end. */
static bool is_overdue(struct query_connection *connection, size_t octets) {
    gint64 now = g_get_monotonic_time();
    if (octets == 0) {
        connection->begun = 0;
        return false;
    }
    if (connection->begun == 0)
        connection->begun = now;
    return now - connection->begun > (gint64)REQUEST_S * G_USEC_PER_SEC;
}

/* Answers the requests that have come, as long as no other service has to be asked. False where
 * what comes is no request. */
static bool answer_requests(struct query_connection *connection) {
    struct evbuffer *input = bufferevent_get_input(connection->mta);
    const struct query_protocol *protocol = connection->endpoint->protocol;
    for (int i = 0; i < REQUESTS_AT_ONCE && connection->asking == NULL; i++) {
        size_t whole = 0, length = evbuffer_get_length(input);
        const char *octets = (const char *)evbuffer_pullup(input, -1);
        enum framing framing =
            length > 0 ? protocol->find(octets, length, &whole) : FRAMING_PARTIAL;
        if (framing == FRAMING_PARTIAL)
            return !is_overdue(connection, length);
        if (framing == FRAMING_BROKEN)
            return false;
        connection->begun = 0;
        counter_add(COUNTER_QUERIES);
        protocol->answer(connection, octets, whole);
        evbuffer_drain(input, whole);
    }
    return true;
}

static void on_input(struct bufferevent *mta, void *context) {
    struct query_connection *connection = context;
    (void)mta;
    touch(connection);
    bool sane = answer_requests(connection);
    size_t left = evbuffer_get_length(bufferevent_get_input(connection->mta));
    bool greedy = is_greedy(connection);
    if (!sane || greedy)
        counter_add(COUNTER_PROTOCOL_ERRORS);
    set_timeout(connection, left > 0 ? REQUEST_S : IDLE_S);
    if (greedy)
        connection_free(connection);
    else if (!sane)
        close_soon(connection);
    else if (connection->asking == NULL && left > 0 && connection->begun == 0) /* others first */
        bufferevent_trigger(connection->mta, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    else if (connection->asking == NULL && connection->ended)
        close_soon(connection);
}

static void on_end(struct bufferevent *mta, short what, void *context) {
    struct query_connection *connection = context;
    if ((what & BEV_EVENT_EOF) != 0) {
        connection->ended = true;
        on_input(mta, connection);
        return;
    }
    bool unread = (what & BEV_EVENT_WRITING) != 0;
    if ((what & BEV_EVENT_TIMEOUT) != 0 && (unread || connection->begun != 0))
        counter_add(COUNTER_PROTOCOL_ERRORS);
    connection_free(connection);
}

void query_wait(struct query_connection *connection) {
    bufferevent_disable(connection->mta, EV_READ);
}

/* An MTA waits for its answer, so there is room for it: to wait until the socket can be written to
 * would cost more than the answer. Returns how many octets have gone. */
static size_t send_at_once(struct query_connection *connection, const GString *answer) {
    if (evbuffer_get_length(bufferevent_get_output(connection->mta)) > 0)
        return 0;
    ssize_t sent = send(bufferevent_getfd(connection->mta), answer->str, answer->len,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}

void query_send(struct query_connection *connection, const GString *answer) {
    size_t sent = send_at_once(connection, answer);
    if (sent < answer->len)
        bufferevent_write(connection->mta, answer->str + sent, answer->len - sent);
    if ((bufferevent_get_enabled(connection->mta) & EV_READ) != 0)
        return;
    bufferevent_enable(connection->mta, EV_READ);
    bufferevent_trigger(connection->mta, EV_READ,
                        BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
}

/* An MTA opens a connection again where it finds it closed; a new one must not be turned away. */
static void make_room(struct query_endpoint *endpoint) {
    if (endpoint->connections.length < endpoint->listener->connections)
        return;
    counter_add(COUNTER_EVICTED);
    connection_free(g_queue_peek_head(&endpoint->connections));
}

static void on_accept_again(evutil_socket_t socket, short what, void *context) {
    (void)socket;
    (void)what;
    evconnlistener_enable(context);
}

/* Lets the loop turn after some connections. */
static void pace(struct query_endpoint *endpoint, struct evconnlistener *listener) {
    const struct timeval at_once = {0};
    if (++endpoint->accepted < CONNECTIONS_AT_ONCE)
        return;
    endpoint->accepted = 0;
    evconnlistener_disable(listener);
    evtimer_add(endpoint->accept_again, &at_once);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t socket,
                          struct sockaddr *address, int length, void *context) {
    struct query_endpoint *endpoint = context;
    (void)address;
    (void)length;
    pace(endpoint, listener);
    make_room(endpoint);
    struct query_connection *connection = g_new0(struct query_connection, 1);
    connection->endpoint = endpoint;
    connection->link.data = connection;
    connection->mta = bufferevent_socket_new(endpoint->base, socket, BEV_OPT_CLOSE_ON_FREE);
    if (connection->mta == NULL) {
        close(socket);
        g_free(connection);
        return;
    }
    g_queue_push_tail_link(&endpoint->connections, &connection->link);
    counter_add(COUNTER_CONNECTIONS);
    bufferevent_setcb(connection->mta, on_input, NULL, on_end, connection);
    bufferevent_setwatermark(connection->mta, EV_READ, 0, endpoint->protocol->octets_max + 64);
    set_timeout(connection, IDLE_S);
    bufferevent_enable(connection->mta, EV_READ | EV_WRITE);
}

/* --- time ------------------------------------------------------------------------------------- */

static bool out_of_time(void *context) {
    const struct query_clock *clock = context;
    if (g_get_monotonic_time() < clock->until)
        return false;
    counter_add(COUNTER_DEADLINES);
    return true;
}

static void note_shadow(const struct rule *rule, enum rule_answer answer,
                        const struct condition *decisive, void *context) {
    const struct query_clock *clock = context;
    (void)decisive;
    if (rule->shadow && answer == RULE_MATCHED && clock->about != NULL)
        refusal_log_shadow(clock->about, rule);
}

struct observer query_observer(struct query_clock *clock, const struct listener *listener) {
    clock->until = g_get_monotonic_time() + (gint64)listener->deadline_ms * 1000;
    return (struct observer){.asked = note_shadow, .context = clock, .out_of_time = out_of_time};
}

/* --- the loop --------------------------------------------------------------------------------- */

static const struct query_protocol *const protocols[PROTOCOL_COUNT] = {
    [PROTOCOL_SOCKETMAP] = &socketmap_protocol,
    [PROTOCOL_POLICY] = &policy_protocol,
};

static void on_beat(evutil_socket_t socket, short what, void *context) {
    (void)socket;
    (void)what;
    (void)context;
    atomic_fetch_add(&beats, 1);
}

/* Out of descriptors or memory: whoever waits is taken a moment later. */
static void on_accept_error(struct evconnlistener *listener, void *context) {
    static gint64 logged;
    gint64 now = g_get_monotonic_time();
    (void)listener;
    (void)context;
    if (logged == 0 || now - logged > 60 * G_USEC_PER_SEC) {
        log_write(LOG_ERR, "a connection cannot be taken: %s", strerror(errno));
        logged = now;
    }
    g_usleep(10000);
}

static bool serve(struct query_endpoint *endpoint, const struct endpoint *from) {
    endpoint->listener = from->listener;
    endpoint->protocol = protocols[from->listener->protocol];
    g_queue_init(&endpoint->connections);
    if (from->listener->ask != NULL)
        endpoint->upstream = upstream_new(endpoint->base, from->listener);
    evutil_make_socket_nonblocking(from->socket);
    struct evconnlistener *listener = evconnlistener_new(endpoint->base, on_connection, endpoint,
                                                         LEV_OPT_CLOSE_ON_EXEC, 0, from->socket);
    if (listener == NULL)
        return false;
    evconnlistener_set_error_cb(listener, on_accept_error);
    endpoint->accept_again = evtimer_new(endpoint->base, on_accept_again, listener);
    return endpoint->accept_again != NULL;
}

static int run(const struct endpoint *endpoints, size_t count) {
    const struct timeval second = {.tv_sec = 1};
    struct event_base *base = event_base_new();
    struct event *beat = event_new(base, -1, EV_PERSIST, on_beat, NULL);
    struct query_endpoint *served = g_new0(struct query_endpoint, count);
    struct reply_memory *memory = reply_memory_new(MEMORY_REPLIES);
    event_add(beat, &second);
    for (size_t i = 0; i < count; i++) {
        served[i].base = base;
        served[i].memory = memory;
        if (!serve(&served[i], &endpoints[i])) {
            log_write(LOG_ERR, "listen \"%s\" (%s) cannot be served: %s",
                      protocol_name(endpoints[i].listener->protocol), endpoints[i].listener->socket,
                      strerror(errno));
            return 1;
        }
    }
    return event_base_dispatch(base) == 0 ? 0 : 1;
}

/* Asked every few seconds; the loop beats every second. */
static bool is_alive(void) {
    static unsigned long before;
    unsigned long now = atomic_load(&beats);
    bool alive = now != before;
    before = now;
    return alive;
}

/* A query takes microseconds; what has been answered is on its way. */
static void stop(void) {
    g_usleep(20000);
    _exit(0);
}

const struct front query_front = {run, is_alive, stop, 10};
