/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    enum log_target target;
    char ident[64]; /* syslog keeps the pointer */
} the_log = {LOG_TARGET_STDERR, "dragomand"};

struct facility {
    const char *name;
    int number;
};

static const struct facility facilities[] = {
    {"mail", LOG_MAIL},     {"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

static int facility_number(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(facilities); i++)
        if (strcmp(facilities[i].name, name) == 0)
            return facilities[i].number;
    return LOG_MAIL;
}

void log_open(const struct log_settings *log) {
    the_log.target = log->target;
    g_strlcpy(the_log.ident, log->ident, sizeof the_log.ident);
    if (log->target == LOG_TARGET_SYSLOG)
        openlog(the_log.ident, LOG_PID | LOG_NDELAY, facility_number(log->facility));
}

/* One write for each line: lines of several threads do not mix. */
static void write_to_stderr(const char *text) {
    g_autofree char *line = g_strdup_printf("%s[%d]: %s\n", the_log.ident, (int)getpid(), text);
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        return; /* there is nobody left to tell */
}

void log_write(int priority, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (the_log.target == LOG_TARGET_SYSLOG)
        syslog(priority, "%s", text);
    else
        write_to_stderr(text);
}

void log_complaints(const struct complaints *complaints) {
    static const int priorities[] = {LOG_NOTICE, LOG_WARNING, LOG_ERR};
    const struct complaint *complaint;
    for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL; i++) {
        g_autofree char *line = complaint_print(complaint);
        log_write(priorities[complaint->severity], "%s", line);
    }
}
