/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/un.h>
#include <syslog.h>

#include "dragoman/text.h"
#include "loader.h"

/* Postfix waits up to 100 s for a map: an answer comes soon, or it is "not found". Another policy
 * service may have to look things up. */
enum { DEADLINE_MS = 200, DEADLINE_ASKING_MS = 3000, DEADLINE_MAX_MS = 60000, CONNECTIONS = 2000 };

static void listener_free(void *data) {
    struct listener *listener = data;
    g_free(listener->socket);
    g_free(listener->group);
    g_free(listener->ask);
    g_free(listener);
}

static bool is_port(const char *text) {
    guint64 port;
    return g_ascii_string_to_unsigned(text, 10, 1, 65535, &port, NULL);
}

static bool is_socket(const char *text) {
    if (g_str_has_prefix(text, "unix:/"))
        return strlen(text + strlen("unix:")) < sizeof((struct sockaddr_un *)NULL)->sun_path;
    const char *rest = g_str_has_prefix(text, "inet:")    ? text + strlen("inet:")
                       : g_str_has_prefix(text, "inet6:") ? text + strlen("inet6:")
                                                          : NULL;
    if (rest == NULL)
        return false;
    g_auto(GStrv) parts = g_strsplit(rest, "@", 2);
    return is_port(parts[0]) && g_strv_length(parts) == 2 && *parts[1] != '\0';
}

static void read_mode(struct loader *loader, const struct section *section, unsigned *mode) {
    const char *text = section_text(section, "mode");
    guint64 number;
    if (text == NULL)
        return;
    if (g_ascii_string_to_unsigned(text, 8, 0, 0777, &number, NULL))
        *mode = (unsigned)number;
    else
        loader_error(loader, section_place(section, "mode"),
                     "`mode` is \"%s\"; write octal permissions, like \"0660\"", text);
}

/* A time with its unit, "200 ms" or "2 s". */
static void read_time(struct loader *loader, const struct section *section, const char *name,
                      unsigned *milliseconds) {
    const char *text = section_text(section, name);
    char *unit;
    if (text == NULL)
        return;
    guint64 number = g_ascii_strtoull(text, &unit, 10);
    unit += strspn(unit, " ");
    guint64 scale = strcmp(unit, "ms") == 0 ? 1 : strcmp(unit, "s") == 0 ? 1000 : 0;
    if (number > 0 && number <= DEADLINE_MAX_MS && scale > 0 && number * scale <= DEADLINE_MAX_MS)
        *milliseconds = (unsigned)(number * scale);
    else
        loader_error(loader, section_place(section, name),
                     "`%s` is \"%s\"; write a time of at most a minute, like \"200 ms\" or \"2 s\"",
                     name, text);
}

static const char *const protocol_names[PROTOCOL_COUNT] = {
    [PROTOCOL_MILTER] = "milter",
    [PROTOCOL_SOCKETMAP] = "socketmap",
    [PROTOCOL_POLICY] = "policy",
};

const char *protocol_name(enum protocol protocol) {
    return protocol_names[protocol];
}

static enum protocol protocol_from_name(const char *name) {
    enum protocol protocol = 0;
    while (protocol < PROTOCOL_COUNT &&
           (name == NULL || strcmp(protocol_names[protocol], name) != 0))
        protocol++;
    return protocol;
}

bool load_needs_restating(const struct item *item) {
    enum protocol protocol = protocol_from_name(section_title(&item->section));
    return protocol == PROTOCOL_SOCKETMAP || protocol == PROTOCOL_POLICY;
}

/* Which protocol knows an option that not all of them have. */
static void check_options(struct loader *loader, const struct section *section,
                          enum protocol protocol) {
    static const struct {
        const char *name;
        bool known[PROTOCOL_COUNT];
    } options[] = {
        {"deadline", {[PROTOCOL_SOCKETMAP] = true, [PROTOCOL_POLICY] = true}},
        {"connections", {[PROTOCOL_SOCKETMAP] = true, [PROTOCOL_POLICY] = true}},
        {"ask", {[PROTOCOL_POLICY] = true}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (section_text(section, options[i].name) != NULL && !options[i].known[protocol])
            loader_error(loader, section_place(section, options[i].name),
                         "listen \"%s\" has no `%s`; leave it out", protocol_names[protocol],
                         options[i].name);
}

/* Returns whether the option names a socket, after a complaint if not. */
static bool check_socket(struct loader *loader, const struct section *section, const char *name,
                         const char *protocol) {
    const char *address = section_text(section, name);
    if (address != NULL && is_socket(address))
        return true;
    loader_error(loader, section_place(section, name),
                 "listen \"%s\" has no valid `%s`; write unix:/path, inet:port@127.0.0.1 "
                 "or inet6:port@::1",
                 protocol, name);
    return false;
}

static void load_listener(struct loader *loader, const struct item *item) {
    const struct section *section = &item->section;
    const char *title = section_title(section) != NULL ? section_title(section) : "";
    enum protocol protocol = protocol_from_name(title);
    if (protocol == PROTOCOL_COUNT) {
        loader_error(loader, section->place,
                     "there is no protocol \"%s\"; write listen \"milter\", \"socketmap\" or "
                     "\"policy\"",
                     title);
        return;
    }
    check_options(loader, section, protocol);
    bool asks = section_text(section, "ask") != NULL;
    if (!check_socket(loader, section, "socket", title) ||
        (asks && !check_socket(loader, section, "ask", title)))
        return;
    struct listener *listener = g_new0(struct listener, 1);
    listener->place = section->place;
    listener->protocol = protocol;
    listener->socket = g_strdup(section_text(section, "socket"));
    listener->group = g_strdup(section_text(section, "group"));
    listener->ask = g_strdup(section_text(section, "ask"));
    listener->mode = 0660;
    listener->deadline_ms = asks ? DEADLINE_ASKING_MS : DEADLINE_MS;
    listener->connections = CONNECTIONS;
    read_mode(loader, section, &listener->mode);
    read_time(loader, section, "deadline", &listener->deadline_ms);
    read_size(loader, section, "connections", 1, &listener->connections);
    g_ptr_array_add(loader->settings->service.listeners, listener);
}

static void load_log(struct loader *loader, const struct item *item) {
    static const char *const targets[] = {"syslog", "stderr", NULL};
    static const char *const facilities[] = {"mail",   "daemon", "user",   "local0",
                                             "local1", "local2", "local3", "local4",
                                             "local5", "local6", "local7", NULL};
    struct log_settings *log = &loader->settings->service.log;
    int target = (int)log->target, facility = 0;
    read_choice(loader, &item->section, "target", targets, &target);
    read_choice(loader, &item->section, "facility", facilities, &facility);
    log->target = (enum log_target)target;
    g_free(log->facility);
    log->facility = g_strdup(facilities[facility]);
    const char *ident = section_text(&item->section, "ident");
    if (ident != NULL) {
        g_free(log->ident);
        log->ident = g_strdup(ident);
    }
}

static char *load_name(const struct loader *loader, const char *option) {
    struct section section = loader_find(loader, option);
    return section_is_read(&section) ? g_strdup(section_text(&section, option)) : NULL;
}

void load_service(struct loader *loader) {
    struct service_settings *service = &loader->settings->service;
    service->listeners = g_ptr_array_new_with_free_func(listener_free);
    service->log.target = LOG_TARGET_SYSLOG;
    service->log.facility = g_strdup("mail");
    service->log.ident = g_strdup("dragomand");
    service->user = load_name(loader, "user");
    service->group = load_name(loader, "group");
    service->pid_file = load_name(loader, "pid-file");
    loader_each(loader, "log", load_log);
    loader_each(loader, "listen", load_listener);
}
