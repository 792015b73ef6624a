/* SPDX-License-Identifier: ISC */
#include "dragoman/status.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* Replies that RFC 5321 section 4.3.2 does not list for a command, but servers send. RFC 3207
 * section 4.1 allows 554 at any command where TLS is too weak, which is said with 5.7.0. */
static const struct tolerated {
    enum smtp_command command;
    unsigned basic;
    bool meant_for_weak_tls;
    const char *reason;
} tolerated_replies[] = {
    {COMMAND_EHLO, 450, false, "Postfix and Haraka send it"},
    {COMMAND_HELO, 450, false, "Postfix and Haraka send it"},
    {COMMAND_EHLO, 554, true, "RFC 3207 has it for weak TLS and servers send it for more"},
    {COMMAND_HELO, 554, true, "RFC 3207 has it for weak TLS and servers send it for more"},
    {COMMAND_MAIL, 554, true, "RFC 3207 has it for weak TLS and Postfix sends it for more"},
    {COMMAND_RCPT, 554, true, "RFC 3207 has it for weak TLS and Postfix sends it for more"},
    {COMMAND_DATA, 451, false, "RFC 821 had it there"},
};

/* What to say of a sender, by the detail of the recipient's code in subject 1. */
static const struct sender_code {
    unsigned recipient_detail;
    unsigned subject;
    unsigned detail;
} sender_codes[] = {
    {1, 1, 0}, {2, 1, 8}, {3, 1, 7}, {4, 1, 0}, {5, 1, 0}, {6, 1, 0}, {10, 7, 27},
};

/* What is asked of each check, and where the findings go. */
struct question {
    struct status status;
    enum smtp_command command;
    enum status_class wanted;
    const struct basic_code *basic;       /* or NULL */
    const struct enhanced_code *enhanced; /* or NULL */
    struct status_finding *out;
    size_t max;
    size_t found;
    enum severity worst; /* of what was found */
};

static bool is_class(unsigned digit) {
    return digit >= STATUS_SUCCESS && digit <= STATUS_PERMANENT;
}

/* Its CLASS_* bit; none for what is no class. */
static unsigned class_bit(unsigned digit) {
    return is_class(digit) ? 1u << digit : 0;
}

static const char *class_word(unsigned digit) {
    static const char *const words[] = {
        [STATUS_SUCCESS] = "a success",
        [STATUS_INTERMEDIATE] = "intermediate",
        [STATUS_TEMPORARY] = "temporary",
        [STATUS_PERMANENT] = "permanent",
    };
    return is_class(digit) ? words[digit] : "of no class";
}

static unsigned digit_of(const struct question *q) {
    return q->status.basic != 0 ? q->status.basic / 100u : q->status.class_digit;
}

static bool is_refusal(unsigned digit) {
    return digit == STATUS_TEMPORARY || digit == STATUS_PERMANENT;
}

static bool is_wanted(const struct question *q, unsigned digit) {
    return q->wanted == STATUS_ANY || q->wanted == digit;
}

/* An enhanced code that counts: a 3xx reply has none, whatever was written. */
static bool has_enhanced(const struct question *q) {
    return q->status.class_digit != 0 && q->status.basic / 100 != STATUS_INTERMEDIATE;
}

static bool is_registered(const struct question *q) {
    return has_enhanced(q) && q->enhanced != NULL && q->enhanced->state == CODE_REGISTERED;
}

static bool digits_agree(const struct question *q) {
    return q->status.basic == 0 || q->status.basic / 100 == q->status.class_digit;
}

static bool is_enhanced(const struct question *q, unsigned subject, unsigned detail) {
    return has_enhanced(q) && q->status.subject == subject && q->status.detail == detail;
}

static const struct tolerated *find_tolerated(const struct question *q, unsigned basic) {
    for (size_t i = 0; i < G_N_ELEMENTS(tolerated_replies); i++) {
        const struct tolerated *row = &tolerated_replies[i];
        if (row->command == q->command && row->basic == basic)
            return row->meant_for_weak_tls && is_enhanced(q, 7, 0) ? NULL : row;
    }
    return NULL;
}

/* 500 has a row for every command that a client could send, the gone ones too. */
static bool command_is_obsolete(enum smtp_command command) {
    const struct command_reply *reply = command_reply_find(command, 500);
    return reply != NULL && reply->state == REPLY_OBSOLETE_COMMAND;
}

static bool is_sendable(const struct basic_code *code) {
    return code != NULL && code->sendable;
}

/* Whether the basic code is a right answer to the command; 421 is one to all (RFC 5321 4.3.2). */
static bool may_answer(const struct question *q, unsigned basic) {
    const struct command_reply *reply = command_reply_find(q->command, basic);

    if (!is_sendable(basic_code_find(basic)))
        return false;
    if (q->command == COMMAND_NONE || basic == 421)
        return true;
    if (command_is_obsolete(q->command))
        return basic == 500 || basic == 502;
    return reply != NULL && reply->state == REPLY_ALLOWED && find_tolerated(q, basic) == NULL;
}

/* ---- linter: what to write instead ---- */

/* The enhanced code of the question in another class; the general one of its subject where the code
 * is not for that class. */
static struct status in_class(const struct question *q, unsigned basic, unsigned digit) {
    struct status status = q->status;

    status.basic = (uint16_t)basic;
    if (!has_enhanced(q))
        return (struct status){.basic = status.basic};
    status.class_digit = (uint8_t)digit;
    if (is_registered(q) && ((q->enhanced->classes | q->enhanced->practice) & class_bit(digit)))
        return status;
    status.detail = 0;
    if (enhanced_code_find(status.subject, 0) == NULL ||
        !(enhanced_code_find(status.subject, 0)->classes & class_bit(digit)))
        status.subject = 0;
    return status;
}

static void append_status(GString *list, struct status status) {
    char text[STATUS_TEXT_SIZE];

    if (list->len != 0)
        g_string_append(list, " or ");
    g_string_append(list, status_print(status, text));
}

typedef bool basic_filter(const struct question *q, unsigned basic);

/* IANA names codes of the dialogue beside codes of other subjects: nothing to recommend. */
static bool is_named_by_iana(const struct question *q, unsigned basic) {
    bool dialogue = basic >= 500 && basic <= 504;
    return is_registered(q) && enhanced_code_iana_names(q->enhanced, basic) &&
           (!dialogue || q->enhanced->subject == 5);
}

static bool is_general_refusal(const struct question *q, unsigned basic) {
    (void)q;
    return basic == 450 || basic == 451 || basic == 454 || basic == 550 || basic == 554;
}

static bool is_any(const struct question *q, unsigned basic) {
    (void)q;
    (void)basic;
    return true;
}

static bool append_matching(GString *list, const struct question *q, unsigned digit,
                            basic_filter *filter) {
    size_t before = list->len;

    for (size_t i = 0; i < basic_code_count(); i++) {
        unsigned basic = basic_code_at(i)->code;
        if (basic / 100 == digit && may_answer(q, basic) && filter(q, basic))
            append_status(list, in_class(q, basic, digit));
    }
    return list->len != before;
}

/* The pairs of this class in which both codes go together and may answer the command. */
static bool append_fitting(GString *list, const struct question *q, unsigned digit) {
    unsigned best = is_registered(q) ? enhanced_code_basic(q->enhanced, digit) : 0;

    if (best == 0 || !may_answer(q, best))
        return append_matching(list, q, digit, is_named_by_iana);
    append_status(list, in_class(q, best, digit));
    return true;
}

/* Pairs of this class that may answer the command, the fitting ones if there are any. */
static void append_advice(GString *list, const struct question *q, unsigned digit) {
    if (q->command == COMMAND_AUTH && digit == STATUS_PERMANENT && is_enhanced(q, 7, 1))
        g_string_append(list, "535 5.7.8");
    else if (!append_fitting(list, q, digit) &&
             !append_matching(list, q, digit, is_general_refusal) &&
             !append_matching(list, q, digit, is_any))
        g_string_append(list, "a code that the command has");
}

static GString *advice(const struct question *q) {
    GString *list = g_string_new(NULL);
    unsigned digit = q->wanted != STATUS_ANY ? q->wanted : digit_of(q);

    append_advice(list, q, is_class(digit) ? digit : STATUS_PERMANENT);
    return list;
}

/* ---- linter: findings ---- */

static void fill_in(GString *text, const struct question *q, const char *reason,
                    const char *instead) {
    char status[STATUS_TEXT_SIZE], basic[STATUS_TEXT_SIZE], enhanced[STATUS_TEXT_SIZE];
    struct status without_basic = q->status;
    without_basic.basic = 0;
    const struct {
        const char *word, *value;
    } words[] = {
        {"{status}", status_print(q->status, status)},
        {"{basic}", status_print((struct status){.basic = q->status.basic}, basic)},
        {"{enhanced}", status_print(without_basic, enhanced)},
        {"{label}", q->enhanced != NULL ? q->enhanced->label : ""},
        {"{command}", command_name(q->command)},
        {"{reason}", reason},
        {"{instead}", instead},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_string_replace(text, words[i].word, words[i].value, 0);
}

/* Keeps the findings sorted, and the first `max` of them. */
static void report(struct question *q, enum status_fault id, const char *reason,
                   const char *instead) {
    const struct fault *fault = fault_at(id);
    g_autoptr(GString) text = g_string_new(fault->format);
    size_t kept = MIN(q->found, q->max);
    size_t place = 0;

    q->found++;
    q->worst = MAX(q->worst, fault->severity);
    while (place < kept && q->out[place].fault->severity >= fault->severity)
        place++;
    if (place == q->max)
        return;
    fill_in(text, q, reason, instead);
    memmove(&q->out[place + 1], &q->out[place], (MIN(kept, q->max - 1) - place) * sizeof q->out[0]);
    q->out[place].fault = fault;
    g_strlcpy(q->out[place].text, text->str, sizeof q->out[place].text);
}

static void report_advice(struct question *q, enum status_fault id, const char *reason) {
    g_autoptr(GString) instead = advice(q);
    report(q, id, reason, instead->str);
}

/* ---- linter: checks ---- */

/* Where no enhanced code tells what was meant, the table's pair does; the command and the verdict
 * may need it in another form. */
static GString *replacement(const struct question *q) {
    struct question meant = *q;

    if (q->basic == NULL || q->basic->send_instead == NULL ||
        (is_registered(q) && digits_agree(q)) ||
        !status_parse(q->basic->send_instead, &meant.status, &(const char *){NULL}))
        return advice(q);
    meant.enhanced = enhanced_code_find(meant.status.subject, meant.status.detail);
    return advice(&meant);
}

static void check_basic(struct question *q) {
    g_autoptr(GString) instead = NULL;
    enum status_fault fault = FAULT_BASIC_NOT_SENDABLE;

    if (q->status.basic == 0 && q->status.class_digit != 0)
        return;
    if (!status_basic_is_grammatical(q->status.basic))
        fault = FAULT_BASIC_MALFORMED;
    else if (q->basic == NULL)
        fault = FAULT_BASIC_UNKNOWN;
    else if (q->basic->sendable)
        return;
    instead = replacement(q);
    report(q, fault, q->basic != NULL ? q->basic->why_not : "", instead->str);
}

static void check_command(struct question *q) {
    const struct command_reply *reply = command_reply_find(q->command, q->status.basic);
    const struct tolerated *tolerated = find_tolerated(q, q->status.basic);

    if (!is_sendable(q->basic) || may_answer(q, q->status.basic))
        return;
    if (command_is_obsolete(q->command))
        report(q, FAULT_COMMAND_OBSOLETE, "", "");
    else if (tolerated != NULL)
        report_advice(q, FAULT_REPLY_TOLERATED, tolerated->reason);
    else if (reply == NULL)
        report_advice(q, FAULT_REPLY_NOT_ALLOWED, "");
    else
        report_advice(q, FAULT_REPLY_OBSOLETE, reply->source);
}

static void check_verdict(struct question *q) {
    g_autofree char *reason = NULL;

    if (is_wanted(q, digit_of(q)) || (q->status.basic != 0 && !is_sendable(q->basic)))
        return;
    reason =
        g_strdup_printf("%s and the verdict is %s", class_word(digit_of(q)), class_word(q->wanted));
    report_advice(q, FAULT_VERDICT_MISMATCH, reason);
}

/* Two ways out: to believe the basic code, or the enhanced one. */
static void check_digits(struct question *q) {
    g_autoptr(GString) instead = g_string_new(NULL);
    unsigned digit = digit_of(q);

    if (!has_enhanced(q) || digits_agree(q) || !is_class(digit))
        return;
    if (is_wanted(q, digit) && is_registered(q) && may_answer(q, q->status.basic) &&
        ((q->enhanced->classes | q->enhanced->practice) & class_bit(digit)))
        append_status(instead, in_class(q, q->status.basic, digit));
    if (is_wanted(q, q->status.class_digit))
        append_fitting(instead, q, q->status.class_digit);
    if (instead->len == 0)
        append_advice(instead, q, q->wanted != STATUS_ANY ? q->wanted : digit);
    report(q, FAULT_CLASS_MISMATCH, "", instead->str);
}

static bool command_goes_without_enhanced(enum smtp_command command) {
    return command == COMMAND_CONNECT || command == COMMAND_EHLO || command == COMMAND_HELO;
}

static void check_presence(struct question *q) {
    unsigned digit = q->status.basic / 100;
    bool present = q->status.class_digit != 0;
    bool exempt = command_goes_without_enhanced(q->command);
    char general[STATUS_TEXT_SIZE];

    if (present && digit == STATUS_INTERMEDIATE)
        report(q, FAULT_ENHANCED_ON_INTERMEDIATE, "", "");
    else if (present && digit == STATUS_SUCCESS && exempt)
        report(q, FAULT_ENHANCED_NOT_USED, "", "");
    else if (!present && digit != STATUS_INTERMEDIATE && !exempt && is_sendable(q->basic)) {
        struct status status = {.basic = q->status.basic, .class_digit = (uint8_t)digit};
        report(q, FAULT_ENHANCED_MISSING, "", status_print(status, general));
    }
}

/* The notes of rows that are not for sending say what to write, with X for the class digit. */
static void check_registered(struct question *q) {
    g_autoptr(GString) instead = g_string_new("write ");
    char text[STATUS_TEXT_SIZE], digit[] = {(char)('0' + q->status.class_digit % 10), '.', '\0'};
    enum status_fault fault = FAULT_ENHANCED_UNREGISTERED;

    if (!has_enhanced(q) || is_registered(q))
        return;
    if (q->enhanced != NULL && q->enhanced->state == CODE_OBSOLETE)
        fault = FAULT_ENHANCED_OBSOLETE;
    if (q->enhanced != NULL) {
        g_string_assign(instead, q->enhanced->note);
        g_string_replace(instead, "X.", digit, 0);
    } else {
        struct status general = in_class(q, 0, q->status.class_digit);
        g_string_append(instead, status_print(general, text));
    }
    report(q, fault, "", instead->str);
}

/* "temporary or permanent by RFC 3463" */
static void append_classes(GString *text, const struct enhanced_code *code) {
    for (unsigned digit = STATUS_SUCCESS; digit <= STATUS_PERMANENT; digit++)
        if (code->classes & class_bit(digit))
            g_string_append_printf(text, "%s%s", text->len != 0 ? " or " : "", class_word(digit));
    g_string_append_printf(text, " by %s", code->rfc);
}

/* The code in a class that it has, and the general code of the class that was written. */
static void append_in_other_class(GString *list, const struct question *q) {
    unsigned digit = q->status.class_digit;
    struct status general = {.class_digit = q->status.class_digit};
    const struct enhanced_code *whole = enhanced_code_find(q->status.subject, 0);

    for (unsigned other = STATUS_TEMPORARY; other <= STATUS_PERMANENT; other++)
        if (is_refusal(digit) && is_wanted(q, other) && (q->enhanced->classes & class_bit(other)))
            append_fitting(list, q, other);
    if (whole != NULL && (whole->classes & class_bit(digit)))
        general.subject = q->status.subject;
    if (may_answer(q, q->status.basic))
        general.basic = q->status.basic;
    append_status(list, general);
}

static void check_class(struct question *q) {
    g_autoptr(GString) reason = g_string_new(NULL);
    g_autoptr(GString) instead = g_string_new(NULL);
    unsigned bit = class_bit(q->status.class_digit);
    enum status_fault fault = FAULT_CLASS_NOT_ALLOWED;

    if (!is_registered(q) || !digits_agree(q) || !is_wanted(q, q->status.class_digit) ||
        (q->enhanced->classes & bit))
        return;
    if (q->enhanced->practice & bit)
        fault = FAULT_CLASS_BY_PRACTICE;
    if (fault_at(fault)->severity == SEVERITY_NOTE && q->worst > SEVERITY_NOTE)
        return;
    append_classes(reason, q->enhanced);
    append_in_other_class(instead, q);
    report(q, fault, reason->str, instead->str);
}

/* Only where the command leaves the choice: 5.7.1 goes with 550, but a greeting has no 550. */
static void check_fit(struct question *q) {
    g_autoptr(GString) instead = g_string_new(NULL);

    if (q->worst > SEVERITY_NOTE || !is_registered(q) || !digits_agree(q) ||
        !is_refusal(q->status.basic / 100) || q->status.basic == 421 ||
        !may_answer(q, q->status.basic) || enhanced_code_goes_with(q->enhanced, q->status.basic))
        return;
    if (append_fitting(instead, q, q->status.class_digit))
        report(q, FAULT_BASIC_UNFIT, "", instead->str);
}

static void check_recipient_limit(struct question *q) {
    if (q->status.basic == 552 && is_enhanced(q, 5, 3))
        report(q, FAULT_RECIPIENT_LIMIT, "", "");
}

static void check_recipient_code(struct question *q) {
    if (q->command != COMMAND_MAIL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(sender_codes); i++) {
        const struct sender_code *row = &sender_codes[i];
        if (is_enhanced(q, 1, row->recipient_detail) && is_refusal(q->status.class_digit)) {
            struct status instead = {0, q->status.class_digit, row->subject, row->detail};
            char text[STATUS_TEXT_SIZE];
            report(q, FAULT_RECIPIENT_CODE, "", status_print(instead, text));
        }
    }
}

static void check_login(struct question *q) {
    bool refused = q->status.basic == 535 && is_registered(q) && digits_agree(q) &&
                   !enhanced_code_goes_with(q->enhanced, 535);
    bool unauthorised = q->command == COMMAND_AUTH && is_enhanced(q, 7, 1);

    if (refused || unauthorised)
        report(q, FAULT_LOGIN_CODE, "", "");
}

/* Subjects 1 and 2 are about one recipient, and so is greylisting with 4.7.1. */
static void check_session_end(struct question *q) {
    bool one_recipient = has_enhanced(q) && (q->status.subject == 1 || q->status.subject == 2);

    if (q->command == COMMAND_RCPT && q->status.basic == 421 &&
        (one_recipient || is_enhanced(q, 7, 1)))
        report_advice(q, FAULT_SESSION_ENDS, "");
}

size_t status_check(struct status status, enum smtp_command command, enum status_class wanted,
                    struct status_finding *out, size_t max) {
    /* Notes come last: they are not for a status that has to be changed anyway. */
    static void (*const checks[])(struct question *) = {
        check_basic,      check_command,         check_verdict,        check_digits, check_presence,
        check_registered, check_recipient_limit, check_recipient_code, check_login,  check_class,
        check_fit,        check_session_end,
    };
    struct question q = {
        .status = status,
        .command = command,
        .wanted = wanted,
        .basic = basic_code_find(status.basic),
        .enhanced =
            status.class_digit != 0 ? enhanced_code_find(status.subject, status.detail) : NULL,
        .out = out,
        .max = max,
        .worst = SEVERITY_NOTE,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
        checks[i](&q);
    return q.found;
}
