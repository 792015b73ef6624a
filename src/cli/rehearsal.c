/* SPDX-License-Identifier: ISC */
#include "rehearsal.h"

#include <string.h>

static GPtrArray *texts_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

struct rehearsal *rehearsal_new(void) {
    struct rehearsal *rehearsal = g_new0(struct rehearsal, 1);
    rehearsal->client_ip = g_strdup("192.0.2.1");
    rehearsal->client_name = g_strdup("client.example");
    rehearsal->client_port = 25000;
    rehearsal->helo = g_strdup("client.example");
    rehearsal->sender = g_strdup("sender@client.example");
    rehearsal->mail_parameters = texts_new();
    rehearsal->recipients = texts_new();
    rehearsal->rcpt_parameters = texts_new();
    rehearsal->headers = texts_new();
    rehearsal->commands = texts_new();
    rehearsal->macros = texts_new();
    return rehearsal;
}

void rehearsal_free(struct rehearsal *rehearsal) {
    if (rehearsal == NULL)
        return;
    GPtrArray *lists[] = {rehearsal->mail_parameters, rehearsal->recipients,
                          rehearsal->rcpt_parameters, rehearsal->headers,
                          rehearsal->commands,        rehearsal->macros};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
    g_free(rehearsal->client_ip);
    g_free(rehearsal->client_name);
    g_free(rehearsal->helo);
    g_free(rehearsal->sender);
    g_free(rehearsal->body);
    g_free(rehearsal);
}

/* --- facts ------------------------------------------------------------------------------------ */

static void replace(char **text, const char *value) {
    g_free(*text);
    *text = g_strdup(value);
}

static void add(GPtrArray *list, char *text) {
    g_ptr_array_add(list, text);
}

static void add_macro(struct rehearsal *rehearsal, const char *name, const char *value) {
    add(rehearsal->macros, g_strdup_printf("%s=%s", name, value));
}

static void set_authenticated(struct rehearsal *rehearsal, const char *value) {
    if (strcmp(value, "yes") == 0)
        add_macro(rehearsal, "auth_authen", "user");
}

static void add_parameter(GPtrArray *list, const char *name, const char *value) {
    add(list, *value != '\0' ? g_strdup_printf("%s=%s", name, value) : g_strdup(name));
}

bool rehearsal_set(struct rehearsal *rehearsal, enum fact fact, const char *key,
                   const char *value) {
    switch (fact) {
    case FACT_CLIENT_IP:
        g_clear_pointer(&rehearsal->client_ip, g_free);
        rehearsal->client_ip = strcmp(value, "none") != 0 ? g_strdup(value) : NULL;
        return true;
    case FACT_CLIENT_NAME:
        replace(&rehearsal->client_name, value);
        return true;
    case FACT_CLIENT_PORT:
        rehearsal->client_port = (unsigned)g_ascii_strtoull(value, NULL, 10);
        return true;
    case FACT_HELO:
        replace(&rehearsal->helo, value);
        return true;
    case FACT_SENDER:
        replace(&rehearsal->sender, strcmp(value, "<>") == 0 ? "" : value);
        return true;
    case FACT_RECIPIENT:
        add(rehearsal->recipients, g_strdup(value));
        return true;
    case FACT_SIZE:
    case FACT_DECLARED_SIZE:
        add_parameter(rehearsal->mail_parameters, "SIZE", value);
        return true;
    case FACT_SMTPUTF8:
        if (strcmp(value, "yes") == 0)
            add(rehearsal->mail_parameters, g_strdup("SMTPUTF8"));
        return true;
    case FACT_MAIL_PARAMETER:
        add_parameter(rehearsal->mail_parameters, key, value);
        return true;
    case FACT_RCPT_PARAMETER:
        add_parameter(rehearsal->rcpt_parameters, key, value);
        return true;
    case FACT_HEADER:
        add(rehearsal->headers, g_strdup_printf("%s: %s", key, value));
        return true;
    case FACT_BODY:
        replace(&rehearsal->body, value);
        return true;
    case FACT_COMMAND:
        add(rehearsal->commands, g_strdup(value));
        return true;
    case FACT_AUTHENTICATED:
        set_authenticated(rehearsal, value);
        return true;
    case FACT_MACRO:
        add_macro(rehearsal, key, value);
        return true;
    default:
        break;
    }
    const char *macro = fact_row(fact)->macros;
    if (*macro == '\0' || fact == FACT_REFUSED_RECIPIENTS)
        return false;
    add_macro(rehearsal, macro, value);
    return true;
}

/* --- playing ---------------------------------------------------------------------------------- */

struct play {
    struct mta *mta;
    void (*sending)(const char *line, void *context);
    void *context;
};

static void say(const struct play *play, const char *line) {
    if (mta_is_closed(play->mta))
        return;
    if (play->sending != NULL)
        play->sending(line, play->context);
    mta_line(play->mta, line);
}

static void say_path(const struct play *play, const char *keyword, const char *path,
                     const GPtrArray *parameters) {
    bool bare = *path != '<';
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "%s%s%s%s", keyword, bare ? "<" : "", path, bare ? ">" : "");
    for (guint i = 0; i < parameters->len; i++)
        g_string_append_printf(line, " %s", (const char *)parameters->pdata[i]);
    say(play, line->str);
}

static void say_lines(const struct play *play, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *stuffed = g_strdup_printf("%s%s", **line == '.' ? "." : "", *line);
        if (line[1] != NULL || **line != '\0')
            say(play, g_strchomp(stuffed));
    }
}

static void say_message(const struct play *play, const struct rehearsal *rehearsal) {
    say(play, "DATA");
    if (!mta_wants_data(play->mta))
        return;
    for (guint i = 0; i < rehearsal->headers->len; i++)
        say(play, rehearsal->headers->pdata[i]);
    say(play, "");
    if (rehearsal->body != NULL)
        say_lines(play, rehearsal->body);
    say(play, ".");
}

static void say_transaction(const struct play *play, const struct rehearsal *rehearsal) {
    if (rehearsal->recipients->len == 0)
        return;
    say_path(play, "MAIL FROM:", rehearsal->sender, rehearsal->mail_parameters);
    for (guint i = 0; i < rehearsal->recipients->len; i++)
        say_path(play, "RCPT TO:", rehearsal->recipients->pdata[i], rehearsal->rcpt_parameters);
    say_message(play, rehearsal);
}

void rehearsal_connect(const struct rehearsal *rehearsal, struct mta *mta) {
    struct mta_client client = {rehearsal->client_ip, rehearsal->client_name,
                                rehearsal->client_port};
    for (guint i = 0; i < rehearsal->macros->len; i++) {
        g_auto(GStrv) halves = g_strsplit(rehearsal->macros->pdata[i], "=", 2);
        mta_set_macro(mta, halves[0], halves[1] != NULL ? halves[1] : "");
    }
    mta_connect(mta, &client);
}

void rehearsal_play(const struct rehearsal *rehearsal, struct mta *mta,
                    void (*sending)(const char *line, void *context), void *context) {
    const struct play play = {mta, sending, context};
    rehearsal_connect(rehearsal, mta);
    if (rehearsal->helo != NULL) {
        g_autofree char *ehlo = g_strdup_printf("EHLO %s", rehearsal->helo);
        say(&play, ehlo);
    }
    for (guint i = 0; i < rehearsal->commands->len; i++)
        say(&play, rehearsal->commands->pdata[i]);
    say_transaction(&play, rehearsal);
    say(&play, "QUIT");
}
