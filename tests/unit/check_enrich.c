/* SPDX-License-Identifier: ISC */
/*
 * Enrichment: the rules of safety one by one, and what of a message may change.
 */
#include "dragoman/enrich.h"

#include <string.h>

#include "dragoman/settings.h"
#include "suites.h"

static struct settings *settings;

static void load(void) {
    struct complaints *complaints = complaints_new();
    settings = settings_load_for_enriching(NULL, NULL, complaints);
    ck_assert_ptr_nonnull(settings->snapshot);
    complaints_free(complaints);
}

static void unload(void) {
    settings_free(settings);
}

/* ---- a bounce that can be enriched ---- */

#define TOP                                                                                        \
    "From: Mail Delivery System <MAILER-DAEMON@mail.example.org>\n"                                \
    "To: sender@example.org\n"                                                                     \
    "MIME-Version: 1.0\n"                                                                          \
    "Subject: Undelivered\n"
#define TYPE "Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_r\"\n"
#define NOTICE                                                                                     \
    "Content-Description: Notification\n"                                                          \
    "Content-Type: text/plain; charset=us-ascii\n\n"                                               \
    "This is the mail system.\n"
#define FIELDS                                                                                     \
    "Reporting-MTA: dns; mail.example.org\n\n"                                                     \
    "Final-Recipient: rfc822; ayse@example.net\n"                                                  \
    "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.net\n"                             \
    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
#define STATUS "Content-Type: message/delivery-status\n\n" FIELDS
#define RETURNED "Content-Type: message/rfc822\n\nFrom: sender@example.org\nSubject: x\n\nHello.\n"
#define DELIMITER "\n--=_r\n"
#define BODY(notice, status, returned)                                                             \
    "\nA preamble.\n" DELIMITER notice DELIMITER status DELIMITER returned                         \
    "\n--=_r--\nAn epilogue.\n"
#define GOOD_BODY BODY(NOTICE, STATUS, RETURNED)
#define GOOD TOP TYPE GOOD_BODY

static struct enriched *enrich_octets(const char *octets, size_t length, const char *sender) {
    struct enrich_request request = {{octets, length}, sender, "mail.example.org"};
    return enrich(settings->snapshot, &request);
}

static struct enriched *enrich_text(const char *text) {
    return enrich_octets(text, strlen(text), NULL);
}

static enum untouched untouched_of(const char *text) {
    struct enriched *enriched = enrich_text(text);
    enum untouched untouched = enriched->untouched;
    ck_assert((untouched == UNTOUCHED_NOT) == (enriched->body != NULL));
    enriched_free(enriched);
    return untouched;
}

/* ---- the rules, one by one ---- */

static const struct {
    const char *message;
    enum untouched untouched;
} cases[] = {
    {GOOD, UNTOUCHED_NOT},
    {"", UNTOUCHED_NOT_A_REPORT},
    {"\n", UNTOUCHED_NOT_A_REPORT},
    {"Subject: hello\n\nhello\n", UNTOUCHED_NOT_A_REPORT},
    {"From sender@x Mon Jan  1 00:00:00 2026\n" GOOD, UNTOUCHED_NOT},
    /* no such report */
    {TOP "Content-Type: multipart/mixed; boundary=\"=_r\"\n" GOOD_BODY, UNTOUCHED_NOT_A_REPORT},
    {TOP "Content-Type: multipart/report; boundary=\"=_r\"\n" GOOD_BODY, UNTOUCHED_NOT_A_REPORT},
    {TOP "Content-Type: multipart/report; report-type=disposition-notification; "
         "boundary=\"=_r\"\n" GOOD_BODY,
     UNTOUCHED_NOT_A_REPORT},
    {TOP
     "Content-Type: multipart/report; report-type=feedback-report; boundary=\"=_r\"\n" GOOD_BODY,
     UNTOUCHED_NOT_A_REPORT},
    {TOP "Content-Type: message/rfc822\n\n" GOOD, UNTOUCHED_NOT_A_REPORT},
    {TOP TYPE TYPE GOOD_BODY, UNTOUCHED_NOT_A_REPORT},
    /* ours already */
    {TOP "X-Dragoman-Enriched: 1; host=x\n" TYPE GOOD_BODY, UNTOUCHED_ALREADY},
    {TOP "x-dragoman-enriched : 1\n" TYPE GOOD_BODY, UNTOUCHED_ALREADY},
    /* signed */
    {"DKIM-Signature: v=1; a=rsa-sha256\n" GOOD, UNTOUCHED_SIGNED},
    {"ARC-Seal: i=1\n" GOOD, UNTOUCHED_SIGNED},
    {"ARC-Message-Signature: i=1\n" GOOD, UNTOUCHED_SIGNED},
    {"DomainKey-Signature: a=rsa-sha1\n" GOOD, UNTOUCHED_SIGNED},
    {TOP TYPE BODY("Content-Type: multipart/signed; boundary=i\n\n--i\n\nx\n--i--\n", STATUS,
                   RETURNED),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY("Content-Type: multipart/encrypted; boundary=i\n\nx\n", STATUS, RETURNED),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY("Content-Type: application/pkcs7-mime\n\nx\n", STATUS, RETURNED),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY(NOTICE, STATUS, "Content-Type: application/pgp-signature\n\nx\n"),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY(NOTICE, STATUS, "Content-Type: application/x-pkcs7-signature\n\nx\n"),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY(NOTICE "-----BEGIN PGP SIGNED MESSAGE-----\n", STATUS, RETURNED),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY("Content-Transfer-Encoding: base64\n\nLS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0t\n",
                   STATUS, RETURNED),
     UNTOUCHED_SECURED},
    /* damaged */
    {TOP TYPE "\n--=_r\n" NOTICE DELIMITER STATUS DELIMITER RETURNED, UNTOUCHED_DAMAGED},
    {TOP TYPE "\n--=_r\n" NOTICE DELIMITER STATUS, UNTOUCHED_DAMAGED},
    {TOP TYPE "\n", UNTOUCHED_DAMAGED},
    {TOP TYPE, UNTOUCHED_DAMAGED},
    {TOP TYPE "\n--=_r--\n", UNTOUCHED_DAMAGED},
    {TOP TYPE BODY(NOTICE, STATUS, RETURNED) "--=_r\nmore\n", UNTOUCHED_DAMAGED},
    {TOP TYPE BODY(NOTICE, STATUS, RETURNED) "--=_r\n\nmore\n--=_r--\n", UNTOUCHED_DAMAGED},
    {TOP TYPE BODY("Content-Type: text/html\n\n<p>-----BEGIN PGP MESSAGE-----\n", STATUS, RETURNED),
     UNTOUCHED_SECURED},
    {TOP TYPE BODY(NOTICE "--=_rest\n", STATUS, RETURNED), UNTOUCHED_DAMAGED},
    {TOP "a line that is no field\n" TYPE GOOD_BODY, UNTOUCHED_DAMAGED},
    {TOP TYPE BODY("no field and no empty line\n", STATUS, RETURNED), UNTOUCHED_DAMAGED},
    {TOP TYPE BODY(NOTICE, STATUS, "Content-Type: a/b\nContent-Type: c/d\n\nx\n"),
     UNTOUCHED_DAMAGED},
    {TOP "Content-Transfer-Encoding: base64\n" TYPE GOOD_BODY, UNTOUCHED_DAMAGED},
    {TOP "Content-Type: multipart/report; report-type=delivery-status\n" GOOD_BODY,
     UNTOUCHED_DAMAGED},
    /* the status part */
    {TOP TYPE BODY(NOTICE, "Content-Type: text/plain\n\n" FIELDS, RETURNED), UNTOUCHED_NO_STATUS},
    {TOP TYPE BODY(NOTICE, STATUS, STATUS), UNTOUCHED_SEVERAL_STATUS},
    {TOP TYPE BODY("Content-Type: multipart/mixed; boundary=i\n\n--i\n" STATUS "\n--i--\n", STATUS,
                   RETURNED),
     UNTOUCHED_SEVERAL_STATUS},
    {TOP TYPE BODY(STATUS, NOTICE, RETURNED), UNTOUCHED_NO_NOTICE},
    {TOP TYPE BODY(RETURNED, STATUS, NOTICE), UNTOUCHED_NO_NOTICE},
    {TOP TYPE BODY("Content-Type: text/rfc822-headers\n\nFrom: x\n", STATUS, RETURNED),
     UNTOUCHED_NO_NOTICE},
    {TOP TYPE BODY(NOTICE, "Content-Type: message/delivery-status\n\nnothing here\n", RETURNED),
     UNTOUCHED_UNREADABLE_STATUS},
    {TOP TYPE BODY(NOTICE, "Content-Type: message/delivery-status\n\n", RETURNED),
     UNTOUCHED_UNREADABLE_STATUS},
    {TOP TYPE BODY(NOTICE, STATUS "\nFinal-Recipient: rfc822; b@example.net\nAction: lost\n",
                   RETURNED),
     UNTOUCHED_UNREADABLE_STATUS},
    {TOP TYPE BODY(NOTICE, STATUS "\nFinal-Recipient: rfc822; b@example.net\nStatus: 5.0.0\n",
                   RETURNED),
     UNTOUCHED_UNREADABLE_STATUS},
    {TOP TYPE BODY(NOTICE, "Content-Type: message/global-delivery-status\n\n" FIELDS, RETURNED),
     UNTOUCHED_NOT},
/* what became of the message */
#define ACTION(action)                                                                             \
    TOP TYPE BODY(NOTICE,                                                                          \
                  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"     \
                  "Final-Recipient: rfc822; a@example.net\nAction: " action "\nStatus: 2.0.0\n",   \
                  RETURNED)
    {ACTION("relayed"), UNTOUCHED_NOTHING_FAILED},
    {ACTION("expanded"), UNTOUCHED_NOTHING_FAILED},
    {ACTION("delivered"), UNTOUCHED_NOTHING_FAILED},
    {ACTION("delayed"), UNTOUCHED_NOT},
    {ACTION("Failed"), UNTOUCHED_NOT},
    /* without a returned message, without a header of the part */
    {TOP TYPE "\n--=_r\n" NOTICE DELIMITER STATUS "\n--=_r--\n", UNTOUCHED_NOT},
    {TOP TYPE BODY("\nno header\n", STATUS, RETURNED), UNTOUCHED_NOT},
};

START_TEST(test_rules) {
    enum untouched untouched = untouched_of(cases[_i].message);
    ck_assert_msg(untouched == cases[_i].untouched, "%s instead of %s:\n%s",
                  untouched_name(untouched), untouched_name(cases[_i].untouched),
                  cases[_i].message);
}
END_TEST

/* The same with CRLF. */
START_TEST(test_rules_with_crlf) {
    g_autoptr(GString) message = g_string_new(cases[_i].message);
    g_string_replace(message, "\n", "\r\n", 0);
    enum untouched untouched = untouched_of(message->str);
    ck_assert_msg(untouched == cases[_i].untouched, "%s instead of %s", untouched_name(untouched),
                  untouched_name(cases[_i].untouched));
}
END_TEST

START_TEST(test_only_the_null_sender) {
    static const struct {
        const char *sender;
        bool null;
    } senders[] = {{NULL, true},   {"", true},
                   {"<>", true},   {"<a@b.example>", false},
                   {"a@b", false}, {"MAILER-DAEMON", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(senders); i++) {
        struct enriched *enriched = enrich_octets(GOOD, strlen(GOOD), senders[i].sender);
        ck_assert_int_eq(enriched->untouched,
                         senders[i].null ? UNTOUCHED_NOT : UNTOUCHED_NOT_NULL_SENDER);
        enriched_free(enriched);
    }
}
END_TEST

START_TEST(test_nul_and_size) {
    g_autoptr(GString) message = g_string_new(GOOD);
    g_string_insert_len(message, (gssize)message->len - 30, "\0", 1);
    struct enriched *enriched = enrich_octets(message->str, message->len, NULL);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NUL);
    enriched_free(enriched);
    g_string_assign(message, GOOD);
    while (message->len < 8 * 1024 * 1024)
        g_string_append(message, "a line of a very long epilogue of the message\n");
    enriched = enrich_octets(message->str, message->len, NULL);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_TOO_LARGE);
    enriched_free(enriched);
}
END_TEST

static char *with_long_notice(size_t octets) {
    GString *notice = g_string_new(TOP TYPE "\n--=_r\n" NOTICE);
    while (octets > 0) {
        size_t length = MIN(octets, 70);
        g_string_append_printf(
            notice, "%.*s\n", (int)length - 1,
            "0123456789012345678901234567890123456789012345678901234567890123456789");
        octets -= length;
    }
    g_string_append(notice, DELIMITER STATUS DELIMITER RETURNED "\n--=_r--\n");
    return g_string_free(notice, FALSE);
}

START_TEST(test_at_most_64_kilobytes_are_read) {
    g_autofree char *good = with_long_notice(64000);
    g_autofree char *long_one = with_long_notice(65600);
    ck_assert_int_eq(untouched_of(good), UNTOUCHED_NOT);
    ck_assert_int_eq(untouched_of(long_one), UNTOUCHED_PART_TOO_LARGE);
}
END_TEST

START_TEST(test_signed_where_the_site_wants_it) {
    settings->snapshot->site.bounces.also_signed = true;
    ck_assert_int_eq(untouched_of("DKIM-Signature: v=1\n" GOOD), UNTOUCHED_NOT);
    ck_assert_int_eq(
        untouched_of(TOP TYPE BODY(NOTICE "-----BEGIN PGP MESSAGE-----\n", STATUS, RETURNED)),
        UNTOUCHED_SECURED);
}
END_TEST

START_TEST(test_names) {
    for (enum untouched i = UNTOUCHED_NOT; i < UNTOUCHED_COUNT; i++) {
        ck_assert((i == UNTOUCHED_NOT) == (*untouched_name(i) == '\0'));
        ck_assert((i == UNTOUCHED_NOT) == (*untouched_help(i) == '\0'));
    }
}
END_TEST

/* ---- what changes ---- */

/* The whole message as it goes on. */
static GString *passed_on(const char *message, const struct enriched *enriched) {
    GString *out = g_string_new_len(message, (gssize)enriched->header_length);
    g_string_append_printf(out, "%s: %s\n\n", enrich_mark, enriched->mark);
    g_string_append_len(out, enriched->body->str, (gssize)enriched->body->len);
    return out;
}

static const char *const framed[] = {
    GOOD,
    TOP TYPE BODY("\nno header\n", STATUS, RETURNED),
    TOP TYPE BODY("Content-Type: text/html\n\n<p>No</p>\n", STATUS, RETURNED),
    TOP TYPE BODY("Content-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n--i\nContent-Type: "
                  "text/html\n\n"
                  "<p>\n--i--\n",
                  STATUS, RETURNED),
    TOP TYPE BODY("Content-Type: text/plain; charset=x-nobody-knows\n\nw\xfcrde\n", STATUS,
                  RETURNED),
    TOP TYPE BODY("Content-Type: text/plain\n\nno utf-8: \xfc\n", STATUS, RETURNED),
    TOP TYPE BODY("Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n", STATUS, RETURNED),
};

/* From the second part on, and in front of the first, everything is as it was. */
START_TEST(test_all_but_the_first_part_is_as_it_was) {
    const char *before = framed[_i];
    const char *preamble = strstr(before, "\n\n") + 2, *rest = strstr(before, DELIMITER STATUS);
    struct enriched *enriched = enrich_text(before);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_uint_eq(enriched->header_length, (size_t)(preamble - 1 - before));
    ck_assert(g_str_has_prefix(enriched->body->str, "A preamble.\n" DELIMITER));
    ck_assert(g_str_has_suffix(enriched->body->str, rest));
    ck_assert_str_eq(enriched->mark, "1; host=mail.example.org");
    g_autoptr(GString) after = passed_on(before, enriched);
    ck_assert_int_eq(untouched_of(after->str), UNTOUCHED_ALREADY);
    enriched_free(enriched);
}
END_TEST

/* What cannot be decoded without loss is there as it was, behind the letter. */
START_TEST(test_other_first_parts_are_wrapped) {
    for (size_t i = 2; i < G_N_ELEMENTS(framed); i++) {
        const char *start = strstr(framed[i], DELIMITER) + strlen(DELIMITER);
        g_autofree char *part = g_strndup(start, (size_t)(strstr(start, DELIMITER) - start));
        struct enriched *enriched = enrich_text(framed[i]);
        ck_assert_ptr_nonnull(
            strstr(enriched->body->str, "Content-Type: multipart/mixed; boundary="));
        const char *kept = strstr(enriched->body->str, part);
        ck_assert_ptr_nonnull(kept);
        ck_assert(g_str_has_prefix(kept + strlen(part), "\n--0=_dragoman_"));
        enriched_free(enriched);
    }
}
END_TEST

START_TEST(test_other_fields_of_the_part_stay) {
    struct enriched *enriched = enrich_text(TOP TYPE BODY(
        "Content-Language: en\nContent-Disposition: inline\nContent-Type: text/plain;\n"
        "\tcharset=us-ascii; format=flowed; delsp=yes\nContent-MD5: x\nX-Other: a\n b\n\n"
        "flowing \ntext\n",
        STATUS, RETURNED));
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_ptr_nonnull(
        strstr(enriched->body->str,
               DELIMITER "Content-Disposition: inline\nX-Other: a\n b\n"
                         "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n"
                         "Content-Transfer-Encoding: quoted-printable\n\n"));
    ck_assert_ptr_nonnull(strstr(enriched->body->str, "\nflowing=20\ntext\n" DELIMITER));
    enriched_free(enriched);
}
END_TEST

/* ---- character sets ---- */

static const struct {
    const char *part;
    const char *words; /* in the new part, quoted-printable or base64 */
} charsets[] = {
    {"Content-Type: text/plain; charset=unicode-1-1-utf-7\n\nZ+APw-rich\n", "Z=C3=BCrich\n"},
    {"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$O$$\x1b(B\n", "=E3=81=AF=E3=81=84\n"},
    {"Content-Type: text/plain; charset=iso-8859-9\n\n\xfd\xfe\xf0\n", "=C4=B1=C5=9F=C4=9F\n"},
    {"Content-Type: text/plain; charset=windows-1254\nContent-Transfer-Encoding: "
     "quoted-printable\n\n=FD=FE\n",
     "=C4=B1=C5=9F\n"},
    {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nxLHFnwo=\n",
     "=C4=B1=C5=9F\n"},
    {"Content-Type: text/plain; charset=us-ascii\n\n\xc4\xb1\n", "=C4=B1\n"},
    {"Content-Type: text/plain\n\n\xc4\xb1\n", "=C4=B1\n"},
};

START_TEST(test_charsets) {
    g_autofree char *message =
        g_strconcat(TOP TYPE "\n--=_r\n", charsets[_i].part, DELIMITER STATUS "\n--=_r--\n", NULL);
    struct enriched *enriched = enrich_text(message);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_ptr_nonnull(strstr(enriched->body->str, "Content-Type: text/plain; charset=utf-8\n"));
    ck_assert_msg(strstr(enriched->body->str, charsets[_i].words) != NULL, "%s",
                  enriched->body->str);
    ck_assert_ptr_null(strstr(enriched->body->str, "multipart/mixed"));
    enriched_free(enriched);
}
END_TEST

/* A line of the text must not become a delimiter once it is decoded. */
START_TEST(test_a_hidden_delimiter_does_not_come_out) {
    struct enriched *enriched =
        enrich_text(TOP "Content-Type: multipart/report; report-type=delivery-status; boundary=zz\n"
                        "\n--zz\nContent-Transfer-Encoding: base64\n\nCi0tenoKQQotLXp6LS0K\n"
                        "\n--zz\n" STATUS "\n--zz--\n");
    unsigned delimiters = 0;
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_ptr_nonnull(strstr(enriched->body->str, "Content-Transfer-Encoding: base64\n\n"));
    for (const char *at = enriched->body->str; (at = strstr(at, "\n--zz")) != NULL; at++)
        delimiters++;
    ck_assert_uint_eq(delimiters, 2); /* the first stands at the very beginning */
    enriched_free(enriched);
}
END_TEST

/* ---- how much is added ---- */

static char *with_recipients(unsigned count, bool alike) {
    GString *message = g_string_new(TOP TYPE "\n--=_r\n" NOTICE DELIMITER
                                             "Content-Type: message/delivery-status\n\n"
                                             "Reporting-MTA: dns; mail.example.org\n");
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(
            message,
            "\nFinal-Recipient: rfc822; user%u@host%u.example.net\nAction: failed\n"
            "Status: 5.7.%u\nRemote-MTA: dns; mx%u.example.net\n"
            "Diagnostic-Code: smtp; 550 5.7.1 a b c d e f g h i j k l m n o p q r s t u v\n",
            i, alike ? 1 : i, alike ? 1 : i, alike ? 1 : i);
    g_string_append(message, DELIMITER RETURNED "\n--=_r--\n");
    return g_string_free(message, FALSE);
}

START_TEST(test_recipients_with_one_fate_are_one_block) {
    g_autofree char *message = with_recipients(2, true);
    struct enriched *enriched = enrich_text(message);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_uint_eq(enriched->findings->len, 2);
    ck_assert_ptr_nonnull(strstr(enriched->body->str, "\nRecipients:\n  user0@host1.example.net\n"
                                                      "  user1@host1.example.net\n"));
    enriched_free(enriched);
}
END_TEST

START_TEST(test_never_more_than_16_kilobytes_are_added) {
    static const unsigned counts[] = {1, 2, 10, 50, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autofree char *message = with_recipients(counts[i], false);
        struct enriched *enriched = enrich_text(message);
        ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
        size_t body = strlen(message) - enriched->header_length - 1;
        ck_assert_uint_le(enriched->body->len, body + 16384);
        ck_assert_uint_eq(enriched->findings->len, counts[i]);
        enriched_free(enriched);
    }
}
END_TEST

/* Five servers, each with five recipients of long names and five long answers. */
START_TEST(test_less_is_told_where_it_would_be_too_much) {
    g_autofree char *name = g_strnfill(200, 'n'), *words = g_strnfill(650, 'w');
    g_autoptr(GString) message = g_string_new(TOP TYPE "\n--=_r\n" NOTICE DELIMITER
                                                       "Content-Type: message/delivery-status\n\n"
                                                       "Reporting-MTA: dns; mail.example.org\n");
    for (unsigned i = 0; i < 25; i++)
        g_string_append_printf(message,
                               "\nFinal-Recipient: rfc822; %s%u@example.net\nAction: failed\n"
                               "Status: 5.1.1\nRemote-MTA: dns; mx%u.example.com\n"
                               "Diagnostic-Code: smtp; 550 5.1.1 %u %s\n",
                               name, i, i / 5, i, words);
    g_string_append(message, DELIMITER RETURNED "\n--=_r--\n");
    struct enriched *enriched = enrich_text(message->str);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_uint_le(enriched->body->len, message->len - enriched->header_length + 16384);
    ck_assert_ptr_nonnull(
        strstr(enriched->letter, "\nand 10 more, named in the original report\n"));
    enriched_free(enriched);
}
END_TEST

/* Neither crash nor half a message, wherever it is cut off or whatever octet is another. */
START_TEST(test_hostile_octets) {
    for (size_t i = 0; i < strlen(GOOD); i++) {
        g_autofree char *cut = g_strndup(GOOD, i);
        enum untouched untouched = untouched_of(cut);
        ck_assert_msg(untouched != UNTOUCHED_NOT || i >= strlen(GOOD) - strlen("\nAn epilogue.\n"),
                      "cut at %zu", i);
        g_autofree char *other = g_strdup(GOOD);
        other[i] = (char)(0xff - i % 7);
        untouched_of(other);
    }
}
END_TEST

/* ---- whose word it is ---- */

static const struct {
    const char *fields;
    const char *sentence, *technical; /* of the letter in English */
} parties[] = {
    {"Remote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
     "\nThe server at example.net says", "\nmx.example.net answered: 550 5.1.1 no such user\n"},
    {"Remote-MTA: dns; filter.example.com\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
     "\nThe server at filter.example.com says", "\nfilter.example.com answered: 550"},
    {"Remote-MTA: dns; [192.0.2.7]\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
     "\nThe server at example.net says", "\n192.0.2.7 answered: 550"},
    {"Diagnostic-Code: smtp; 550 5.1.1 no such user\n", "\nThe server at example.net says",
     "\nexample.net answered: 550"},
    {"Diagnostic-Code: X-Postfix; unknown user: \"ayse\"\n",
     "\nThe server at mail.example.org says",
     "\nmail.example.org reports: unknown user: \"ayse\"\nError code: 5.1.1\n"},
    {"Remote-MTA: dns; http://evil.example/click here\nDiagnostic-Code: smtp; 550 5.1.1 x\n",
     "\nThe server at example.net says", "\nexample.net answered: 550"},
};

START_TEST(test_whose_word_it_is) {
    g_autofree char *message = g_strconcat(
        TOP TYPE "\n--=_r\n" NOTICE DELIMITER "Content-Type: message/delivery-status\n\n"
                 "Reporting-MTA: dns; mail.example.org\n\n"
                 "Final-Recipient: rfc822; ayse@example.net\nAction: failed\nStatus: 5.1.1\n",
        parties[_i].fields, "\n--=_r--\n", NULL);
    struct enriched *enriched = enrich_text(message);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_msg(strstr(enriched->letter, parties[_i].sentence) != NULL, "%s", enriched->letter);
    ck_assert_msg(strstr(enriched->letter, parties[_i].technical) != NULL, "%s", enriched->letter);
    enriched_free(enriched);
}
END_TEST

/* Two recipients, and how many blocks tell of them. */
static const struct {
    const char *domains[2];
    const char *fields[2];
    unsigned blocks;
} fates[] = {
    {{"a.example", "b.example"},
     {"smtp; 552 5.2.2 mailbox full", "smtp; 552 5.2.2 mailbox full"},
     1},
    {{"a.example", "b.example"},
     {"smtp; 550 5.1.1 no such user", "smtp; 550 5.1.1 no such user"},
     2},
    {{"a.example", "a.example"},
     {"smtp; 550 5.1.1 no such user", "smtp; 550 5.1.1 no such user"},
     1},
    {{"a.example", "a.example"},
     {"smtp; 550 5.1.1 no such user", "smtp; 552 5.2.2 mailbox full"},
     2},
    {{"a.example", "b.example"},
     {"X-Postfix; Host or domain name not found", "X-Postfix; Host or domain name not found"},
     2},
};

START_TEST(test_one_block_for_each_fate) {
    g_autoptr(GString) message = g_string_new(TOP TYPE "\n--=_r\n" NOTICE DELIMITER
                                                       "Content-Type: message/delivery-status\n\n"
                                                       "Reporting-MTA: dns; mail.example.org\n");
    for (size_t i = 0; i < 2; i++)
        g_string_append_printf(message,
                               "\nFinal-Recipient: rfc822; user%zu@%s\nAction: failed\n"
                               "Status: 5.0.0\nDiagnostic-Code: %s\n",
                               i, fates[_i].domains[i], fates[_i].fields[i]);
    g_string_append(message, "\n--=_r--\n");
    struct enriched *enriched = enrich_text(message->str);
    unsigned blocks = 0;
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    for (const char *at = enriched->letter; (at = strstr(at, "was not delivered.")) != NULL; at++)
        blocks++;
    ck_assert_msg(blocks == fates[_i].blocks, "%u\n%s", blocks, enriched->letter);
    enriched_free(enriched);
}
END_TEST

/* ---- the order of languages ---- */

static const struct {
    const char *returned;
    const char *first;
} evidences[] = {
    {"From: a@example.org\n", "en"},
    {"Accept-Language: tr-TR, en-US;q=0.7\n", "tr"},
    {"Accept-Language: fr, tr\nContent-Language: en\n", "tr"},
    {"Content-Language: tr\n", "tr"},
    {"Content-Language: fr\nContent-Type: text/plain; charset=\"iso-8859-9\"\n", "tr"},
    {"Content-Type: text/plain; charset=utf-8\nSubject: =?windows-1254?Q?=FD?=\n", "tr"},
    {"Subject: =?iso-8859-9?Q?=FD?=\n", "tr"},
    {"Content-Type: text/plain; charset=iso-8859-9\nContent-Language: en\n", "en"},
};

static void check_first(const char *message, const char *first) {
    struct enriched *enriched = enrich_text(message);
    ck_assert_int_eq(enriched->untouched, UNTOUCHED_NOT);
    ck_assert_str_eq(enriched->languages->pdata[0], first);
    ck_assert_uint_eq(enriched->languages->len, 2);
    enriched_free(enriched);
}

START_TEST(test_evidence) {
    g_autofree char *message = g_strconcat(TOP TYPE "\n--=_r\n" NOTICE DELIMITER STATUS DELIMITER
                                                    "Content-Type: text/rfc822-headers\n\n",
                                           evidences[_i].returned, "\n--=_r--\n", NULL);
    settings->snapshot->site.bounces.by_evidence = true;
    check_first(message, evidences[_i].first);
    settings->snapshot->site.bounces.by_evidence = false;
    check_first(message, "en");
}
END_TEST

START_TEST(test_evidence_of_the_domain) {
    settings->snapshot->site.bounces.by_evidence = true;
    check_first("To: ayse@okul.example.tr\n" TYPE GOOD_BODY, "tr");
    check_first("To: ayse@okul.example.uk\n" TYPE GOOD_BODY, "en");
}
END_TEST

Suite *enrich_suite(void) {
    Suite *suite = suite_create("enrich");
    TCase *rules = tcase_create("safety"), *changes = tcase_create("changes"),
          *order = tcase_create("languages");
    tcase_add_unchecked_fixture(rules, load, unload);
    tcase_add_loop_test(rules, test_rules, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(rules, test_rules_with_crlf, 0, G_N_ELEMENTS(cases));
    tcase_add_test(rules, test_only_the_null_sender);
    tcase_add_test(rules, test_nul_and_size);
    tcase_add_test(rules, test_at_most_64_kilobytes_are_read);
    tcase_add_test(rules, test_signed_where_the_site_wants_it);
    tcase_add_test(rules, test_names);
    tcase_add_test(rules, test_hostile_octets);
    tcase_set_timeout(rules, 60);
    suite_add_tcase(suite, rules);
    tcase_add_unchecked_fixture(changes, load, unload);
    tcase_add_loop_test(changes, test_all_but_the_first_part_is_as_it_was, 0, G_N_ELEMENTS(framed));
    tcase_add_test(changes, test_other_first_parts_are_wrapped);
    tcase_add_test(changes, test_other_fields_of_the_part_stay);
    tcase_add_loop_test(changes, test_charsets, 0, G_N_ELEMENTS(charsets));
    tcase_add_test(changes, test_a_hidden_delimiter_does_not_come_out);
    tcase_add_test(changes, test_recipients_with_one_fate_are_one_block);
    tcase_add_test(changes, test_never_more_than_16_kilobytes_are_added);
    tcase_add_test(changes, test_less_is_told_where_it_would_be_too_much);
    tcase_add_loop_test(changes, test_one_block_for_each_fate, 0, G_N_ELEMENTS(fates));
    tcase_add_loop_test(changes, test_whose_word_it_is, 0, G_N_ELEMENTS(parties));
    suite_add_tcase(suite, changes);
    tcase_add_unchecked_fixture(order, load, unload);
    tcase_add_loop_test(order, test_evidence, 0, G_N_ELEMENTS(evidences));
    tcase_add_test(order, test_evidence_of_the_domain);
    suite_add_tcase(suite, order);
    return suite;
}
