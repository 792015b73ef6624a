/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "generation.h"
#include "log.h"

/* What goes over the control socket; a heartbeat is answered with itself. */
static const char reload_message = 'R';
static const char heartbeat_message = 'H';

struct control {
    int descriptor;
    const char *file;
    const struct front *front;
};

/* Where the other side has gone there is nobody to tell. */
static void tell(int control, char message) {
    bool sent = send(control, &message, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
    if (!sent && errno != EAGAIN && errno != EPIPE)
        log_write(LOG_ERR, "a process does not listen to its supervisor: %s", strerror(errno));
}

void child_tell_reload(int control) {
    tell(control, reload_message);
}

void child_ask_heartbeat(int control) {
    tell(control, heartbeat_message);
}

bool child_take_heartbeats(int control) {
    char messages[64];
    return recv(control, messages, sizeof messages, MSG_DONTWAIT) > 0;
}

/* The supervisor has checked the configuration; if it has changed since, the old one stays. */
static void load_again(const char *file) {
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(file, SETTINGS_POLICY, complaints);
    if (settings->snapshot != NULL)
        generation_set(snapshot_hold(settings->snapshot));
    else
        log_complaints(complaints);
    settings_free(settings);
    complaints_free(complaints);
}

/* Building a large table must not take the processor from the sessions: the thread is nice. One
 * after the other: the last one told is the one in force. */
static void *reload(void *data) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const struct control *control = data;
    pthread_mutex_lock(&one_at_a_time);
    if (setpriority(PRIO_PROCESS, 0, 19) != 0)
        log_write(LOG_WARNING, "reloads run at normal priority: %s", strerror(errno));
    load_again(control->file);
    pthread_mutex_unlock(&one_at_a_time);
    return NULL;
}

/* Beside the signs of life, which go on. */
static void begin_reload(struct control *control) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, reload, control) == 0)
        pthread_detach(thread);
    else
        log_write(LOG_ERR, "cannot start a thread to reload: %s", strerror(errno));
}

/* What the supervisor says; a process that hangs does not answer. */
static void obey(struct control *control, char message) {
    if (message == reload_message)
        begin_reload(control);
    else if (control->front->is_alive())
        tell(control->descriptor, heartbeat_message);
}

static void *follow_supervisor(void *data) {
    struct control *control = data;
    char message;
    for (;;) {
        ssize_t count = read(control->descriptor, &message, 1);
        if (count == 1)
            obey(control, message);
        else if (count == 0 || errno != EINTR)
            control->front->stop();
    }
    return NULL;
}

/* libmilter waits for its signals itself. Those that a terminal sends to all processes of a
 * program are the supervisor's: here they would end sessions. */
static void leave_signals_to_supervisor(void) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As many descriptors as the system allows: one is needed for each connection of an MTA. */
static void allow_connections(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int child_run(const struct service *service, int control, const struct settings *settings,
              const char *file) {
    pthread_t thread;
    static struct control follow;
    follow = (struct control){control, file, service->front};
    leave_signals_to_supervisor();
    allow_connections();
    generation_set(snapshot_hold(settings->snapshot));
    if (pthread_create(&thread, NULL, follow_supervisor, &follow) != 0) {
        log_write(LOG_ERR, "cannot start a thread: %s", strerror(errno));
        return 1;
    }
    pthread_detach(thread);
    return service->front->run((const struct endpoint *)(const void *)service->endpoints->data,
                               service->endpoints->len);
}
