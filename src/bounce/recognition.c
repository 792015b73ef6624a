/* SPDX-License-Identifier: ISC */
#include "recognition.h"

#include <string.h>

#include "dragoman/foreign_reply.h"
#include "mailbox.h"
#include "phrases.h"

/* How much what is found counts. */
enum {
    POINTS_DAEMON = 2,
    POINTS_POSTMASTER = 1,
    POINTS_MAILER_DAEMON = 1, /* more: the address itself, where the text tells of a failure */
    POINTS_TO_BOUNCES = 1,
    POINTS_EMPTY_PATH = 1,
    POINTS_SUBJECT = 2,
    POINTS_PERSON = -1,
    POINTS_FAILED_RECIPIENTS = 3,
    POINTS_REPORT_TYPE = 3,
    POINTS_AUTO_REPLY = -4,
    POINTS_ANSWER = -3,
    POINTS_LIST = -4,

    POINTS_ANNOUNCEMENT = 1,
    POINTS_STRONG_BLOCK = 2,
    POINTS_CODES = 1,

    ENOUGH_OF_HEADER = 2,
    ENOUGH_BEFORE_NOTICE = 1, /* where the text begins as only a notice does */
    ENOUGH = 4
};

static struct slice header(const struct mail *mail, const char *name) {
    const char *value = mail_header(mail, name);
    return slice_of(value != NULL ? value : "");
}

static bool is_empty_path(struct slice path) {
    path = slice_trim(path);
    return slice_equals(path, "<>") || slice_find(path, "mailer-daemon") != NULL;
}

static bool local_part_is(struct slice mailbox, const char *name) {
    return mailbox.length > strlen(name) && slice_starts(mailbox, name) &&
           mailbox.text[strlen(name)] == '@';
}

static bool is_system_mailbox(struct slice mailbox) {
    static const char *const names[] = {"mailer-daemon", "postmaster", "mdaemon", "mailerdaemon",
                                        "mail-daemon"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (local_part_is(mailbox, names[i]))
            return true;
    return false;
}

bool recognition_is_from_system(const struct mail *mail) {
    struct slice from = header(mail, "From");
    return is_empty_path(header(mail, "Return-Path")) || slice_find(from, "<>") != NULL ||
           is_system_mailbox(mailbox_find(from));
}

/* Nobody writes to the address to which a list lets bounces come. */
static bool is_to_bounces(const struct mail *mail) {
    struct slice to = header(mail, "To");
    return slice_find(to, "-bounces@") != NULL || slice_find(to, "-bounces+") != NULL;
}

static int points_of_sender(const struct mail *mail) {
    struct slice from = header(mail, "From");
    int points = 0;
    unsigned phrases = phrases_in(from);
    if ((phrases & PHRASE_DAEMON) != 0)
        points += POINTS_DAEMON;
    else if ((phrases & PHRASE_POSTMASTER) != 0)
        points += POINTS_POSTMASTER;
    if (is_empty_path(header(mail, "Return-Path")))
        points += POINTS_EMPTY_PATH;
    return points;
}

static bool is_answer(struct slice subject) {
    static const char *const prefixes[] = {"re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "ynt:"};
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (slice_starts(subject, prefixes[i]))
            return true;
    return false;
}

/* Some systems put "non-delivery" before or behind the whole subject of the message, "Re:" too. */
static int points_of_subject(struct slice subject, bool to_bounces) {
    unsigned phrases = phrases_in(subject);
    bool bounce = (phrases & (PHRASE_BOUNCE_SUBJECT | PHRASE_DELAY)) != 0;
    if ((phrases & PHRASE_AUTO_REPLY_SUBJECT) != 0)
        return POINTS_AUTO_REPLY;
    if (is_answer(subject) && !(to_bounces && bounce))
        return POINTS_ANSWER;
    return bounce ? POINTS_SUBJECT : 0;
}

/* What a list adds to a message does not tell who wrote it. */
static bool is_of_list(const struct mail *mail) {
    return (mail_header(mail, "List-Id") != NULL || mail_header(mail, "List-Post") != NULL) &&
           !recognition_is_from_system(mail);
}

static bool is_automatic(const struct mail *mail) {
    struct slice submitted = header(mail, "Auto-Submitted");
    return submitted.length > 0 && !slice_equals(submitted, "no");
}

int recognition_of_header(const struct mail *mail) {
    const char *type = mail_report_type(mail);
    bool to_bounces = is_to_bounces(mail);
    int points = points_of_sender(mail);
    int subject = points_of_subject(header(mail, "Subject"), to_bounces);
    if (to_bounces)
        points += POINTS_TO_BOUNCES;
    else if (points == 0 && subject > 0 && !is_automatic(mail))
        points = POINTS_PERSON; /* somebody writes about bounces */
    points += subject;
    if (mail_header(mail, "X-Failed-Recipients") != NULL)
        points += POINTS_FAILED_RECIPIENTS;
    if (type != NULL && g_ascii_strcasecmp(type, "delivery-status") == 0)
        points += POINTS_REPORT_TYPE;
    if (!to_bounces && is_of_list(mail))
        points += POINTS_LIST;
    return points;
}

static bool has_codes(const char *words) {
    if (words == NULL)
        return false;
    struct status status = foreign_reply_status(words);
    return status.basic >= 400 || status.class_digit >= 4;
}

int recognition_of_notice(const struct notice *notice) {
    if (notice == NULL)
        return 0;
    int points = notice->announces_failure || notice->announces_delay ? POINTS_ANNOUNCEMENT : 0;
    if (notice->blocks->len == 0)
        return points;
    const struct notice_block *first = notice->blocks->pdata[0];
    g_autofree char *words = notice_words(notice, first);
    points += first->strong ? POINTS_STRONG_BLOCK : 0;
    return points + (has_codes(words) ? POINTS_CODES : 0);
}

bool recognition_is_enough(const struct mail *mail, int header_points, const struct notice *notice,
                           int notice_points) {
    bool begun = notice->immediate && points_of_subject(header(mail, "Subject"), false) > 0;
    int needed = begun ? ENOUGH_BEFORE_NOTICE : ENOUGH_OF_HEADER;
    int points = header_points + notice_points;
    if (notice_points > 0 && local_part_is(mailbox_find(header(mail, "From")), "mailer-daemon"))
        points += POINTS_MAILER_DAEMON;
    return header_points >= needed && points >= ENOUGH;
}

static bool has_part(const struct mail *mail, enum part_kind kind) {
    for (size_t i = 0; mail_part(mail, i) != NULL; i++)
        if (part_kind(mail_part(mail, i)) == kind && part_level(mail_part(mail, i)) == 0)
            return true;
    return false;
}

static bool report_type_is(const struct mail *mail, const char *name) {
    const char *type = mail_report_type(mail);
    return type != NULL && g_ascii_strcasecmp(type, name) == 0;
}

bool recognition_is_auto_reply(const struct mail *mail) {
    static const char *const fields[] = {"X-Autoreply",    "X-Autorespond",   "X-Autoreply-From",
                                         "X-AutoReply-To", "X-Autogenerated", "X-Mail-Autoreply",
                                         "X-Vacation",     "X-Autoresponder"};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (mail_header(mail, fields[i]) != NULL &&
            !slice_equals(header(mail, fields[i]), "mirror"))
            return true; /* "Mirror" is what a list writes that passes a message on */
    return slice_starts(header(mail, "Auto-Submitted"), "auto-replied") ||
           slice_starts(header(mail, "Precedence"), "auto_reply") ||
           slice_starts(header(mail, "Delivered-To"), "autoresponder") ||
           (phrases_in(header(mail, "Subject")) & PHRASE_AUTO_REPLY_SUBJECT) != 0 ||
           report_type_is(mail, "disposition-notification") || has_part(mail, PART_RECEIPT);
}

/* A feedback report, Microsoft's complaints (which have no machine-readable part), and what mail
 * programs send to leave a list. */
bool recognition_is_complaint(const struct mail *mail) {
    struct slice subject = header(mail, "Subject");
    return report_type_is(mail, "feedback-report") || has_part(mail, PART_FEEDBACK) ||
           slice_starts(subject, "complaint about message from") ||
           (slice_equals(subject, "unsubscribe") && mail_header(mail, "Auto-Submitted") != NULL);
}
