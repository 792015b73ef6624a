/* SPDX-License-Identifier: ISC */
/*
 * A line is "TIME HOST TAG: QUEUE-ID: MESSAGE". What is looked for stands at the start of MESSAGE,
 * not just anywhere: much of a line is in the hands of whoever sends mail.
 */
#include "log_line.h"

#include <string.h>

#include "dragoman/reasons.h"

/* --- slices ----------------------------------------------------------------------------------- */

static bool begins_with(struct slice text, const char *start) {
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.text, start, length) == 0;
}

static struct slice without_first(struct slice text, size_t count) {
    return (struct slice){text.text + count, text.length - count};
}

/* What stands before `end`, which points into `text`. */
static struct slice before(struct slice text, const char *end) {
    return (struct slice){text.text, (size_t)(end - text.text)};
}

static struct slice from(struct slice text, const char *start) {
    return without_first(text, (size_t)(start - text.text));
}

static const char *find(struct slice text, const char *needle) {
    return memmem(text.text, text.length, needle, strlen(needle));
}

/* What stands behind `needle`; false where it is not there. */
static bool behind(struct slice text, const char *needle, struct slice *rest) {
    const char *at = find(text, needle);
    if (at != NULL)
        *rest = from(text, at + strlen(needle));
    return at != NULL;
}

static struct slice up_to(struct slice text, char end) {
    const char *at = memchr(text.text, end, text.length);
    return at != NULL ? before(text, at) : text;
}

/* "a@b" of "<a@b>, …" or of "a@b, …". */
static struct slice address_at(struct slice text) {
    if (text.length > 0 && text.text[0] == '<')
        return up_to(without_first(text, 1), '>');
    return up_to(text, ',');
}

/* --- where the message begins ----------------------------------------------------------------- */

static bool is_traditional_time(struct slice text) { /* "Oct  9 12:00:00 " */
    return text.length > 15 && g_ascii_isalpha(text.text[0]) && text.text[3] == ' ' &&
           text.text[6] == ' ' && text.text[9] == ':' && text.text[12] == ':' &&
           text.text[15] == ' ';
}

static bool is_iso_time(struct slice text) { /* "2026-10-09T12:00:00.123+02:00", "2026-10-09 …" */
    return text.length > 19 && g_ascii_isdigit(text.text[0]) && text.text[4] == '-' &&
           text.text[7] == '-' && text.text[13] == ':' && text.text[16] == ':';
}

static struct slice time_at(struct slice text) {
    if (is_traditional_time(text))
        return (struct slice){text.text, 15};
    if (!is_iso_time(text))
        return (struct slice){text.text, 0};
    return (struct slice){text.text, 19 + strspn(text.text + 19, "0123456789.,:+-Z")};
}

static struct slice skip_blanks(struct slice text) {
    while (text.length > 0 && text.text[0] == ' ')
        text = without_first(text, 1);
    return text;
}

static struct slice skip_word(struct slice text) {
    return skip_blanks(without_first(text, up_to(text, ' ').length));
}

/* syslog's <22>, and the version of RFC 5424 behind it. */
static struct slice skip_priority(struct slice text) {
    const char *end = text.length > 4 ? memchr(text.text, '>', 5) : NULL;
    if (end == NULL || text.text[0] != '<' || !g_ascii_isdigit(text.text[1]))
        return text;
    text = from(text, end + 1);
    return begins_with(text, "1 ") ? without_first(text, 2) : text;
}

/* Whether a word is a tag, "postfix/smtpd[123]:" or, where a time stands before it, "sendmail:". */
static bool is_tag(struct slice word, bool timed) {
    if (word.length < 2 || word.text[word.length - 1] != ':')
        return false;
    return timed || memchr(word.text, '[', word.length) != NULL ||
           memchr(word.text, '/', word.length) != NULL;
}

/* The message behind the tag of a mail server, whatever stands before it. */
static bool behind_known_tag(struct slice text, struct slice *message) {
    static const char *const programs[] = {"postfix", "sendmail[", "sm-mta[", "sm-msp-queue["};
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        const char *at = find(text, programs[i]);
        if (at != NULL && behind(from(text, at), ": ", message))
            return true;
    }
    return false;
}

/* Solaris puts "[ID 197553 mail.info] " before the message. */
static struct slice skip_message_id(struct slice text) {
    struct slice rest;
    return begins_with(text, "[ID ") && behind(text, "] ", &rest) ? rest : text;
}

/* RFC 5424: HOST PROGRAM PROCESS MESSAGE-ID DATA MESSAGE. */
static bool behind_fields(struct slice text, struct slice *message) {
    for (size_t i = 0; i < 4; i++)
        text = skip_word(text);
    *message = skip_word(text);
    return begins_with(text, "- ");
}

/* Whether the line begins as a line of a log does; else it is taken for a message alone. */
static bool find_message(struct slice line, struct slice *time, struct slice *message) {
    struct slice text = skip_priority(line);
    bool prioritised = text.text != line.text;
    *time = time_at(text);
    *message = text = skip_blanks(without_first(text, time->length));
    bool timed = time->length > 0;
    if (prioritised && timed && behind_fields(text, message))
        return true;
    struct slice second = skip_word(text);
    if (is_tag(up_to(text, ' '), timed))
        *message = skip_message_id(second);
    else if (is_tag(up_to(second, ' '), timed))
        *message = skip_message_id(skip_word(second));
    else
        *message = text;
    return message->text != text.text;
}

/* --- Postfix ---------------------------------------------------------------------------------- */

/* "…; from=<a> to=<b> proto=ESMTP helo=<c>" ends what was said; postscreen writes commas. */
static struct slice split_envelope(struct slice text, struct slice *envelope) {
    static const char *const starts[] = {"; from=<", "; to=<", "; proto="};
    const char *end = text.text + text.length;
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
        const char *at = find(text, starts[i]);
        if (at != NULL && at < end)
            end = at;
    }
    *envelope = from(text, end);
    return before(text, end);
}

static struct slice recipient_of(struct slice envelope) {
    struct slice rest;
    return behind(envelope, " to=<", &rest) ? up_to(rest, '>') : (struct slice){"", 0};
}

/* "header Subject: x from host[ip]; from=<a> to=<b> proto=ESMTP helo=<c>: 5.7.1 words": the words
 * stand behind the last of the envelope. A header can hold whatever looks like one. */
static bool read_content(struct slice text, struct log_line *found) {
    static const char silent[] = "5.7.1 message content rejected";
    const char *start = NULL;
    for (struct slice rest = text; (start = find(rest, "; from=<")) != NULL;)
        text = rest = from(rest, start + 1);
    found->recipient = recipient_of(text);
    if (!behind(text, ">: ", &found->reply))
        found->reply = (struct slice){silent, sizeof silent - 1};
    return true;
}

/* "mime-error improper use of 8-bit data in message body: x from …" */
static bool read_mime_error(struct slice text, struct log_line *found) {
    const char *end = find(text, ": ");
    if (end == NULL)
        return false;
    split_envelope(text, &text);
    found->recipient = recipient_of(text);
    found->reply.length = (size_t)(end - found->reply.text);
    return true;
}

static bool read_refusal(struct slice text, struct log_line *found) {
    static const char *const contents[] = {"header ", "body ", "content "};
    static const char mime_error[] = "mime-error ";
    struct slice client, envelope;
    for (size_t i = 0; i < G_N_ELEMENTS(contents); i++)
        if (begins_with(text, contents[i]))
            return read_content(text, found);
    if (begins_with(text, mime_error)) {
        found->reply = without_first(text, sizeof mime_error - 1);
        return read_mime_error(found->reply, found);
    }
    if (!behind(text, " from ", &client)) /* "RCPT from host[ip]:port: words" */
        return false;
    const char *bracket = memchr(client.text, ']', client.length);
    if (!behind(bracket != NULL ? from(client, bracket) : client, ": ", &found->reply))
        return false;
    found->reply = split_envelope(found->reply, &envelope);
    found->recipient = recipient_of(envelope);
    return found->reply.length > 0;
}

/* "host mx.example[ip] said: 450 … (in reply to …)": the next server is tried. */
static bool read_next_host(struct slice text, struct log_line *found) {
    found->kind = LOG_LINE_ECHO;
    found->reply = text;
    return find(text, "] said: ") != NULL || find(text, " refused to talk to me: ") != NULL;
}

static const struct {
    const char *word;
    enum status_class status_class;
} failures[] = {
    {"bounced (", STATUS_PERMANENT},
    {"deferred (", STATUS_TEMPORARY},
    {"undeliverable (", STATUS_PERMANENT},
    {"SOFTBOUNCE (", STATUS_TEMPORARY},
};

/* "status=bounced (words)" */
static bool read_postfix_status(struct slice status, struct log_line *found) {
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
        if (!begins_with(status, failures[i].word))
            continue;
        found->word = failures[i].status_class;
        found->reply = without_first(status, strlen(failures[i].word));
        size_t length = found->reply.length;
        if (length > 0 && found->reply.text[length - 1] == ')')
            found->reply.length--;
        return found->reply.length > 0;
    }
    return false;
}

/* --- Sendmail --------------------------------------------------------------------------------- */

/* What `stat` says of mail that did not fail. */
static const char *const successes[] = {"Sent", "queued", "quarantine", "discarded", "delivered"};

static bool read_sendmail_status(struct slice fields, struct slice stat, struct log_line *found) {
    struct slice reply;
    for (size_t i = 0; i < G_N_ELEMENTS(successes); i++)
        if (begins_with(stat, successes[i]))
            return false;
    if (found->status.class_digit == STATUS_SUCCESS)
        return false;
    /* Without a code it is the end of an SMTP session, of which other lines tell. */
    if (found->status.class_digit == 0)
        found->kind = LOG_LINE_ECHO;
    found->writer = LOG_WRITER_SENDMAIL;
    found->word = begins_with(stat, "Deferred") ? STATUS_TEMPORARY : STATUS_ANY;
    found->reply = stat;
    if (behind(fields, ", reply=", &reply) && reply.length > 0 && g_ascii_isdigit(*reply.text))
        found->reply = reply;
    return found->reply.length > 0;
}

/* "ruleset=check_rcpt, arg1=<a@b>, relay=…, reject=550 5.7.1 …" */
static bool read_ruleset(struct slice text, struct log_line *found) {
    struct slice argument;
    found->writer = LOG_WRITER_SENDMAIL;
    if (begins_with(text, "check_rcpt, ") && behind(text, "arg1=", &argument))
        found->recipient = address_at(argument);
    return behind(text, ", reject=", &found->reply) && found->reply.length > 0;
}

/* "Milter: to=<a@b>, reject=550 …" */
static bool read_milter(struct slice text, struct log_line *found) {
    found->writer = LOG_WRITER_SENDMAIL;
    if (begins_with(text, "to="))
        found->recipient = address_at(without_first(text, 3));
    return behind(text, ", reject=", &found->reply) && found->reply.length > 0;
}

/* "milter=NAME, action=rcpt, reject=550 …": a line "Milter: " follows. */
static bool read_milter_call(struct slice text, struct log_line *found) {
    found->kind = LOG_LINE_ECHO;
    return read_milter(text, found);
}

/* "<a@b>... User unknown" */
static bool read_recipient(struct slice text, struct log_line *found) {
    const char *end = find(text, ">... ");
    if (end == NULL)
        return false;
    found->writer = LOG_WRITER_SENDMAIL;
    found->recipient = before(text, end);
    found->reply = (struct slice){text.text - 1, text.length + 1};
    return true;
}

/* --- both ------------------------------------------------------------------------------------- */

/* The server's name of "mx.example[192.0.2.1]:25" or "mx.example. [192.0.2.1]", or its address. */
static struct slice server_of(struct slice relay) {
    const char *bracket = memchr(relay.text, '[', relay.length);
    if (bracket == NULL)
        return (struct slice){"", 0};
    struct slice name = before(relay, bracket);
    while (name.length > 0 && strchr(" .", name.text[name.length - 1]) != NULL)
        name.length--;
    return name.length > 0 ? name : up_to(from(relay, bracket + 1), ']');
}

static struct status dsn_of(struct slice fields) {
    struct slice dsn;
    struct status status = {0};
    if (behind(fields, ", dsn=", &dsn))
        status_parse(dsn.text, &status, &(const char *){NULL});
    status.basic = 0;
    return status;
}

/* "to=<a@b>, relay=…, dsn=5.1.1, status=bounced (words)", and with stat=words Sendmail's. */
static bool read_delivery(struct slice text, struct log_line *found) {
    struct slice value = text, relay;
    found->kind = LOG_LINE_DELIVERY;
    found->recipient = address_at(text);
    text = from(text, found->recipient.text + found->recipient.length);
    bool postfix = behind(text, ", status=", &value);
    if (postfix ? !read_postfix_status(value, found) : !behind(text, ", stat=", &value))
        return false;
    text = before(text, value.text);
    found->status = dsn_of(text);
    if (behind(text, ", relay=", &relay))
        found->server = server_of(up_to(relay, ','));
    return postfix || read_sendmail_status(text, value, found);
}

/* How a message begins that is of interest, and what reads the rest of it. */
static const struct {
    const char *start;
    bool (*read)(struct slice text, struct log_line *found);
} messages[] = {
    {"to=", read_delivery},     {"reject: ", read_refusal}, {"milter-reject: ", read_refusal},
    {"ruleset=", read_ruleset}, {"Milter: ", read_milter},  {"milter=", read_milter_call},
    {"host ", read_next_host},  {"<", read_recipient},
};

/* The queue id at the start, with its colon and blank; 0 if there is none. */
static size_t queue_id_length(struct slice text) {
    size_t length = 0;
    while (length < text.length && g_ascii_isalnum(text.text[length]))
        length++;
    return length > 0 && begins_with(without_first(text, length), ": ") ? length + 2 : 0;
}

static bool read_message(struct slice text, struct log_line *found) {
    text = without_first(text, queue_id_length(text));
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
        if (begins_with(text, messages[i].start))
            return messages[i].read(without_first(text, strlen(messages[i].start)), found);
    return false;
}

bool log_line_read(struct slice line, struct log_line *found) {
    static const struct slice none = {"", 0};
    struct slice message;
    *found = (struct log_line){.recipient = none, .server = none, .reply = none};
    bool usual = find_message(line, &found->time, &message);
    if (read_message(message, found))
        return true;
    return !usual && behind_known_tag(line, &message) && read_message(message, found);
}

/* --- words ------------------------------------------------------------------------------------ */

/* Postfix writes "??" for CRLF; it is one where the code of the next line follows. */
static bool is_line_end(struct slice text) {
    return text.length > 5 && memcmp(text.text, "??", 2) == 0 && g_ascii_isdigit(text.text[2]) &&
           g_ascii_isdigit(text.text[3]) && g_ascii_isdigit(text.text[4]) &&
           strchr("- ", text.text[5]) != NULL;
}

static size_t append_postfix(GString *words, struct slice text) {
    bool line_end = is_line_end(text);
    g_string_append_c(words, line_end ? '\n' : *text.text);
    return line_end ? 2 : 1;
}

/* cleanup leaves out the basic code of the first line: "5.7.1 no??550 5.7.1 sorry". */
static void append_lost_code(GString *words, struct slice reply) {
    if (reply.length < 2 || reply.text[1] != '.')
        return;
    for (struct slice rest = reply; rest.length > 0; rest = without_first(rest, 1))
        if (is_line_end(rest)) {
            g_string_append_len(words, rest.text + 2, 3);
            g_string_append_c(words, '-');
            return;
        }
}

static bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/* Sendmail writes "\r\n", "\303", "%%". */
static size_t append_sendmail(GString *words, struct slice text) {
    const char *at = text.text;
    if (text.length > 1 && *at == '%' && at[1] == '%') {
        g_string_append_c(words, '%');
        return 2;
    }
    if (text.length < 2 || *at != '\\') {
        g_string_append_c(words, *at);
        return 1;
    }
    if (text.length > 3 && at[1] <= '3' && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3])) {
        g_string_append_c(words, (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')));
        return 4;
    }
    if (at[1] != 'r')
        g_string_append_c(words, at[1] == 'n' ? '\n' : at[1] == 't' ? ' ' : at[1]);
    return 2;
}

GString *log_line_words(const struct log_line *line) {
    GString *words = g_string_sized_new(line->reply.length + 1);
    bool postfix = line->writer == LOG_WRITER_POSTFIX;
    struct slice rest = line->reply;
    if (postfix)
        append_lost_code(words, rest);
    while (rest.length > 0)
        rest = without_first(rest,
                             postfix ? append_postfix(words, rest) : append_sendmail(words, rest));
    return words;
}

/* --- the reply -------------------------------------------------------------------------------- */

/* The code beside the words counts where they have none of their own, or one that agrees: Postfix
 * defers with 4.7.1 after a greeting of 554. */
static void add_status(struct status *status, struct status beside) {
    if (status->class_digit != 0 || beside.class_digit == 0)
        return;
    if (status->basic != 0 && status->basic / 100 != beside.class_digit)
        return;
    beside.basic = status->basic;
    *status = beside;
}

struct foreign_reply *log_line_reply(const struct log_line *line, const GString *words) {
    struct foreign_reply *reply = foreign_reply_parse_octets(words->str, words->len);
    add_status(&reply->status, line->status);
    if (reply->server == NULL && line->server.length > 0)
        reply->server = g_strndup(line->server.text, line->server.length);
    return reply;
}

bool log_line_gives_up(const struct log_line *line) {
    bool permanent = line->word == STATUS_PERMANENT || line->status.class_digit == STATUS_PERMANENT;
    return line->kind == LOG_LINE_DELIVERY && permanent;
}

enum status_class log_line_class(const struct log_line *line, const struct foreign_reply *reply) {
    if (line->word != STATUS_ANY)
        return line->word;
    if (line->status.class_digit != 0)
        return line->status.class_digit;
    if (reply->status.class_digit != 0)
        return reply->status.class_digit;
    return reply->status.basic / 100;
}
