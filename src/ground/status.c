/* SPDX-License-Identifier: ISC */
#include "dragoman/status.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

static const struct basic_code basic_codes[] = {
#define BASIC_CODE(code, label, origin, ...) {code, label, ORIGIN_##origin, __VA_ARGS__},
#include "dragoman/basic_codes.def"
#undef BASIC_CODE
};

static const struct enhanced_code enhanced_codes[] = {
#define ENHANCED_CODE(subject, detail, label, classes, practice, state, ...)                       \
    {subject, detail, label, classes, practice, CODE_##state, __VA_ARGS__},
#include "dragoman/enhanced_codes.def"
#undef ENHANCED_CODE
};

static const struct command_reply command_replies[] = {
#define COMMAND_REPLY(command, code, kind, state, source)                                          \
    {COMMAND_##command, code, REPLY_##kind, REPLY_##state, source},
#include "dragoman/command_replies.def"
#undef COMMAND_REPLY
};

static const char *const command_names[COMMAND_COUNT] = {
#define COMMAND(id, name) [COMMAND_##id] = name,
#include "dragoman/commands.def"
#undef COMMAND
};

static const struct fault faults[FAULT_COUNT] = {
#define STATUS_FAULT(id, name, severity, format)                                                   \
    [FAULT_##id] = {FAULT_##id, name, SEVERITY_##severity, format},
#include "dragoman/status_faults.def"
#undef STATUS_FAULT
};

/* Pairs that belong together without IANA or enhanced_codes.def saying so: a name that is
 * well-formed but not permitted, a new address that is told (RFC 5321 3.4), a parameter of MAIL or
 * RCPT (4.1.1.11), a command that is not implemented (4.2.4), bare CR or LF in the message, a flood
 * seen at one recipient. */
static const struct {
    unsigned basic, subject, detail;
} also_together[] = {
    {553, 1, 3}, {553, 1, 7}, {551, 1, 6}, {455, 3, 3}, {502, 5, 1}, {554, 5, 2}, {450, 7, 28},
};

static int order(unsigned a, unsigned b) {
    return (a > b) - (a < b);
}

static int compare_basic(const void *key, const void *row) {
    return order(*(const unsigned *)key, ((const struct basic_code *)row)->code);
}

static int compare_enhanced(const void *key, const void *row) {
    const unsigned *wanted = key;
    const struct enhanced_code *code = row;
    int subject = order(wanted[0], code->subject);
    return subject != 0 ? subject : order(wanted[1], code->detail);
}

static int compare_reply(const void *key, const void *row) {
    const unsigned *wanted = key;
    const struct command_reply *reply = row;
    int command = order(wanted[0], reply->command);
    return command != 0 ? command : order(wanted[1], reply->code);
}

#define FIND(key, table, compare)                                                                  \
    bsearch(key, table, G_N_ELEMENTS(table), sizeof(table)[0], compare)

const struct basic_code *basic_code_find(unsigned code) {
    return FIND(&code, basic_codes, compare_basic);
}

size_t basic_code_count(void) {
    return G_N_ELEMENTS(basic_codes);
}

const struct basic_code *basic_code_at(size_t index) {
    return &basic_codes[index];
}

const struct enhanced_code *enhanced_code_find(unsigned subject, unsigned detail) {
    const unsigned key[] = {subject, detail};
    return FIND(key, enhanced_codes, compare_enhanced);
}

size_t enhanced_code_count(void) {
    return G_N_ELEMENTS(enhanced_codes);
}

const struct enhanced_code *enhanced_code_at(size_t index) {
    return &enhanced_codes[index];
}

unsigned enhanced_code_basic(const struct enhanced_code *code, enum status_class class) {
    switch (class) {
    case STATUS_SUCCESS:
        return code->basic_2;
    case STATUS_TEMPORARY:
        return code->basic_4;
    case STATUS_PERMANENT:
        return code->basic_5;
    default:
        return 0;
    }
}

bool enhanced_code_iana_names(const struct enhanced_code *code, unsigned basic) {
    const char *list = code->iana_basic;
    char exact[8], class[8];

    if (list == NULL || basic > 999)
        return false;
    snprintf(exact, sizeof exact, "%u", basic);
    snprintf(class, sizeof class, "%uxx", basic / 100);
    return strcmp(list, "any") == 0 || strstr(list, exact) != NULL || strstr(list, class) != NULL;
}

bool enhanced_code_goes_with(const struct enhanced_code *code, unsigned basic) {
    for (size_t i = 0; i < G_N_ELEMENTS(also_together); i++)
        if (also_together[i].basic == basic && also_together[i].subject == code->subject &&
            also_together[i].detail == code->detail)
            return true;
    return code->detail == 0 || basic == enhanced_code_basic(code, basic / 100) ||
           enhanced_code_iana_names(code, basic);
}

const char *command_name(enum smtp_command command) {
    return command < COMMAND_COUNT ? command_names[command] : "none";
}

enum smtp_command command_from_name(const char *name) {
    for (enum smtp_command command = 0; command < COMMAND_COUNT; command++)
        if (g_ascii_strcasecmp(command_names[command], name) == 0)
            return command;
    return COMMAND_NONE;
}

const struct command_reply *command_reply_find(enum smtp_command command, unsigned code) {
    const unsigned key[] = {command, code};
    return FIND(key, command_replies, compare_reply);
}

size_t command_reply_count(void) {
    return G_N_ELEMENTS(command_replies);
}

const struct command_reply *command_reply_at(size_t index) {
    return &command_replies[index];
}

const struct fault *fault_at(size_t index) {
    return &faults[index];
}

/* ---- text ---- */

static bool parse_basic(const char **at, struct status *status) {
    const char *text = *at;

    if (!g_ascii_isdigit(text[0]) || text[0] == '0' || !g_ascii_isdigit(text[1]) ||
        !g_ascii_isdigit(text[2]))
        return false;
    if (text[3] != '\0' && strchr(" -\t\r\n", text[3]) == NULL)
        return false;
    status->basic = (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
    *at = text + 3;
    return true;
}

/* One to three digits without a leading zero. */
static bool parse_number(const char **at, uint16_t *number) {
    const char *text = *at;
    unsigned value = 0;
    size_t length = 0;

    while (length < 4 && g_ascii_isdigit(text[length]))
        value = value * 10 + (unsigned)(text[length++] - '0');
    if (length == 0 || length > 3 || (length > 1 && text[0] == '0'))
        return false;
    *number = (uint16_t)value;
    *at = text + length;
    return true;
}

static bool number_goes_on(const char *text) {
    return g_ascii_isalnum(text[0]) || (text[0] == '.' && g_ascii_isdigit(text[1]));
}

static bool parse_enhanced(const char **at, struct status *status) {
    const char *text = *at;
    struct status read = *status;

    if (text[0] == '\0' || strchr("245", text[0]) == NULL || text[1] != '.')
        return false;
    read.class_digit = (uint8_t)(text[0] - '0');
    text += 2;
    if (!parse_number(&text, &read.subject) || *text++ != '.' || !parse_number(&text, &read.detail))
        return false;
    if (number_goes_on(text))
        return false;
    *status = read;
    *at = text;
    return true;
}

bool status_parse(const char *text, struct status *out, const char **end) {
    struct status status = {0};
    const char *at = text;
    bool basic = parse_basic(&at, &status);
    const char *next = basic && (*at == ' ' || *at == '-') ? at + 1 : at;

    if (parse_enhanced(&next, &status))
        at = next;
    if (at == text || (end == NULL && *at != '\0'))
        return false;
    *out = status;
    if (end != NULL)
        *end = at;
    return true;
}

char *status_print(struct status status, char buffer[static STATUS_TEXT_SIZE]) {
    char *at = buffer;

    *at = '\0';
    if (status.basic != 0)
        at += sprintf(at, "%u", status.basic);
    if (status.basic != 0 && status.class_digit != 0)
        *at++ = ' ';
    if (status.class_digit != 0)
        sprintf(at, "%u.%u.%u", status.class_digit, status.subject, status.detail);
    return buffer;
}

bool status_equal(struct status a, struct status b) {
    if (a.basic != b.basic || a.class_digit != b.class_digit)
        return false;
    return a.class_digit == 0 || (a.subject == b.subject && a.detail == b.detail);
}

bool status_basic_is_grammatical(unsigned basic) {
    return basic >= 200 && basic <= 559 && basic / 10 % 10 <= 5;
}
