/* SPDX-License-Identifier: ISC */
/* What the client sends: commands, and the lines of a message. */
#include <string.h>

#include "mta_state.h"

/* --- commands --------------------------------------------------------------------------------- */

/* The part of a command line behind "MAIL FROM:", split: what the client wrote as the path, and
 * its parameters. */
struct path_argument {
    char *written; /* for Sendmail's prefix */
    char *path;
    char **parameters;
};

static void path_argument_clear(struct path_argument *argument) {
    g_free(argument->written);
    g_free(argument->path);
    g_strfreev(argument->parameters);
}

static const char *end_of_path(const char *text) {
    bool quoted = false;
    if (*text != '<')
        return text + strcspn(text, " ");
    for (; *text != '\0'; text++) {
        if (*text == '\\' && quoted && text[1] != '\0')
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (*text == '>' && !quoted)
            return text + 1;
    }
    return text;
}

static bool read_path(const char *argument, const char *keyword, struct path_argument *read) {
    size_t length = strlen(keyword);
    if (g_ascii_strncasecmp(argument, keyword, length) != 0)
        return false;
    const char *text = argument + length + strspn(argument + length, " ");
    const char *end = end_of_path(text);
    if (end == text)
        return false;
    read->path = g_strndup(text, (size_t)(end - text));
    end += strcspn(end, " ");
    read->written = g_strndup(text, (size_t)(end - text));
    g_autofree char *rest = g_strstrip(g_strdup(end));
    read->parameters = *rest != '\0' ? g_strsplit(rest, " ", -1) : NULL;
    return true;
}

/* Sendmail closes without a word where it was not the first EHLO. */
static void close_at_helo(struct mta *mta, const struct answer *answer) {
    if (mta->kind == MTA_POSTFIX || !mta->greeted)
        mta_send_refusal(mta, answer, NULL);
    mta->closed = true;
}

static void do_helo(struct mta *mta, const char *argument, bool extended) {
    const struct mta_words *own = &mta_words[mta->kind];
    if (*argument == '\0') {
        mta_send_words(mta, own->helo_without_name, "");
        return;
    }
    mta_end_message(mta);
    mta->resting = false;
    if (mta->helo_refusal == NULL) {
        transaction_helo(mta_transaction_of(mta), argument);
        mta_give_macros(mta, STAGE_HELO);
        struct answer answer = mta_ask(mta, STAGE_HELO);
        if (answer.action == ACTION_REFUSE && answer.reply->status.basic == 421) {
            close_at_helo(mta, &answer);
            return;
        }
        if (answer.action == ACTION_REFUSE) {
            mta->helo_refusal = reply_print(answer.reply);
            mta->helo_refusal_is_temporary =
                status_class_of(answer.reply->status) == STATUS_TEMPORARY;
        }
    }
    mta->greeted = true;
    bool shortened =
        mta->helo_refusal != NULL && (mta->kind == MTA_SENDMAIL || !mta->helo_refusal_is_temporary);
    if (extended)
        mta_send_ehlo(mta, shortened ? own->ehlo_refused : own->ehlo);
    else
        mta_send_words(mta, own->helo, mta->host);
}

static void do_ehlo(struct mta *mta, const char *argument) {
    do_helo(mta, argument, true);
}

static void do_plain_helo(struct mta *mta, const char *argument) {
    do_helo(mta, argument, false);
}

static void do_mail(struct mta *mta, const char *argument) {
    const struct mta_words *own = &mta_words[mta->kind];
    struct path_argument path = {NULL, NULL, NULL};
    if (mta->helo_refusal != NULL) {
        mta_send_text(mta, mta->helo_refusal);
    } else if (mta->in_mail) {
        mta_send_words(mta, own->nested_mail, "");
    } else if (!read_path(argument, "FROM:", &path)) {
        mta_send_words(mta, own->syntax, "MAIL FROM:");
    } else {
        mta->resting = false;
        transaction_mail(mta_transaction_of(mta), path.path, (const char *const *)path.parameters);
        mta_give_macros(mta, STAGE_MAIL);
        struct answer answer = mta_ask(mta, STAGE_MAIL);
        mta->in_mail = answer.action != ACTION_REFUSE;
        if (!mta_send_refusal(mta, &answer, path.written))
            mta_send_words(mta, own->mail, path.written);
    }
    path_argument_clear(&path);
}

static void do_rcpt(struct mta *mta, const char *argument) {
    const struct mta_words *own = &mta_words[mta->kind];
    struct path_argument path = {NULL, NULL, NULL};
    if (mta->helo_refusal != NULL && mta->kind == MTA_SENDMAIL) {
        mta_send_text(mta, mta->helo_refusal);
    } else if (!mta->in_mail) {
        mta_send_words(mta, own->rcpt_without_mail, "");
    } else if (!read_path(argument, "TO:", &path)) {
        mta_send_words(mta, own->syntax, "RCPT TO:");
    } else {
        transaction_rcpt(mta_transaction_of(mta), path.path, (const char *const *)path.parameters);
        if (mta->own_refusal != NULL) {
            mta_send_words(mta, "%s", mta->own_refusal);
            path_argument_clear(&path);
            return;
        }
        mta_give_macros(mta, STAGE_RCPT);
        struct answer answer = mta_ask(mta, STAGE_RCPT);
        mta->recipients += answer.action != ACTION_REFUSE;
        if (!mta_send_refusal(mta, &answer, path.written))
            mta_send_words(mta, own->rcpt, path.written);
    }
    path_argument_clear(&path);
}

static void do_data(struct mta *mta, const char *argument) {
    const struct mta_words *own = &mta_words[mta->kind];
    (void)argument;
    if (mta->helo_refusal != NULL && mta->kind == MTA_SENDMAIL) {
        mta_send_text(mta, mta->helo_refusal);
        return;
    }
    if (!mta->in_mail || mta->recipients == 0) {
        mta_send_words(mta, mta->in_mail ? own->data_without_rcpt : own->data_without_mail, "");
        return;
    }
    mta_set_macro(mta, "i", MTA_QUEUE_ID);
    mta_give_macros(mta, STAGE_DATA);
    struct answer answer = mta_ask(mta, STAGE_DATA);
    if (mta_send_refusal(mta, &answer, NULL))
        return;
    mta->in_data = true;
    mta_send_words(mta, own->data, "");
}

static void do_rset(struct mta *mta, const char *argument) {
    (void)argument;
    mta->resting = mta->resting || mta->in_mail;
    mta_end_message(mta);
    mta_send_words(mta, mta_words[mta->kind].rset, "");
}

static void do_noop(struct mta *mta, const char *argument) {
    (void)argument;
    mta_send_words(mta, mta_words[mta->kind].noop, "");
}

static void do_quit(struct mta *mta, const char *argument) {
    (void)argument;
    mta_send_words(mta, mta_words[mta->kind].quit, mta->host);
    mta->closed = true;
}

static void do_vrfy(struct mta *mta, const char *argument) {
    if (mta->helo_refusal != NULL)
        mta_send_text(mta, mta->helo_refusal);
    else
        mta_send_words(mta, mta_words[mta->kind].vrfy, argument);
}

/* Postfix tells a milter the first word only, Sendmail nothing behind a message. */
static void do_unknown(struct mta *mta, const char *line) {
    if (mta->helo_refusal != NULL && mta->kind == MTA_POSTFIX) {
        mta_send_text(mta, mta->helo_refusal);
        return;
    }
    g_autofree char *told =
        mta->kind == MTA_POSTFIX ? g_strndup(line, strcspn(line, " ")) : g_strdup(line);
    transaction_unknown_command(mta_transaction_of(mta), told);
    struct answer answer = {.action = ACTION_CONTINUE};
    if (mta->helo_refusal == NULL && !(mta->kind == MTA_SENDMAIL && mta->resting))
        answer = mta_ask(mta, STAGE_UNKNOWN);
    if (!mta_send_refusal(mta, &answer, NULL))
        mta_send_words(mta, mta_words[mta->kind].unknown, line);
}

struct smtp_verb {
    const char *name;
    void (*run)(struct mta *mta, const char *argument);
};

static const struct smtp_verb verbs[] = {
    {"EHLO", do_ehlo}, {"HELO", do_plain_helo}, {"MAIL", do_mail},
    {"RCPT", do_rcpt}, {"DATA", do_data},       {"RSET", do_rset},
    {"NOOP", do_noop}, {"QUIT", do_quit},       {"VRFY", do_vrfy},
};

static void do_command(struct mta *mta, const char *line) {
    size_t length = strcspn(line, " ");
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strlen(verbs[i].name) == length &&
            g_ascii_strncasecmp(verbs[i].name, line, length) == 0) {
            verbs[i].run(mta, line + length + strspn(line + length, " "));
            return;
        }
    do_unknown(mta, line);
}

/* --- the message ------------------------------------------------------------------------------ */

/* The header field at `text`, with the lines that continue it; returns what follows it. */
static const char *tell_header(struct mta *mta, const char *text, struct answer *answer) {
    const char *end = strstr(text, "\r\n");
    while (end != NULL && (end[2] == ' ' || end[2] == '\t'))
        end = strstr(end + 2, "\r\n");
    const char *colon = strchr(text, ':');
    g_autofree char *name = g_strchomp(g_strndup(text, (size_t)(colon - text)));
    const char *value = colon + 1 + strspn(colon + 1, " ");
    g_autoptr(GString) unfolded = g_string_new_len(value, end - value);
    g_string_replace(unfolded, "\r\n", "\n", 0);
    if (mta_hears(mta, STAGE_HEADER))
        transaction_header(mta_transaction_of(mta), name, unfolded->str);
    *answer = mta_ask(mta, STAGE_HEADER);
    return end + 2;
}

/* What stands in front of the first empty line, as far as it has the form of header fields. */
static const char *tell_headers(struct mta *mta, const char *text, struct answer *answer) {
    while (answer->action == ACTION_CONTINUE && *text != '\0' && strncmp(text, "\r\n", 2) != 0) {
        size_t name = strcspn(text, ": \r");
        if (name == 0 || text[name + strspn(text + name, " ")] != ':')
            return text;
        text = tell_header(mta, text, answer);
    }
    return strncmp(text, "\r\n", 2) == 0 ? text + 2 : text;
}

static void do_end_of_data(struct mta *mta) {
    struct answer answer = {.action = ACTION_CONTINUE};
    const char *body = tell_headers(mta, mta->message->str, &answer);
    mta_give_macros(mta, STAGE_EOH);
    if (answer.action == ACTION_CONTINUE)
        answer = mta_ask(mta, STAGE_EOH);
    if (mta_hears(mta, STAGE_BODY))
        transaction_body(mta_transaction_of(mta), body, strlen(body));
    if (answer.action == ACTION_CONTINUE && *body != '\0')
        answer = mta_ask(mta, STAGE_BODY);
    mta_give_macros(mta, STAGE_EOM);
    if (answer.action == ACTION_CONTINUE)
        answer = mta_ask(mta, STAGE_EOM);
    if (!mta_send_refusal(mta, &answer, NULL))
        mta_send_words(mta, mta_words[mta->kind].queued, "");
    mta_end_message(mta);
    mta->resting = true;
}

static void do_data_line(struct mta *mta, const char *line) {
    if (strcmp(line, ".") == 0) {
        do_end_of_data(mta);
        return;
    }
    g_string_append(mta->message, *line == '.' ? line + 1 : line);
    g_string_append(mta->message, "\r\n");
}

void mta_line(struct mta *mta, const char *line) {
    if (mta->closed)
        return;
    if (mta->in_data)
        do_data_line(mta, line);
    else
        do_command(mta, line);
}
