/* SPDX-License-Identifier: ISC */
#include "dragoman/socketmap.h"

#include <string.h>

#include "suites.h"

static const struct {
    const char *octets;
    size_t length; /* 0: of the text */
    enum framing framing;
    const char *map, *key;
    size_t whole;
} requests[] = {
    {"12:reply 550 no,", 0, FRAMING_WHOLE, "reply", "550 no", 16},
    {"6:reply ,", 0, FRAMING_WHOLE, "reply", "", 9},
    {"8:a  b c  ,", 0, FRAMING_WHOLE, "a", " b c  ", 11},
    {"5:m 1,2,", 0, FRAMING_WHOLE, "m", "1,2", 8},
    {"3:m 1,3:m 2,", 0, FRAMING_WHOLE, "m", "1", 6}, /* the next one waits */
    {"6:m \r\n\xff\xfe,", 0, FRAMING_WHOLE, "m", "\r\n\xff\xfe", 9},
    /* no length */
    {":m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {" 3:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"-3:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"+3:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"3 :m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"3x:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"\0003:m 1,", 7, FRAMING_BROKEN, NULL, NULL, 0},
    {"GET / HTTP/1.0\r\n\r\n", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"\x16\x03\x01\x02", 4, FRAMING_BROKEN, NULL, NULL, 0},
    /* leading zeros */
    {"03:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"00", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"00000:", 0, FRAMING_BROKEN, NULL, NULL, 0},
    /* too long, known before it comes */
    {"65537:", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"99999:", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"100000", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"18446744073709551619:m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"65536:", 0, FRAMING_PARTIAL, NULL, NULL, 0},
    /* no name, no blank, no comma */
    {"0:,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"1: ,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"4: m 1,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"5:reply,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"3:m 1;", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"3:m 12,", 0, FRAMING_BROKEN, NULL, NULL, 0},
    {"3:m 1\n", 0, FRAMING_BROKEN, NULL, NULL, 0},
};

static void check_slice(struct slice slice, const char *expected) {
    ck_assert_uint_eq(slice.length, strlen(expected));
    ck_assert_mem_eq(slice.text, expected, slice.length);
}

START_TEST(requests_are_read) {
    struct socketmap_request request = {0};
    const char *octets = requests[_i].octets;
    size_t length = requests[_i].length > 0 ? requests[_i].length : strlen(octets);

    ck_assert_int_eq(socketmap_read(octets, length, &request), requests[_i].framing);
    if (requests[_i].framing != FRAMING_WHOLE)
        return;
    check_slice(request.map, requests[_i].map);
    check_slice(request.key, requests[_i].key);
    ck_assert_uint_eq(request.octets, requests[_i].whole);
}
END_TEST

/* What has come of a request is never taken for a whole one, nor for a broken one. */
START_TEST(a_request_may_come_in_any_pieces) {
    static const char octets[] = "24:footer 550 5.1.1 unknown,";
    struct socketmap_request request;

    for (size_t length = 0; length < sizeof octets - 1; length++) {
        g_autofree char *piece = g_memdup2(octets, length + 1); /* nothing behind it is readable */
        ck_assert_int_eq(socketmap_read(piece, length, &request), FRAMING_PARTIAL);
    }
    ck_assert_int_eq(socketmap_read(octets, sizeof octets - 1, &request), FRAMING_WHOLE);
}
END_TEST

START_TEST(a_key_may_hold_any_octet) {
    static const char octets[] = "7:m a\0b\0c,";
    struct socketmap_request request;

    ck_assert_int_eq(socketmap_read(octets, sizeof octets - 1, &request), FRAMING_WHOLE);
    ck_assert_uint_eq(request.key.length, 5);
    ck_assert_mem_eq(request.key.text, "a\0b\0c", 5);
}
END_TEST

START_TEST(the_longest_request_is_read) {
    g_autoptr(GString) octets = g_string_new("65536:m ");
    struct socketmap_request request;

    for (int i = 0; i < SOCKETMAP_OCTETS_MAX - 2; i++)
        g_string_append_c(octets, 'k');
    ck_assert_int_eq(socketmap_read(octets->str, octets->len, &request), FRAMING_PARTIAL);
    g_string_append_c(octets, ',');
    ck_assert_int_eq(socketmap_read(octets->str, octets->len, &request), FRAMING_WHOLE);
    ck_assert_uint_eq(request.key.length, SOCKETMAP_OCTETS_MAX - 2);
    ck_assert_uint_eq(request.octets, octets->len);
}
END_TEST

START_TEST(answers_are_netstrings) {
    g_autoptr(GString) out = g_string_new(NULL);

    socketmap_append_found(out, "DUNNO");
    socketmap_append_not_found(out);
    socketmap_append_found(out, "");
    socketmap_append_found(out, "ç\r\n");
    ck_assert_str_eq(out->str, "8:OK DUNNO,9:NOTFOUND ,3:OK ,7:OK ç\r\n,");
}
END_TEST

Suite *socketmap_suite(void) {
    Suite *suite = suite_create("socketmap");
    TCase *tests = tcase_create("socketmap");

    tcase_add_loop_test(tests, requests_are_read, 0, G_N_ELEMENTS(requests));
    tcase_add_test(tests, a_request_may_come_in_any_pieces);
    tcase_add_test(tests, a_key_may_hold_any_octet);
    tcase_add_test(tests, the_longest_request_is_read);
    tcase_add_test(tests, answers_are_netstrings);
    suite_add_tcase(suite, tests);
    return suite;
}
