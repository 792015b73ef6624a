/* SPDX-License-Identifier: ISC */
#include "upstream.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "counters.h"
#include "dragoman/policy_service.h"
#include "log.h"

/* Connections that wait for the next request; each request under way has one to itself. */
enum { IDLE_MAX = 32 };

struct upstream {
    struct event_base *base;
    struct sockaddr_storage address;
    socklen_t length; /* 0: the service cannot be found */
    struct timeval deadline;
    GQueue idle; /* struct bufferevent */
};

struct asking {
    struct upstream *upstream;
    struct bufferevent *service; /* NULL where there is no connection */
    struct event *deadline;
    GBytes *request;
    bool reused; /* the service may have closed the connection meanwhile: it is worth another try */
    upstream_answered *answered;
    void *context;
    GDestroyNotify forget;
};

/* --- where it is ------------------------------------------------------------------------------ */

static void find_unix(struct upstream *upstream, const char *path) {
    struct sockaddr_un *address = (struct sockaddr_un *)(void *)&upstream->address;
    address->sun_family = AF_UNIX;
    g_strlcpy(address->sun_path, path, sizeof address->sun_path);
    upstream->length = sizeof *address;
}

static void find_internet(struct upstream *upstream, const struct listener *listener) {
    bool v6 = g_str_has_prefix(listener->ask, "inet6:");
    g_auto(GStrv) parts = g_strsplit(strchr(listener->ask, ':') + 1, "@", 2);
    struct addrinfo hints = {.ai_family = v6 ? AF_INET6 : AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(parts[1], parts[0], &hints, &found);
    if (error != 0) {
        log_write(LOG_ERR, "%s:%u: \"%s\" cannot be asked: %s", listener->place.file,
                  listener->place.line, listener->ask, gai_strerror(error));
        return;
    }
    memcpy(&upstream->address, found->ai_addr, found->ai_addrlen);
    upstream->length = found->ai_addrlen;
    freeaddrinfo(found);
}

struct upstream *upstream_new(struct event_base *base, const struct listener *listener) {
    struct upstream *upstream = g_new0(struct upstream, 1);
    upstream->base = base;
    upstream->deadline.tv_sec = listener->deadline_ms / 1000;
    upstream->deadline.tv_usec = (suseconds_t)(listener->deadline_ms % 1000) * 1000;
    if (g_str_has_prefix(listener->ask, "unix:"))
        find_unix(upstream, listener->ask + strlen("unix:"));
    else
        find_internet(upstream, listener);
    return upstream;
}

/* --- connections that wait -------------------------------------------------------------------- */

/* Whatever happens on a connection that nobody uses ends it. */
static void drop_idle(struct bufferevent *service, void *context) {
    struct upstream *upstream = context;
    g_queue_remove(&upstream->idle, service);
    bufferevent_free(service);
}

static void on_idle_event(struct bufferevent *service, short what, void *context) {
    (void)what;
    drop_idle(service, context);
}

static void keep_idle(struct upstream *upstream, struct bufferevent *service) {
    if (upstream->idle.length >= IDLE_MAX) {
        bufferevent_free(service);
        return;
    }
    bufferevent_setcb(service, drop_idle, NULL, on_idle_event, upstream);
    g_queue_push_tail(&upstream->idle, service);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void on_answer(struct bufferevent *service, void *context);
static void on_event(struct bufferevent *service, short what, void *context);

static void finish(struct asking *asking, const char *octets, size_t length) {
    if (octets == NULL)
        counter_add(COUNTER_ASK_FAILURES);
    asking->answered(asking->context, octets, length);
}

static bool begin(struct asking *asking, bool may_reuse) {
    struct upstream *upstream = asking->upstream;
    asking->service = may_reuse ? g_queue_pop_tail(&upstream->idle) : NULL;
    asking->reused = asking->service != NULL;
    if (!asking->reused) {
        asking->service = bufferevent_socket_new(upstream->base, -1, BEV_OPT_CLOSE_ON_FREE);
        if (asking->service == NULL ||
            bufferevent_socket_connect(asking->service, (struct sockaddr *)&upstream->address,
                                       (int)upstream->length) != 0)
            return false;
    }
    gsize length;
    const void *octets = g_bytes_get_data(asking->request, &length);
    bufferevent_setcb(asking->service, on_answer, NULL, on_event, asking);
    bufferevent_setwatermark(asking->service, EV_READ, 0, POLICY_OCTETS_MAX + 1);
    bufferevent_write(asking->service, octets, length);
    bufferevent_enable(asking->service, EV_READ | EV_WRITE);
    return true;
}

static void on_answer(struct bufferevent *service, void *context) {
    struct asking *asking = context;
    struct evbuffer *input = bufferevent_get_input(service);
    size_t whole, length = evbuffer_get_length(input);
    enum framing framing = policy_read((const char *)evbuffer_pullup(input, -1), length, &whole);
    if (framing == FRAMING_PARTIAL)
        return;
    if (framing == FRAMING_BROKEN) {
        finish(asking, NULL, 0);
        return;
    }
    g_autofree char *octets = g_malloc(whole);
    evbuffer_remove(input, octets, whole);
    if (whole == length) { /* else it is out of step: its decision counts, the connection ends */
        asking->service = NULL;
        keep_idle(asking->upstream, service);
    }
    finish(asking, octets, whole);
}

static void on_event(struct bufferevent *service, short what, void *context) {
    struct asking *asking = context;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        return;
    bufferevent_free(service);
    asking->service = NULL;
    if (!asking->reused || !begin(asking, false))
        finish(asking, NULL, 0);
}

static void on_deadline(evutil_socket_t socket, short what, void *context) {
    (void)socket;
    (void)what;
    finish(context, NULL, 0);
}

struct asking *upstream_ask(struct upstream *upstream, const char *octets, size_t length,
                            upstream_answered *answered, void *context, GDestroyNotify forget) {
    const struct timeval at_once = {0};
    struct asking *asking = g_new0(struct asking, 1);
    asking->upstream = upstream;
    asking->answered = answered;
    asking->context = context;
    asking->forget = forget;
    asking->request = g_bytes_new(octets, length);
    asking->deadline = evtimer_new(upstream->base, on_deadline, asking);
    bool begun = upstream->length > 0 && begin(asking, true);
    evtimer_add(asking->deadline, begun ? &upstream->deadline : &at_once);
    return asking;
}

void asking_free(struct asking *asking) {
    if (asking == NULL)
        return;
    if (asking->service != NULL)
        bufferevent_free(asking->service);
    event_free(asking->deadline);
    g_bytes_unref(asking->request);
    asking->forget(asking->context);
    g_free(asking);
}
