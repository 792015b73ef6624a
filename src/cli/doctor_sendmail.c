/* SPDX-License-Identifier: ISC */
/* Which hooks of a Sendmail are connected to dragoman: by its sendmail.mc or its sendmail.cf. */
#include <string.h>

#include "doctor.h"

enum sendmail_hook {
#define SENDMAIL_HOOK(enumerator, ...) HOOK_##enumerator,
#include "dragoman/sendmail_hooks.def"
#undef SENDMAIL_HOOK
    HOOK_COUNT
};

static const struct hook_row {
    const char *name, *purpose;
} rows[] = {
#define SENDMAIL_HOOK(enumerator, name, purpose) {name, purpose},
#include "dragoman/sendmail_hooks.def"
#undef SENDMAIL_HOOK
};

/* What was said of the hooks, in either file. */
struct sendmail_file {
    struct checkup *checkup;
    GPtrArray *lines;  /* char *; without comments of m4, empty lines for them */
    struct place file; /* line 0 */
    bool compiled;     /* a sendmail.cf */
};

static struct place place_of(const struct sendmail_file *file, guint line) {
    return (struct place){file->file.file, line + 1};
}

/* The first line from `start` on in which one of these stands; the number of lines if none does.
 * `behind` becomes what follows it. */
static guint find_line(const struct sendmail_file *file, guint start, const char *word,
                       const char **behind) {
    guint line = start;
    for (; line < file->lines->len; line++) {
        const char *found = strstr(file->lines->pdata[line], word);
        if (found != NULL) {
            *behind = found + strlen(word);
            break;
        }
    }
    return line;
}

static const char *const nothing[] = {NULL};

static const struct listener *find_listener(const struct sendmail_file *file,
                                            enum protocol protocol, const char *socket) {
    struct endpoint asked;
    if (!endpoint_parse(socket, NOTATION_MILTER, &asked))
        return NULL;
    const char *const paths[] = {asked.path, NULL};
    const struct listener *listener =
        checkup_find(file->checkup, protocol, &asked, asked.path != NULL ? paths : nothing);
    endpoint_clear(&asked);
    return listener;
}

#define warn(file, line, ...)                                                                      \
    complain((file)->checkup->findings, SEVERITY_WARNING, place_of(file, line), __VA_ARGS__)

/* --- the milter ------------------------------------------------------------------------------- */

/* "dragoman, S=unix:/x, F=T, T=C:5s" as its parts, without the quotes of m4. */
static GStrv equates(const char *text) {
    g_autoptr(GString) plain = g_string_new(text);
    char *end = strchr(plain->str, ')');
    if (end != NULL)
        g_string_truncate(plain, (gsize)(end - plain->str));
    g_string_replace(plain, "`", "", 0);
    g_string_replace(plain, "'", "", 0);
    GStrv parts = g_strsplit(plain->str, ",", -1);
    for (char **part = parts; *part != NULL; part++)
        g_strstrip(*part);
    return parts;
}

static const char *equate(GStrv parts, char letter) {
    for (char **part = parts; *part != NULL; part++)
        if ((*part)[0] == letter && (*part)[1] == '=')
            return *part + 2;
    return NULL;
}

/* The seconds of "C:5s;R:10s" for one of its letters. */
static unsigned timeout_of(const char *text, char letter, unsigned otherwise) {
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", ";", -1);
    for (char **part = parts; *part != NULL; part++)
        if ((*part)[0] == letter && (*part)[1] == ':')
            return main_cf_seconds(*part + 2, otherwise);
    return otherwise;
}

static void check_timeouts(const struct sendmail_file *file, guint line, const char *text) {
    static const struct {
        char letter;
        unsigned otherwise, most;
        const char *advised;
    } limits[] = {{'C', 300, 10, "C:5s"}, {'R', 10, 10, "R:5s"}, {'E', 300, 60, "E:30s"}};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        unsigned seconds = timeout_of(text, limits[i].letter, limits[i].otherwise);
        if (seconds > limits[i].most)
            warn(file, line,
                 "a dragomand that hangs holds mail up for %u s; write T=...;%s among the equates",
                 seconds, limits[i].advised);
    }
}

static void check_milter(const struct sendmail_file *file, guint line, GStrv parts) {
    const char *failure = equate(parts, 'F'), *socket = equate(parts, 'S');
    if (failure != NULL && strcmp(failure, "T") != 0 && *failure != '\0')
        warn(file, line,
             "without dragomand F=%s refuses mail%s; leave it out, or write F=T where "
             "mail is to wait",
             failure, strcmp(failure, "4") == 0 ? " and closes the connection" : "");
    check_timeouts(file, line, equate(parts, 'T'));
    if (g_str_has_prefix(socket, "inet"))
        complain(file->checkup->findings, SEVERITY_NOTE, place_of(file, line),
                 "Sendmail needs 40 ms for each command over TCP; a unix socket is faster");
}

/* A filter that is defined and not in the list is not asked. INPUT_MAIL_FILTER does both. */
static bool is_in_use(const struct sendmail_file *file, const char *name, bool input) {
    const char *list = file->compiled ? "O InputMailFilters=" : "confINPUT_MAIL_FILTERS";
    const char *behind = "";
    guint line = find_line(file, 0, list, &behind);
    return (input && !file->compiled) || (line < file->lines->len && strstr(behind, name) != NULL);
}

static bool milter_at(const struct sendmail_file *file, guint line, const char *behind) {
    g_auto(GStrv) parts = equates(behind);
    const char *socket = equate(parts, 'S');
    if (socket == NULL)
        return false;
    if (find_listener(file, PROTOCOL_MILTER, socket) == NULL) {
        if (strstr(behind, "dragoman") != NULL)
            warn(file, line, "asks at %s, where dragoman has no listen \"milter\"", socket);
        return false;
    }
    const char *text = file->lines->pdata[line];
    if (is_in_use(file, parts[0], strstr(text, "INPUT_MAIL_FILTER(") != NULL))
        check_milter(file, line, parts);
    else
        warn(file, line, "the milter %s is defined but not asked; write INPUT_MAIL_FILTER",
             parts[0]);
    return true;
}

static bool find_milter(const struct sendmail_file *file) {
    const char *behind = NULL;
    for (guint line = 0; line < file->lines->len; line++) {
        const char *text = file->lines->pdata[line];
        if (file->compiled && *text == 'X' && milter_at(file, line, text + 1))
            return true;
        if (!file->compiled && find_line(file, line, "MAIL_FILTER(", &behind) == line &&
            milter_at(file, line, behind))
            return true;
    }
    return false;
}

/* --- the rest --------------------------------------------------------------------------------- */

static bool find_refusals(const struct sendmail_file *file) {
    const char *behind;
    return find_line(file, 0, file->compiled ? "dragoman: refusals" : "refusals.m4", &behind) <
           file->lines->len;
}

/* Where checks.m4 asks that is told nothing else. */
static const char usual_checks_socket[] = "inet:8894@127.0.0.1";

/* The last word of "Ksendmail socket -o -d3 -T<TMPF> unix:/path"; or what sendmail.mc defines. */
static char *socket_of_checks(const struct sendmail_file *file, guint line, const char *behind) {
    const char *defined = NULL;
    if (!file->compiled)
        line = find_line(file, 0, "DRAGOMAN_SOCKETMAP", &defined);
    if (!file->compiled && line == file->lines->len)
        return g_strdup(usual_checks_socket);
    g_autofree char *text = g_strdup(file->compiled ? behind : defined);
    g_strdelimit(text, "`'(),", ' ');
    g_strstrip(text);
    const char *last = strrchr(text, ' ');
    return file->compiled ? g_strdup(last != NULL ? last + 1 : text)
                          : g_strndup(text, strcspn(text, " "));
}

static bool find_checks(const struct sendmail_file *file) {
    const char *behind = NULL;
    guint line = find_line(file, 0, file->compiled ? "Ksendmail socket " : "checks.m4", &behind);
    if (line == file->lines->len)
        return false;
    g_autofree char *socket = socket_of_checks(file, line, behind);
    if (find_listener(file, PROTOCOL_SOCKETMAP, socket) == NULL)
        warn(file, line, "asks at %s, where dragoman has no listen \"socketmap\"", socket);
    if (file->compiled && strstr(behind, "-T") == NULL)
        warn(file, line,
             "without -T a dragomand that fails is taken for an error of the address; "
             "include sendmail/checks.m4");
    return true;
}

static bool find_error_header(const struct sendmail_file *file) {
    const char *behind = NULL;
    guint line =
        find_line(file, 0, file->compiled ? "O ErrorHeader=" : "confERROR_MESSAGE", &behind);
    return line < file->lines->len;
}

/* --- the lines that connect ------------------------------------------------------------------- */

static void connect(const struct sendmail_file *file, enum sendmail_hook hook) {
    struct checkup *checkup = file->checkup;
    struct endpoint endpoint =
        checkup_socket(checkup, hook == HOOK_CHECKS ? PROTOCOL_SOCKETMAP : PROTOCOL_MILTER);
    g_autofree char *socket = endpoint_print(&endpoint, NOTATION_MILTER);
    endpoint_clear(&endpoint);
    if (hook == HOOK_MILTER)
        checkup_line(checkup, "INPUT_MAIL_FILTER(`dragoman', `S=%s, T=C:5s;S:5s;R:5s;E:30s')dnl",
                     socket);
    else if (hook == HOOK_ERROR_HEADER)
        checkup_line(checkup, "define(`confERROR_MESSAGE', `%s/sendmail/error-header')dnl",
                     SYSCONFDIR);
    else if (hook == HOOK_CHECKS && strcmp(socket, usual_checks_socket) != 0)
        checkup_line(checkup, "define(`DRAGOMAN_SOCKETMAP', `%s')dnl", socket);
    if (hook == HOOK_CHECKS || hook == HOOK_REFUSALS)
        checkup_line(checkup, "include(`%s/%s')dnl", SYSCONFDIR, rows[hook].name);
}

/* Lines that the MTA reads; a comment becomes an empty line, except one of sendmail.cf that tells
 * what was included. */
static bool is_comment(const char *line) {
    return g_str_has_prefix(line, "dnl") || (*line == '#' && strstr(line, "dragoman: ") == NULL);
}

static GPtrArray *read_lines(const char *text) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) all = g_strsplit(text, "\n", -1);
    for (char **line = all; *line != NULL; line++)
        g_ptr_array_add(lines, g_strdup(is_comment(*line) ? "" : g_strchomp(*line)));
    return lines;
}

static bool is_compiled(const char *text) {
    return strstr(text, "\nV10") != NULL || strstr(text, "\nMlocal") != NULL ||
           strstr(text, "\nDZ") != NULL;
}

bool doctor_is_sendmail(const char *text) {
    static const char *const words[] = {"divert(",   "OSTYPE(",       "MAILER(",  "define(`",
                                        "FEATURE(`", "MAIL_FILTER(`", "include(`"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return is_compiled(text);
}

void doctor_sendmail(struct checkup *checkup, const char *text, const char *name) {
    static bool (*const finders[])(const struct sendmail_file *) = {
        [HOOK_MILTER] = find_milter,
        [HOOK_REFUSALS] = find_refusals,
        [HOOK_CHECKS] = find_checks,
        [HOOK_ERROR_HEADER] = find_error_header,
    };
    g_autoptr(GPtrArray) lines = read_lines(text);
    struct sendmail_file file = {checkup, lines, {g_intern_string(name), 0}, is_compiled(text)};
    for (enum sendmail_hook hook = 0; hook < HOOK_COUNT; hook++) {
        size_t before = complaints_count(checkup->findings, SEVERITY_WARNING);
        bool found = finders[hook](&file);
        bool safe = complaints_count(checkup->findings, SEVERITY_WARNING) == before;
        checkup_add(checkup,
                    !found  ? HOOK_MISSING
                    : !safe ? HOOK_UNSAFE
                            : HOOK_CONNECTED,
                    rows[hook].name, rows[hook].purpose);
        if (!found)
            connect(&file, hook);
    }
}
