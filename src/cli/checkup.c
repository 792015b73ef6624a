/* SPDX-License-Identifier: ISC */
#include "checkup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct hook_finding {
    enum hook_state state;
    char *name;
    char *remark;
};

static void finding_free(void *data) {
    struct hook_finding *finding = data;
    g_free(finding->name);
    g_free(finding->remark);
    g_free(finding);
}

bool mta_version_parse(const char *text, struct mta_version *version) {
    char *end;
    guint64 major = g_ascii_strtoull(text, &end, 10), minor;
    if (end == text || *end != '.' || !g_ascii_isdigit(end[1]))
        return false;
    minor = g_ascii_strtoull(end + 1, NULL, 10);
    version->major = (unsigned)MIN(major, 999);
    version->minor = (unsigned)MIN(minor, 999);
    return true;
}

bool mta_version_is_before(struct mta_version version, unsigned major, unsigned minor) {
    return version.major < major || (version.major == major && version.minor < minor);
}

struct checkup *checkup_new(const struct settings *dragoman) {
    struct checkup *checkup = g_new0(struct checkup, 1);
    checkup->dragoman = dragoman;
    checkup->findings = complaints_new();
    checkup->hooks = g_ptr_array_new_with_free_func(finding_free);
    checkup->lines = g_ptr_array_new_with_free_func(g_free);
    checkup->dragoman_lines = g_ptr_array_new_with_free_func(g_free);
    return checkup;
}

void checkup_free(struct checkup *checkup) {
    complaints_free(checkup->findings);
    g_ptr_array_unref(checkup->hooks);
    g_ptr_array_unref(checkup->lines);
    g_ptr_array_unref(checkup->dragoman_lines);
    g_free(checkup);
}

void checkup_add(struct checkup *checkup, enum hook_state state, const char *name,
                 const char *remark) {
    struct hook_finding *finding = g_new(struct hook_finding, 1);
    *finding = (struct hook_finding){state, g_strdup(name), g_strdup(remark)};
    g_ptr_array_add(checkup->hooks, finding);
}

void checkup_line(struct checkup *checkup, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(checkup->lines, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* --- sockets ---------------------------------------------------------------------------------- */

/* Those of the examples. */
static const char *const usual_sockets[] = {[PROTOCOL_MILTER] = "inet:8893@127.0.0.1",
                                            [PROTOCOL_SOCKETMAP] = "inet:8894@127.0.0.1",
                                            [PROTOCOL_POLICY] = "inet:8895@127.0.0.1"};

static const char *usual_socket(struct checkup *checkup, enum protocol protocol) {
    char *line = g_strdup_printf("listen \"%s\" { socket = \"%s\" }", protocol_name(protocol),
                                 usual_sockets[protocol]);
    if (g_ptr_array_find_with_equal_func(checkup->dragoman_lines, line, g_str_equal, NULL))
        g_free(line);
    else
        g_ptr_array_add(checkup->dragoman_lines, line);
    return usual_sockets[protocol];
}

struct endpoint checkup_socket(struct checkup *checkup, enum protocol protocol) {
    const GPtrArray *listeners = checkup->dragoman->service.listeners;
    struct endpoint endpoint;
    for (guint i = 0; i < listeners->len; i++) {
        const struct listener *listener = listeners->pdata[i];
        if (listener->protocol == protocol &&
            endpoint_parse(listener->socket, NOTATION_MILTER, &endpoint))
            return endpoint;
    }
    endpoint_parse(usual_socket(checkup, protocol), NOTATION_MILTER, &endpoint);
    return endpoint;
}

static bool is_at(const struct listener *listener, const struct endpoint *asked,
                  const char *const *paths) {
    struct endpoint listening;
    if (!endpoint_parse(listener->socket, NOTATION_MILTER, &listening))
        return false;
    bool found = listening.path != NULL
                     ? asked->path != NULL && g_strv_contains(paths, listening.path)
                     : endpoint_reaches(asked, &listening);
    endpoint_clear(&listening);
    return found;
}

const struct listener *checkup_find(const struct checkup *checkup, enum protocol protocol,
                                    const struct endpoint *asked, const char *const *paths) {
    const GPtrArray *listeners = checkup->dragoman->service.listeners;
    for (guint i = 0; i < listeners->len; i++) {
        const struct listener *listener = listeners->pdata[i];
        if (listener->protocol == protocol && is_at(listener, asked, paths))
            return listener;
    }
    return NULL;
}

/* --- the report ------------------------------------------------------------------------------- */

static void print_lines(const GPtrArray *lines, const char *where) {
    if (lines->len > 0)
        printf("\nThe lines that connect the rest, for %s:\n\n", where);
    for (guint i = 0; i < lines->len; i++)
        printf("%s\n", (const char *)lines->pdata[i]);
}

void checkup_print(const struct checkup *checkup, const char *mta, const char *file) {
    static const char *const states[] = {"connected", "unsafe", "missing", "not needed", "too new"};
    printf("%s, %s\n\n", mta, file);
    for (guint i = 0; i < checkup->hooks->len; i++) {
        const struct hook_finding *finding = checkup->hooks->pdata[i];
        printf("%-11s %-30s %s\n", states[finding->state], finding->name, finding->remark);
    }
    if (complaints_at(checkup->findings, 0) != NULL)
        printf("\n");
    complaints_print(checkup->findings, stdout);
    print_lines(checkup->dragoman_lines, checkup->dragoman->file);
    print_lines(checkup->lines, file);
}

bool checkup_is_good(const struct checkup *checkup) {
    for (guint i = 0; i < checkup->hooks->len; i++) {
        const struct hook_finding *finding = checkup->hooks->pdata[i];
        if (finding->state == HOOK_MISSING || finding->state == HOOK_UNSAFE)
            return false;
    }
    return complaints_count(checkup->findings, SEVERITY_ERROR) == 0 &&
           complaints_count(checkup->findings, SEVERITY_WARNING) == 0;
}
