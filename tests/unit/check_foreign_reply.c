/* SPDX-License-Identifier: ISC */
#include "dragoman/foreign_reply.h"

#include <glib.h>
#include <string.h>

#include "suites.h"

/* One reply per line. NULL: not told. */
static const struct {
    const char *reply;
    const char *status;
    const char *text;
    const char *server;
    enum smtp_command command;
} replies[] = {
    /* as it is on the wire */
    {"550 5.1.1 nobody", "550 5.1.1", "nobody", NULL, COMMAND_NONE},
    {"550-5.1.1 a\r\n550 5.1.1 b", "550 5.1.1", "a b", NULL, COMMAND_NONE},
    {"550-a\r\n550-b\r\n550 c", "550", "a b c", NULL, COMMAND_NONE},
    {"452 4.2.2 full\n452 4.2.2 really", "452 4.2.2", "full really", NULL, COMMAND_NONE},
    {"421", "421", "", NULL, COMMAND_NONE},
    {"250 2.1.5 Ok", "250 2.1.5", "Ok", NULL, COMMAND_NONE},
    {"550 - nobody", "550", "nobody", NULL, COMMAND_NONE},
    {"550 #5.1.0 refused", "550 5.1.0", "refused", NULL, COMMAND_NONE},
    {"554 554 5.7.0 no", "554 5.7.0", "no", NULL, COMMAND_NONE},
    {"550: 550 5.2.1 asleep", "550 5.2.1", "asleep", NULL, COMMAND_NONE},
    {"  550\t5.1.1 \t nobody \r\n", "550 5.1.1", "nobody", NULL, COMMAND_NONE},

    /* passed on by Postfix */
    {"550-5.1.1 a 550-5.1.1 b 550 5.1.1 c (in reply to RCPT TO command)", "550 5.1.1", "a b c",
     NULL, COMMAND_RCPT},
    {"host mx.example.net[192.0.2.1] said: 550 <a@b.example>: unknown (in reply to end of DATA "
     "command)",
     "550", "<a@b.example>: unknown", "mx.example.net", COMMAND_RECEIVED_DATA},
    {"host mx.example.net[192.0.2.1] refused to talk to me: 554-mx.example.net 554-no 554 go away",
     "554", "mx.example.net no go away", "mx.example.net", COMMAND_CONNECT},
    {"connect to mx.example.net[192.0.2.1]:25: Connection refused", "",
     "connect to mx.example.net[192.0.2.1]:25: Connection refused", "mx.example.net", COMMAND_NONE},
    {"X-Postfix; connect to mx.example.net[192.0.2.1]: server refused: 421 later", "421", "later",
     "mx.example.net", COMMAND_NONE},

    /* by Exim */
    {"SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx.example.net "
     "[192.0.2.1]: 550 5.1.1 <a@b.example>... nobody",
     "550 5.1.1", "<a@b.example>... nobody", "mx.example.net", COMMAND_RCPT},
    {"host mx.example.net [192.0.2.1]\n SMTP error from remote mail server after initial "
     "connection:\n 554 no",
     "554", "no", "mx.example.net", COMMAND_CONNECT},
    {"SMTP error from remote mail server after end of data: host mx.example.net [192.0.2.1]: 552 "
     "5.3.4 too big",
     "552 5.3.4", "too big", "mx.example.net", COMMAND_RECEIVED_DATA},

    /* by Sendmail, qmail, dma, Exchange and others */
    {"<a@b.example>... User unknown", "", "<a@b.example>... User unknown", NULL, COMMAND_NONE},
    {"(reason: 550 Host unknown)", "550", "Host unknown", NULL, COMMAND_NONE},
    {"<<< 550 5.7.1 no", "550 5.7.1", "no", NULL, COMMAND_NONE},
    {"192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 nobody\nGiving up on "
     "192.0.2.1.",
     "550 5.1.1", "nobody", "192.0.2.1", COMMAND_RCPT},
    {"Connected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 5.1.8 no", "553 5.1.8",
     "no", "192.0.2.1", COMMAND_MAIL},
    {"mx.example.net [192.0.2.1] did not like our final DATA:\n554 5.7.9 no", "554 5.7.9", "no",
     "mx.example.net", COMMAND_RECEIVED_DATA},
    {"#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##rfc822;a@b.example", "550 5.1.1",
     "RESOLVER.ADR.RecipNotFound; not found", NULL, COMMAND_NONE},
    {"Remote Server at mx.example.net (192.0.2.1) returned '550 5.1.10 not found'", "550 5.1.10",
     "not found", "mx.example.net", COMMAND_NONE},
    {"<mx.example.net #5.1.1 smtp;550 5.1.1 nobody>", "550 5.1.1", "nobody", NULL, COMMAND_NONE},
    {"It responded as follows: [550 5.1.1 nobody]", "550 5.1.1", "nobody", NULL, COMMAND_NONE},

    /* fields */
    {"smtp; 550 5.1.1 nobody", "550 5.1.1", "nobody", NULL, COMMAND_NONE},
    {"x-unix; cannot write", "", "cannot write", NULL, COMMAND_NONE},
    {"smtp; 5.1.0 - Unknown address error 550-'5.2.2 full' (delivery attempts: 0)", "550 5.2.2",
     "full", NULL, COMMAND_NONE},
    {"smtp; 554 4.4.7 Message expired<421 4.4.2 timed out>", "421 4.4.2",
     "Message expired<421 4.4.2 timed out>", NULL, COMMAND_NONE},

    /* codes in odd places */
    {"no mailbox here by that name. (#5.1.1)", "5.1.1", "no mailbox here by that name.", NULL,
     COMMAND_NONE},
    {"host 192.0.2.1 said: 550 nobody (#5.5.0)", "550 5.5.0", "nobody", "192.0.2.1", COMMAND_NONE},
    {"mailbox full [552]", "552", "mailbox full [552]", NULL, COMMAND_NONE},
    {"it failed with error code 550", "550", "it failed with error code 550", NULL, COMMAND_NONE},
    {"no, ERROR_CODE :550, ERROR_CODE :5.1.1 nobody", "550 5.1.1",
     "no, ERROR_CODE :550, ERROR_CODE :5.1.1 nobody", NULL, COMMAND_NONE},
    {"5.4.1 access denied", "5.4.1", "access denied", NULL, COMMAND_NONE},

    /* no codes */
    {"", "", "", NULL, COMMAND_NONE},
    {"you may send 450 messages; limit: 500 messages", "",
     "you may send 450 messages; limit: 500 messages", NULL, COMMAND_NONE},
    {"size (in bytes): 500 is too much", "", "size (in bytes): 500 is too much", NULL,
     COMMAND_NONE},
    {"call 555-123-4567 or 5501234", "", "call 555-123-4567 or 5501234", NULL, COMMAND_NONE},
    {"call us at (480) 555-0123", "", "call us at (480) 555-0123", NULL, COMMAND_NONE},
    {"call us: 480 555 0123", "", "call us: 480 555 0123", NULL, COMMAND_NONE},
    {"it failed with error 498", "", "it failed with error 498", NULL, COMMAND_NONE},
    {"client 5.6.7.8 runs version 4.5.1", "", "client 5.6.7.8 runs version 4.5.1", NULL,
     COMMAND_NONE},
    {"user550@example.net and 550@example.net", "", "user550@example.net and 550@example.net", NULL,
     COMMAND_NONE},
    {"550 runs version 4.5.1 at 5.6.7.8", "550", "runs version 4.5.1 at 5.6.7.8", NULL,
     COMMAND_NONE},
};

START_TEST(reply_is_read) {
    char status[STATUS_TEXT_SIZE];
    struct foreign_reply *reply = foreign_reply_parse(replies[_i].reply);

    ck_assert_msg(strcmp(status_print(reply->status, status), replies[_i].status) == 0,
                  "\"%s\" has \"%s\"", replies[_i].reply, status);
    ck_assert_str_eq(reply->text, replies[_i].text);
    ck_assert_pstr_eq(reply->server, replies[_i].server);
    ck_assert_str_eq(command_name(reply->command), command_name(replies[_i].command));
    ck_assert(status_equal(reply->status, foreign_reply_status(replies[_i].reply)));
    foreign_reply_free(reply);
}
END_TEST

START_TEST(server_s_own_words_are_kept) {
    struct foreign_reply *reply =
        foreign_reply_parse("host mx.example.net[192.0.2.1] said: 550-5.1.1 a\n    550 5.1.1 b "
                            "(in reply to RCPT TO command)");

    ck_assert_str_eq(reply->verbatim, "550-5.1.1 a 550 5.1.1 b");
    foreign_reply_free(reply);
    reply = foreign_reply_parse("no such mailbox. (#5.1.1)");
    ck_assert_ptr_null(reply->verbatim);
    foreign_reply_free(reply);
}
END_TEST

START_TEST(text_is_one_line_of_utf8) {
    static const char hostile[] = "550 \x1b[31mred\0\x07 \xff\xfe \xc3\xa7\r\n550 end";
    struct foreign_reply *reply = foreign_reply_parse_octets(hostile, sizeof hostile - 1);

    ck_assert(g_utf8_validate(reply->text, -1, NULL));
    for (const char *at = reply->text; *at != '\0'; at++)
        ck_assert((unsigned char)*at >= 0x20 && *at != 0x7f);
    ck_assert_uint_eq(reply->status.basic, 550);
    foreign_reply_free(reply);
}
END_TEST

START_TEST(long_reply_is_bounded) {
    g_autofree char *huge = g_strnfill(50 * 1024 * 1024, '5');
    struct foreign_reply *reply = foreign_reply_parse(huge);

    ck_assert_uint_eq(reply->status.basic, 0);
    ck_assert_uint_le(strlen(reply->text), 8192);
    foreign_reply_free(reply);
}
END_TEST

Suite *foreign_reply_suite(void) {
    Suite *suite = suite_create("foreign_reply");
    TCase *reading = tcase_create("reading");

    tcase_add_loop_test(reading, reply_is_read, 0, (int)G_N_ELEMENTS(replies));
    tcase_add_test(reading, server_s_own_words_are_kept);
    tcase_add_test(reading, text_is_one_line_of_utf8);
    tcase_add_test(reading, long_reply_is_bounded);
    suite_add_tcase(suite, reading);
    return suite;
}
