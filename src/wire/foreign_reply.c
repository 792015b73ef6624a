/* SPDX-License-Identifier: ISC */
#include "dragoman/foreign_reply.h"

#include <glib.h>
#include <string.h>

#include "reply_code.h"
#include "reply_frame.h"

enum { REPLY_OCTETS_MAX = 8192 };

/* One line of valid UTF-8: every run of blanks, line ends and control characters is one blank. */
static GString *flatten(const char *octets, size_t length) {
    length = MIN(length, REPLY_OCTETS_MAX);
    GString *flat = g_string_sized_new(length + 1);
    size_t end = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)octets[i];
        if (octet > 0x20 && octet != 0x7f)
            flat->str[end++] = (char)octet;
        else if (end > 0 && flat->str[end - 1] != ' ')
            flat->str[end++] = ' ';
    }
    g_string_set_size(flat, end > 0 && flat->str[end - 1] == ' ' ? end - 1 : end);
    if (!g_utf8_validate_len(flat->str, flat->len, NULL)) {
        g_autofree char *valid = g_utf8_make_valid(flat->str, (gssize)flat->len);
        g_string_assign(flat, valid);
    }
    return flat;
}

/* The kinds of RFC 3464's diagnostic types that are seen: "smtp;", "x-unix;". */
static size_t type_prefix_length(const char *text) {
    static const char *const types[] = {"smtp", "lmtp", "esmtp", "unix", "unknown", "dns", "local"};
    size_t length = 0;
    while (g_ascii_isalnum(text[length]) || text[length] == '-')
        length++;
    size_t end = length + strspn(text + length, " ");
    if (length == 0 || text[end] != ';')
        return 0;
    bool known = g_ascii_strncasecmp(text, "x-", 2) == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(types) && !known; i++)
        known = strlen(types[i]) == length && g_ascii_strncasecmp(text, types[i], length) == 0;
    return known ? end + 1 + strspn(text + end + 1, " ") : 0;
}

/* Signs with which systems introduce what a server said. */
static size_t sign_length(const char *text) {
    static const char *const signs[] = {
        "<<< ", "Received >>> ", "(reason: ", "Out: ", "Remote host said: ", "Reason: "};
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (g_str_has_prefix(text, signs[i]))
            return strlen(signs[i]);
    return 0;
}

/* The length of a repeated code pair at a line that was joined ("550-5.1.1 a 550 5.1.1 b"). */
static size_t repeated_length(const char *at, struct status status, bool continued) {
    char basic[8];
    g_snprintf(basic, sizeof basic, "%u", status.basic);
    if (strncmp(at, basic, 3) != 0 || (at[3] != '-' && at[3] != ' ' && at[3] != '\0'))
        return 0;
    struct status again = {0};
    size_t enhanced = at[3] == '\0' ? 0 : reply_enhanced_at(at + 4, &again);
    again.basic = status.basic;
    if (enhanced > 0 && status_equal(again, status))
        return 4 + enhanced;
    return continued && enhanced == 0 ? 3 + (at[3] != '\0') : 0;
}

/* Takes out the codes at the starts of further lines, up to the last line. */
static void drop_repeated_codes(GString *text, struct status status, bool continued) {
    for (size_t at = 0; at < text->len;) {
        bool last = text->len - at > 3 && text->str[at + 3] != '-';
        size_t length = repeated_length(text->str + at, status, continued);
        if (length > 0) {
            length += strspn(text->str + at + length, " ");
            g_string_erase(text, (gssize)at, (gssize)length);
            if (last)
                continued = false;
        }
        const char *blank = strchr(text->str + at, ' ');
        if (blank == NULL)
            return;
        at = (size_t)(blank + 1 - text->str);
    }
}

/* Takes off a closing mark at the end that nothing in the text has opened. */
static void drop_closing_mark(GString *text) {
    static const char *const pairs[] = {"()", "[]", "<>", "''", "\"\""};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        char opening = pairs[i][0], closing = pairs[i][1];
        if (text->len == 0 || text->str[text->len - 1] != closing)
            continue;
        g_string_truncate(text, text->len - 1);
        if (strchr(text->str, opening) == NULL)
            return;
        g_string_append_c(text, closing);
    }
}

/* Takes off what qmail, Exchange ("##" and an address) and IronPort ("' (delivery attempts: 0)")
 * write behind a reply that they quote. */
static void drop_tail(GString *text) {
    static const char *const tails[] = {" ##", "' (delivery attempts", " Giving up on ",
                                        " Remote system: "};
    for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
        const char *tail = strstr(text->str, tails[i]);
        if (tail != NULL)
            g_string_truncate(text, (gsize)(tail - text->str));
    }
}

/* Takes out a code that stands apart from the words, "(#5.5.0)", with the blank before it. */
static void drop_bracketed_code(GString *text, struct status status) {
    char code[STATUS_TEXT_SIZE], printed[STATUS_TEXT_SIZE + 4];
    status.basic = 0;
    g_snprintf(printed, sizeof printed, "(#%s)", status_print(status, code));
    char *at = status.class_digit == 0 ? NULL : strstr(text->str, printed);
    if (at == NULL)
        return;
    bool blank = at > text->str && at[-1] == ' ';
    g_string_erase(text, (gssize)(at - text->str) - blank, (gssize)strlen(printed) + blank);
}

static void learn_frame(struct foreign_reply *reply, struct slice frame) {
    struct slice server = frame_server(frame);
    if (server.length > 0 && reply->server == NULL)
        reply->server = g_strndup(server.text, server.length);
    if (reply->command == COMMAND_NONE)
        reply->command = frame_command(frame);
}

/* The words behind codes that stand in front of them. */
static char *words_behind(const char *text, const struct code_place *place) {
    bool continued = place->status.basic != 0 && text[place->start + 3] == '-';
    const char *words = text + place->end;
    GString *rest = g_string_new(words + strspn(words, " -:;,'\""));
    if (place->status.basic != 0)
        drop_repeated_codes(rest, place->status, continued);
    drop_bracketed_code(rest, place->status);
    drop_tail(rest);
    drop_closing_mark(rest);
    return g_string_free(rest, FALSE);
}

/* The whole text, without a code that stands apart from its sentences. */
static char *whole_words(const char *text, const struct code_place *place) {
    if (!place->to_be_hidden)
        return g_strdup(text);
    GString *whole = g_string_new(text);
    bool glued = whole->str[place->end] != ' ' && whole->str[place->end] != '\0';
    size_t start = place->start;
    while (start > 0 && whole->str[start - 1] == ' ' && !glued)
        start--;
    g_string_erase(whole, (gssize)start, (gssize)(place->end - start));
    return g_string_free(whole, FALSE);
}

/* The reply that begins with a basic code, as it was given. */
static char *verbatim_from(const char *text, const struct code_place *place) {
    GString *reply = g_string_new(text + place->start);
    drop_tail(reply);
    drop_closing_mark(reply);
    return g_string_free(reply, FALSE);
}

static void read_flat(struct foreign_reply *reply, const char *text) {
    struct code_place place = reply_code_find(text);
    reply->status = place.status;
    if (place.in_front) {
        learn_frame(reply, (struct slice){text, place.start});
        reply->text = words_behind(text, &place);
        if (place.status.basic != 0)
            reply->verbatim = verbatim_from(text, &place);
        if (*reply->text != '\0' || place.start < 2)
            return;
        g_free(reply->text);
    }
    learn_frame(reply, (struct slice){text, strlen(text)});
    reply->text = whole_words(text, &place);
}

struct status foreign_reply_status(const char *text) {
    g_autoptr(GString) flat = flatten(text, strlen(text));
    return reply_code_find(flat->str + type_prefix_length(flat->str)).status;
}

struct foreign_reply *foreign_reply_parse_octets(const char *octets, size_t length) {
    struct foreign_reply *reply = g_new0(struct foreign_reply, 1);
    reply->command = COMMAND_NONE;
    g_autoptr(GString) flat = flatten(octets, length);
    struct slice tail = frame_tail(flat->str);
    if (tail.length > 0) {
        reply->command = frame_command(tail);
        g_string_truncate(flat, (gsize)(tail.text - flat->str));
        while (flat->len > 0 && flat->str[flat->len - 1] == ' ')
            g_string_truncate(flat, flat->len - 1);
    }
    const char *text = flat->str + type_prefix_length(flat->str);
    read_flat(reply, text + sign_length(text));
    return reply;
}

struct foreign_reply *foreign_reply_parse(const char *text) {
    return foreign_reply_parse_octets(text, strlen(text));
}

void foreign_reply_free(struct foreign_reply *reply) {
    if (reply == NULL)
        return;
    g_free(reply->text);
    g_free(reply->server);
    g_free(reply->verbatim);
    g_free(reply);
}
