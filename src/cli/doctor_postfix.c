/* SPDX-License-Identifier: ISC */
/* Which hooks of a Postfix are connected to dragoman, and whether mail goes on without it. */
#include <string.h>

#include "doctor_postfix.h"

const struct hook_row hook_rows[] = {
#define POSTFIX_HOOK(enumerator, name, map, major, minor, kind, service, instead, purpose)         \
    {name, map, major, minor, KIND_##kind, SERVICE_##service, HOOK_##instead, purpose},
#include "dragoman/postfix_hooks.def"
#undef POSTFIX_HOOK
};

static void mention_clear(struct mention *mention) {
    endpoint_clear(&mention->asked);
    g_clear_pointer(&mention->map, g_free);
    g_clear_pointer(&mention->options, g_strfreev);
}

enum protocol hook_protocol(const struct hook_row *row) {
    return row->kind == KIND_MILTER   ? PROTOCOL_MILTER
           : row->kind == KIND_POLICY ? PROTOCOL_POLICY
                                      : PROTOCOL_SOCKETMAP;
}

char *queue_directory(const struct examination *examination) {
    return main_cf_value(examination->cf, "queue_directory", "/var/spool/postfix");
}

GStrv paths_of(const struct examination *examination, const char *path) {
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
    if (good && checkup_find(examination->checkup, hook_protocol(row), &mention->asked,
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
    const struct parameter *parameter = main_cf_find(examination->cf, hook_rows[hook].name);
    if (parameter == NULL && hook == HOOK_SMTP_DELIVERY) /* its default is the other one */
        parameter = main_cf_find(examination->cf, hook_rows[HOOK_DEFAULT_DELIVERY].name);
    return parameter;
}

static bool find_mention(const struct examination *examination, enum hook hook,
                         struct mention *mention) {
    if (is_restriction(&hook_rows[hook]))
        return find_restriction(examination, &hook_rows[hook], mention);
    const struct parameter *parameter = parameter_of(examination, hook);
    return parameter != NULL && find_in(examination, &hook_rows[hook], parameter, mention);
}

/* A service of master.cf that has a value of its own, without dragoman: often on purpose. */
static void note_overrides(const struct examination *examination, enum hook hook) {
    const struct parameter *parameter;
    g_autofree char *suffix = g_strconcat("/", hook_rows[hook].name, NULL);
    for (size_t i = 0; (parameter = main_cf_at(examination->cf, i)) != NULL; i++) {
        struct mention mention = {NULL, {NULL, NULL, 0}, NULL, NULL};
        if (!g_str_has_suffix(parameter->name, suffix))
            continue;
        if (!find_in(examination, &hook_rows[hook], parameter, &mention))
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
    if (row == &hook_rows[HOOK_NON_SMTPD_MILTERS])
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
    return !mta_version_is_before(examination->version, hook_rows[hook].major,
                                  hook_rows[hook].minor);
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
    const struct hook_row *row = &hook_rows[hook];
    struct checkup *checkup = examination->checkup;
    if (row->instead != HOOK_NONE && is_available(examination, row->instead)) {
        g_autofree char *why = g_strconcat("because of ", hook_rows[row->instead].name, NULL);
        checkup_add(checkup, HOOK_NOT_NEEDED, row->name, why);
        return;
    }
    if (hook == HOOK_NON_SMTPD_MILTERS && !checkup->dragoman->snapshot->site.bounces.enrich) {
        checkup_add(checkup, HOOK_NOT_NEEDED, row->name,
                    "bounces are not explained (bounces { enrich = yes })");
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
    const struct hook_row *row = &hook_rows[hook];
    struct mention mention = {NULL, {NULL, NULL, 0}, NULL, NULL};
    if (!is_available(examination, hook)) {
        g_autofree char *since = g_strdup_printf("since Postfix %u.%u", row->major, row->minor);
        checkup_add(examination->checkup, HOOK_TOO_NEW, row->name, since);
    } else if (find_mention(examination, hook, &mention)) {
        bool safe = hook_is_safe(examination, hook, &mention);
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
