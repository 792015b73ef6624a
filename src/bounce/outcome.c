/* SPDX-License-Identifier: ISC */
#include "outcome.h"

#include <string.h>

#include "dragoman/foreign_reply.h"
#include "lines.h"
#include "phrases.h"

bool outcome_has_words(const char *diagnostic) {
    if (diagnostic == NULL)
        return false;
    const char *semicolon = strchr(diagnostic, ';');
    const char *at = semicolon != NULL ? semicolon + 1 : diagnostic;
    size_t digits = 0;
    for (; *at != '\0'; at++) {
        if (g_ascii_isalpha(*at) || (unsigned char)*at >= 0x80)
            return true;
        digits += g_ascii_isdigit(*at);
    }
    return digits >= 3;
}

/* The enhanced code of the field; comments may follow it. Other forms are read as a reply. */
static struct status read_status_field(const char *field) {
    struct status status = {0};
    const char *end;
    if (field == NULL)
        return status;
    field += strspn(field, " #");
    if (!status_parse(field, &status, &end))
        return (struct status){0};
    return status;
}

static bool has_enhanced(struct status status) {
    return status.class_digit != 0;
}

/* X.0.0 says nothing but the class, and X.4.7 (time ran out) nothing about why each try failed. */
static bool is_vague(struct status status) {
    return (status.subject == 0 && status.detail == 0) ||
           (status.subject == 4 && status.detail == 7);
}

static void take_enhanced(struct report_recipient *recipient, struct status status,
                          enum enhanced_from from) {
    recipient->status.class_digit = status.class_digit;
    recipient->status.subject = status.subject;
    recipient->status.detail = status.detail;
    recipient->enhanced_from = from;
}

static void choose_enhanced(struct report_recipient *recipient, struct status field,
                            struct status reply, struct status words) {
    if (has_enhanced(reply) && (!is_vague(reply) || !has_enhanced(field) || is_vague(field)))
        take_enhanced(recipient, reply, ENHANCED_FROM_DIAGNOSTIC);
    else if (has_enhanced(words) && !has_enhanced(reply) && !is_vague(words) &&
             (!has_enhanced(field) || is_vague(field)))
        take_enhanced(recipient, words, ENHANCED_FROM_TEXT);
    else if (has_enhanced(field))
        take_enhanced(recipient, field, ENHANCED_FROM_STATUS);
    else if (has_enhanced(words))
        take_enhanced(recipient, words, ENHANCED_FROM_TEXT);
}

static enum status_class class_of_action(enum report_action action) {
    return action == REPORT_FAILED ? STATUS_PERMANENT : STATUS_TEMPORARY;
}

/* The class: what the codes say, else what the words say, else what the action lets suppose. */
static enum status_class class_of(const struct report_recipient *recipient) {
    struct status status = recipient->status;
    if (recipient->action >= REPORT_DELIVERED && recipient->action <= REPORT_EXPANDED)
        return STATUS_SUCCESS;
    if (status.class_digit >= STATUS_TEMPORARY)
        return (enum status_class)status.class_digit;
    if (status.basic >= 400)
        return status.basic / 100 == 4 ? STATUS_TEMPORARY : STATUS_PERMANENT;
    if (recipient->diagnostic != NULL &&
        (phrases_in(slice_of(recipient->diagnostic)) & PHRASE_TRANSIENT) != 0)
        return STATUS_TEMPORARY;
    return class_of_action(recipient->action);
}

/* One line, without the type and without control characters. */
static char *one_line(const char *text, bool typed) {
    GString *line = g_string_new(NULL);
    const char *semicolon = typed ? strchr(text, ';') : NULL;
    if (semicolon != NULL && semicolon - text < 20 && !g_ascii_isdigit(*text) &&
        memchr(text, ' ', (size_t)(semicolon - text)) == NULL)
        text = semicolon + 1;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x20 && *text != 0x7f)
            g_string_append_c(line, *text);
        else if (line->len > 0 && line->str[line->len - 1] != ' ')
            g_string_append_c(line, ' ');
    }
    g_strchomp(line->str);
    return g_string_free(line, FALSE);
}

/* Learns what else a reply tells; `words`, if wanted, get the reply itself. */
static struct status read_reply(struct report_recipient *recipient, const char *text,
                                char **words) {
    struct foreign_reply *reply = foreign_reply_parse(text);
    struct status status = reply->status;
    if (recipient->remote_mta == NULL && reply->server != NULL)
        recipient->remote_mta = g_steal_pointer(&reply->server);
    if (recipient->command == COMMAND_NONE)
        recipient->command = reply->command;
    bool codes = status.basic != 0 || status.class_digit != 0;
    if (words != NULL && *words == NULL && reply->verbatim != NULL)
        *words = g_steal_pointer(&reply->verbatim);
    else if (words != NULL && *words == NULL)
        *words = codes ? one_line(text, false) : g_steal_pointer(&reply->text);
    foreign_reply_free(reply);
    return status;
}

void outcome_settle(struct report_recipient *recipient, struct statements stated) {
    struct status field = read_status_field(stated.status), reply = {0}, words = {0};
    if (outcome_has_words(stated.diagnostic)) {
        reply = read_reply(recipient, stated.diagnostic, NULL);
        recipient->diagnostic = one_line(stated.diagnostic, true);
    }
    if (stated.words != NULL && reply.basic == 0 && reply.class_digit == 0) {
        words = read_reply(recipient, stated.words, &recipient->diagnostic);
    } else if (stated.words != NULL && recipient->command == COMMAND_NONE) {
        read_reply(recipient, stated.words, NULL);
    }
    if (recipient->diagnostic != NULL && !outcome_has_words(recipient->diagnostic))
        g_clear_pointer(&recipient->diagnostic, g_free);
    recipient->status.basic = reply.basic != 0   ? reply.basic
                              : words.basic != 0 ? words.basic
                                                 : field.basic;
    choose_enhanced(recipient, field, reply, words);
    recipient->class = class_of(recipient);
}
