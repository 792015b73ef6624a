/* SPDX-License-Identifier: ISC */
#include "reply_shape.h"

#include <string.h>

enum {
    NUMBER_DIGITS_MAX = 5, /* longer numbers are no codes */
    WORD_OCTETS_MAX = 7,   /* longer words of letters and digits are ids */
    NAME_OCTETS_MIN = 16   /* in words as long as this all numbers are ids */
};

static void put(struct reply_shape *shape, const char *text, size_t length) {
    memcpy(shape->text + shape->length, text, length);
    shape->length += length;
}

/* What separates words, beside blanks and control characters. */
static const bool is_gap[256] = {
    ['<'] = true, ['>'] = true, ['('] = true, [')'] = true, ['['] = true,
    [']'] = true, ['{'] = true, ['}'] = true, ['"'] = true, ['\''] = true,
    [','] = true, [';'] = true, ['|'] = true,
};

static size_t word_length(const char *text, size_t length) {
    size_t at = 0;
    while (at < length && (unsigned char)text[at] > ' ' && !is_gap[(unsigned char)text[at]])
        at++;
    return at;
}

static bool has_digit(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (g_ascii_isdigit(text[i]))
            return true;
    return false;
}

static bool has_letter(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (g_ascii_isalpha(text[i]))
            return true;
    return false;
}

/* The length of an IPv4 address, also as part of a name ("1-2-3-4.example"); 0 if it is none. */
static size_t ip_length(const char *text, size_t length) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        size_t digits = 0;
        while (at + digits < length && g_ascii_isdigit(text[at + digits]))
            digits++;
        if (digits == 0 || digits > 3)
            return 0;
        at += digits;
        if (part < 3 && (at >= length || (text[at] != '.' && text[at] != '-')))
            return 0;
        at += part < 3;
    }
    return at;
}

static bool is_id(size_t length, size_t digits, size_t word) {
    if (digits == 0)
        return false;
    if (word >= NAME_OCTETS_MIN)
        return true;
    return digits == length ? length > NUMBER_DIGITS_MAX : length > WORD_OCTETS_MAX;
}

/* A word that has digits: what in it is an address or an id becomes '#'. */
static void put_numbered(struct reply_shape *shape, const char *word, size_t length) {
    for (size_t at = 0; at < length;) {
        size_t ip = ip_length(word + at, length - at), run = 0, digits = 0;
        while (ip == 0 && at + run < length && g_ascii_isalnum(word[at + run]))
            digits += g_ascii_isdigit(word[at + run++]);
        if (ip > 0 || is_id(run, digits, length))
            put(shape, "#", 1);
        else
            put(shape, word + at, MAX(run, 1));
        at += ip > 0 ? ip : MAX(run, 1);
    }
}

/* <name>, name[192.0.2.1] and Sendmail's "name.:" tell of hosts and people. */
static bool is_name(const char *reply, size_t length, size_t start, size_t end) {
    if (!has_letter(reply + start, end - start) || memchr(reply + start, '/', end - start) != NULL)
        return false;
    if (end - start > 2 && reply[end - 1] == ':' && reply[end - 2] == '.')
        return true;
    if (end == length)
        return false;
    bool enclosed = start > 0 && reply[start - 1] == '<' && reply[end] == '>';
    return enclosed || (reply[end] == '[' && end + 1 < length && g_ascii_isxdigit(reply[end + 1]));
}

/* The length of "name=" in front of a host's name or address; 0 if it is none of these. */
static size_t key_length(const char *word, size_t length) {
    const char *equals = memchr(word, '=', length);
    if (equals == NULL || memchr(word, '/', length) != NULL)
        return 0;
    size_t key = (size_t)(equals + 1 - word);
    return memchr(word + key, '.', length - key) != NULL ? key : 0;
}

static void put_word(struct reply_shape *shape, const char *reply, size_t length, size_t start,
                     size_t end) {
    const char *word = reply + start;
    size_t size = end - start, key = key_length(word, size);
    bool address = memchr(word, '@', size) != NULL && memchr(word, '/', size) == NULL;
    put(shape, word, key);
    if (address || key > 0 || is_name(reply, length, start, end))
        put(shape, "@", 1);
    else if (has_digit(word, size))
        put_numbered(shape, word, size);
    else
        put(shape, word, size);
}

bool reply_shape_of(const struct log_line *line, struct reply_shape *shape) {
    struct slice reply = line->reply;
    char code[STATUS_TEXT_SIZE];
    if (reply.length > SHAPE_OCTETS_MAX)
        return false;
    shape->length = (size_t)g_snprintf(shape->text, sizeof shape->text, "%s %u %u ",
                                       status_print(line->status, code), line->word, line->writer);
    for (size_t at = 0; at < reply.length;) {
        size_t length = word_length(reply.text + at, reply.length - at);
        if (length > 0)
            put_word(shape, reply.text, reply.length, at, at + length);
        at += length;
        if (at < reply.length)
            put(shape, reply.text[at] == '\0' ? " " : reply.text + at, 1);
        at++;
    }
    shape->text[shape->length] = '\0';
    return true;
}
