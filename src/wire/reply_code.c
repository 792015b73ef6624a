/* SPDX-License-Identifier: ISC */
#include "reply_code.h"

#include <glib.h>
#include <string.h>

/* How sure a place is; the surest counts, the first of equals. */
enum sureness {
    NOT_A_CODE,
    IN_A_SENTENCE, /* "error code 550", "[550]" */
    BEHIND_A_FRAME,
    AS_A_PAIR,
    IN_FRONT,
    IN_FRONT_AS_A_PAIR
};

/* Words before which a number is a code. */
static const char *const naming_words[] = {
    "code",       "error",      "status", "reply", "response", "responsecode",
    "returned",   "answer",     "said",   "with",  "smtp",     "dsn",
    "error_code", "statuscode", "reason", "was",   "response:"};

/* Words behind a number that make it a quantity. */
static const char *const units[] = {
    "k",     "kb",       "mb",     "gb",       "kib",     "mib",      "bytes",
    "byte",  "octets",   "second", "seconds",  "sec",     "minutes",  "hours",
    "days",  "messages", "mails",  "emails",   "message", "times",    "recipients",
    "lines", "percent",  "per",    "attempts", "entries", "megabytes"};

static bool is_in_word(char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '@' || (unsigned char)c >= 0x80;
}

/* Whether something that is no part of a longer number or word can begin at `at`. */
static bool may_begin(const char *text, size_t at) {
    if (at == 0)
        return true;
    char before = text[at - 1];
    if (before == '.' || before == '-' || before == '/' || before == '=' || before == '+')
        return false;
    return !is_in_word(before);
}

static bool word_is_in(const char *word, size_t length, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == length && g_ascii_strncasecmp(word, words[i], length) == 0)
            return true;
    return false;
}

/* Whether the word before `at` announces a code; colons and brackets may stand between. */
static bool is_announced(const char *text, size_t at) {
    while (at > 0 && strchr(" :=#([\"'", text[at - 1]) != NULL)
        at--;
    size_t end = at;
    while (at > 0 && is_in_word(text[at - 1]))
        at--;
    return word_is_in(text + at, end - at, naming_words, G_N_ELEMENTS(naming_words));
}

/* Words before a number that make it one. */
static const char *const measures[] = {"size",  "bytes",  "octets",  "limit",   "length", "lines",
                                       "count", "number", "maximum", "seconds", "port",   "id"};

static bool is_measured(const char *text, size_t at) {
    while (at > 0 && strchr(" :=()", text[at - 1]) != NULL)
        at--;
    size_t end = at;
    while (at > 0 && is_in_word(text[at - 1]))
        at--;
    return word_is_in(text + at, end - at, measures, G_N_ELEMENTS(measures));
}

static bool is_quantity(const char *behind) {
    while (*behind == ' ')
        behind++;
    size_t length = 0;
    while (g_ascii_isalpha(behind[length]))
        length++;
    return *behind == '%' || word_is_in(behind, length, units, G_N_ELEMENTS(units));
}

size_t reply_enhanced_at(const char *text, struct status *status) {
    struct status read;
    const char *end;
    if (!g_ascii_isdigit(text[0]) || text[1] != '.' || !status_parse(text, &read, &end) ||
        is_in_word(*end) || *end == '-')
        return 0;
    status->class_digit = read.class_digit;
    status->subject = read.subject;
    status->detail = read.detail;
    return (size_t)(end - text);
}

/* "480-555-0123", "480 555 0123". */
static bool is_telephone(const char *text) {
    static const char form[] = "999-999-9999";
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == '9' ? !g_ascii_isdigit(text[i]) : text[i] != '-' && text[i] != ' ')
            return false;
    return true;
}

/* Three digits that can be a basic code; its length, or 0. */
static size_t basic_at(const char *text, uint16_t *basic) {
    if ((text[0] != '2' && text[0] != '4' && text[0] != '5') || !g_ascii_isdigit(text[1]) ||
        !g_ascii_isdigit(text[2]) || is_in_word(text[3]))
        return 0;
    if (text[3] == '.' && g_ascii_isdigit(text[4]))
        return 0;
    if (is_telephone(text))
        return 0;
    *basic = (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
    return 3;
}

/* Reads what stands behind a basic code: the same code once more ("554 554 5.7.0") and the enhanced
 * code, with little between ("550-'5.2.2", "550 #5.1.0", "550 (5.1.1)"). */
static size_t rest_of_pair(const char *text, struct status *status) {
    size_t at = 0;
    uint16_t again;
    for (size_t gap = strspn(text, " -:;"); gap > 0 && basic_at(text + at + gap, &again) > 0;
         gap = strspn(text + at, " -:;")) {
        if (again != status->basic)
            break;
        at += gap + 3;
    }
    size_t gap = strspn(text + at, " -:'\"#([<,");
    size_t length = gap > 0 && gap <= 4 ? reply_enhanced_at(text + at + gap, status) : 0;
    if (length == 0)
        return at;
    at += gap + length;
    return text[at] == ')' || text[at] == ']' || text[at] == '>' ? at + 1 : at;
}

/* Whether what stands before `at` passes on what is behind it. */
static bool is_behind_a_frame(const char *text, size_t at) {
    while (at > 0 && text[at - 1] == ' ')
        at--;
    return at > 0 && strchr(":;'\"<>([#|", text[at - 1]) != NULL;
}

static bool is_in_brackets(const char *text, size_t at) {
    return at > 0 && (text[at - 1] == '[' || text[at - 1] == '(') &&
           (text[at + 3] == ']' || text[at + 3] == ')');
}

/* "(480) 555-0123": the number of a telephone. */
static bool is_area_code(const char *text, size_t at) {
    if (!is_in_brackets(text, at))
        return false;
    const char *behind = text + at + 4;
    behind += strspn(behind, " ");
    size_t digits = strspn(behind, "0123456789");
    return digits >= 2 && (behind[digits] == '-' || behind[digits] == '.' || digits > 4);
}

static enum sureness judge(const char *text, const struct code_place *place) {
    const char *behind = text + place->start + 3;
    bool pair = place->status.class_digit != 0;
    size_t first = strspn(text, " #'\"<>[(");
    if (place->start <= first)
        return pair ? IN_FRONT_AS_A_PAIR : IN_FRONT;
    if (pair)
        return AS_A_PAIR;
    if (is_quantity(behind) || is_measured(text, place->start) || is_area_code(text, place->start))
        return NOT_A_CODE;
    if (place->status.basic >= 400) {
        bool spoken = *behind == ' ' || *behind == '-' || *behind == '\0' || *behind == ':';
        if (is_in_brackets(text, place->start))
            return IN_A_SENTENCE;
        if (spoken && (is_behind_a_frame(text, place->start) || behind[1] == '\''))
            return BEHIND_A_FRAME;
    }
    bool usual = text[place->start + 1] <= '5'; /* RFC 5321 §4.2.1 */
    return usual && is_announced(text, place->start) ? IN_A_SENTENCE : NOT_A_CODE;
}

/* The surest basic code from `from` on, with the enhanced one that stands next to it. */
static enum sureness find_basic(const char *text, size_t from, struct code_place *best) {
    enum sureness surest = NOT_A_CODE;
    for (size_t at = from + strcspn(text + from, "245"); text[at] != '\0';
         at += 1 + strcspn(text + at + 1, "245")) {
        struct code_place place = {.start = at};
        size_t length = may_begin(text, at) ? basic_at(text + at, &place.status.basic) : 0;
        if (length == 0)
            continue;
        place.end = at + length + rest_of_pair(text + at + length, &place.status);
        enum sureness sureness = judge(text, &place);
        if (sureness <= surest)
            continue;
        surest = sureness;
        *best = place;
        if (sureness >= IN_FRONT)
            break;
    }
    return surest;
}

/* Whether an enhanced code may stand at `at`: behind a bracket, a quotation mark or a word that
 * announces it; in the middle of a sentence only a known one of the same class. */
static bool enhanced_is_plausible(const char *text, size_t at, struct status code,
                                  struct status basic) {
    if (at == strspn(text, " #'\"<[(") || strchr("(#[:'\"<;", text[at - 1]) != NULL)
        return true;
    if (is_announced(text, at) || is_behind_a_frame(text, at))
        return true;
    return basic.basic / 100 == code.class_digit &&
           enhanced_code_find(code.subject, code.detail) != NULL;
}

/* An enhanced code that stands alone. */
static bool find_enhanced(const char *text, struct status basic, struct code_place *place) {
    for (size_t at = strcspn(text, "245"); text[at] != '\0';
         at += 1 + strcspn(text + at + 1, "245")) {
        struct status code = basic;
        size_t length = may_begin(text, at) ? reply_enhanced_at(text + at, &code) : 0;
        if (length == 0 || !enhanced_is_plausible(text, at, code, basic))
            continue;
        place->status = code;
        place->start = at;
        place->end = at + length;
        return true;
    }
    return false;
}

/* "554 4.4.7 Message expired: … <421 4.4.2 Connection timed out>": what the other server said is
 * inside. */
static void look_inside_expiry(const char *text, struct code_place *place) {
    if (place->status.subject != 4 || place->status.detail != 7)
        return;
    const char *bracket = strchr(text + place->end, '<');
    struct code_place inner = {0};
    if (bracket == NULL || basic_at(bracket + 1, &inner.status.basic) == 0)
        return;
    rest_of_pair(bracket + 4, &inner.status);
    if (inner.status.class_digit != 0)
        place->status = inner.status;
}

/* Around "(#5.1.1)" the brackets go with it. */
static void include_brackets(const char *text, struct code_place *place) {
    while (place->start > 0 && strchr("(#[<", text[place->start - 1]) != NULL) {
        place->start--;
        place->to_be_hidden = true;
    }
    if (place->to_be_hidden && text[place->end] != '\0' && strchr(")]>", text[place->end]) != NULL)
        place->end++;
}

struct code_place reply_code_find(const char *text) {
    struct code_place place = {0}, alone = {0};
    enum sureness sureness = find_basic(text, 0, &place);
    place.in_front = sureness >= BEHIND_A_FRAME;
    if (place.status.class_digit == 0 && find_enhanced(text, place.status, &alone)) {
        if (sureness >= BEHIND_A_FRAME)
            place.status = alone.status;
        else
            place = alone;
        if (sureness < BEHIND_A_FRAME)
            place.in_front = alone.start == strspn(text, " #'\"<[(");
        if (sureness < BEHIND_A_FRAME && !place.in_front)
            include_brackets(text, &place);
    }
    look_inside_expiry(text, &place);
    return place;
}
