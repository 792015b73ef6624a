/* SPDX-License-Identifier: ISC */
/* Which hooks of a Postfix are connected to dragoman, and whether mail goes on without it. */
#include <string.h>

#include "doctor.h"

enum hook {
#define POSTFIX_HOOK(enumerator, ...) HOOK_##enumerator,
#include "dragoman/postfix_hooks.def"
#undef POSTFIX_HOOK
    HOOK_NONE
};

enum hook_kind { KIND_MILTER, KIND_MAP, KIND_CLOSED_MAP, KIND_ACCESS, KIND_POLICY };
enum service { SERVICE_SMTPD, SERVICE_POSTSCREEN, SERVICE_CLEANUP, SERVICE_SMTP };

static const struct hook_row {
    const char *name, *map;
    unsigned major, minor;
    enum hook_kind kind;
    enum service service;
    enum hook instead;
    const char *purpose;
} rows[] = {
#define POSTFIX_HOOK(enumerator, name, map, major, minor, kind, service, instead, purpose)         \
    {name, map, major, minor, KIND_##kind, SERVICE_##service, HOOK_##instead, purpose},
#include "dragoman/postfix_hooks.def"
#undef POSTFIX_HOOK
};

struct examination {
    struct checkup *checkup;
    const struct main_cf *cf;
    struct mta_version version;
};

/* Where Postfix is told to ask dragoman. */
struct mention {
    const struct parameter *parameter;
    struct endpoint asked;
    char *map;     /* of a socketmap; else NULL */
    GStrv options; /* "default_action=accept", from the braces */
};

static void mention_clear(struct mention *mention) {
    endpoint_clear(&mention->asked);
    g_clear_pointer(&mention->map, g_free);
    g_clear_pointer(&mention->options, g_strfreev);
}

static enum protocol protocol_of(const struct hook_row *row) {
    return row->kind == KIND_MILTER   ? PROTOCOL_MILTER
           : row->kind == KIND_POLICY ? PROTOCOL_POLICY
                                      : PROTOCOL_SOCKETMAP;
}

/* --- chroot ----------------------------------------------------------------------------------- */

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

static char *queue_directory(const struct examination *examination) {
    return main_cf_value(examination->cf, "queue_directory", "/var/spool/postfix");
}

/* The files that this path can be: below the queue directory where the program is chrooted or the
 * path is relative, else as it is written. */
static GStrv paths_of(const struct examination *examination, const char *path) {
    g_autofree char *queue = queue_directory(examination);
    GStrv paths = g_new0(char *, 3);
    paths[0] = g_build_filename(queue, path, NULL);
    if (g_path_is_absolute(path))
        paths[1] = g_strdup(path);
    return paths;
}

/* --- finding dragoman ------------------------------------------------------------------------- */

static bool take_apart(const struct hook_row *row, const char *item, struct mention *mention) {
    size_t length = strlen(item);
    bool braced = item[0] == '{' && item[length - 1] == '}';
    g_autofree char *inner = braced ? g_strndup(item + 1, length - 2) : g_strdup(item);
    g_auto(GStrv) words = main_cf_items(inner);
    char *address = words[0] != NULL ? words[0] : inner, *colon;
    if (row->map != NULL) {
        if (g_str_has_prefix(address, "proxy:"))
            address += strlen("proxy:");
        if (!g_str_has_prefix(address, "socketmap:"))
            return false;
        address += strlen("socketmap:");
        if ((colon = strrchr(address, ':')) == NULL)
            return false;
        *colon = '\0';
        mention->map = g_strdup(colon + 1);
    }
    mention->options = g_steal_pointer(&words);
    return endpoint_parse(address, NOTATION_POSTFIX, &mention->asked);
}

static bool read_item(const struct examination *examination, const struct hook_row *row,
                      const char *item, struct mention *mention) {
    bool good = take_apart(row, item, mention);
    g_auto(GStrv) paths = good && mention->asked.path != NULL
                              ? paths_of(examination, mention->asked.path)
                              : g_new0(char *, 1);
    if (good && checkup_find(examination->checkup, protocol_of(row), &mention->asked,
                             (const char *const *)paths) != NULL)
        return true;
    mention_clear(mention);
    return false;
}

static bool is_restriction(const struct hook_row *row) {
    return row->kind == KIND_ACCESS || row->kind == KIND_POLICY;
}

static bool find_in(const struct examination *examination, const struct hook_row *row,
                    const struct parameter *parameter, struct mention *mention) {
    g_autofree char *value = main_cf_expand(examination->cf, parameter->value);
    g_auto(GStrv) items = main_cf_items(value);
    mention->parameter = parameter;
    for (size_t i = 0; items[i] != NULL; i++) {
        const char *item = !is_restriction(row)               ? items[i]
                           : strcmp(items[i], row->name) == 0 ? items[i + 1]
                                                              : NULL;
        if (item != NULL && read_item(examination, row, item, mention))
            return true;
    }
    return false;
}

/* A restriction may stand in any parameter, for the site may have named classes of its own. */
static bool find_restriction(const struct examination *examination, const struct hook_row *row,
                             struct mention *mention) {
    const struct parameter *parameter;
    for (size_t i = 0; (parameter = main_cf_at(examination->cf, i)) != NULL; i++)
        if (strchr(parameter->name, '/') == NULL &&
            main_cf_find(examination->cf, parameter->name) == parameter &&
            find_in(examination, row, parameter, mention))
            return true;
    return false;
}

static const struct parameter *parameter_of(const struct examination *examination, enum hook hook) {
    const struct parameter *parameter = main_cf_find(examination->cf, rows[hook].name);
    if (parameter == NULL && hook == HOOK_SMTP_DELIVERY) /* its default is the other one */
        parameter = main_cf_find(examination->cf, rows[HOOK_DEFAULT_DELIVERY].name);
    return parameter;
}

static bool find_mention(const struct examination *examination, enum hook hook,
                         struct mention *mention) {
    if (is_restriction(&rows[hook]))
        return find_restriction(examination, &rows[hook], mention);
    const struct parameter *parameter = parameter_of(examination, hook);
    return parameter != NULL && find_in(examination, &rows[hook], parameter, mention);
}

/* --- is it safe? ------------------------------------------------------------------------------ */

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
    bool own_mail = row == &rows[HOOK_NON_SMTPD_MILTERS];
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

/* A path as the program sees it that asks. */
static void check_path(const struct examination *examination, const struct hook_row *row,
                       const struct mention *mention) {
    const char *path = mention->asked.path;
    char chrooted = chroot_of(examination, row->service);
    if (path == NULL || !g_path_is_absolute(path))
        return;
    g_auto(GStrv) paths = paths_of(examination, path);
    const char *const below[] = {paths[0], NULL}, *const plain[] = {path, NULL};
    enum protocol protocol = protocol_of(row);
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

static bool is_safe(const struct examination *examination, enum hook hook,
                    const struct mention *mention) {
    static void (*const checks[])(const struct examination *, const struct hook_row *,
                                  const struct mention *) = {
        [KIND_MILTER] = check_milter, [KIND_MAP] = check_map,       [KIND_CLOSED_MAP] = check_map,
        [KIND_ACCESS] = check_map,    [KIND_POLICY] = check_policy,
    };
    size_t before = warnings(examination);
    checks[rows[hook].kind](examination, &rows[hook], mention);
    check_path(examination, &rows[hook], mention);
    if (hook == HOOK_NON_SMTPD_MILTERS)
        check_classes(examination, mention);
    return warnings(examination) == before;
}

/* A service of master.cf that has a value of its own, without dragoman: often on purpose. */
static void note_overrides(const struct examination *examination, enum hook hook) {
    const struct parameter *parameter;
    g_autofree char *suffix = g_strconcat("/", rows[hook].name, NULL);
    for (size_t i = 0; (parameter = main_cf_at(examination->cf, i)) != NULL; i++) {
        struct mention mention = {NULL, {NULL, NULL, 0}, NULL, NULL};
        if (!g_str_has_suffix(parameter->name, suffix))
            continue;
        if (!find_in(examination, &rows[hook], parameter, &mention))
            complain(examination->checkup->findings, SEVERITY_NOTE, parameter->place,
                     "%.*s of master.cf does not ask dragoman",
                     (int)(strlen(parameter->name) - strlen(suffix)), parameter->name);
        mention_clear(&mention);
    }
}

/* --- the lines that connect ------------------------------------------------------------------- */

/* As the program that asks can write it: a path below the queue directory is written from there,
 * and means the same in a chroot and outside. */
static char *address_for(const struct examination *examination, enum protocol protocol) {
    struct endpoint endpoint = checkup_socket(examination->checkup, protocol);
    g_autofree char *queue = queue_directory(examination);
    size_t length = strlen(queue);
    if (endpoint.path != NULL && strncmp(endpoint.path, queue, length) == 0 &&
        endpoint.path[length] == '/') {
        char *relative = g_strdup(endpoint.path + length + 1);
        g_free(endpoint.path);
        endpoint.path = relative;
    }
    char *address = endpoint_print(&endpoint, NOTATION_POSTFIX);
    endpoint_clear(&endpoint);
    return address;
}

/* What stands there already stays. */
static char *kept(const struct examination *examination, const char *name) {
    const struct parameter *parameter = main_cf_find(examination->cf, name);
    bool empty = parameter == NULL || *parameter->value == '\0';
    return empty ? g_strdup("") : g_strconcat(parameter->value, ", ", NULL);
}

/* A socket of dragoman's name at which it does not listen: a slip, or an old one. */
static void note_elsewhere(const struct examination *examination, enum hook hook) {
    const struct parameter *parameter = parameter_of(examination, hook);
    if (parameter != NULL && strstr(parameter->value, "dragoman") != NULL)
        complain(examination->checkup->findings, SEVERITY_WARNING, parameter->place,
                 "%s names dragoman, but dragoman does not listen there; write what `listen` says",
                 parameter->name);
}

static void connect_milter(const struct examination *examination, const struct hook_row *row) {
    g_autofree char *address = address_for(examination, PROTOCOL_MILTER);
    g_autofree char *before = kept(examination, row->name);
    g_autofree char *classes = kept(examination, "internal_mail_filter_classes");
    checkup_line(examination->checkup,
                 "%s = %s{\n    %s,\n    connect_timeout=5s, command_timeout=5s, "
                 "content_timeout=30s,\n    default_action=accept }",
                 row->name, before, address);
    if (row == &rows[HOOK_NON_SMTPD_MILTERS])
        checkup_line(examination->checkup, "internal_mail_filter_classes = %sbounce", classes);
}

static void connect_map(const struct examination *examination, const struct hook_row *row) {
    g_autofree char *address = address_for(examination, PROTOCOL_SOCKETMAP);
    g_autofree char *before = kept(examination, row->name);
    checkup_line(examination->checkup, "%s = %ssocketmap:%s:%s", row->name, before, address,
                 row->map);
}

/* --- the hooks -------------------------------------------------------------------------------- */

static bool is_available(const struct examination *examination, enum hook hook) {
    return !mta_version_is_before(examination->version, rows[hook].major, rows[hook].minor);
}

static bool has_postscreen(const struct examination *examination) {
    const struct parameter *parameter;
    for (size_t i = 0; (parameter = main_cf_at(examination->cf, i)) != NULL; i++)
        if (g_str_has_suffix(parameter->name, "/inet/command") &&
            g_str_has_prefix(parameter->value, "postscreen"))
            return true;
    return false;
}

static void miss(const struct examination *examination, enum hook hook) {
    const struct hook_row *row = &rows[hook];
    struct checkup *checkup = examination->checkup;
    if (row->instead != HOOK_NONE && is_available(examination, row->instead)) {
        g_autofree char *why = g_strconcat("because of ", rows[row->instead].name, NULL);
        checkup_add(checkup, HOOK_NOT_NEEDED, row->name, why);
        return;
    }
    if (hook == HOOK_NON_SMTPD_MILTERS) { /* mail of this server itself is not to be judged */
        checkup_add(checkup, HOOK_NOT_NEEDED, row->name, "dragoman has nothing to say there");
        return;
    }
    if (row->service == SERVICE_POSTSCREEN && !has_postscreen(examination)) {
        checkup_add(checkup, HOOK_NOT_NEEDED, row->name, "no postscreen is known of");
        return;
    }
    checkup_add(checkup, HOOK_MISSING, row->name, row->purpose);
    note_elsewhere(examination, hook);
    (row->kind == KIND_MILTER ? connect_milter : connect_map)(examination, row);
}

static void examine(const struct examination *examination, enum hook hook) {
    const struct hook_row *row = &rows[hook];
    struct mention mention = {NULL, {NULL, NULL, 0}, NULL, NULL};
    if (!is_available(examination, hook)) {
        g_autofree char *since = g_strdup_printf("since Postfix %u.%u", row->major, row->minor);
        checkup_add(examination->checkup, HOOK_TOO_NEW, row->name, since);
    } else if (find_mention(examination, hook, &mention)) {
        bool safe = is_safe(examination, hook, &mention);
        checkup_add(examination->checkup, safe ? HOOK_CONNECTED : HOOK_UNSAFE, row->name,
                    row->purpose);
        note_overrides(examination, hook);
    } else {
        miss(examination, hook);
    }
    mention_clear(&mention);
}

void doctor_postfix(struct checkup *checkup, const struct main_cf *cf, struct mta_version version) {
    struct examination examination = {.checkup = checkup, .cf = cf, .version = version};
    for (enum hook hook = 0; hook < HOOK_NONE; hook++)
        examine(&examination, hook);
}
