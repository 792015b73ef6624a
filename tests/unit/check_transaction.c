/* SPDX-License-Identifier: ISC */
#include "dragoman/transaction.h"

#include <string.h>

#include "suites.h"

static const struct limits small = {
    .header_fields = 3, .header_octets = 40, .recipients = 2, .body_octets = 10};

static struct transaction *transaction;

static void set_up(void) {
    transaction = transaction_new(&small);
    transaction_connect(transaction, "mx.example.net", "192.0.2.7", 4711);
}

static void tear_down(void) {
    transaction_free(transaction);
}

/* All values of a fact, joined by a bar; "" is one empty value, "(none)" no value. */
static void check_values(enum fact fact, const char *key, const char *expected) {
    struct fact_values values = transaction_values(transaction, fact, key);
    g_autoptr(GString) joined = g_string_new(values.count == 0 ? "(none)" : NULL);

    for (size_t i = 0; i < values.count; i++)
        g_string_append_printf(joined, "%s%s", i > 0 ? "|" : "", values.texts[i]);
    ck_assert_msg(strcmp(joined->str, expected) == 0, "%s:%s is %s, not %s", fact_row(fact)->name,
                  key != NULL ? key : "", joined->str, expected);
}

static void check(enum fact fact, const char *expected) {
    check_values(fact, NULL, expected);
    if (strcmp(expected, "(none)") == 0)
        ck_assert_ptr_null(transaction_value(transaction, fact));
}

/* ---- the connection ---- */

static const struct {
    const char *name, *ip;
    unsigned port;
    const char *known_name, *known_ip, *known_port;
    bool has_address;
} connections[] = {
    {"mx.example.net", "192.0.2.7", 25, "mx.example.net", "192.0.2.7", "25", true},
    {"mx.example.net", "2001:db8::1", 1, "mx.example.net", "2001:db8::1", "1", true},
    {"[192.0.2.7]", "192.0.2.7", 25, "unknown", "192.0.2.7", "25", true},
    {NULL, "192.0.2.7", 25, "unknown", "192.0.2.7", "25", true},
    {"", "192.0.2.7", 25, "unknown", "192.0.2.7", "25", true},
    {"localhost", NULL, 0, "localhost", "none", "0", false},
    {"localhost", "none of them", 0, "localhost", "none of them", "0", false},
};

START_TEST(connections_are_known) {
    transaction_connect(transaction, connections[_i].name, connections[_i].ip,
                        connections[_i].port);
    check(FACT_CLIENT_NAME, connections[_i].known_name);
    check(FACT_CLIENT_IP, connections[_i].known_ip);
    check(FACT_CLIENT_PORT, connections[_i].known_port);
    ck_assert_int_eq(transaction_client_address(transaction)->known, connections[_i].has_address);
}
END_TEST

static const char *const no_parameters[] = {NULL};

static void learn_everything(void) {
    static const char *const mail[] = {"SIZE=1000", "SMTPUTF8", NULL};
    static const char *const rcpt[] = {"NOTIFY=NEVER", NULL};

    transaction_macro(transaction, STAGE_CONNECT, "j", "mail.example.com");
    transaction_helo(transaction, "helo.example.net");
    transaction_macro(transaction, STAGE_HELO, "tls_version", "TLSv1.3");
    transaction_mail(transaction, "<a@b.example>", mail);
    transaction_macro(transaction, STAGE_MAIL, "auth_authen", "ayse");
    transaction_rcpt(transaction, "<kept@example.com>", rcpt);
    transaction_keep_recipient(transaction);
    transaction_rcpt(transaction, "<last@example.org>", rcpt);
    transaction_macro(transaction, STAGE_RCPT, "rcpt_mailer", "local");
    transaction_recipient_refused_by_mta(transaction);
    transaction_rcpt(transaction, "<last@example.org>", rcpt);
    transaction_header(transaction, "Subject", "x");
    transaction_body(transaction, "body", 4);
}

static void check_message_is_forgotten(void) {
    static const enum fact facts[] = {
        FACT_SENDER,          FACT_SENDER_DOMAIN, FACT_AUTHENTICATED,
        FACT_AUTH_USER,       FACT_DECLARED_SIZE, FACT_SIZE,
        FACT_SMTPUTF8,        FACT_RECIPIENT,     FACT_RECIPIENT_DOMAIN,
        FACT_RECIPIENT_COUNT, FACT_HEADER_NAME,   FACT_HEADER_COUNT,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
        check(facts[i], "(none)");
    check(FACT_BODY, "");
    check_values(FACT_HEADER, "Subject", "(none)");
    check_values(FACT_MAIL_PARAMETER, "SIZE", "(none)");
    check_values(FACT_RCPT_PARAMETER, "NOTIFY", "(none)");
    check_values(FACT_MACRO, "auth_authen", "(none)");
    check_values(FACT_MACRO, "rcpt_mailer", "(none)");
    ck_assert(!transaction_is_authenticated(transaction));
    ck_assert(!transaction_is_smtputf8(transaction));
}

START_TEST(everything_is_known) {
    learn_everything();
    check(FACT_SERVER, "mail.example.com");
    check_values(FACT_MACRO, "j", "mail.example.com");
    check(FACT_HELO, "helo.example.net");
    check(FACT_TLS_VERSION, "TLSv1.3");
    check(FACT_SENDER, "a@b.example");
    check(FACT_SENDER_DOMAIN, "b.example");
    check(FACT_AUTHENTICATED, "yes");
    check(FACT_AUTH_USER, "ayse");
    check(FACT_DECLARED_SIZE, "1000");
    check(FACT_SIZE, "1000");
    check(FACT_SMTPUTF8, "yes");
    check_values(FACT_MAIL_PARAMETER, "size", "1000");
    check_values(FACT_MAIL_PARAMETER, "SMTPUTF8", "");
    check_values(FACT_MAIL_PARAMETER, "BODY", "(none)");
    check(FACT_RECIPIENT, "last@example.org");
    check(FACT_RECIPIENT_DOMAIN, "example.org");
    check(FACT_RECIPIENT_COUNT, "2");
    check(FACT_REFUSED_RECIPIENTS, "1");
    check_values(FACT_RCPT_PARAMETER, "notify", "NEVER");
    check_values(FACT_HEADER, "subject", "x");
    check(FACT_BODY, "body");
    ck_assert(transaction_is_authenticated(transaction));
    ck_assert(transaction_is_smtputf8(transaction));
}
END_TEST

START_TEST(a_message_is_forgotten_alone) {
    learn_everything();
    transaction_forget_message(transaction);
    check_message_is_forgotten();
    check(FACT_CLIENT_IP, "192.0.2.7");
    check(FACT_SERVER, "mail.example.com");
    check(FACT_HELO, "helo.example.net");
    check(FACT_TLS_VERSION, "TLSv1.3");
}
END_TEST

START_TEST(a_connection_forgets_everything) {
    learn_everything();
    transaction_unknown_command(transaction, "XFOO");
    transaction_connect(transaction, NULL, NULL, 0);
    check_message_is_forgotten();
    check(FACT_SERVER, "(none)");
    check_values(FACT_MACRO, "j", "(none)");
    check(FACT_HELO, "(none)");
    check(FACT_TLS_VERSION, "(none)");
    check(FACT_COMMAND, "(none)");
    transaction_rcpt(transaction, "a@b", no_parameters);
    check(FACT_REFUSED_RECIPIENTS, "0");
}
END_TEST

START_TEST(mail_forgets_the_message_before) {
    learn_everything();
    transaction_mail(transaction, "<>", NULL);
    check(FACT_SENDER, "");
    check(FACT_SENDER_DOMAIN, "");
    check(FACT_AUTHENTICATED, "no");
    check(FACT_SMTPUTF8, "no");
    check(FACT_AUTH_USER, "(none)");
    check(FACT_SIZE, "(none)");
    check(FACT_DECLARED_SIZE, "(none)");
    check(FACT_RECIPIENT, "(none)");
    check(FACT_RECIPIENT_COUNT, "(none)");
    check_values(FACT_HEADER, "Subject", "(none)");
    check(FACT_BODY, "");
    check(FACT_HELO, "helo.example.net");
}
END_TEST

START_TEST(the_last_helo_counts) {
    transaction_helo(transaction, "first.example");
    transaction_macro(transaction, STAGE_HELO, "tls_version", "TLSv1.2");
    transaction_helo(transaction, "second.example");
    check(FACT_HELO, "second.example");
    check(FACT_TLS_VERSION, "(none)");
    for (int i = 0; i < 10000; i++)
        transaction_helo(transaction, "third.example");
    check(FACT_HELO, "third.example");
}
END_TEST

/* ---- senders and recipients ---- */

static const struct {
    const char *path, *address, *domain;
} paths[] = {
    {"<a@b.example>", "a@b.example", "b.example"},
    {"a@b.example", "a@b.example", "b.example"},
    {"<@relay.example:a@b.example>", "a@b.example", "b.example"},
    {"<\"a@b\"@c.example>", "\"a@b\"@c.example", "c.example"},
    {"<postmaster>", "postmaster", ""},
    {"<>", "", ""},
    {"", "", ""},
    {"<\x1b\xff@b.example>", "\x1b?@b.example", "b.example"},
};

START_TEST(paths_are_learned) {
    transaction_mail(transaction, paths[_i].path, NULL);
    check(FACT_SENDER, paths[_i].address);
    check(FACT_SENDER_DOMAIN, paths[_i].domain);
    transaction_rcpt(transaction, paths[_i].path, NULL);
    check(FACT_RECIPIENT, paths[_i].address);
    check(FACT_RECIPIENT_DOMAIN, paths[_i].domain);
}
END_TEST

START_TEST(parameters_are_learned) {
    const char *parameters[] = {"SIZE=1=2", "=x", "BODY", "RET=", "X=1", "x=2", NULL};

    transaction_mail(transaction, "<>", parameters);
    check_values(FACT_MAIL_PARAMETER, "SIZE", "1=2");
    check_values(FACT_MAIL_PARAMETER, "BODY", "");
    check_values(FACT_MAIL_PARAMETER, "RET", "");
    check_values(FACT_MAIL_PARAMETER, "X", "1|2");
    check_values(FACT_RCPT_PARAMETER, "SIZE", "(none)");
    check(FACT_SIZE, "1=2");
}
END_TEST

/* One letter for each recipient: k kept, d dropped, m refused by the MTA. */
static const struct {
    const char *fates;
    const char *after, *domains, *count, *refused;
} deliveries[] = {
    {"k", "0@d0", "d0", "1", "0"},
    {"kk", "0@d0|1@d1", "d0|d1", "2", "0"},
    {"dk", "1@d1", "d1", "1", "0"},
    {"kd", "0@d0", "d0", "1", "0"},
    {"kdmk", "0@d0|3@d3", "d0|d3", "2", "1"},
    {"mmm", "(none)", "(none)", "0", "3"},
    {"d", "(none)", "(none)", "0", "0"},
};

START_TEST(recipients_are_kept_and_dropped) {
    size_t kept = 0;
    unsigned refused = 0;

    transaction_mail(transaction, "<a@b>", NULL);
    for (const char *fate = deliveries[_i].fates; *fate != '\0'; fate++) {
        int index = (int)(fate - deliveries[_i].fates);
        g_autofree char *path = g_strdup_printf("<%d@d%d>", index, index);
        g_autofree char *address = g_strdup_printf("%d@d%d", index, index);
        g_autofree char *count = g_strdup_printf("%zu", kept + 1);
        g_autofree char *refused_before = g_strdup_printf("%u", refused);
        transaction_rcpt(transaction, path, NULL);
        check(FACT_RECIPIENT, address);
        check(FACT_RECIPIENT_COUNT, count);
        check(FACT_REFUSED_RECIPIENTS, refused_before);
        if (*fate == 'k')
            transaction_keep_recipient(transaction);
        else if (*fate == 'd')
            transaction_drop_recipient(transaction);
        else
            transaction_recipient_refused_by_mta(transaction);
        kept += *fate == 'k';
        refused += *fate == 'm';
    }
    check(FACT_RECIPIENT, deliveries[_i].after);
    check(FACT_RECIPIENT_DOMAIN, deliveries[_i].domains);
    check(FACT_RECIPIENT_COUNT, deliveries[_i].count);
    check(FACT_REFUSED_RECIPIENTS, deliveries[_i].refused);
    ck_assert_ptr_null(transaction_overflow(transaction));
}
END_TEST

START_TEST(a_recipient_is_kept_once) {
    transaction_mail(transaction, "<a@b>", NULL);
    transaction_keep_recipient(transaction); /* there is none yet */
    transaction_rcpt(transaction, "<c@d>", NULL);
    transaction_keep_recipient(transaction);
    transaction_keep_recipient(transaction);
    transaction_drop_recipient(transaction);
    check(FACT_RECIPIENT, "c@d");
    check(FACT_RECIPIENT_COUNT, "1");
}
END_TEST

START_TEST(parameters_of_recipients_are_apart) {
    const char *first[] = {"NOTIFY=NEVER", NULL};

    transaction_mail(transaction, "<a@b>", NULL);
    transaction_rcpt(transaction, "<c@d>", first);
    check_values(FACT_RCPT_PARAMETER, "NOTIFY", "NEVER");
    transaction_keep_recipient(transaction);
    check_values(FACT_RCPT_PARAMETER, "NOTIFY", "(none)");
    transaction_rcpt(transaction, "<e@f>", NULL);
    check_values(FACT_RCPT_PARAMETER, "NOTIFY", "(none)");
}
END_TEST

START_TEST(refused_recipients_are_of_the_session) {
    for (int message = 0; message < 2; message++) {
        transaction_mail(transaction, "<a@b>", NULL);
        transaction_rcpt(transaction, "<c@d>", NULL);
        transaction_recipient_refused_by_mta(transaction);
    }
    transaction_mail(transaction, "<a@b>", NULL);
    transaction_rcpt(transaction, "<c@d>", NULL);
    check(FACT_REFUSED_RECIPIENTS, "2");
}
END_TEST

START_TEST(too_many_recipients_are_an_overflow) {
    transaction_mail(transaction, "<a@b>", NULL);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_null(transaction_overflow(transaction));
        transaction_rcpt(transaction, "<c@d>", NULL);
        transaction_keep_recipient(transaction);
    }
    ck_assert_str_eq(transaction_overflow(transaction), "recipients");
    check(FACT_RECIPIENT, "c@d|c@d");
    transaction_mail(transaction, "<a@b>", NULL);
    ck_assert_ptr_null(transaction_overflow(transaction));
}
END_TEST

/* ---- macros ---- */

static const struct {
    enum stage stage;
    const char *name, *value;
    enum fact fact;
} macros[] = {
    {STAGE_CONNECT, "client_ptr", "ptr.example", FACT_CLIENT_PTR},
    {STAGE_CONNECT, "client_resolve", "FORGED", FACT_CLIENT_RESOLVE},
    {STAGE_CONNECT, "client_connections", "12", FACT_CLIENT_CONNECTIONS},
    {STAGE_CONNECT, "j", "mail.example", FACT_SERVER},
    {STAGE_CONNECT, "daemon_name", "smtpd", FACT_DAEMON_NAME},
    {STAGE_HELO, "tls_version", "TLSv1.3", FACT_TLS_VERSION},
    {STAGE_HELO, "cipher", "AES", FACT_TLS_CIPHER},
    {STAGE_MAIL, "auth_authen", "ayse", FACT_AUTH_USER},
    {STAGE_MAIL, "auth_type", "PLAIN", FACT_AUTH_TYPE},
    {STAGE_MAIL, "i", "4ZxYz", FACT_QUEUE_ID},
};

START_TEST(facts_are_learned_from_macros) {
    check(macros[_i].fact, "(none)");
    transaction_macro(transaction, macros[_i].stage, macros[_i].name, "other");
    transaction_macro(transaction, macros[_i].stage, macros[_i].name, macros[_i].value);
    check(macros[_i].fact, macros[_i].value);
    check_values(FACT_MACRO, macros[_i].name, macros[_i].value);
    transaction_macro(transaction, macros[_i].stage, macros[_i].name, macros[_i].value);
    check_values(FACT_MACRO, macros[_i].name, macros[_i].value);
    transaction_connect(transaction, NULL, NULL, 0);
    check(macros[_i].fact, "(none)");
    check_values(FACT_MACRO, macros[_i].name, "(none)");
}
END_TEST

START_TEST(other_macros_teach_no_fact) {
    transaction_mail(transaction, "<>", NULL);
    transaction_macro(transaction, STAGE_MAIL, "auth", "x"); /* a part of a name */
    transaction_macro(transaction, STAGE_MAIL, "s", "one");
    ck_assert_uint_eq(transaction_values(transaction, FACT_MACRO, "S").count, 0);
    transaction_macro(transaction, STAGE_MAIL, "authen", "x");
    check_values(FACT_MACRO, "auth", "x");
    check(FACT_AUTH_USER, "(none)");
    check(FACT_AUTH_TYPE, "(none)");
    check(FACT_AUTHENTICATED, "no");
}
END_TEST

START_TEST(nobody_logs_in_without_a_name) {
    transaction_mail(transaction, "<>", NULL);
    transaction_macro(transaction, STAGE_MAIL, "auth_authen", "");
    check(FACT_AUTHENTICATED, "no");
    transaction_macro(transaction, STAGE_MAIL, "auth_authen", "ayse");
    check(FACT_AUTHENTICATED, "yes");
    transaction_mail(transaction, "<>", NULL);
    check(FACT_AUTHENTICATED, "no");
    transaction_macro(transaction, STAGE_MAIL, "auth_authen", "ayse");
    check(FACT_AUTHENTICATED, "yes");
}
END_TEST

START_TEST(macros_live_as_long_as_their_command) {
    transaction_helo(transaction, "x");
    transaction_mail(transaction, "<>", NULL);
    transaction_macro(transaction, STAGE_MAIL, "r", "ESMTP");
    transaction_rcpt(transaction, "<a@b>", NULL);
    transaction_macro(transaction, STAGE_RCPT, "nrcpts", "1");
    check_values(FACT_MACRO, "r", "ESMTP");
    check_values(FACT_MACRO, "nrcpts", "1");
    transaction_keep_recipient(transaction);
    check_values(FACT_MACRO, "r", "ESMTP");
    check_values(FACT_MACRO, "nrcpts", "(none)");
    transaction_macro(transaction, STAGE_EOM, "msg_size", "9");
    transaction_forget_message(transaction);
    check_values(FACT_MACRO, "r", "(none)");
    check_values(FACT_MACRO, "msg_size", "(none)");
}
END_TEST

/* ---- the message ---- */

START_TEST(headers_are_learned) {
    transaction_mail(transaction, "<>", NULL);
    transaction_header(transaction, "Received", "one");
    transaction_header(transaction, "received", "two");
    transaction_header(transaction, "X", "");
    check_values(FACT_HEADER, "RECEIVED", "one|two");
    check_values(FACT_HEADER, "X", "");
    check_values(FACT_HEADER, "Y", "(none)");
    check(FACT_HEADER_NAME, "Received|received|X");
    check(FACT_HEADER_COUNT, "3");
    ck_assert_ptr_null(transaction_overflow(transaction));
}
END_TEST

START_TEST(too_many_headers_are_an_overflow) {
    transaction_mail(transaction, "<>", NULL);
    for (int i = 0; i < 4; i++)
        transaction_header(transaction, "X", "y");
    ck_assert_str_eq(transaction_overflow(transaction), "headers");
    check(FACT_HEADER_COUNT, "3");
    check_values(FACT_HEADER, "X", "y|y|y");
    transaction_forget_message(transaction);
    ck_assert_ptr_null(transaction_overflow(transaction));
}
END_TEST

static const struct {
    const char *value; /* of a field named "1234567890" */
    bool overflows;
} header_values[] = {
    {"12345678901234567890123456789", false},
    {"123456789012345678901234567890", false}, /* 40 octets with the name */
    {"1234567890123456789012345678901", true},
};

START_TEST(large_headers_are_an_overflow) {
    transaction_mail(transaction, "<>", NULL);
    transaction_header(transaction, "1234567890", header_values[_i].value);
    ck_assert_int_eq(transaction_overflow(transaction) != NULL, header_values[_i].overflows);
    check_values(FACT_HEADER, "1234567890",
                 header_values[_i].overflows ? "(none)" : header_values[_i].value);
}
END_TEST

static const struct {
    const char *chunks[4];
    const char *body;
    bool full;
} bodies[] = {
    {{NULL}, "", false},
    {{"", NULL}, "", false},
    {{"123456789", NULL}, "123456789", false},
    {{"1234567890", NULL}, "1234567890", true},
    {{"12345678901", NULL}, "1234567890", true},
    {{"12345", "67", "89012345", NULL}, "1234567890", true},
    {{"1234567890", "1", "2", NULL}, "1234567890", true},
};

START_TEST(the_beginning_of_the_body_is_kept) {
    size_t octets = 0;
    char size[24];

    transaction_mail(transaction, "<>", NULL);
    for (size_t i = 0; bodies[_i].chunks[i] != NULL; i++) {
        transaction_body(transaction, bodies[_i].chunks[i], strlen(bodies[_i].chunks[i]));
        octets += strlen(bodies[_i].chunks[i]);
    }
    check(FACT_BODY, bodies[_i].body);
    ck_assert_int_eq(transaction_body_is_full(transaction), bodies[_i].full);
    ck_assert_ptr_null(transaction_overflow(transaction));
    transaction_end_of_message(transaction);
    g_snprintf(size, sizeof size, "%zu", octets);
    check(FACT_SIZE, size);
}
END_TEST

/* Expressions are matched on the word that texts are UTF-8, whichever way they came. */
START_TEST(everything_is_valid_text) {
    static const char bad[] = "a\xff\xc3";
    const char *parameters[] = {"X=\xff", NULL};

    transaction_connect(transaction, bad, bad, 1);
    transaction_macro(transaction, STAGE_CONNECT, "j", bad);
    transaction_helo(transaction, bad);
    transaction_mail(transaction, bad, parameters);
    transaction_rcpt(transaction, bad, parameters);
    transaction_header(transaction, bad, bad);
    transaction_body(transaction, "\xc3", 1);
    transaction_body(transaction,
                     "\x9f\xff"
                     "12345678",
                     10); /* cut at 10 */
    transaction_unknown_command(transaction, bad);
    check(FACT_CLIENT_NAME, "a??");
    check(FACT_CLIENT_IP, "a??");
    check(FACT_SERVER, "a??");
    check_values(FACT_MACRO, "j", "a??");
    check(FACT_HELO, "a??");
    check(FACT_SENDER, "a??");
    check_values(FACT_MAIL_PARAMETER, "X", "?");
    check(FACT_RECIPIENT, "a??");
    check(FACT_HEADER_NAME, "a??");
    check_values(FACT_HEADER, bad, "a??");
    check(FACT_COMMAND, "a??");
    ck_assert(g_utf8_validate(transaction_value(transaction, FACT_BODY), -1, NULL));
    transaction_reply(transaction, (struct status){550, 0, 0, 0}, bad);
    check(FACT_REPLY_TEXT, "a??");
}
END_TEST

START_TEST(a_nul_hides_nothing) {
    transaction_mail(transaction, "<>", NULL);
    transaction_body(transaction, "a\0b", 3);
    transaction_body(transaction, "\0c", 2);
    check(FACT_BODY, "a?b?c");
}
END_TEST

START_TEST(the_real_size_takes_the_place_of_the_declared_one) {
    const char *parameters[] = {"SIZE=5", NULL};
    g_autofree char *size = g_strdup_printf("%zu", strlen("Subject: x\r\n") + 1000);
    char body[1000];

    memset(body, 'x', sizeof body);
    transaction_mail(transaction, "<>", parameters);
    transaction_header(transaction, "Subject", "x");
    transaction_body(transaction, body, sizeof body);
    check(FACT_SIZE, "5");
    transaction_end_of_message(transaction);
    check(FACT_SIZE, size);
    check(FACT_DECLARED_SIZE, "5");
}
END_TEST

/* What overflows is counted as well, or a message would be small because it is too large. */
START_TEST(what_is_not_kept_is_counted) {
    transaction_mail(transaction, "<>", NULL);
    for (int i = 0; i < 10; i++)
        transaction_header(transaction, "X", "y");
    transaction_end_of_message(transaction);
    check(FACT_SIZE, "60");
}
END_TEST

/* ---- commands and replies ---- */

START_TEST(the_last_unknown_command_counts) {
    transaction_unknown_command(transaction, "XFOO a b");
    check(FACT_COMMAND, "XFOO a b");
    transaction_unknown_command(transaction, "");
    check(FACT_COMMAND, "");
}
END_TEST

static const struct {
    struct status status;
    const char *text;
    const char *basic, *enhanced;
} replies[] = {
    {{550, 5, 1, 1}, "User unknown", "550", "5.1.1"},
    {{550, 0, 0, 0}, "User unknown", "550", "(none)"},
    {{0, 5, 7, 26}, "", "(none)", "5.7.26"},
    {{0, 0, 0, 0}, "gone", "(none)", "(none)"},
};

START_TEST(replies_are_learned) {
    transaction_reply(transaction, (struct status){451, 4, 3, 2}, "before");
    transaction_reply(transaction, replies[_i].status, replies[_i].text);
    check(FACT_REPLY_BASIC, replies[_i].basic);
    check(FACT_REPLY_ENHANCED, replies[_i].enhanced);
    check(FACT_REPLY_TEXT, replies[_i].text);
}
END_TEST

START_TEST(what_is_learned_is_copied) {
    char text[] = "user@example.com", macro[] = "j", parameter[] = "A=b";
    const char *parameters[] = {parameter, NULL};

    transaction_macro(transaction, STAGE_CONNECT, macro, text);
    transaction_mail(transaction, text, parameters);
    transaction_rcpt(transaction, text, parameters);
    transaction_keep_recipient(transaction);
    memset(text, 'x', strlen(text));
    memset(macro, 'x', strlen(macro));
    memset(parameter, 'x', strlen(parameter));
    check(FACT_SENDER, "user@example.com");
    check(FACT_RECIPIENT, "user@example.com");
    check(FACT_SERVER, "user@example.com");
    check_values(FACT_MAIL_PARAMETER, "A", "b");
}
END_TEST

START_TEST(what_is_told_lives_as_long_as_its_command) {
    transaction_connect(transaction, NULL, "192.0.2.7", 1);
    transaction_tell(transaction, STAGE_CONNECT, FACT_CLIENT_PTR, "ptr.example");
    transaction_mail(transaction, "<a@b.example>", NULL);
    transaction_tell(transaction, STAGE_MAIL, FACT_QUEUE_ID, "4bQ");
    transaction_tell(transaction, STAGE_MAIL, FACT_QUEUE_ID, "\xff");
    ck_assert_str_eq(transaction_value(transaction, FACT_QUEUE_ID), "?");
    transaction_mail(transaction, "<a@b.example>", NULL);
    ck_assert_ptr_null(transaction_value(transaction, FACT_QUEUE_ID));
    ck_assert_str_eq(transaction_value(transaction, FACT_CLIENT_PTR), "ptr.example");
}
END_TEST

/* Nothing of one MTA's request is known at the next. */
START_TEST(an_old_transaction_is_made_new) {
    static const struct limits none = {0};

    transaction_connect(transaction, "mx.example", "192.0.2.7", 1);
    transaction_helo(transaction, "h");
    transaction_mail(transaction, "<a@b.example>", NULL);
    transaction_rcpt(transaction, "<r@b.example>", NULL);
    transaction_keep_recipient(transaction);
    transaction_header(transaction, "X", "y");
    transaction_body(transaction, "z", 1);
    transaction_macro(transaction, STAGE_MAIL, "m", "x");
    transaction_reply(transaction, (struct status){550, 5, 1, 1}, "no");
    transaction_renew(transaction, &none);
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (fact != FACT_BODY)
            ck_assert_msg(transaction_value(transaction, fact) == NULL, "%s", fact_row(fact)->name);
    ck_assert_str_eq(transaction_value(transaction, FACT_BODY), "");
    ck_assert_uint_eq(transaction_values(transaction, FACT_MACRO, "m").count, 0);
    ck_assert_uint_eq(transaction_values(transaction, FACT_HEADER, "X").count, 0);
    ck_assert(!transaction_client_address(transaction)->known);
    transaction_header(transaction, "X", "y");
    ck_assert_str_eq(transaction_overflow(transaction), "headers"); /* of the new limits */
}
END_TEST

START_TEST(nothing_is_known_of_nothing) {
    struct transaction *empty = transaction_new(&limits_default);

    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (fact != FACT_BODY)
            ck_assert_uint_eq(transaction_values(empty, fact, NULL).count, 0);
    ck_assert(!transaction_client_address(empty)->known);
    transaction_drop_recipient(empty);
    transaction_end_of_message(empty);
    transaction_free(empty);
    transaction_free(NULL);
}
END_TEST

static TCase *new_case(const char *name) {
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, set_up, tear_down);
    return tests;
}

static TCase *session_case(void) {
    TCase *tests = new_case("session");

    tcase_add_loop_test(tests, connections_are_known, 0, G_N_ELEMENTS(connections));
    tcase_add_test(tests, everything_is_known);
    tcase_add_test(tests, a_message_is_forgotten_alone);
    tcase_add_test(tests, a_connection_forgets_everything);
    tcase_add_test(tests, mail_forgets_the_message_before);
    tcase_add_test(tests, the_last_helo_counts);
    tcase_add_test(tests, the_last_unknown_command_counts);
    tcase_add_loop_test(tests, replies_are_learned, 0, G_N_ELEMENTS(replies));
    tcase_add_test(tests, what_is_learned_is_copied);
    tcase_add_test(tests, what_is_told_lives_as_long_as_its_command);
    tcase_add_test(tests, an_old_transaction_is_made_new);
    tcase_add_test(tests, nothing_is_known_of_nothing);
    return tests;
}

static TCase *envelope_case(void) {
    TCase *tests = new_case("envelope");

    tcase_add_loop_test(tests, paths_are_learned, 0, G_N_ELEMENTS(paths));
    tcase_add_test(tests, parameters_are_learned);
    tcase_add_loop_test(tests, recipients_are_kept_and_dropped, 0, G_N_ELEMENTS(deliveries));
    tcase_add_test(tests, a_recipient_is_kept_once);
    tcase_add_test(tests, parameters_of_recipients_are_apart);
    tcase_add_test(tests, refused_recipients_are_of_the_session);
    tcase_add_test(tests, too_many_recipients_are_an_overflow);
    return tests;
}

static TCase *macro_case(void) {
    TCase *tests = new_case("macros");

    tcase_add_loop_test(tests, facts_are_learned_from_macros, 0, G_N_ELEMENTS(macros));
    tcase_add_test(tests, other_macros_teach_no_fact);
    tcase_add_test(tests, nobody_logs_in_without_a_name);
    tcase_add_test(tests, macros_live_as_long_as_their_command);
    return tests;
}

static TCase *message_case(void) {
    TCase *tests = new_case("message");

    tcase_add_test(tests, headers_are_learned);
    tcase_add_test(tests, too_many_headers_are_an_overflow);
    tcase_add_loop_test(tests, large_headers_are_an_overflow, 0, G_N_ELEMENTS(header_values));
    tcase_add_loop_test(tests, the_beginning_of_the_body_is_kept, 0, G_N_ELEMENTS(bodies));
    tcase_add_test(tests, everything_is_valid_text);
    tcase_add_test(tests, a_nul_hides_nothing);
    tcase_add_test(tests, the_real_size_takes_the_place_of_the_declared_one);
    tcase_add_test(tests, what_is_not_kept_is_counted);
    return tests;
}

Suite *transaction_suite(void) {
    Suite *suite = suite_create("transaction");

    suite_add_tcase(suite, session_case());
    suite_add_tcase(suite, envelope_case());
    suite_add_tcase(suite, macro_case());
    suite_add_tcase(suite, message_case());
    return suite;
}
