/* SPDX-License-Identifier: ISC */
/*
 * The load of the benchmark: speaks the milter protocol to a unix socket as Postfix 3.7 does, many
 * sessions at a time, and says how many went through, how long they took and how many failed.
 *
 * As Postfix: version 6 with all steps offered; macros with every command, also with one of
 * connect … data that the milter does not want; nothing is written before an answer is needed, and
 * then in pieces of 4 kB; the macros that the milter asked for take the place of the default ones.
 */
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

enum {
    SESSION_SECONDS = 30, /* a session that takes longer has failed */
    CHUNK = 65535,        /* of a body */
    PIECE = 4096,         /* what Postfix writes at once */
    HEADERS = 8,
    RETRY_MS = 1
};

static const guint32 actions_offered = 0x1ff, steps_offered = 0x1fffff;

/* --- the commands of a session ---------------------------------------------------------------- */

/* The stages for which a milter can ask for macros, as they are numbered in the negotiation. */
enum macro_stage { AT_CONNECT, AT_HELO, AT_MAIL, AT_RCPT, AT_DATA, AT_EOM, AT_EOH, MACRO_STAGES };

struct command {
    char letter;
    enum macro_stage macros;
    guint32 not_wanted; /* SMFIP_NO… */
    guint32 no_reply;   /* SMFIP_NR_… */
    bool of_message;    /* from the queue file: Postfix sends no macros where it is not wanted */
};

enum step { CONNECT, HELO, MAIL, RCPT, DATA, HEADER, EOH, BODY, EOM, STEPS };

static const struct command commands[STEPS] = {
    [CONNECT] = {SMFIC_CONNECT, AT_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN, false},
    [HELO] = {SMFIC_HELO, AT_HELO, SMFIP_NOHELO, SMFIP_NR_HELO, false},
    [MAIL] = {SMFIC_MAIL, AT_MAIL, SMFIP_NOMAIL, SMFIP_NR_MAIL, false},
    [RCPT] = {SMFIC_RCPT, AT_RCPT, SMFIP_NORCPT, SMFIP_NR_RCPT, false},
    [DATA] = {SMFIC_DATA, AT_DATA, SMFIP_NODATA, SMFIP_NR_DATA, false},
    [HEADER] = {SMFIC_HEADER, AT_EOH, SMFIP_NOHDRS, SMFIP_NR_HDR, true},
    [EOH] = {SMFIC_EOH, AT_EOH, SMFIP_NOEOH, SMFIP_NR_EOH, true},
    [BODY] = {SMFIC_BODY, AT_EOM, SMFIP_NOBODY, SMFIP_NR_BODY, true},
    [EOM] = {SMFIC_BODYEOB, AT_EOM, 0, 0, true},
};

static const char *const default_macros[MACRO_STAGES] = {
    [AT_CONNECT] = "j {daemon_name} {daemon_addr} v _",
    [AT_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    [AT_MAIL] = "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
    [AT_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    [AT_DATA] = "i",
    [AT_EOM] = "i",
    [AT_EOH] = "i",
};

static const char *const header_fields[HEADERS][2] = {
    {"Received", "from client.example.org (client.example.org [192.0.2.7])\n\tby mx.example.com "
                 "(Postfix) with ESMTPS id 4XyzAB1c2dz3F; Sun, 22 Nov 2026 09:00:00 +0300"},
    {"From", "Ayse Yilmaz <ayse@example.org>"},
    {"To", "user@example.com"},
    {"Subject", "The minutes of the last meeting, and what we said about them"},
    {"Date", "Sun, 22 Nov 2026 09:00:00 +0300"},
    {"Message-ID", "<20261122060000.4711@client.example.org>"},
    {"MIME-Version", "1.0"},
    {"Content-Type", "text/plain; charset=utf-8"},
};

/* --- the run ---------------------------------------------------------------------------------- */

struct session {
    int descriptor; /* -1 while it does not yet connect */
    gint64 started; /* monotonic, µs */
    const char *sender;
    const char *recipient;
    enum step step;
    size_t done; /* headers, or octets of the body, that were sent */
    bool negotiated;
    bool skips_body;
    bool refused;
    guint32 steps;
    char *macros[MACRO_STAGES]; /* asked for by the milter; NULL: default_macros */
    GByteArray *out;
    size_t written;
    GByteArray *in;
};

static struct {
    gint sessions, concurrency, rate, seconds, body, idle;
    char *recipients_file, *senders_file;
    const char *path;
} options = {.sessions = 1000, .concurrency = 10, .seconds = 60, .body = 1024};

static struct {
    int poll;
    gint64 start, end;
    gint64 deadline; /* no session starts after it */
    GPtrArray *recipients, *senders;
    GPtrArray *live;   /* struct session */
    GArray *latencies; /* gint64, µs */
    guint8 body[CHUNK];
    gint begun, failed, refused, retried, idle;
    guint32 steps; /* of the last negotiation */
    char error[128];
} run;

static void note_error(const char *what) {
    run.failed++;
    if (run.error[0] == '\0')
        g_snprintf(run.error, sizeof run.error, "%s: %s", what, g_strerror(errno));
}

static void session_end(struct session *session) {
    if (session->descriptor >= 0)
        close(session->descriptor);
    for (enum macro_stage stage = 0; stage < MACRO_STAGES; stage++)
        g_free(session->macros[stage]);
    g_byte_array_unref(session->out);
    g_byte_array_unref(session->in);
    g_ptr_array_remove_fast(run.live, session);
    g_free(session);
}

static void session_fail(struct session *session, const char *what) {
    note_error(what);
    session_end(session);
}

static void session_succeed(struct session *session) {
    gint64 latency = g_get_monotonic_time() - session->started;
    g_array_append_val(run.latencies, latency);
    run.refused += session->refused;
    session_end(session);
}

/* --- packets ---------------------------------------------------------------------------------- */

static void put_number(GByteArray *out, guint32 number) {
    guint32 network = GUINT32_TO_BE(number);
    g_byte_array_append(out, (const guint8 *)&network, sizeof network);
}

static void put_text(GByteArray *out, const char *text) {
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text) + 1);
}

/* A packet starts with its length, which packet_end() sets. */
static guint packet_begin(GByteArray *out, char letter) {
    guint start = out->len;
    put_number(out, 0);
    g_byte_array_append(out, (const guint8 *)&letter, 1);
    return start;
}

static void packet_end(GByteArray *out, guint start) {
    guint32 length = GUINT32_TO_BE(out->len - start - (guint)sizeof length);
    memcpy(out->data + start, &length, sizeof length);
}

struct macro {
    const char *name;
    enum step from, to; /* the steps at which Postfix knows it */
    const char *value;
};

static const struct macro known_macros[] = {
    {"j", CONNECT, EOM, "mx.example.com"},
    {"_", CONNECT, EOM, "client.example.org [192.0.2.7]"},
    {"v", CONNECT, EOM, "Postfix 3.7.11"},
    {"{daemon_name}", CONNECT, EOM, "mx.example.com"},
    {"{daemon_addr}", CONNECT, EOM, "198.51.100.1"},
    {"{daemon_port}", CONNECT, EOM, "25"},
    {"{client_addr}", CONNECT, EOM, "192.0.2.7"},
    {"{client_name}", CONNECT, EOM, "client.example.org"},
    {"{client_port}", CONNECT, EOM, "45678"},
    {"{client_ptr}", CONNECT, DATA, "client.example.org"},
    {"{client_resolve}", CONNECT, DATA, "OK"},
    {"{client_connections}", CONNECT, DATA, "1"},
    {"{mail_host}", MAIL, DATA, "example.org"},
    {"{mail_mailer}", MAIL, DATA, "smtp"},
    {"{rcpt_host}", RCPT, RCPT, "example.com"},
    {"{rcpt_mailer}", RCPT, RCPT, "local"},
    {"i", DATA, EOM, "4XyzAB1c2dz3F"},
};

static const char *macro_value(const struct session *session, const char *name) {
    if (strcmp(name, "{mail_addr}") == 0 && session->step >= MAIL && session->step <= DATA)
        return session->sender;
    if (strcmp(name, "{rcpt_addr}") == 0 && session->step == RCPT)
        return session->recipient;
    for (size_t i = 0; i < G_N_ELEMENTS(known_macros); i++)
        if (session->step >= known_macros[i].from && session->step <= known_macros[i].to &&
            strcmp(known_macros[i].name, name) == 0)
            return known_macros[i].value;
    return NULL;
}

static void put_macros(struct session *session, const struct command *command) {
    const char *asked = session->macros[command->macros];
    const char *names = asked != NULL ? asked : default_macros[command->macros];
    guint start = packet_begin(session->out, SMFIC_MACRO);
    g_byte_array_append(session->out, (const guint8 *)&command->letter, 1);
    while (*names != '\0') {
        char name[64];
        size_t length = strcspn(names, " ,");
        g_snprintf(name, sizeof name, "%.*s", (int)length, names);
        names += length + strspn(names + length, " ,");
        const char *value = macro_value(session, name);
        if (value != NULL) {
            put_text(session->out, name);
            put_text(session->out, value);
        }
    }
    packet_end(session->out, start);
}

static void put_path(GByteArray *out, const char *address) {
    g_byte_array_append(out, (const guint8 *)"<", 1);
    g_byte_array_append(out, (const guint8 *)address, (guint)strlen(address));
    put_text(out, ">");
}

static size_t body_chunk(const struct session *session) {
    return MIN((size_t)options.body - session->done, (size_t)CHUNK);
}

static void put_arguments(struct session *session) {
    GByteArray *out = session->out;
    guint16 port = GUINT16_TO_BE(45678);
    switch (session->step) {
    case CONNECT:
        put_text(out, "client.example.org");
        g_byte_array_append(out, (const guint8 *)"4", 1);
        g_byte_array_append(out, (const guint8 *)&port, sizeof port);
        put_text(out, "192.0.2.7");
        break;
    case HELO:
        put_text(out, "client.example.org");
        break;
    case MAIL:
        put_path(out, session->sender);
        put_text(out, "SIZE=1500");
        break;
    case RCPT:
        put_path(out, session->recipient);
        break;
    case HEADER:
        put_text(out, header_fields[session->done][0]);
        put_text(out, header_fields[session->done][1]);
        break;
    case BODY:
        g_byte_array_append(out, run.body, (guint)body_chunk(session));
        break;
    default:
        break;
    }
}

/* --- a session -------------------------------------------------------------------------------- */

/* Goes on behind the command that was just sent. */
static void advance(struct session *session) {
    if (session->step == HEADER)
        session->done++;
    else if (session->step == BODY)
        session->done += body_chunk(session);
    bool more = session->step == HEADER ? session->done < HEADERS
                                        : session->step == BODY && !session->skips_body &&
                                              session->done < (size_t)options.body;
    if (more)
        return;
    session->step++;
    session->done = 0;
}

/* Puts the next command; returns whether its answer must be waited for. */
static bool put_command(struct session *session) {
    const struct command *command = &commands[session->step];
    bool wanted = (session->steps & command->not_wanted) == 0;
    if (session->step == BODY && options.body == 0)
        wanted = false;
    if (wanted || !command->of_message)
        put_macros(session, command);
    if (!wanted) {
        if (session->step == HEADER || session->step == BODY)
            session->done = 0;
        session->step++;
        return false;
    }
    guint start = packet_begin(session->out, command->letter);
    put_arguments(session);
    packet_end(session->out, start);
    if ((session->steps & command->no_reply) == 0)
        return true;
    advance(session);
    return false;
}

/* Writes what there is; returns false where the session has ended. */
static bool flush(struct session *session) {
    while (session->written < session->out->len) {
        size_t piece = MIN(session->out->len - session->written, (size_t)PIECE);
        ssize_t count = send(session->descriptor, session->out->data + session->written, piece,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN)
            return true;
        if (count < 0) {
            session_fail(session, "write");
            return false;
        }
        session->written += (size_t)count;
    }
    session->written = 0;
    g_byte_array_set_size(session->out, 0);
    return true;
}

/* Up to the next command whose answer is waited for; Postfix also writes what waits when smtpd
 * hands the connection over to cleanup, behind DATA. */
static void go_on(struct session *session) {
    enum step end = options.idle > 0 ? MAIL : STEPS;
    while (session->step < end) {
        bool handed_over = session->step == DATA;
        if (put_command(session))
            break;
        if (handed_over && !flush(session))
            return;
    }
    if (session->step == STEPS)
        packet_end(session->out, packet_begin(session->out, SMFIC_QUIT));
    if (!flush(session))
        return;
    if (session->step == STEPS)
        session_succeed(session);
    else if (session->step == end)
        run.idle++;
}

static guint32 get_number(const guint8 *data) {
    guint32 number;
    memcpy(&number, data, sizeof number);
    return GUINT32_FROM_BE(number);
}

static bool take_negotiation(struct session *session, const guint8 *data, size_t length) {
    enum { NUMBER = sizeof(guint32) };
    if (length < 3 * NUMBER)
        return false;
    session->steps = run.steps = get_number(data + 2 * (size_t)NUMBER);
    session->negotiated = true;
    const guint8 *at = data + 3 * (size_t)NUMBER, *end = data + length;
    while (at + NUMBER < end) {
        guint32 stage = get_number(at);
        at += NUMBER;
        if (stage >= MACRO_STAGES || memchr(at, '\0', (size_t)(end - at)) == NULL)
            return false;
        g_free(session->macros[stage]);
        session->macros[stage] = g_strdup((const char *)at);
        at += strlen((const char *)at) + 1;
    }
    return true;
}

enum outcome { WAIT, GO_ON, LEAVE, BREAK };

static enum outcome take_answer(struct session *session, char letter, const guint8 *data,
                                size_t length) {
    if (letter == SMFIC_OPTNEG && !session->negotiated)
        return take_negotiation(session, data, length) ? GO_ON : BREAK;
    switch (letter) {
    case SMFIR_CONTINUE:
        advance(session);
        return GO_ON;
    case SMFIR_SKIP:
        session->skips_body = true;
        advance(session);
        return GO_ON;
    case SMFIR_PROGRESS:
    case SMFIR_QUARANTINE:
        return WAIT;
    case SMFIR_REJECT:
    case SMFIR_TEMPFAIL:
    case SMFIR_REPLYCODE:
        session->refused = true;
        return LEAVE;
    case SMFIR_ACCEPT:
    case SMFIR_DISCARD:
        return LEAVE;
    default:
        return BREAK;
    }
}

/* Takes the packets that have come whole. */
static void take_packets(struct session *session) {
    enum { PREFIX = 4 };
    while (session->in->len >= PREFIX + 1) {
        guint32 length = get_number(session->in->data);
        if (length == 0 || session->in->len < PREFIX + length)
            return;
        const guint8 *data = session->in->data + PREFIX;
        enum outcome outcome = take_answer(session, (char)*data, data + 1, length - 1);
        g_byte_array_remove_range(session->in, 0, PREFIX + length);
        if (outcome == BREAK) {
            errno = EPROTO;
            session_fail(session, "answer");
            return;
        }
        if (outcome == LEAVE)
            session->step = STEPS;
        if (outcome != WAIT) {
            go_on(session);
            return;
        }
    }
}

static void on_input(struct session *session) {
    guint8 octets[PIECE];
    ssize_t count = recv(session->descriptor, octets, sizeof octets, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        if (count == 0)
            errno = ECONNRESET;
        session_fail(session, "read");
        return;
    }
    g_byte_array_append(session->in, octets, (guint)count);
    take_packets(session);
}

/* Returns false where the listener's queue is full: it is tried again. */
static bool session_connect(struct session *session) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = session};
    g_strlcpy(address.sun_path, options.path, sizeof address.sun_path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor >= 0 &&
        connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        int number = errno;
        close(descriptor);
        errno = number;
        if (errno == EAGAIN) {
            run.retried++;
            return false;
        }
        descriptor = -1;
    }
    if (descriptor < 0) {
        session_fail(session, "connect");
        return true;
    }
    session->descriptor = descriptor;
    guint start = packet_begin(session->out, SMFIC_OPTNEG);
    put_number(session->out, SMFI_PROT_VERSION);
    put_number(session->out, actions_offered);
    put_number(session->out, steps_offered);
    packet_end(session->out, start);
    if (epoll_ctl(run.poll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        session_fail(session, "epoll");
    else
        flush(session);
    return true;
}

static void session_begin(gint64 due) {
    struct session *session = g_new0(struct session, 1);
    session->descriptor = -1;
    session->started = due;
    session->sender = run.senders->pdata[(guint)run.begun % run.senders->len];
    session->recipient = run.recipients->pdata[(guint)run.begun % run.recipients->len];
    session->out = g_byte_array_new();
    session->in = g_byte_array_new();
    g_ptr_array_add(run.live, session);
    run.begun++;
    session_connect(session);
}

/* --- the loop --------------------------------------------------------------------------------- */

static gint64 due_at(gint number) {
    return run.start + (gint64)number * G_USEC_PER_SEC / options.rate;
}

static void begin_due_sessions(gint64 now) {
    while (run.begun < options.sessions && now < run.deadline &&
           run.live->len < (guint)options.concurrency) {
        gint64 due = options.rate > 0 ? due_at(run.begun) : now;
        if (due > now)
            return;
        session_begin(due);
    }
}

static void retry_and_expire(gint64 now) {
    for (guint i = run.live->len; i-- > 0;) {
        struct session *session = run.live->pdata[i];
        errno = ETIMEDOUT;
        if (now - session->started > (gint64)SESSION_SECONDS * G_USEC_PER_SEC)
            session_fail(session, "session");
        else if (session->descriptor < 0 && !session_connect(session))
            return; /* the queue is still full */
    }
}

static bool is_over(gint64 now) {
    if (options.idle > 0)
        return run.idle + run.failed >= options.sessions || now >= run.deadline;
    return run.live->len == 0 && (run.begun >= options.sessions || now >= run.deadline);
}

static void serve(const struct epoll_event *event) {
    struct session *session = event->data.ptr;
    if ((event->events & EPOLLOUT) != 0 && session->out->len > 0) {
        if (!flush(session))
            return;
    }
    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        on_input(session);
}

static void load(void) {
    enum { EVENTS = 64, CARE_US = 10000 };
    struct epoll_event events[EVENTS];
    gint64 cared = 0;
    for (gint64 now = run.start; !is_over(now); now = g_get_monotonic_time()) {
        begin_due_sessions(now);
        if (now - cared > CARE_US || run.retried > 0) {
            retry_and_expire(now);
            cared = now;
        }
        int count = epoll_wait(run.poll, events, EVENTS, RETRY_MS);
        for (int i = 0; i < count; i++)
            serve(&events[i]);
    }
    run.end = g_get_monotonic_time();
}

/* --- the result ------------------------------------------------------------------------------- */

static int compare_latencies(const void *a, const void *b) {
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
    return (left > right) - (left < right);
}

static gint64 quantile(double part) {
    guint count = run.latencies->len;
    if (count == 0)
        return 0;
    guint index = MIN((guint)(part * count), count - 1);
    return g_array_index(run.latencies, gint64, index);
}

static void print_result(void) {
    double seconds = (double)(run.end - run.start) / G_USEC_PER_SEC;
    g_array_sort(run.latencies, compare_latencies);
    printf("{\"sessions\": %u, \"idle\": %d, \"errors\": %d, \"refused\": %d, \"retries\": %d, "
           "\"seconds\": %.3f, \"rate\": %.1f, \"p50_us\": %" G_GINT64_FORMAT
           ", \"p99_us\": %" G_GINT64_FORMAT ", \"p999_us\": %" G_GINT64_FORMAT
           ", \"max_us\": %" G_GINT64_FORMAT ", \"steps\": \"0x%x\", \"error\": \"%s\"}\n",
           run.latencies->len, run.idle, run.failed, run.refused, run.retried, seconds,
           run.latencies->len / seconds, quantile(0.5), quantile(0.99), quantile(0.999),
           quantile(1), run.steps, run.error);
    fflush(stdout);
}

static GPtrArray *read_list(const char *file, const char *single) {
    GPtrArray *list = g_ptr_array_new();
    g_autofree char *content = NULL;
    if (file != NULL && g_file_get_contents(file, &content, NULL, NULL)) {
        g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
        for (char **line = lines; *line != NULL; line++)
            if (**line != '\0')
                g_ptr_array_add(list, g_strdup(*line));
    }
    if (list->len == 0)
        g_ptr_array_add(list, g_strdup(single));
    return list;
}

static bool read_options(int count, char **arguments) {
    const GOptionEntry entries[] = {
        {"sessions", 'n', 0, G_OPTION_ARG_INT, &options.sessions, "how many [1000]", "N"},
        {"concurrency", 'c', 0, G_OPTION_ARG_INT, &options.concurrency, "at a time [10]", "N"},
        {"rate", 'r', 0, G_OPTION_ARG_INT, &options.rate, "begin so many a second", "N"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds, "begin none after [60]", "N"},
        {"body", 'b', 0, G_OPTION_ARG_INT, &options.body, "octets of the body [1024]", "N"},
        {"recipients", 'R', 0, G_OPTION_ARG_FILENAME, &options.recipients_file,
         "recipients in turn, one a line", "FILE"},
        {"senders", 'F', 0, G_OPTION_ARG_FILENAME, &options.senders_file,
         "senders in turn, one a line", "FILE"},
        {"idle", 'i', 0, G_OPTION_ARG_INT, &options.idle,
         "hold so many connections open after HELO until stdin ends", "N"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("SOCKET - sessions for a milter");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &count, &arguments, &error) || count != 2 ||
        options.sessions < 1 || options.concurrency < 1 || options.seconds < 1 ||
        options.body < 0 || options.rate < 0) {
        fprintf(stderr, "milter_load: %s; try milter_load --help\n",
                error != NULL ? error->message : "give one socket, and sensible numbers");
        return false;
    }
    options.path = arguments[1];
    if (options.idle > 0)
        options.sessions = options.concurrency = options.idle;
    return true;
}

static void need_descriptors(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int count, char **arguments) {
    if (!read_options(count, arguments))
        return 2;
    need_descriptors();
    run.recipients = read_list(options.recipients_file, "user@example.com");
    run.senders = read_list(options.senders_file, "ayse@example.org");
    run.live = g_ptr_array_new();
    run.latencies = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (size_t i = 0; i < sizeof run.body; i++)
        run.body[i] = (guint8)(i % 72 == 70 ? '\r' : i % 72 == 71 ? '\n' : 'a' + i % 26);
    run.poll = epoll_create1(EPOLL_CLOEXEC);
    run.start = g_get_monotonic_time();
    run.deadline = run.start + (gint64)options.seconds * G_USEC_PER_SEC;
    load();
    print_result();
    if (options.idle > 0)
        while (getchar() != EOF)
            continue;
    return run.failed > 0 ? 1 : 0;
}
