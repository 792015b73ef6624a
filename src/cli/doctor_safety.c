/* SPDX-License-Identifier: ISC */
/* Does mail go on where dragomand does not? By the settings of a hook of Postfix. */
#include <string.h>

#include "doctor_postfix.h"

/* The option in the braces, else the parameter, else the default; the caller frees it. */
static char *option_of(const struct examination *examination, const struct mention *mention,
                       const char *option, const char *parameter, const char *otherwise) {
    size_t length = strlen(option);
    for (size_t i = 0; mention->options[i] != NULL; i++)
        if (strncmp(mention->options[i], option, length) == 0 && mention->options[i][length] == '=')
            return g_strdup(mention->options[i] + length + 1);
    return main_cf_value(examination->cf, parameter, otherwise);
}

#define unsafe(examination, mention, ...)                                                          \
    complain((examination)->checkup->findings, SEVERITY_WARNING, (mention)->parameter->place,      \
             __VA_ARGS__)

/* How long Postfix waits for a dragomand that hangs, before it goes on without. */
static const struct patience {
    const char *option, *parameter;
    unsigned otherwise, most, advised;
} milter_patience[] = {{"connect_timeout", "milter_connect_timeout", 30, 10, 5},
                       {"command_timeout", "milter_command_timeout", 30, 10, 5},
                       {"content_timeout", "milter_content_timeout", 300, 60, 30}},
  policy_patience[] = {{"timeout", "smtpd_policy_service_timeout", 100, 10, 5}};

static void check_patience(const struct examination *examination, const struct hook_row *row,
                           const struct mention *mention, const struct patience *patience) {
    g_autofree char *text =
        option_of(examination, mention, patience->option, patience->parameter, NULL);
    unsigned seconds = main_cf_seconds(text, patience->otherwise);
    if (seconds > patience->most)
        unsafe(examination, mention,
               "%s: a dragomand that hangs holds mail up for %u s; write %s=%us in the braces",
               row->name, seconds, patience->option, patience->advised);
}

static void check_milter(const struct examination *examination, const struct hook_row *row,
                         const struct mention *mention) {
    const char *otherwise =
        mta_version_is_before(examination->version, 3, 11) ? "tempfail" : "shutdown";
    g_autofree char *action =
        option_of(examination, mention, "default_action", "milter_default_action", NULL);
    bool own_mail = row == &hook_rows[HOOK_NON_SMTPD_MILTERS];
    if (action == NULL)
        unsafe(examination, mention,
               "%s does not say what happens without dragomand, and Postfix takes %s; write "
               "default_action=accept in the braces",
               row->name, otherwise);
    else if (strcmp(action, "accept") != 0 && (own_mail || strcmp(action, "tempfail") != 0))
        unsafe(examination, mention,
               "%s: without dragomand Postfix takes %s; write default_action=%s", row->name, action,
               own_mail ? "accept" : "accept, or tempfail where mail is to wait");
    for (size_t i = 0; i < G_N_ELEMENTS(milter_patience); i++)
        check_patience(examination, row, mention, &milter_patience[i]);
}

static void check_policy(const struct examination *examination, const struct hook_row *row,
                         const struct mention *mention) {
    g_autofree char *action =
        option_of(examination, mention, "default_action", "smtpd_policy_service_default_action",
                  "451 4.3.5 Server configuration problem");
    if (g_ascii_strcasecmp(action, "DUNNO") != 0)
        unsafe(examination, mention,
               "%s: without dragomand every client gets \"%s\"; write default_action=DUNNO in the "
               "braces",
               row->name, action);
    check_patience(examination, row, mention, &policy_patience[0]);
}

static void check_map(const struct examination *examination, const struct hook_row *row,
                      const struct mention *mention) {
    bool any_access = row->kind == KIND_ACCESS && strcmp(mention->map, "access") == 0;
    if (!any_access && strcmp(mention->map, row->map) != 0)
        unsafe(examination, mention, "%s asks for the map \"%s\"; dragoman calls it \"%s\"",
               row->name, mention->map, row->map);
    if (row->kind == KIND_ACCESS)
        unsafe(
            examination, mention,
            "%s: without dragomand Postfix answers 451 4.3.5 to everybody, and nothing can be set "
            "against that; take smtpd_milters, or check_policy_service with "
            "default_action=DUNNO instead",
            row->name);
    else if (row->kind == KIND_CLOSED_MAP)
        complain(examination->checkup->findings, SEVERITY_NOTE, mention->parameter->place,
                 "%s: without dragomand whom a list names is told 451 4.3.5 in place of 554",
                 row->name);
}

/* 'y', 'n' or, where nothing was said of master.cf, '?'. */
static char chroot_of(const struct examination *examination, enum service service) {
    static const char *const names[][3] = {
        [SERVICE_SMTPD] = {"smtpd/pass/chroot", "smtp/inet/chroot"},
        [SERVICE_POSTSCREEN] = {"smtp/inet/chroot"},
        [SERVICE_CLEANUP] = {"cleanup/unix/chroot"},
        [SERVICE_SMTP] = {"smtp/unix/chroot"},
    };
    for (const char *const *name = names[service]; *name != NULL; name++) {
        const struct parameter *parameter = main_cf_find(examination->cf, *name);
        if (parameter != NULL)
            return *parameter->value == 'y' ? 'y' : 'n';
    }
    return '?';
}

/* A path as the program sees it that asks. */
static void check_path(const struct examination *examination, const struct hook_row *row,
                       const struct mention *mention) {
    const char *path = mention->asked.path;
    char chrooted = chroot_of(examination, row->service);
    if (path == NULL || !g_path_is_absolute(path))
        return;
    g_auto(GStrv) paths = paths_of(examination, path);
    const char *const below[] = {paths[0], NULL}, *const plain[] = {path, NULL};
    enum protocol protocol = hook_protocol(row);
    bool found_below = checkup_find(examination->checkup, protocol, &mention->asked, below) != NULL;
    bool found_plain = checkup_find(examination->checkup, protocol, &mention->asked, plain) != NULL;
    g_autofree char *queue = queue_directory(examination);
    if (chrooted == 'y' && !found_below)
        unsafe(examination, mention,
               "%s: Postfix runs in a chroot and finds %s only as %s; put the socket there, or "
               "take inet",
               row->name, path, paths[0]);
    else if (chrooted == 'n' && !found_plain)
        unsafe(examination, mention,
               "%s: Postfix runs in no chroot and does not find %s; write the path without the "
               "first slash",
               row->name, path);
    else if (chrooted == '?')
        complain(examination->checkup->findings, SEVERITY_NOTE, mention->parameter->place,
                 "%s: where master.cf lets Postfix run in a chroot, %s is %s", row->name, path,
                 paths[0]);
}

/* Only these classes of its own mail does Postfix show to non_smtpd_milters. */
static void check_classes(const struct examination *examination, const struct mention *mention) {
    g_autofree char *value = main_cf_value(examination->cf, "internal_mail_filter_classes", "");
    g_auto(GStrv) classes = main_cf_items(value);
    if (!g_strv_contains((const char *const *)classes, "bounce"))
        unsafe(examination, mention,
               "non_smtpd_milters sees no bounces; write internal_mail_filter_classes = %s%sbounce",
               value, *value != '\0' ? ", " : "");
}

static size_t warnings(const struct examination *examination) {
    return complaints_count(examination->checkup->findings, SEVERITY_WARNING);
}

bool hook_is_safe(const struct examination *examination, enum hook hook,
                  const struct mention *mention) {
    static void (*const checks[])(const struct examination *, const struct hook_row *,
                                  const struct mention *) = {
        [KIND_MILTER] = check_milter, [KIND_MAP] = check_map,       [KIND_CLOSED_MAP] = check_map,
        [KIND_ACCESS] = check_map,    [KIND_POLICY] = check_policy,
    };
    size_t before = warnings(examination);
    checks[hook_rows[hook].kind](examination, &hook_rows[hook], mention);
    check_path(examination, &hook_rows[hook], mention);
    if (hook == HOOK_NON_SMTPD_MILTERS)
        check_classes(examination, mention);
    return warnings(examination) == before;
}
