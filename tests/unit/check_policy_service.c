/* SPDX-License-Identifier: ISC */
#include "dragoman/policy_service.h"

#include <string.h>

#include "suites.h"

/* ---- framing ---- */

static const struct {
    const char *octets;
    size_t length; /* 0: of the text */
    enum framing framing;
    size_t whole;
} frames[] = {
    {"a=b\n\n", 0, FRAMING_WHOLE, 5},
    {"a=b\nc=d\n\n", 0, FRAMING_WHOLE, 9},
    {"a=b\n\nc=d\n\n", 0, FRAMING_WHOLE, 5}, /* the next one waits */
    {"no equals sign\n\n", 0, FRAMING_WHOLE, 16},
    {"a=\xff\xfe\n\n", 0, FRAMING_WHOLE, 6},
    {"", 0, FRAMING_PARTIAL, 0},
    {"a", 0, FRAMING_PARTIAL, 0},
    {"a=b\n", 0, FRAMING_PARTIAL, 0},
    {"a=b\nc", 0, FRAMING_PARTIAL, 0},
    {"a=b\r\n\r\n", 0, FRAMING_PARTIAL, 0}, /* no empty line */
    {"\n", 0, FRAMING_BROKEN, 0},
    {"\na=b\n\n", 0, FRAMING_BROKEN, 0},
    {"a=b\0c", 5, FRAMING_BROKEN, 0},
    {"a=b\0c\n\n", 7, FRAMING_BROKEN, 0},
};

START_TEST(requests_are_framed) {
    size_t whole = 0, length = frames[_i].length;

    if (length == 0)
        length = strlen(frames[_i].octets);
    ck_assert_int_eq(policy_read(frames[_i].octets, length, &whole), frames[_i].framing);
    ck_assert_uint_eq(whole, frames[_i].whole);
}
END_TEST

START_TEST(a_request_may_come_in_any_pieces) {
    static const char octets[] = "request=smtpd_access_policy\nsender=\nhelo_name=x\n\n";
    size_t whole;

    for (size_t length = 0; length < sizeof octets - 1; length++) {
        g_autofree char *piece = g_memdup2(octets, length + 1);
        ck_assert_int_eq(policy_read(piece, length, &whole), FRAMING_PARTIAL);
    }
    ck_assert_int_eq(policy_read(octets, sizeof octets - 1, &whole), FRAMING_WHOLE);
}
END_TEST

/* The lines may come in one piece and the empty one in the next: 200 of them are not too many. */
START_TEST(lines_are_counted_without_the_empty_one) {
    g_autoptr(GString) octets = g_string_new(NULL);
    size_t whole;

    for (int i = 0; i < POLICY_LINES_MAX; i++)
        g_string_append(octets, "a=b\n");
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_PARTIAL);
    g_string_append(octets, "\n");
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_WHOLE);
    g_string_insert(octets, 0, "c=d\n");
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_BROKEN);
    ck_assert_int_eq(policy_read(octets->str, octets->len - 1, &whole), FRAMING_BROKEN);
}
END_TEST

START_TEST(octets_are_counted) {
    g_autoptr(GString) octets = g_string_new("a=");
    size_t whole;

    while (octets->len < POLICY_OCTETS_MAX - 2)
        g_string_append_c(octets, 'x');
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_PARTIAL);
    g_string_append(octets, "\n\n");
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_WHOLE);
    ck_assert_uint_eq(whole, POLICY_OCTETS_MAX);
    g_string_insert_c(octets, 2, 'x');
    ck_assert_int_eq(policy_read(octets->str, octets->len, &whole), FRAMING_BROKEN);
    ck_assert_int_eq(policy_read(octets->str, octets->len - 1, &whole), FRAMING_BROKEN);
}
END_TEST

/* ---- learning ---- */

/* What Postfix 3.7 sends at RCPT; 3.8 adds the last but one line's two, 3.12 the last. */
#define CONSTANT                                                                                   \
    "protocol_name=ESMTP\nserver_address=192.0.2.1\nserver_port=25\ninstance=1.2.3.0\nstress=\n"   \
    "etrn_domain=\nsasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"              \
    "ccert_pubkey_fingerprint=\nencryption_keysize=256\npolicy_context=\n"
#define FULL                                                                                       \
    "client_address=192.0.2.7\nclient_name=mx.example.net\nclient_port=4711\n"                     \
    "reverse_client_name=ptr.example.net\nhelo_name=helo.example.net\nsender=a@b.example\n"        \
    "recipient=ayse@example.com\nrecipient_count=0\nqueue_id=4bQ\nsize=1000\nsasl_method=plain\n"  \
    "sasl_username=ayse\nencryption_protocol=TLSv1.3\nencryption_cipher=AES\n"
#define AT(state) "request=smtpd_access_policy\nprotocol_state=" state "\n"

static struct policy_request request;
static struct transaction *transaction;

static bool learn(const char *octets) {
    transaction_free(transaction);
    transaction = transaction_new(&limits_default);
    return policy_learn(octets, strlen(octets), &request, transaction);
}

static void forget(void) {
    transaction_free(transaction);
    transaction = NULL;
}

static const struct {
    const char *state;
    enum stage stage;
    enum smtp_command command;
} states[] = {
    {"CONNECT", STAGE_CONNECT, COMMAND_CONNECT},
    {"HELO", STAGE_HELO, COMMAND_HELO},
    {"EHLO", STAGE_HELO, COMMAND_EHLO},
    {"MAIL", STAGE_MAIL, COMMAND_MAIL},
    {"RCPT", STAGE_RCPT, COMMAND_RCPT},
    {"DATA", STAGE_DATA, COMMAND_DATA},
    {"BDAT", STAGE_DATA, COMMAND_BDAT},
    {"END-OF-MESSAGE", STAGE_EOM, COMMAND_RECEIVED_DATA},
    {"VRFY", STAGE_RCPT, COMMAND_VRFY},
    {"ETRN", STAGE_MAIL, COMMAND_ETRN},
    {"NOOP", STAGE_NONE, COMMAND_NONE},
    {"rcpt", STAGE_NONE, COMMAND_NONE},
    {"", STAGE_NONE, COMMAND_NONE},
};

START_TEST(states_are_stages) {
    g_autofree char *octets = g_strdup_printf(
        "request=smtpd_access_policy\nprotocol_state=%s\n" FULL "\n", states[_i].state);

    ck_assert(learn(octets));
    ck_assert_int_eq(request.stage, states[_i].stage);
    ck_assert_int_eq(request.command, states[_i].command);
    ck_assert_int_eq(request.known.known[FACT_CLIENT_IP], states[_i].stage != STAGE_NONE);
}
END_TEST

static const struct {
    enum fact fact;
    const char *value;
} facts[] = {
    {FACT_CLIENT_IP, "192.0.2.7"},
    {FACT_CLIENT_NAME, "mx.example.net"},
    {FACT_CLIENT_PORT, "4711"},
    {FACT_CLIENT_PTR, "ptr.example.net"},
    {FACT_HELO, "helo.example.net"},
    {FACT_SENDER, "a@b.example"},
    {FACT_SENDER_DOMAIN, "b.example"},
    {FACT_RECIPIENT, "ayse@example.com"},
    {FACT_RECIPIENT_DOMAIN, "example.com"},
    {FACT_DECLARED_SIZE, "1000"},
    {FACT_SIZE, "1000"},
    {FACT_QUEUE_ID, "4bQ"},
    {FACT_AUTH_TYPE, "plain"},
    {FACT_AUTH_USER, "ayse"},
    {FACT_AUTHENTICATED, "yes"},
    {FACT_TLS_VERSION, "TLSv1.3"},
    {FACT_TLS_CIPHER, "AES"},
};

static void check_facts(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        ck_assert_msg(request.known.known[facts[i].fact], "%s", fact_row(facts[i].fact)->name);
        ck_assert_pstr_eq(transaction_value(transaction, facts[i].fact), facts[i].value);
    }
}

/* Attributes of any version of Postfix, in any order. */
START_TEST(attributes_are_facts) {
    static const char *const versions[] = {
        AT("RCPT") FULL CONSTANT "\n",
        CONSTANT FULL AT("RCPT") "\n",
        AT("RCPT") FULL CONSTANT "compatibility_level=3.8\nmail_version=3.8.1\n\n",
        AT("RCPT") FULL CONSTANT "compatibility_level=3.12\nmail_version=3.12\ntls_sni=x\n\n",
        AT("RCPT") FULL CONSTANT "=x\n==\nno equals sign\nnew_one=\nsender\nsenders=x\nsende=x\n\n",
    };

    ck_assert(learn(versions[_i]));
    check_facts();
}
END_TEST

START_TEST(the_last_of_doubled_attributes_counts) {
    ck_assert(learn(AT("MAIL") "sender=one@x\nhelo_name=a\nsender=two@x\nsender=\n"
                               "protocol_state=RCPT\nrecipient=r@x\n\n"));
    ck_assert_int_eq(request.stage, STAGE_RCPT);
    ck_assert_str_eq(transaction_value(transaction, FACT_SENDER), "two@x");
}
END_TEST

START_TEST(empty_values_are_none) {
    ck_assert(learn(AT("RCPT") "client_address=192.0.2.7\nclient_name=unknown\nhelo_name=\n"
                               "sender=\nrecipient=r@x\nqueue_id=\nsize=0\nsasl_username=\n"
                               "encryption_protocol=\nclient_port=\n\n"));
    ck_assert_str_eq(transaction_value(transaction, FACT_SENDER), "");
    ck_assert_str_eq(transaction_value(transaction, FACT_CLIENT_NAME), "unknown");
    ck_assert_ptr_null(transaction_value(transaction, FACT_HELO));
    ck_assert_ptr_null(transaction_value(transaction, FACT_QUEUE_ID));
    ck_assert_ptr_null(transaction_value(transaction, FACT_TLS_VERSION));
    ck_assert_ptr_null(transaction_value(transaction, FACT_AUTH_USER));
    ck_assert(!transaction_is_authenticated(transaction));
}
END_TEST

/* Postfix says size=0 where MAIL has declared none: a rule for small messages is not to match. */
START_TEST(no_size_is_declared_by_0) {
    ck_assert(learn(AT("RCPT") "sender=a@x\nrecipient=r@x\nsize=0\n\n"));
    ck_assert_ptr_null(transaction_value(transaction, FACT_DECLARED_SIZE));
    ck_assert(learn(AT("RCPT") "sender=a@x\nrecipient=r@x\nsize=10\n\n"));
    ck_assert_str_eq(transaction_value(transaction, FACT_DECLARED_SIZE), "10");
}
END_TEST

START_TEST(a_recipient_of_several_is_unknown) {
    ck_assert(learn(AT("DATA") "sender=a@x\nrecipient=\nrecipient_count=2\n\n"));
    ck_assert(!request.known.known[FACT_RECIPIENT]);
    ck_assert(!request.known.known[FACT_RECIPIENT_DOMAIN]);
    ck_assert(!request.known.known[FACT_RECIPIENT_COUNT]);
    ck_assert(request.known.known[FACT_SENDER]);
    ck_assert(learn(AT("DATA") "sender=a@x\nrecipient=r@x\nrecipient_count=1\n\n"));
    ck_assert(request.known.known[FACT_RECIPIENT]);
    ck_assert_str_eq(transaction_value(transaction, FACT_RECIPIENT), "r@x");
}
END_TEST

/* VRFY and ETRN need no MAIL: an empty sender is none, not the null sender of a bounce. */
START_TEST(nobody_is_the_null_sender_of_vrfy) {
    ck_assert(learn(AT("VRFY") "sender=\nrecipient=r@x\n\n"));
    ck_assert(!request.known.known[FACT_SENDER]);
    ck_assert(learn(AT("ETRN") "sender=\nrecipient=\n\n"));
    ck_assert(!request.known.known[FACT_SENDER] && !request.known.known[FACT_SENDER_DOMAIN]);
    ck_assert(learn(AT("VRFY") "sender=a@x\nrecipient=r@x\n\n"));
    ck_assert(request.known.known[FACT_SENDER]);
    ck_assert(learn(AT("RCPT") "sender=\nrecipient=r@x\n\n"));
    ck_assert(request.known.known[FACT_SENDER]);
}
END_TEST

START_TEST(before_mail_there_is_no_sender) {
    ck_assert(learn(AT("CONNECT") "client_address=192.0.2.7\nsender=a@x\nrecipient=r@x\n\n"));
    ck_assert_ptr_null(transaction_value(transaction, FACT_SENDER));
    ck_assert(learn(AT("EHLO") "client_address=192.0.2.7\nhelo_name=h\nsender=a@x\n\n"));
    ck_assert_ptr_null(transaction_value(transaction, FACT_SENDER));
    ck_assert_str_eq(transaction_value(transaction, FACT_HELO), "h");
}
END_TEST

START_TEST(other_requests_are_none) {
    static const char *const octets[] = {
        "request=junk\nprotocol_state=RCPT\n\n", "request=\n\n", "protocol_state=RCPT\n\n",
        "request=smtpd_access_policy2\n\n",      "x\n\n",
    };

    ck_assert(!learn(octets[_i]));
    ck_assert_int_eq(request.stage, STAGE_NONE);
}
END_TEST

START_TEST(hostile_values_are_harmless) {
    ck_assert(learn(AT("RCPT") "client_address=not an address\nclient_name=\xff\x1b[2J\n"
                               "client_port=99999999999999999999\nhelo_name=%s$x\\\"\n"
                               "sender=<<>>@@\nrecipient=\xc3\nsize=-1 BODY=8BITMIME\n\n"));
    ck_assert(g_utf8_validate(transaction_value(transaction, FACT_CLIENT_NAME), -1, NULL));
    ck_assert(g_utf8_validate(transaction_value(transaction, FACT_RECIPIENT), -1, NULL));
    ck_assert_str_eq(transaction_value(transaction, FACT_HELO), "%s$x\\\"");
}
END_TEST

START_TEST(a_flood_of_attributes_teaches_no_more) {
    g_autoptr(GString) octets = g_string_new(AT("RCPT"));

    for (int i = 0; i < 60; i++)
        g_string_append_printf(octets, "recipient=r%d@x\nattribute%d=%d\n", i, i, i);
    g_string_append(octets, "\n");
    ck_assert(learn(octets->str));
    ck_assert_uint_eq(transaction_values(transaction, FACT_RECIPIENT, NULL).count, 1);
    ck_assert_str_eq(transaction_value(transaction, FACT_RECIPIENT), "r59@x");
}
END_TEST

/* ---- answers of another service ---- */

static const struct {
    const char *octets;
    const char *word, *text; /* NULL: it is none */
    struct status status;    /* basic 0: it does not refuse */
} answers[] = {
    {"action=DUNNO\n\n", "DUNNO", "", {0}},
    {"action=dunno\n\n", "dunno", "", {0}},
    {"action=OK\n\n", "OK", "", {0}},
    {"action=PREPEND X-A: b  c\n\n", "PREPEND", "X-A: b  c", {0}},
    {"action=WARN 550 5.1.1 x\n\n", "WARN", "550 5.1.1 x", {0}},
    {"action=HOLD\n\n", "HOLD", "", {0}},
    {"action=200 ok\n\n", "200", "ok", {0}},
    {"action=5500 x\n\n", "5500", "x", {0}},
    {"action=55 x\n\n", "55", "x", {0}},
    {"action=55x x\n\n", "55x", "x", {0}},
    {"action=REJECTED\n\n", "REJECTED", "", {0}},
    {"action=REJECT\n\n", "REJECT", "", {554, 5, 7, 1}},
    {"action=reject\n\n", "reject", "", {554, 5, 7, 1}},
    {"action=REJECT no\n\n", "REJECT", "no", {554, 5, 7, 1}},
    {"action=REJECT 5.7.8 no\n\n", "REJECT", "5.7.8 no", {554, 5, 7, 8}},
    {"action=DEFER\n\n", "DEFER", "", {450, 4, 7, 1}},
    {"action=DEFER_IF_PERMIT 4.2.0 later\n\n", "DEFER_IF_PERMIT", "4.2.0 later", {450, 4, 2, 0}},
    {"action=DEFER_IF_REJECT x\n\n", "DEFER_IF_REJECT", "x", {450, 4, 7, 1}},
    {"action=550 5.1.1 no\n\n", "550", "5.1.1 no", {550, 5, 1, 1}},
    {"action=550 no\n\n", "550", "no", {550, 0, 0, 0}},
    {"action=450\n\n", "450", "", {450, 0, 0, 0}},
    {"action=421 4.7.0 bye\n\n", "421", "4.7.0 bye", {421, 4, 7, 0}},
    {"action=550\t5.1.1 \t no\n\n", "550", "5.1.1 \t no", {550, 5, 1, 1}},
    {"action=550 5.1.1 no\nmore=x\n\n", "550", "5.1.1 no", {550, 5, 1, 1}},
    {"action=\n\n", NULL, NULL, {0}},
    {"action= x\n\n", NULL, NULL, {0}},
    {"ACTION=REJECT\n\n", NULL, NULL, {0}},
    {" action=REJECT\n\n", NULL, NULL, {0}},
    {"x\n\n", NULL, NULL, {0}},
    {"action", NULL, NULL, {0}},
    {"", NULL, NULL, {0}},
};

START_TEST(answers_are_read) {
    struct policy_answer answer;
    struct status status;
    bool good = policy_answer_read(answers[_i].octets, strlen(answers[_i].octets), &answer);

    ck_assert_int_eq(good, answers[_i].word != NULL);
    if (!good)
        return;
    g_autofree char *word = g_strndup(answer.word.text, answer.word.length);
    g_autofree char *text = g_strndup(answer.text.text, answer.text.length);
    ck_assert_str_eq(word, answers[_i].word);
    ck_assert_str_eq(text, answers[_i].text);
    ck_assert_int_eq(policy_answer_refuses(&answer, &status), answers[_i].status.basic != 0);
    if (answers[_i].status.basic != 0)
        ck_assert(status_equal(status, answers[_i].status));
}
END_TEST

Suite *policy_service_suite(void) {
    Suite *suite = suite_create("policy service");
    TCase *tests = tcase_create("policy service");

    tcase_add_checked_fixture(tests, NULL, forget);
    tcase_add_loop_test(tests, requests_are_framed, 0, G_N_ELEMENTS(frames));
    tcase_add_test(tests, a_request_may_come_in_any_pieces);
    tcase_add_test(tests, lines_are_counted_without_the_empty_one);
    tcase_add_test(tests, octets_are_counted);
    tcase_add_loop_test(tests, states_are_stages, 0, G_N_ELEMENTS(states));
    tcase_add_loop_test(tests, attributes_are_facts, 0, 5);
    tcase_add_test(tests, the_last_of_doubled_attributes_counts);
    tcase_add_test(tests, empty_values_are_none);
    tcase_add_test(tests, no_size_is_declared_by_0);
    tcase_add_test(tests, a_recipient_of_several_is_unknown);
    tcase_add_test(tests, nobody_is_the_null_sender_of_vrfy);
    tcase_add_test(tests, before_mail_there_is_no_sender);
    tcase_add_loop_test(tests, other_requests_are_none, 0, 5);
    tcase_add_test(tests, hostile_values_are_harmless);
    tcase_add_test(tests, a_flood_of_attributes_teaches_no_more);
    tcase_add_loop_test(tests, answers_are_read, 0, G_N_ELEMENTS(answers));
    suite_add_tcase(suite, tests);
    return suite;
}
