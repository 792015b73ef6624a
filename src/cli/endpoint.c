/* SPDX-License-Identifier: ISC */
#include "endpoint.h"

#include <glib.h>
#include <string.h>

/* The part behind one of these words and a colon; NULL if it begins otherwise. */
static const char *behind(const char *text, const char *const *words) {
    for (; *words != NULL; words++)
        if (g_str_has_prefix(text, *words) && text[strlen(*words)] == ':')
            return text + strlen(*words) + 1;
    return NULL;
}

static bool read_port(const char *text, unsigned *port) {
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 1, 65535, &number, NULL))
        return false;
    *port = (unsigned)number;
    return true;
}

/* "8893@127.0.0.1", or in Postfix "127.0.0.1:8893" and "[::1]:8893". */
static bool read_inet(const char *text, enum notation notation, struct endpoint *endpoint) {
    const char *mark = notation == NOTATION_MILTER ? strchr(text, '@') : strrchr(text, ':');
    if (mark == NULL)
        return false;
    g_autofree char *before = g_strndup(text, (size_t)(mark - text));
    const char *port = notation == NOTATION_MILTER ? before : mark + 1;
    const char *host = notation == NOTATION_MILTER ? mark + 1 : before;
    size_t length = strlen(host);
    bool bracketed = length >= 2 && host[0] == '[' && host[length - 1] == ']';
    if (length == 0 || !read_port(port, &endpoint->port))
        return false;
    endpoint->host = bracketed ? g_strndup(host + 1, length - 2) : g_strdup(host);
    return true;
}

bool endpoint_parse(const char *text, enum notation notation, struct endpoint *endpoint) {
    static const char *const files[] = {"unix", "local", NULL}, *const ports[] = {"inet6", "inet",
                                                                                  NULL};
    *endpoint = (struct endpoint){NULL, NULL, 0};
    const char *path = behind(text, files), *address = behind(text, ports);
    if (path != NULL && *path != '\0')
        endpoint->path = g_strdup(path);
    return path != NULL ? *path != '\0' : address != NULL && read_inet(address, notation, endpoint);
}

void endpoint_clear(struct endpoint *endpoint) {
    g_clear_pointer(&endpoint->path, g_free);
    g_clear_pointer(&endpoint->host, g_free);
}

static bool is_one_of(const char *host, const char *const *names) {
    return g_strv_contains(names, host);
}

static const char *const everywhere[] = {"0.0.0.0", "::", "*", NULL};
static const char *const here[] = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "*", NULL};

bool endpoint_reaches(const struct endpoint *asked, const struct endpoint *listening) {
    if (asked->host == NULL || listening->host == NULL || asked->port != listening->port)
        return false;
    return strcmp(asked->host, listening->host) == 0 || is_one_of(listening->host, everywhere) ||
           (is_one_of(asked->host, here) && is_one_of(listening->host, here));
}

char *endpoint_print(const struct endpoint *endpoint, enum notation notation) {
    if (endpoint->path != NULL)
        return g_strconcat("unix:", endpoint->path, NULL);
    const char *host = is_one_of(endpoint->host, everywhere) ? "127.0.0.1" : endpoint->host;
    bool colons = strchr(host, ':') != NULL;
    if (notation == NOTATION_MILTER)
        return g_strdup_printf("%s:%u@%s", colons ? "inet6" : "inet", endpoint->port, host);
    return g_strdup_printf(colons ? "inet:[%s]:%u" : "inet:%s:%u", host, endpoint->port);
}
