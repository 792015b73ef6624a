/* SPDX-License-Identifier: ISC */
/*
 * The floor of the benchmark of maps and policy service: a libevent program that finds the end of
 * each request and answers with a constant. What dragomand costs is told as a ratio to it.
 *
 *   null_queries policy|map PATH
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

struct protocol {
    const char *name;
    /* The length of the request at `octets`, 0: it is not there yet. */
    size_t (*find)(const char *octets, size_t length);
    const char *answer;
};

static size_t find_request(const char *octets, size_t length) {
    const char *end = memmem(octets, length, "\n\n", 2);
    return end != NULL ? (size_t)(end + 2 - octets) : 0;
}

static size_t find_netstring(const char *octets, size_t length) {
    const char *colon = memchr(octets, ':', length);
    if (colon == NULL)
        return 0;
    size_t whole = (size_t)(colon + 1 - octets) + strtoul(octets, NULL, 10) + 1;
    return whole <= length ? whole : 0;
}

static const struct protocol protocols[] = {
    {"policy", find_request, "action=DUNNO\n\n"},
    {"map", find_netstring, "9:NOTFOUND ,"},
};

static const struct protocol *protocol;

static void on_input(struct bufferevent *client, void *context) {
    (void)context;
    struct evbuffer *input = bufferevent_get_input(client);
    size_t length, whole;
    while ((length = evbuffer_get_length(input)) > 0 &&
           (whole = protocol->find((const char *)evbuffer_pullup(input, -1), length)) > 0) {
        bufferevent_write(client, protocol->answer, strlen(protocol->answer));
        evbuffer_drain(input, whole);
    }
}

static void on_end(struct bufferevent *client, short what, void *context) {
    (void)what;
    (void)context;
    bufferevent_free(client);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t socket,
                          struct sockaddr *address, int length, void *context) {
    (void)address;
    (void)length;
    (void)context;
    struct bufferevent *client =
        bufferevent_socket_new(evconnlistener_get_base(listener), socket, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client, on_input, NULL, on_end, NULL);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    for (size_t i = 0; argc == 3 && i < G_N_ELEMENTS(protocols); i++)
        if (strcmp(argv[1], protocols[i].name) == 0)
            protocol = &protocols[i];
    if (protocol == NULL) {
        fprintf(stderr, "usage: null_queries policy|map PATH\n");
        return 2;
    }
    g_strlcpy(address.sun_path, argv[2], sizeof address.sun_path);
    struct event_base *base = event_base_new();
    umask(0);
    if (evconnlistener_new_bind(base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE, -1,
                                (struct sockaddr *)&address, sizeof address) == NULL) {
        perror(argv[2]);
        return 1;
    }
    return event_base_dispatch(base) == 0 ? 0 : 1;
}
