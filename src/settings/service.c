/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/un.h>
#include <syslog.h>

#include "dragoman/text.h"
#include "loader.h"

static void listener_free(void *data) {
    struct listener *listener = data;
    g_free(listener->protocol);
    g_free(listener->socket);
    g_free(listener->group);
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

static void load_listener(struct loader *loader, const struct item *item) {
    const struct section *section = &item->section;
    const char *protocol = section_title(section) != NULL ? section_title(section) : "";
    const char *address = section_text(section, "socket");
    if (strcmp(protocol, "milter") != 0) {
        loader_error(loader, section->place, "there is no protocol \"%s\"; write listen \"milter\"",
                     protocol);
        return;
    }
    if (address == NULL || !is_socket(address)) {
        loader_error(loader, section_place(section, "socket"),
                     "listen \"%s\" has no valid `socket`; write unix:/path, inet:port@127.0.0.1 "
                     "or inet6:port@::1",
                     protocol);
        return;
    }
    struct listener *listener = g_new0(struct listener, 1);
    listener->place = section->place;
    listener->protocol = g_strdup(protocol);
    listener->socket = g_strdup(address);
    listener->group = g_strdup(section_text(section, "group"));
    listener->mode = 0660;
    read_mode(loader, section, &listener->mode);
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
