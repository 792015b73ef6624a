/* SPDX-License-Identifier: ISC */
#include "reply_frame.h"

#include <string.h>

const char *frame_find(struct slice text, const char *needle) {
    size_t length = strlen(needle);
    char lower = g_ascii_tolower(*needle), upper = g_ascii_toupper(*needle);
    char next = g_ascii_tolower(needle[length > 1]);
    for (size_t at = 0; at + length <= text.length; at++)
        if ((text.text[at] == lower || text.text[at] == upper) &&
            g_ascii_tolower(text.text[at + (length > 1)]) == next &&
            g_ascii_strncasecmp(text.text + at, needle, length) == 0)
            return text.text + at;
    return NULL;
}

static struct slice rest_behind(struct slice text, const char *at) {
    return (struct slice){at, text.length - (size_t)(at - text.text)};
}

/* ---- which command ---- */

/* What names the command that stands next: "after RCPT TO:<…>", "in reply to DATA command". */
static const char *const before_command[] = {
    "in reply to ",   "after ",       "following ", "response to ", "did not like our ",
    "while sending ", "answer to ",   "reply to ",  "failed on ",   "error during ",
    "sending ",       "command was ", ">>> ",       "<<< ",         "in:  "};

/* What may stand between, and makes DATA the end of the message. */
static const char *const end_of_data[] = {"end of ", "final ", "pipelined end of ", "the end of ",
                                          "message content "};

static const struct {
    const char *name;
    enum smtp_command command;
} commands[] = {
    {"RCPT", COMMAND_RCPT},       {"MAIL", COMMAND_MAIL},
    {"DATA", COMMAND_DATA},       {"EHLO", COMMAND_EHLO},
    {"HELO", COMMAND_HELO},       {"LHLO", COMMAND_EHLO},
    {"AUTH", COMMAND_AUTH},       {"STARTTLS", COMMAND_STARTTLS},
    {"BDAT", COMMAND_BDAT},       {"RSET", COMMAND_RSET},
    {"QUIT", COMMAND_QUIT},       {"initial connect", COMMAND_CONNECT},
    {"connect", COMMAND_CONNECT}, {"greeting", COMMAND_CONNECT},
};

/* Sentences that say it in other words: qmail's, Postfix's. */
static const struct {
    const char *sentence;
    enum smtp_command command;
} sentences[] = {
    {"refused to talk to me", COMMAND_CONNECT},
    {"does not like recipient", COMMAND_RCPT},
    {"rejected recipient", COMMAND_RCPT},
    {"sender was rejected", COMMAND_MAIL},
    {"my name was rejected", COMMAND_HELO},
    {"failed after i sent the message", COMMAND_RECEIVED_DATA},
    {"RCPT TO response", COMMAND_RCPT},
    {"greeting failed", COMMAND_CONNECT},
    {"rejected your message", COMMAND_NONE},
};

static enum smtp_command command_at(struct slice text) {
    bool end = false;
    for (size_t i = 0; i < G_N_ELEMENTS(end_of_data); i++) {
        size_t length = strlen(end_of_data[i]);
        if (text.length > length && g_ascii_strncasecmp(text.text, end_of_data[i], length) == 0) {
            text = rest_behind(text, text.text + length);
            end = true;
            break;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        size_t length = strlen(commands[i].name);
        if (text.length >= length && g_ascii_strncasecmp(text.text, commands[i].name, length) == 0)
            return end && commands[i].command == COMMAND_DATA ? COMMAND_RECEIVED_DATA
                                                              : commands[i].command;
    }
    return COMMAND_NONE;
}

enum smtp_command frame_command(struct slice frame) {
    for (size_t i = 0; i < G_N_ELEMENTS(before_command); i++) {
        const char *at = frame_find(frame, before_command[i]);
        if (at == NULL)
            continue;
        enum smtp_command command = command_at(rest_behind(frame, at + strlen(before_command[i])));
        if (command != COMMAND_NONE)
            return command;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (frame_find(frame, sentences[i].sentence) != NULL)
            return sentences[i].command;
    return COMMAND_NONE;
}

struct slice frame_tail(const char *text) {
    static const char opening[] = "(in reply to ";
    struct slice none = {text, 0};
    const char *at = g_strrstr(text, opening);
    if (at == NULL || strlen(at) > 80 || strchr(at, ')') == NULL)
        return none;
    return (struct slice){at, strlen(at)};
}

/* ---- which server ---- */

/* What stands before a server's name. */
static const char *const before_server[] = {"host ",
                                            "connect to ",
                                            "connected to ",
                                            "server at ",
                                            "remote server ",
                                            "smtp server <",
                                            "server ",
                                            "conversation with ",
                                            "talking to ",
                                            "connecting to ",
                                            "remote host ",
                                            "relay ",
                                            "lost connection with ",
                                            "rejected by ",
                                            "timed out with ",
                                            "mail server for ",
                                            "remote system: dns;"};

/* What stands behind a server's name at the very start. */
static const char *const behind_server[] = {" does not like", " did not like", " failed after",
                                            " said",          " failed on",    " rejected",
                                            " sent"};

static bool is_in_name(char c) {
    return g_ascii_isalnum(c) || c == '.' || c == '-' || c == ':' || c == '_';
}

/* The name or address that begins at `at`; it has a dot or a colon, else it is a mere word. */
static struct slice server_at(struct slice text) {
    struct slice none = {text.text, 0};
    size_t length = 0;
    if (text.length > 0 && text.text[0] == '[')
        text = rest_behind(text, text.text + 1);
    while (length < text.length && is_in_name(text.text[length]))
        length++;
    while (length > 0 && strchr(".:-", text.text[length - 1]) != NULL)
        length--;
    if (length < 3 ||
        (memchr(text.text, '.', length) == NULL && memchr(text.text, ':', length) == NULL))
        return none;
    return (struct slice){text.text, length};
}

static bool is_followed_by_verb(struct slice frame) {
    for (size_t i = 0; i < G_N_ELEMENTS(behind_server); i++)
        if (frame_find(frame, behind_server[i]) != NULL)
            return true;
    return false;
}

struct slice frame_server(struct slice frame) {
    for (size_t i = 0; i < G_N_ELEMENTS(before_server); i++) {
        const char *at = frame_find(frame, before_server[i]);
        if (at == NULL)
            continue;
        struct slice server = server_at(rest_behind(frame, at + strlen(before_server[i])));
        if (server.length > 0)
            return server;
    }
    struct slice first = server_at(frame);
    if (first.length > 0 && memchr(first.text, '@', first.length) == NULL &&
        is_followed_by_verb(frame))
        return first;
    return (struct slice){frame.text, 0};
}
