/* SPDX-License-Identifier: ISC */
/*
 * The load of the benchmark of maps and policy service: connections on each of which one request
 * follows the answer to the one before, as an MTA asks. Says how many requests (sessions) were
 * answered, how fast, and with how many octets.
 *
 *   query_load [-n REQUESTS] [-c CONNECTIONS] PATH policy RECIPIENT
 *   query_load [-n REQUESTS] [-c CONNECTIONS] PATH MAP KEY
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 65536, LOAD_SECONDS = 60 };

/* What Postfix 3.7 asks at RCPT. */
static const char policy_form[] =
    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
    "client_address=192.0.2.7\nclient_name=mx.example.org\nclient_port=41234\n"
    "reverse_client_name=mx.example.org\nserver_address=203.0.113.25\nserver_port=25\n"
    "helo_name=mx.example.org\nsender=ayse@example.org\nrecipient=%s\nrecipient_count=0\n"
    "queue_id=\ninstance=1b2c.6b028ea8.2b3ed.0\nsize=12345\netrn_domain=\nstress=\nsasl_method=\n"
    "sasl_username=\nsasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
    "ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
    "encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\npolicy_context=\n\n";

struct client {
    int socket;
    size_t length; /* of the answer so far */
    gint64 asked;
    char answer[ANSWER_MAX];
};

struct load {
    int poll;
    const char *request;
    size_t request_length;
    bool of_map;
    size_t wanted, asked, answered, octets, errors;
    gint64 *times; /* µs, of each answer */
};

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0)
        return descriptor;
    perror(path);
    exit(1);
}

static bool is_whole(const struct load *load, const struct client *client) {
    const char *answer = client->answer;
    if (!load->of_map)
        return client->length >= 2 && memcmp(answer + client->length - 2, "\n\n", 2) == 0;
    const char *colon = memchr(answer, ':', client->length);
    return colon != NULL &&
           client->length == (size_t)(colon + 2 - answer) + strtoul(answer, NULL, 10);
}

static void ask(struct load *load, struct client *client) {
    if (load->asked == load->wanted)
        return;
    load->asked++;
    client->length = 0;
    client->asked = g_get_monotonic_time();
    if (write(client->socket, load->request, load->request_length) != (ssize_t)load->request_length)
        load->errors++;
}

/* False where the connection is of no use any more. */
static bool take(struct load *load, struct client *client) {
    ssize_t count = read(client->socket, client->answer + client->length,
                         sizeof client->answer - 1 - client->length);
    if (count <= 0)
        return false;
    client->length += (size_t)count;
    client->answer[client->length] = '\0';
    if (!is_whole(load, client))
        return true;
    load->times[load->answered++] = g_get_monotonic_time() - client->asked;
    load->octets += client->length;
    ask(load, client);
    return true;
}

static void run(struct load *load, struct client *clients, int count) {
    gint64 end = g_get_monotonic_time() + (gint64)LOAD_SECONDS * G_USEC_PER_SEC;
    for (int i = 0; i < count; i++)
        ask(load, &clients[i]);
    while (load->answered + load->errors < load->wanted && g_get_monotonic_time() < end) {
        struct epoll_event events[64];
        int ready = epoll_wait(load->poll, events, G_N_ELEMENTS(events), 1000);
        for (int i = 0; i < ready; i++)
            if (!take(load, events[i].data.ptr)) {
                load->errors++;
                epoll_ctl(load->poll, EPOLL_CTL_DEL, ((struct client *)events[i].data.ptr)->socket,
                          NULL);
            }
    }
}

static int compare(const void *one, const void *other) {
    gint64 difference = *(const gint64 *)one - *(const gint64 *)other;
    return difference < 0 ? -1 : difference > 0;
}

static void report(struct load *load, gint64 taken) {
    qsort(load->times, load->answered, sizeof *load->times, compare);
    gint64 p99 = load->answered > 0 ? load->times[load->answered * 99 / 100] : 0;
    printf(
        "{\"sessions\": %zu, \"errors\": %zu, \"rate\": %.1f, \"p99_us\": %ld, \"octets\": %zu}\n",
        load->answered, load->wanted - load->answered,
        (double)load->answered * 1e6 / (double)MAX(taken, 1), (long)p99,
        load->answered > 0 ? load->octets / load->answered : 0);
}

int main(int argc, char **argv) {
    struct load load = {.wanted = 1000, .poll = epoll_create1(0)};
    int connections = 10;
    for (int option; (option = getopt(argc, argv, "n:c:")) != -1;)
        if (option == 'n')
            load.wanted = strtoul(optarg, NULL, 10);
        else if (option == 'c')
            connections = atoi(optarg);
        else
            return 2;
    if (argc - optind != 3 || connections < 1) {
        fprintf(stderr, "usage: query_load [-n N] [-c N] PATH policy RECIPIENT | MAP KEY\n");
        return 2;
    }
    const char *name = argv[optind + 1], *key = argv[optind + 2];
    load.of_map = strcmp(name, "policy") != 0;
    g_autofree char *request =
        load.of_map ? g_strdup_printf("%zu:%s %s,", strlen(name) + 1 + strlen(key), name, key)
                    : g_strdup_printf(policy_form, key);
    load.request = request;
    load.request_length = strlen(request);
    load.times = g_new0(gint64, load.wanted);
    struct client *clients = g_new0(struct client, (gsize)connections);
    for (int i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        clients[i].socket = connect_to(argv[optind]);
        epoll_ctl(load.poll, EPOLL_CTL_ADD, clients[i].socket, &event);
    }
    gint64 started = g_get_monotonic_time();
    run(&load, clients, connections);
    report(&load, g_get_monotonic_time() - started);
    g_free(clients);
    g_free(load.times);
    return 0;
}
