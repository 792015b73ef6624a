/* SPDX-License-Identifier: ISC */
#include "phrases.h"

#include <string.h>

#include "lines.h"

/* All in lower case; what is not ASCII matches as it is written. */

static const char *const failures[] = {
    "following address",
    "following recipient",
    "following user",
    "following destination",
    "following e-mail",
    "following email",
    "following mailbox",
    "to the following",
    "these recipients",
    "these addresses",
    "could not be delivered",
    "could not be sent",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "can not be delivered",
    "was not delivered",
    "were not delivered",
    "not been delivered",
    "wasn't delivered",
    "not delivered to",
    "be delivered to",
    "unable to deliver",
    "able to deliver",
    "undeliverable",
    "undelivered",
    "not deliver ",
    "did not reach",
    "could not be reached",
    "couldn't reach",
    "had permanent",
    "had transient",
    "had delivery",
    "delivery error",
    "delivery failed",
    "delivery has failed",
    "delivery failure",
    "delivery problem",
    "failed delivery",
    "failed to deliver",
    "failed permanently",
    "failed recipient",
    "failed address",
    "error delivering",
    "attempting to deliver",
    "trouble delivering",
    "problem delivering",
    "problems delivering",
    "rejected recipient",
    "address failed",
    "addresses failed",
    "address(es) failed",
    "address rejected",
    "list of recipients",
    "recipients were affected",
    "recipient(s)",
    "failure reason",
    "returned mail",
    "returned message",
    "been returned",
    "being returned",
    "mailbox is full",
    "mailbox exceeds",
    "user unknown",
    "unknown user",
    "recipient was rejected",
    "rejected by",
    "remote host said",
    "not accepted",
    "contained one or more recipient addresses that were",
    "has been delayed",
    "non remis",
    "remise",
    "n'a pas pu",
    "n'ont pas pu",
    "impossible de",
    "unzustellbar",
    "nicht zugestellt",
    "nicht zustellen",
    "konnte nicht",
    "no se pudo",
    "no se ha podido",
    "non recapitabile",
    "non è riuscito",
    "impossibile recapitare",
    "não foi possível",
    "não foi entregue",
    "kon niet",
    "niet afgeleverd",
    "teslim edilemedi",
    "iletilemedi",
    "ulaştırılamadı",
    "nie można dostarczyć",
    "не удалось доставить",
    "не может быть доставлено",
    "не доставлено",
    "配信できません",
    "送信できません",
    "配送できません",
    "届きません",
    "無法",
    "无法",
    "退信",
};

static const char *const delays[] = {
    "has been delayed",
    "have been delayed",
    "is delayed",
    "delayed for",
    "delivery delayed",
    "delivery is delayed",
    "(delay)",
    "delayed mail",
    "mail delayed",
    "not yet been delivered",
    "not yet received",
    "will be retried",
    "will retry",
    "will keep trying",
    "keep trying until",
    "continue trying",
    "attempts will continue",
    "still being retried",
    "could not send message for past",
    "still undelivered",
    "warning message only",
    "this is a warning only",
    "teslim gecikti",
    "verzögert",
    "retardée",
};

static const char *const successes[] = {
    "successfully delivered",   "was successfully",    "were successfully", "successful delivery",
    "successful mail delivery", "(relayed)",           "(success)",         "return receipt",
    "has been delivered to",    "delivery successful",
};

static const char *const transients[] = {
    "timed out",
    "timeout exceeded",
    "time out",
    "has expired",
    "message expired",
    "for too long",
    "queue too long",
    "failing for a long time",
    "could not deliver for the last",
    "for the last",
    "deferred",
    "temporar",
    "try again later",
    "will be retried",
    "not yet been delivered",
    "has been delayed",
    "giving up after",
    "zeitüberschreitung",
};

/* Some begin with the line, after dashes and the like. */
static const char *const returned_beginnings[] = {
    "below this line is a copy",
    "this is a copy of",
    "below is a copy",
    "enclosed is a copy",
    "here is a copy",
    "included is a copy",
    "original message follows",
    "original message headers",
    "original message header",
    "original message ",
    "original message:",
    "original mail",
    "original-message",
    "original headers",
    "the original message follows",
    "the original message is included",
    "message headers follow",
    "message header follows",
    "message header:",
    "message text follows",
    "message follows",
    "returned message",
    "returned mail follows",
    "unsent message",
    "undelivered message",
    "non-delivered message",
    "message body follows",
    "the header of the original message",
    "a copy of the original message",
    "a copy of your message",
    "start of returned message",
    "begin of returned message",
    "message contents follow",
    "headers of the message",
    "content-type: message/rfc822",
    "content-type: text/rfc822-headers",
    "return-path:",
    "received:",
    "x-received:",
    "dkim-signature:",
    "元のメッセージ",
};

static const char *const contacts[] = {
    "contact",
    "for further assistance",
    "please send mail to",
    "support",
    "questions",
    "help",
    "problem report",
    "mailto:postmaster",
    "postmaster@",
    "abuse@",
    "unsubscribe",
    "reporting",
    "wenden sie",
    "mailer-daemon@",
    "envelope-from",
    "message-id",
    "hello ",
    "dear ",
    "mail from",
    "sender:",
    "from:",
    "return-path",
    "in-reply-to",
    "your message of",
};

static const char *const bounce_subjects[] = {
    "undeliverable",
    "undelivered",
    "undeliverd",
    "failure notice",
    "failure notification",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "returning to sender",
    "return to sender",
    "message returned",
    "mail delivery failed",
    "mail delivery failure",
    "mail failure",
    "mail failed",
    "mail error",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery status notification",
    "delivery status",
    "delivery notification",
    "delivery error",
    "delivery problem",
    "delivery report",
    "delivery unsuccessful",
    "delivery delayed",
    "delayed mail",
    "could not be delivered",
    "could not deliver",
    "cannot be delivered",
    "not be delivered",
    "not delivered",
    "unable to deliver",
    "non-delivery",
    "nondeliverable",
    "nondelivery",
    "mail system error",
    "user unknown",
    "unknown user",
    "warning: could not send",
    "warning: message",
    "warning from ",
    "postmaster notify",
    "postfix smtp server: errors",
    "message delivery",
    "mail status report",
    "delivery attempt",
    "aws notification message",
    "amazon ses email event",
    "ndn:",
    "non remis",
    "echec de",
    "échec de",
    "unzustellbar",
    "nicht zugestellt",
    "non recapitabile",
    "no se puede entregar",
    "no se pudo entregar",
    "não entregue",
    "não é possível entregar",
    "onbestelbaar",
    "teslim edilemedi",
    "teslim edilemeyen",
    "iletilemedi",
    "ulaştırılamadı",
    "nie można dostarczyć",
    "недоставлен",
    "не доставлено",
    "配信不能",
    "配信エラー",
    "無法傳遞",
    "无法送达",
    "未送达",
    "退信",
    "系统退信",
    "メール配信",
    "エラーメール",
    "送信エラー",
};

static const char *const auto_reply_subjects[] = {
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "autoresponder",
    "automated reply",
    "automated response",
    "out of office",
    "out of the office",
    "out-of-office",
    "away from",
    "vacation",
    "on leave",
    "on holiday",
    "abwesenheit",
    "automatische antwort",
    "automatisch antwoord",
    "réponse automatique",
    "absence",
    "absent",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
    "resposta automática",
    "otomatik yanıt",
    "otomatik cevap",
    "ofis dışında",
    "自動返信",
    "自動応答",
    "不在",
    "自动回复",
    "автоответ",
    "автоматический ответ",
};

static const char *const daemons[] = {
    "mailer-daemon",
    "mailerdaemon",
    "mail delivery",
    "mail deliver system",
    "maildelivery",
    "mail-daemon",
    "mail daemon",
    "mail system",
    "mail administrator",
    "mmdf",
    "mailsystem",
    "system administrator",
    "postoffice",
    "mail-delivery",
    "mta@",
    "bounce-notification",
    "delivery subsystem",
    "sns.amazonaws.com",
    "mdaemon",
};

enum { LOWERED_MAX = 1024 };

/* Whether the beginning of `text` has one of the phrases in it. */
static bool has_any(struct slice text, const char *const *phrases, size_t count) {
    char lower[LOWERED_MAX];
    size_t length = MIN(text.length, LOWERED_MAX);
    for (size_t i = 0; i < length; i++)
        lower[i] = g_ascii_tolower(text.text[i]);
    for (size_t i = 0; i < count; i++)
        if (memmem(lower, length, phrases[i], strlen(phrases[i])) != NULL)
            return true;
    return false;
}

#define HAS_ANY(text, phrases) has_any(text, phrases, G_N_ELEMENTS(phrases))

bool phrase_announces_failure(struct slice line) {
    return HAS_ANY(line, failures);
}

bool phrase_announces_delay(struct slice line) {
    return HAS_ANY(line, delays);
}

bool phrase_announces_success(struct slice line) {
    return HAS_ANY(line, successes);
}

bool phrase_is_transient(struct slice text) {
    return HAS_ANY(text, transients);
}

bool phrase_begins_returned_message(struct slice line) {
    while (line.length > 0 && strchr("-=*_|#> ", line.text[0]) != NULL)
        line = slice_from(line, line.text + 1);
    if (slice_starts(line, "original message was"))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(returned_beginnings); i++)
        if (slice_starts(line, returned_beginnings[i]))
            return true;
    return false;
}

bool phrase_is_contact(struct slice line) {
    return HAS_ANY(line, contacts);
}

bool phrase_is_bounce_subject(struct slice subject) {
    return HAS_ANY(subject, bounce_subjects);
}

bool phrase_is_auto_reply_subject(struct slice subject) {
    return HAS_ANY(subject, auto_reply_subjects);
}

bool phrase_is_daemon(struct slice from) {
    return HAS_ANY(from, daemons);
}

bool phrase_is_postmaster(struct slice from) {
    static const char *const names[] = {"postmaster", "daemon@", "root@"};
    return HAS_ANY(from, names);
}
