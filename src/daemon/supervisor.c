/* SPDX-License-Identifier: ISC */
#include "supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "counters.h"
#include "generation.h"
#include "listener.h"
#include "log.h"
#include "privileges.h"

/* A child that ends at once is started again after 1 s, then 2 s, 4 s … up to a minute; one that
 * has lived for a minute is forgiven. */
enum { BACK_OFF_MAX_S = 60, HEALTHY_AFTER_S = 60, STOP_AFTER_S = 5 };

/* A child is asked for a sign of life this often. */
enum { HEARTBEAT_S = 3 };

struct child {
    struct service service; /* its sockets stay open over restarts, so that no MTA is turned away */
    int control;            /* to the child; -1 while there is none */
    pid_t pid;              /* 0 while there is none */
    gint64 started;
    gint64 alive;      /* the last sign of life */
    gint64 restart_at; /* monotonic, µs */
    unsigned back_off_s;
};

struct supervisor {
    struct settings *settings;
    const char *file; /* as the command line names it; NULL: the default */
    GArray *children; /* struct child */
    int signals;
    gint64 next_heartbeat; /* monotonic, µs */
    bool stopping;
};

static struct child *child_at(struct supervisor *supervisor, guint index) {
    return &g_array_index(supervisor->children, struct child, index);
}

/* --- children --------------------------------------------------------------------------------- */

static const struct endpoint *endpoint_at(const struct child *child, guint index) {
    return &g_array_index(child->service.endpoints, struct endpoint, index);
}

/* listen "socketmap" (inet:8894@127.0.0.1), listen "policy" (…): for the log. */
static char *child_name(const struct child *child) {
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = 0; i < child->service.endpoints->len; i++) {
        const struct listener *listener = endpoint_at(child, i)->listener;
        g_string_append_printf(name, "%slisten \"%s\" (%s)", i > 0 ? ", " : "",
                               protocol_name(listener->protocol), listener->socket);
    }
    return g_string_free(g_steal_pointer(&name), FALSE);
}

static void close_sockets(const struct child *child) {
    for (guint i = 0; i < child->service.endpoints->len; i++)
        close(endpoint_at(child, i)->socket);
}

static void close_other_sockets(struct supervisor *supervisor, const struct child *own) {
    for (guint i = 0; i < supervisor->children->len; i++) {
        const struct child *child = child_at(supervisor, i);
        if (child != own)
            close_sockets(child);
        if (child->control >= 0)
            close(child->control);
    }
    close(supervisor->signals);
}

static void start_child(struct supervisor *supervisor, struct child *child) {
    int control[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0) {
        log_write(LOG_ERR, "no control socket: %s", strerror(errno));
        child->restart_at = g_get_monotonic_time() + G_USEC_PER_SEC;
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(control[0]);
        close_other_sockets(supervisor, child);
        _exit(child_run(&child->service, control[1], supervisor->settings, supervisor->file));
    }
    close(control[1]);
    child->control = control[0];
    child->pid = pid > 0 ? pid : 0;
    child->started = child->alive = g_get_monotonic_time();
    if (pid < 0)
        log_write(LOG_ERR, "cannot start a process: %s", strerror(errno));
}

static void note_end(struct supervisor *supervisor, struct child *child, int status) {
    gint64 now = g_get_monotonic_time();
    close(child->control);
    child->control = -1;
    child->pid = 0;
    if (supervisor->stopping)
        return;
    if (now - child->started > (gint64)HEALTHY_AFTER_S * G_USEC_PER_SEC)
        child->back_off_s = 0;
    child->back_off_s = child->back_off_s == 0 ? 1 : MIN(child->back_off_s * 2, BACK_OFF_MAX_S);
    child->restart_at = now + (gint64)child->back_off_s * G_USEC_PER_SEC;
    counter_add(COUNTER_RESTARTS);
    g_autofree char *name = child_name(child);
    log_write(LOG_ERR, "the process of %s ended by %s %d; it starts again in %u s", name,
              WIFSIGNALED(status) ? "signal" : "itself with status",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), child->back_off_s);
}

static void reap(struct supervisor *supervisor) {
    int status;
    for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG))
        for (guint i = 0; i < supervisor->children->len; i++)
            if (child_at(supervisor, i)->pid == pid)
                note_end(supervisor, child_at(supervisor, i), status);
}

/* Starts what is due; returns after how many milliseconds there is more to start, or -1. */
static int start_due(struct supervisor *supervisor) {
    gint64 now = g_get_monotonic_time(), wait = -1;
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = child_at(supervisor, i);
        if (child->pid == 0 && child->restart_at <= now)
            start_child(supervisor, child);
        if (child->pid == 0)
            wait = wait < 0 ? child->restart_at - now : MIN(wait, child->restart_at - now);
    }
    return wait < 0 ? -1 : (int)(MAX(wait, 0) / 1000 + 1);
}

/* A child that hangs would hold the MTA's sessions until they time out. */
static void feel_pulse(struct supervisor *supervisor) {
    gint64 now = g_get_monotonic_time();
    if (now < supervisor->next_heartbeat)
        return;
    supervisor->next_heartbeat = now + (gint64)HEARTBEAT_S * G_USEC_PER_SEC;
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = child_at(supervisor, i);
        if (child->pid == 0)
            continue;
        if (child_take_heartbeats(child->control))
            child->alive = now;
        child_ask_heartbeat(child->control);
        if (now - child->alive < (gint64)child->service.front->hung_after_s * G_USEC_PER_SEC)
            continue;
        g_autofree char *name = child_name(child);
        log_write(LOG_ERR, "the process of %s hangs and is ended", name);
        kill(child->pid, SIGKILL);
    }
}

static bool any_child(struct supervisor *supervisor) {
    for (guint i = 0; i < supervisor->children->len; i++)
        if (child_at(supervisor, i)->pid != 0)
            return true;
    return false;
}

static void signal_children(struct supervisor *supervisor, int number) {
    for (guint i = 0; i < supervisor->children->len; i++)
        if (child_at(supervisor, i)->pid != 0)
            kill(child_at(supervisor, i)->pid, number);
}

/* --- signals ---------------------------------------------------------------------------------- */

static bool same_listener(const struct listener *a, const struct listener *b) {
    return a->protocol == b->protocol && strcmp(a->socket, b->socket) == 0 && a->mode == b->mode &&
           g_strcmp0(a->group, b->group) == 0 && a->deadline_ms == b->deadline_ms &&
           a->connections == b->connections && g_strcmp0(a->ask, b->ask) == 0;
}

static bool same_listeners(const struct settings *one, const struct settings *other) {
    const GPtrArray *left = one->service.listeners, *right = other->service.listeners;
    if (left->len != right->len)
        return false;
    for (guint i = 0; i < left->len; i++)
        if (!same_listener(left->pdata[i], right->pdata[i]))
            return false;
    return true;
}

/* Children that start later take the new settings; those that run are told to read them. */
static void take_over(struct supervisor *supervisor, struct settings *settings) {
    if (!same_listeners(supervisor->settings, settings))
        log_write(LOG_WARNING, "a change of `listen` takes effect when dragomand is restarted");
    /* The sockets still belong to the listeners that opened them. */
    GPtrArray *listeners = supervisor->settings->service.listeners;
    supervisor->settings->service.listeners = settings->service.listeners;
    settings->service.listeners = listeners;
    settings_free(supervisor->settings);
    supervisor->settings = settings;
    for (guint i = 0; i < supervisor->children->len; i++)
        if (child_at(supervisor, i)->control >= 0)
            child_tell_reload(child_at(supervisor, i)->control);
}

static void reload(struct supervisor *supervisor) {
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(supervisor->file, SETTINGS_POLICY, complaints);
    log_complaints(complaints);
    if (settings->snapshot != NULL) {
        log_write(LOG_NOTICE, "configuration %s is in order and taken over", settings->file);
        counter_add(COUNTER_RELOADS);
        take_over(supervisor, settings);
    } else {
        log_write(LOG_ERR, "configuration %s has %zu errors; the one before stays in force",
                  settings->file, complaints_count(complaints, SEVERITY_ERROR));
        counter_add(COUNTER_FAILED_RELOADS);
        settings_free(settings);
    }
    complaints_free(complaints);
}

static void log_counters(void) {
    g_autoptr(GString) line = g_string_new("counters:");
    for (enum counter counter = 0; counter < COUNTER_COUNT; counter++)
        g_string_append_printf(line, " %s=%lu", counter_name(counter), counter_value(counter));
    log_write(LOG_INFO, "%s", line->str);
}

static void handle_signal(struct supervisor *supervisor) {
    struct signalfd_siginfo info;
    if (read(supervisor->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    switch (info.ssi_signo) {
    case SIGHUP:
        reload(supervisor);
        break;
    case SIGUSR1:
        log_counters();
        break;
    case SIGCHLD:
        reap(supervisor);
        break;
    default:
        supervisor->stopping = true;
    }
}

/* The set of signals that the supervisor waits for; its children get their own back. */
static bool open_signals(struct supervisor *supervisor) {
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaddset(&set, numbers[i]);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    supervisor->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return supervisor->signals >= 0;
}

/* --- life ------------------------------------------------------------------------------------- */

/* libmilter has a process for each of its sockets; all others share one, and what it remembers. */
static struct child *child_for(struct supervisor *supervisor, enum protocol protocol) {
    const struct front *front = protocol == PROTOCOL_MILTER ? &milter_front : &query_front;
    for (guint i = 0; i < supervisor->children->len && front == &query_front; i++)
        if (child_at(supervisor, i)->service.front == front)
            return child_at(supervisor, i);
    struct child child = {.control = -1};
    child.service.front = front;
    child.service.endpoints = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
    g_array_append_val(supervisor->children, child);
    return child_at(supervisor, supervisor->children->len - 1);
}

static bool open_listeners(struct supervisor *supervisor, const struct identity *owner) {
    const GPtrArray *listeners = supervisor->settings->service.listeners;
    if (listeners->len == 0) {
        log_write(LOG_ERR,
                  "%s: there is no `listen` section; write listen \"milter\" { socket = "
                  "\"inet:8893@127.0.0.1\" }",
                  supervisor->settings->file);
        return false;
    }
    for (guint i = 0; i < listeners->len; i++) {
        struct endpoint endpoint = {listeners->pdata[i], -1};
        endpoint.socket = listener_open(endpoint.listener, owner);
        if (endpoint.socket < 0)
            return false;
        g_array_append_val(child_for(supervisor, endpoint.listener->protocol)->service.endpoints,
                           endpoint);
    }
    return true;
}

static void stop_children(struct supervisor *supervisor) {
    gint64 until = g_get_monotonic_time() + (gint64)STOP_AFTER_S * G_USEC_PER_SEC;
    for (guint i = 0; i < supervisor->children->len; i++)
        if (child_at(supervisor, i)->control >= 0)
            shutdown(child_at(supervisor, i)->control, SHUT_RDWR);
    while (any_child(supervisor) && g_get_monotonic_time() < until) {
        struct pollfd poll_signals = {.fd = supervisor->signals, .events = POLLIN};
        if (poll(&poll_signals, 1, 100) > 0)
            handle_signal(supervisor);
    }
    signal_children(supervisor, SIGKILL);
}

static void supervise(struct supervisor *supervisor) {
    while (!supervisor->stopping) {
        struct pollfd poll_signals = {.fd = supervisor->signals, .events = POLLIN};
        int due = start_due(supervisor);
        int wait = due < 0 ? HEARTBEAT_S * 1000 : MIN(due, HEARTBEAT_S * 1000);
        if (poll(&poll_signals, 1, wait) > 0)
            handle_signal(supervisor);
        feel_pulse(supervisor);
    }
    stop_children(supervisor);
}

static void close_listeners(struct supervisor *supervisor) {
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = child_at(supervisor, i);
        close_sockets(child);
        for (guint j = 0; j < child->service.endpoints->len; j++)
            listener_remove(endpoint_at(child, j)->listener);
        g_array_unref(child->service.endpoints);
    }
}

int supervisor_run(struct settings *settings, const char *file, void (*ready)(void)) {
    struct supervisor supervisor = {.settings = settings, .file = file, .signals = -1};
    const struct service_settings *service = &settings->service;
    supervisor.children = g_array_new(FALSE, FALSE, sizeof(struct child));
    struct identity identity;
    bool good = privileges_find(service->user, service->group, &identity) &&
                open_signals(&supervisor) && counters_open() &&
                open_listeners(&supervisor, &identity);
    if (good && ready != NULL)
        ready();
    good = good && privileges_drop(&identity);
    if (good) {
        log_write(LOG_NOTICE, "started with configuration %s", settings->file);
        supervise(&supervisor);
        log_counters();
        log_write(LOG_NOTICE, "stopped");
    }
    close_listeners(&supervisor);
    g_array_unref(supervisor.children);
    settings_free(supervisor.settings);
    return good ? 0 : 1;
}
