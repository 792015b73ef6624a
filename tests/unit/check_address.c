/* SPDX-License-Identifier: ISC */
#include "dragoman/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "suites.h"

/* ---- mailboxes ---- */

static const struct {
    const char *path, *mailbox, *local_part, *domain;
} paths[] = {
    {"<user@example.com>", "user@example.com", "user", "example.com"},
    {"user@example.com", "user@example.com", "user", "example.com"},
    {"<>", "", "", ""},
    {"", "", "", ""},
    {"<postmaster>", "postmaster", "postmaster", ""},
    {"<@a>", "@a", "", "a"},
    {"<user@>", "user@", "user", ""},
    {"<@a:user@c>", "user@c", "user", "c"},
    {"<@a,@b:user@c>", "user@c", "user", "c"},
    {"@a,@b:user@c", "user@c", "user", "c"},
    {"<@a:>", "", "", ""},
    {"<\"a b\"@c>", "\"a b\"@c", "\"a b\"", "c"},
    {"<\"a@b\"@c>", "\"a@b\"@c", "\"a@b\"", "c"},
    {"<\"@a:b\"@c>", "\"@a:b\"@c", "\"@a:b\"", "c"},
    {"<\"a>\"@c>", "\"a>\"@c", "\"a>\"", "c"},
    {"<a:b@c>", "a:b@c", "a:b", "c"},
    {"<user@[192.0.2.1]>", "user@[192.0.2.1]", "user", "[192.0.2.1]"},
    {"<user@[IPv6:2001:db8::1]>", "user@[IPv6:2001:db8::1]", "user", "[IPv6:2001:db8::1]"},
    {"<g\xc3\xbcl@example.com>", "g\xc3\xbcl@example.com", "g\xc3\xbcl", "example.com"},
    {"<user", "<user", "<user", ""},
    {"user>", "user>", "user>", ""},
    {"<", "<", "<", ""},
    {">", ">", ">", ""},
};

static void check_slice(struct slice slice, const char *expected) {
    ck_assert_uint_eq(slice.length, strlen(expected));
    ck_assert_mem_eq(slice.text, expected, slice.length);
}

START_TEST(paths_are_taken_apart) {
    struct slice mailbox = path_mailbox(paths[_i].path);

    check_slice(mailbox, paths[_i].mailbox);
    check_slice(mailbox_local_part(mailbox), paths[_i].local_part);
    check_slice(mailbox_domain(mailbox), paths[_i].domain);
}
END_TEST

/* What stands behind the slice in the same text belongs to somebody else. */
START_TEST(slices_end_where_they_end) {
    struct slice mailbox = {"user@example.com@evil", strlen("user@example.com")};

    check_slice(mailbox_domain(mailbox), "example.com");
    check_slice(mailbox_local_part(mailbox), "user");
}
END_TEST

/* ---- addresses ---- */

static const struct {
    const char *text;
    const char *address; /* as IPv6; NULL: it is none */
} addresses[] = {
    {"192.0.2.1", "::ffff:192.0.2.1"},
    {"[192.0.2.1]", "::ffff:192.0.2.1"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"2001:db8::1", "2001:db8::1"},
    {"2001:DB8::1", "2001:db8::1"},
    {"IPv6:2001:db8::1", "2001:db8::1"},
    {"ipv6:2001:db8::1", "2001:db8::1"},
    {"[IPv6:2001:db8::1]", "2001:db8::1"},
    {"[::1]", "::1"},
    {"0.0.0.0", "::ffff:0.0.0.0"},
    {"", NULL},
    {"[]", NULL},
    {"IPv6:", NULL},
    {"unknown", NULL},
    {"192.0.2", NULL},
    {"192.0.2.256", NULL},
    {"192.0.2.1 ", NULL},
    {" 192.0.2.1", NULL},
    {"192.0.2.01", NULL},
    {"[192.0.2.1", NULL},
    {"192.0.2.1/32", NULL},
    {"2001:db8::1::2", NULL},
    {"fe80::1%eth0", NULL},
    {"2001:0db8:0000:0000:0000:0000:0000:0001:0002", NULL},
    {"1111111111111111111111111111111111111111111111111111111111111111111111111111", NULL},
};

START_TEST(addresses_are_read) {
    uint8_t expected[16];
    struct ip_address address = {true, {0}};
    bool is_one = addresses[_i].address != NULL;

    ck_assert_int_eq(ip_address_parse(addresses[_i].text, &address), is_one);
    ck_assert_int_eq(address.known, is_one);
    if (!is_one)
        return;
    ck_assert_int_eq(inet_pton(AF_INET6, addresses[_i].address, expected), 1);
    ck_assert_mem_eq(address.octets, expected, sizeof expected);
}
END_TEST

/* ---- ranges ---- */

static const struct {
    const char *text, *first, *last;
} ranges[] = {
    {"192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.7"},
    {"192.0.2.7/32", "::ffff:192.0.2.7", "::ffff:192.0.2.7"},
    {"192.0.2.0/24", "::ffff:192.0.2.0", "::ffff:192.0.2.255"},
    {"192.0.2.128/25", "::ffff:192.0.2.128", "::ffff:192.0.2.255"},
    {"10.128.0.0/9", "::ffff:10.128.0.0", "::ffff:10.255.255.255"},
    {"192.0.2.6/31", "::ffff:192.0.2.6", "::ffff:192.0.2.7"},
    {"0.0.0.0/0", "::ffff:0.0.0.0", "::ffff:255.255.255.255"},
    {"::ffff:192.0.2.0/120", "::ffff:192.0.2.0", "::ffff:192.0.2.255"},
    {"2001:db8::1", "2001:db8::1", "2001:db8::1"},
    {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:db8::/127", "2001:db8::", "2001:db8::1"},
    {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

START_TEST(ranges_are_read) {
    uint8_t first[16], last[16];
    struct ip_range range;
    char *why = NULL;

    ck_assert_msg(ip_range_parse(ranges[_i].text, &range, &why), "%s", why);
    ck_assert_ptr_null(why);
    ck_assert_int_eq(inet_pton(AF_INET6, ranges[_i].first, first), 1);
    ck_assert_int_eq(inet_pton(AF_INET6, ranges[_i].last, last), 1);
    ck_assert_mem_eq(range.first, first, sizeof first);
    ck_assert_mem_eq(range.last, last, sizeof last);
}
END_TEST

static const struct {
    const char *text, *why;
} no_ranges[] = {
    {"", "\"\" is no IP address or network; write one like"},
    {"example.com", "\"example.com\" is no IP address"},
    {"192.0.2", "is no IP address"},
    {"192.0.2.0.0/8", "is no IP address"},
    {"/24", "is no IP address"},
    {"[192.0.2.1]", "is no IP address"},
    {"192.0.2.0/33", "no valid prefix length; write a number from 0 to 32"},
    {"192.0.2.0/", "no valid prefix length; write a number from 0 to 32"},
    {"192.0.2.0/-1", "no valid prefix length"},
    {"192.0.2.0/+8", "no valid prefix length"},
    {"192.0.2.0/ 24", "no valid prefix length"},
    {"192.0.2.0/24/24", "no valid prefix length"},
    {"192.0.2.0/255.255.255.0", "no valid prefix length"},
    {"192.0.2.0/4294967320", "no valid prefix length"},
    {"2001:db8::/129", "no valid prefix length; write a number from 0 to 128"},
    {"192.0.2.7/24", "host bits set; write 192.0.2.0/24 for the network, or 192.0.2.7 for the one"},
    {"192.0.2.7/0", "write 0.0.0.0/0 for the network"},
    {"2001:db8::1/32", "write 2001:db8::/32 for the network, or 2001:db8::1 for the one"},
    {"::ffff:192.0.2.7/120", "write ::ffff:192.0.2.0/120 for the network"},
};

START_TEST(other_ranges_are_refused) {
    struct ip_range range;
    char *why = NULL;

    ck_assert_msg(!ip_range_parse(no_ranges[_i].text, &range, &why), "%s", no_ranges[_i].text);
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, no_ranges[_i].why) != NULL, "%s", why);
    g_free(why);
}
END_TEST

Suite *address_suite(void) {
    Suite *suite = suite_create("address");
    TCase *tests = tcase_create("address");

    tcase_add_loop_test(tests, paths_are_taken_apart, 0, G_N_ELEMENTS(paths));
    tcase_add_test(tests, slices_end_where_they_end);
    tcase_add_loop_test(tests, addresses_are_read, 0, G_N_ELEMENTS(addresses));
    tcase_add_loop_test(tests, ranges_are_read, 0, G_N_ELEMENTS(ranges));
    tcase_add_loop_test(tests, other_ranges_are_refused, 0, G_N_ELEMENTS(no_ranges));
    suite_add_tcase(suite, tests);
    return suite;
}
