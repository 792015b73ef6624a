/* SPDX-License-Identifier: ISC */
#include "mta.h"

#include <string.h>

#include "dragoman/inquiry.h"
#include "dragoman/policy_service.h"
#include "mta_words.h"

struct mta {
    enum mta_kind kind;
    char *host;
    struct session *session;
    struct mta_events events;
    GHashTable *macros;
    char *helo_refusal; /* what stands since HELO, as it goes to the client */
    bool helo_refusal_is_temporary;
    bool greeted;     /* by an EHLO or HELO */
    bool off;         /* the milter has accepted the connection */
    bool message_off; /* it has accepted or discarded this message */
    bool resting;     /* between a message and the next MAIL or EHLO */
    bool in_mail;
    bool in_data;
    bool closed;
    size_t recipients;
    GString *message;
    enum via via;
    char *own_refusal;           /* of every recipient; NULL: none */
    struct reply_memory *memory; /* of what was spoken in one line */
    const struct observer *observer;
    struct verdict found; /* by the policy service */
    struct reply *framed; /* its reply */
    char ref[REF_SIZE];
};

struct mta *mta_new(enum mta_kind kind, const char *host, struct snapshot *snapshot,
                    const struct observer *observer, const struct mta_events *events) {
    struct mta *mta = g_new0(struct mta, 1);
    mta->kind = kind;
    mta->host = g_strdup(host);
    mta->session = session_new(snapshot, observer);
    mta->events = *events;
    mta->macros = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mta->message = g_string_new(NULL);
    mta->memory = reply_memory_new(1);
    mta->observer = observer;
    mta_set_macro(mta, "j", host);
    return mta;
}

void mta_free(struct mta *mta) {
    if (mta == NULL)
        return;
    session_free(mta->session);
    reply_memory_free(mta->memory);
    reply_free(mta->framed);
    g_free(mta->own_refusal);
    g_hash_table_unref(mta->macros);
    g_string_free(mta->message, TRUE);
    g_free(mta->helo_refusal);
    g_free(mta->host);
    g_free(mta);
}

void mta_set_ref(struct mta *mta, const char *ref) {
    session_set_ref(mta->session, ref);
    g_strlcpy(mta->ref, ref, sizeof mta->ref);
}

void mta_set_via(struct mta *mta, enum via via) {
    mta->via = via;
}

void mta_set_own_refusal(struct mta *mta, const char *reply) {
    g_free(mta->own_refusal);
    mta->own_refusal = g_strdup(reply);
}

void mta_set_macro(struct mta *mta, const char *name, const char *value) {
    g_hash_table_replace(mta->macros, g_strdup(name), g_strdup(value));
}

bool mta_is_closed(const struct mta *mta) {
    return mta->closed;
}

bool mta_wants_data(const struct mta *mta) {
    return mta->in_data;
}

/* --- replies ---------------------------------------------------------------------------------- */

static void send_text(struct mta *mta, const char *text) {
    const struct map_question question = {
        .snapshot = session_snapshot(mta->session), .memory = mta->memory, .ref = mta->ref};
    if (mta->events.reply == NULL)
        return;
    g_autofree char *passed = via_pass(mta->via, &question, text);
    mta->events.reply(passed, mta->events.context);
}

/* Sends the MTA's own words; "%s" becomes `argument`. */
static void send_words(struct mta *mta, const char *format, const char *argument) {
    g_autoptr(GString) text = g_string_new(format);
    g_string_replace(text, "%s", argument, 1);
    g_string_append(text, "\r\n");
    send_text(mta, text->str);
}

static void send_ehlo(struct mta *mta, const char *lines) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) list = g_strsplit(lines, "|", -1);
    for (char **line = list; *line != NULL; line++)
        g_string_append_printf(text, "250%c%s\r\n", line[1] != NULL ? '-' : ' ', *line);
    g_string_replace(text, "%s", mta->host, 1);
    send_text(mta, text->str);
}

/* Sendmail names the address in front of the first line of these codes, at MAIL and RCPT only. */
static bool has_address_prefix(const struct mta *mta, const struct answer *answer) {
    unsigned basic = answer->reply->status.basic;
    return mta->kind == MTA_SENDMAIL &&
           (answer->stage == STAGE_MAIL || answer->stage == STAGE_RCPT) &&
           (basic == 450 || basic == 550 || basic == 553);
}

enum { PREFIX_ADDRESS_MAX = 202, PREFIX_ADDRESS_HALF = 100 };

/* As Sendmail shows an address: the eighth bit is cut, and the middle of a long one. */
static char *prefix_address(const char *address) {
    g_autofree char *seven_bit = g_strdup(address);
    for (char *at = seven_bit; *at != '\0'; at++)
        *at &= 0x7f;
    size_t length = strlen(seven_bit);
    if (length <= PREFIX_ADDRESS_MAX)
        return g_steal_pointer(&seven_bit);
    return g_strdup_printf("%.*s...%s", PREFIX_ADDRESS_HALF, seven_bit,
                           seven_bit + length - PREFIX_ADDRESS_HALF);
}

/* The refusal as the client sees it. `address` is what the client wrote, at MAIL and RCPT. */
static char *refusal_text(const struct mta *mta, const struct answer *answer, const char *address) {
    g_autofree char *plain = reply_print(answer->reply);
    if (!has_address_prefix(mta, answer))
        return g_steal_pointer(&plain);
    g_autofree char *shown = prefix_address(address);
    char code[STATUS_TEXT_SIZE];
    size_t prefix = strlen(status_print(answer->reply->status, code)) + 1;
    return g_strdup_printf("%.*s%s... %s", (int)prefix, plain, shown, plain + prefix);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct transaction *transaction_of(struct mta *mta) {
    return session_transaction(mta->session);
}

/* Whether the policy wants to be told, so that the MTA tells the daemon. */
static bool hears(const struct mta *mta, enum stage stage) {
    return session_snapshot(mta->session)->policy->plan[stage].heard;
}

static void give_macros(struct mta *mta, enum stage stage) {
    const GPtrArray *wanted = session_snapshot(mta->session)->policy->plan[stage].macros;
    for (guint i = 0; i < wanted->len; i++) {
        const char *value = g_hash_table_lookup(mta->macros, wanted->pdata[i]);
        if (value != NULL)
            transaction_macro(transaction_of(mta), stage, wanted->pdata[i], value);
    }
}

static const char *recipient_of(struct mta *mta) {
    return transaction_value(transaction_of(mta), FACT_RECIPIENT);
}

/* Several recipients have been accepted: a policy service is told of none. */
static bool tells_recipient(struct mta *mta, enum stage stage) {
    return stage == STAGE_RCPT ||
           transaction_values(transaction_of(mta), FACT_RECIPIENT, NULL).count == 1;
}

/* Postfix tells a policy service the size at the end, as it has counted it. */
static void tell_size(struct mta *mta) {
    g_autofree char *size = g_strdup_printf("%zu", mta->message->len);
    transaction_tell(transaction_of(mta), STAGE_MAIL, FACT_SIZE, size);
}

/* Asks as a policy service, which judges all that has been told so far. */
static struct answer ask_policy(struct mta *mta, enum stage stage) {
    struct answer answer = {.action = ACTION_CONTINUE, .stage = stage};
    struct known_facts known = {0};
    const struct inquiry inquiry = {
        .snapshot = session_snapshot(mta->session),
        .transaction = transaction_of(mta),
        .known = &known,
        .stage = stage,
        .shape = &shape_policy,
        .observer = mta->observer,
        .memory = mta->memory,
        .ref = mta->ref,
    };
    if (!via_asks_policy(stage))
        return answer;
    if (stage == STAGE_EOM)
        tell_size(mta);
    policy_known_facts(true, tells_recipient(mta, stage), &known);
    struct finding finding = inquire(&inquiry);
    mta->found = (struct verdict){.verb = finding.verb, .stage = stage, .rule = finding.rule};
    answer.verdict = &mta->found;
    if (finding.reply != NULL) {
        reply_free(mta->framed);
        mta->framed = via_frame(finding.reply, stage, recipient_of(mta));
        answer.reply = mta->framed;
        answer.action = ACTION_REFUSE;
    } else if (finding.verb == VERB_DISCARD) {
        answer.action = ACTION_DISCARD;
    }
    if (stage == STAGE_RCPT && answer.action != ACTION_REFUSE)
        transaction_keep_recipient(transaction_of(mta));
    finding_clear(&finding);
    return answer;
}

static struct answer ask(struct mta *mta, enum stage stage) {
    struct answer answer = {.action = ACTION_CONTINUE, .stage = stage};
    if (mta->off || mta->message_off)
        return answer;
    answer = mta->via == VIA_MILTER ? session_at(mta->session, stage) : ask_policy(mta, stage);
    if (mta->events.answer != NULL)
        mta->events.answer(&answer, transaction_of(mta), mta->events.context);
    if (answer.action == ACTION_ACCEPT && stage <= STAGE_HELO)
        mta->off = true;
    else if (answer.action == ACTION_ACCEPT || answer.action == ACTION_DISCARD)
        mta->message_off = true;
    return answer;
}

static void end_message(struct mta *mta) {
    session_end_message(mta->session);
    mta->message_off = mta->in_mail = mta->in_data = false;
    mta->recipients = 0;
    g_string_truncate(mta->message, 0);
}

/* Sends a refusal; 421 ends the connection. False if there was none. */
static bool send_refusal(struct mta *mta, const struct answer *answer, const char *address) {
    if (answer->action != ACTION_REFUSE)
        return false;
    g_autofree char *text = refusal_text(mta, answer, address);
    send_text(mta, text);
    unsigned basic = answer->reply->status.basic;
    mta->closed = basic == 421 || (basic == 521 && mta->kind == MTA_POSTFIX);
    return true;
}

void mta_connect(struct mta *mta, const struct mta_client *client) {
    transaction_connect(transaction_of(mta), client->name, client->ip, client->port);
    give_macros(mta, STAGE_CONNECT);
    ask(mta, STAGE_CONNECT);
    send_words(mta, mta_words[mta->kind].greeting, mta->host);
}

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
        send_refusal(mta, answer, NULL);
    mta->closed = true;
}

static void do_helo(struct mta *mta, const char *argument, bool extended) {
    const struct mta_words *own = &mta_words[mta->kind];
    if (*argument == '\0') {
        send_words(mta, own->helo_without_name, "");
        return;
    }
    end_message(mta);
    mta->resting = false;
    if (mta->helo_refusal == NULL) {
        transaction_helo(transaction_of(mta), argument);
        give_macros(mta, STAGE_HELO);
        struct answer answer = ask(mta, STAGE_HELO);
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
        send_ehlo(mta, shortened ? own->ehlo_refused : own->ehlo);
    else
        send_words(mta, own->helo, mta->host);
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
        send_text(mta, mta->helo_refusal);
    } else if (mta->in_mail) {
        send_words(mta, own->nested_mail, "");
    } else if (!read_path(argument, "FROM:", &path)) {
        send_words(mta, own->syntax, "MAIL FROM:");
    } else {
        mta->resting = false;
        transaction_mail(transaction_of(mta), path.path, (const char *const *)path.parameters);
        give_macros(mta, STAGE_MAIL);
        struct answer answer = ask(mta, STAGE_MAIL);
        mta->in_mail = answer.action != ACTION_REFUSE;
        if (!send_refusal(mta, &answer, path.written))
            send_words(mta, own->mail, path.written);
    }
    path_argument_clear(&path);
}

static void do_rcpt(struct mta *mta, const char *argument) {
    const struct mta_words *own = &mta_words[mta->kind];
    struct path_argument path = {NULL, NULL, NULL};
    if (mta->helo_refusal != NULL && mta->kind == MTA_SENDMAIL) {
        send_text(mta, mta->helo_refusal);
    } else if (!mta->in_mail) {
        send_words(mta, own->rcpt_without_mail, "");
    } else if (!read_path(argument, "TO:", &path)) {
        send_words(mta, own->syntax, "RCPT TO:");
    } else {
        transaction_rcpt(transaction_of(mta), path.path, (const char *const *)path.parameters);
        if (mta->own_refusal != NULL) {
            send_words(mta, "%s", mta->own_refusal);
            path_argument_clear(&path);
            return;
        }
        give_macros(mta, STAGE_RCPT);
        struct answer answer = ask(mta, STAGE_RCPT);
        mta->recipients += answer.action != ACTION_REFUSE;
        if (!send_refusal(mta, &answer, path.written))
            send_words(mta, own->rcpt, path.written);
    }
    path_argument_clear(&path);
}

static void do_data(struct mta *mta, const char *argument) {
    const struct mta_words *own = &mta_words[mta->kind];
    (void)argument;
    if (mta->helo_refusal != NULL && mta->kind == MTA_SENDMAIL) {
        send_text(mta, mta->helo_refusal);
        return;
    }
    if (!mta->in_mail || mta->recipients == 0) {
        send_words(mta, mta->in_mail ? own->data_without_rcpt : own->data_without_mail, "");
        return;
    }
    mta_set_macro(mta, "i", MTA_QUEUE_ID);
    give_macros(mta, STAGE_DATA);
    struct answer answer = ask(mta, STAGE_DATA);
    if (send_refusal(mta, &answer, NULL))
        return;
    mta->in_data = true;
    send_words(mta, own->data, "");
}

static void do_rset(struct mta *mta, const char *argument) {
    (void)argument;
    mta->resting = mta->resting || mta->in_mail;
    end_message(mta);
    send_words(mta, mta_words[mta->kind].rset, "");
}

static void do_noop(struct mta *mta, const char *argument) {
    (void)argument;
    send_words(mta, mta_words[mta->kind].noop, "");
}

static void do_quit(struct mta *mta, const char *argument) {
    (void)argument;
    send_words(mta, mta_words[mta->kind].quit, mta->host);
    mta->closed = true;
}

static void do_vrfy(struct mta *mta, const char *argument) {
    if (mta->helo_refusal != NULL)
        send_text(mta, mta->helo_refusal);
    else
        send_words(mta, mta_words[mta->kind].vrfy, argument);
}

/* Postfix tells a milter the first word only, Sendmail nothing behind a message. */
static void do_unknown(struct mta *mta, const char *line) {
    if (mta->helo_refusal != NULL && mta->kind == MTA_POSTFIX) {
        send_text(mta, mta->helo_refusal);
        return;
    }
    g_autofree char *told =
        mta->kind == MTA_POSTFIX ? g_strndup(line, strcspn(line, " ")) : g_strdup(line);
    transaction_unknown_command(transaction_of(mta), told);
    struct answer answer = {.action = ACTION_CONTINUE};
    if (mta->helo_refusal == NULL && !(mta->kind == MTA_SENDMAIL && mta->resting))
        answer = ask(mta, STAGE_UNKNOWN);
    if (!send_refusal(mta, &answer, NULL))
        send_words(mta, mta_words[mta->kind].unknown, line);
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
    if (hears(mta, STAGE_HEADER))
        transaction_header(transaction_of(mta), name, unfolded->str);
    *answer = ask(mta, STAGE_HEADER);
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
    give_macros(mta, STAGE_EOH);
    if (answer.action == ACTION_CONTINUE)
        answer = ask(mta, STAGE_EOH);
    if (hears(mta, STAGE_BODY))
        transaction_body(transaction_of(mta), body, strlen(body));
    if (answer.action == ACTION_CONTINUE && *body != '\0')
        answer = ask(mta, STAGE_BODY);
    give_macros(mta, STAGE_EOM);
    if (answer.action == ACTION_CONTINUE)
        answer = ask(mta, STAGE_EOM);
    if (!send_refusal(mta, &answer, NULL))
        send_words(mta, mta_words[mta->kind].queued, "");
    end_message(mta);
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
