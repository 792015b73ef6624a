/* SPDX-License-Identifier: ISC */
#include "dragoman/table.h"

#include <string.h>

#include "suites.h"

/* A table of these entries, separated by blanks; "!entry" excludes, "_" is a blank. */
static struct table *table_of(enum table_type type, const char *entries) {
    g_auto(GStrv) list = g_strsplit(entries, " ", -1);
    struct table *table = table_new(NULL, type);

    for (char **entry = list; *entry != NULL; entry++) {
        bool excluded = **entry == '!';
        const char *text = g_strdelimit(*entry + excluded, "_", ' ');
        char *why = excluded ? table_exclude(table, text) : table_add(table, text);
        ck_assert_msg(why == NULL, "%s", why);
    }
    table_freeze(table);
    return table;
}

static enum table_match look_up(const struct table *table, const char *value,
                                const struct ip_address *address, struct captures *captures) {
    struct probe probe;

    probe_set(&probe, value, address);
    return table_match(table, &probe, captures);
}

static void check_match(const struct table *table, const char *value, enum table_match expected) {
    struct ip_address address = {false, {0}};
    bool is_address = ip_address_parse(value, &address);
    enum table_match result = look_up(table, value, is_address ? &address : NULL, NULL);

    ck_assert_msg(result == expected, "\"%s\" gives %d", value, (int)result);
}

static const struct {
    enum table_type type;
    const char *entries; /* "" is the one entry that is empty */
    const char *inside;  /* values, separated by blanks; "''" is the empty one */
    const char *outside;
} tables[] = {
    /* addresses */
    {TABLE_ADDRESS, "user@example.com", "user@example.com USER@Example.COM",
     "auser@example.com user@example.org user@sub.example.com user '' example.com"},
    {TABLE_ADDRESS, "example.com", "a@example.com B@EXAMPLE.COM \"x@y\"@example.com",
     "a@sub.example.com a@example.co a@notexample.com example.com ''"},
    {TABLE_ADDRESS, "*@example.com", "a@example.com", "a@sub.example.com a@example.org ''"},
    {TABLE_ADDRESS, "@example.com", "a@example.com", "a@sub.example.com ''"},
    {TABLE_ADDRESS, "*@*.example.com", "a@sub.example.com a@b.c.example.com",
     "a@example.com a@.com a@xexample.com"},
    {TABLE_ADDRESS, "*.example.com", "a@sub.example.com", "a@example.com"},
    {TABLE_ADDRESS, "postmaster@", "postmaster@a.example POSTMASTER@b postmaster",
     "postmasters@a.example postmaster.x@a ''"},
    {TABLE_ADDRESS, "<>", "''", "a@b <> @"},
    {TABLE_ADDRESS, "sales-*@example.com", "sales-1@example.com sales-@EXAMPLE.com",
     "sales@example.com xsales-1@example.com sales-1@example.com.org"},
    {TABLE_ADDRESS, "a?c@example.com", "abc@example.com axc@example.com", "ac@example.com"},
    {TABLE_ADDRESS, "user@*.example.com", "user@a.example.com", "user@example.com x@a.example.com"},
    {TABLE_ADDRESS, "*@*", "a@b", "'' postmaster"},
    {TABLE_ADDRESS, "*", "a@b '' postmaster", NULL},
    {TABLE_ADDRESS, "a@b c.example d@ <>", "a@b x@c.example d@x ''", "x@b a@c"},
    {TABLE_ADDRESS, "~^a+@", "aaa@b AA@x", "b@a ''"},
    {TABLE_ADDRESS, "!a@b", "c@b ''", "a@b A@B"},
    {TABLE_ADDRESS, "example.com !spam@ !~^x", "a@example.com",
     "spam@example.com xy@example.com b@c"},
    {TABLE_ADDRESS, "\"a@b\"@example.com", "\"a@b\"@example.com", "a@example.com"},
    /* domains */
    {TABLE_DOMAIN, "example.com", "example.com EXAMPLE.com", "sub.example.com com example.com. ''"},
    {TABLE_DOMAIN, "*.example.com", "a.example.com a.b.Example.Com .example.com",
     "example.com example.org xexample.com"},
    {TABLE_DOMAIN, "*.com", "example.com a.b.com", "com example.org"},
    {TABLE_DOMAIN, "mail*.example.com", "mail.example.com mail1.example.com", "amail.example.com"},
    {TABLE_DOMAIN, "*", "anything ''", NULL},
    {TABLE_DOMAIN, "unknown *.dyn.example", "unknown a.dyn.example", "dyn.example known"},
    {TABLE_DOMAIN, "~^\\d+-\\d+\\.", "1-2.example", "a-2.example"},
    {TABLE_DOMAIN, "*.example.com !a.example.com", "b.example.com", "a.example.com example.com"},
    {TABLE_DOMAIN, "", "''", "example.com"},
    /* networks */
    {TABLE_CIDR, "192.0.2.7", "192.0.2.7 ::ffff:192.0.2.7", "192.0.2.6 192.0.2.8 none ''"},
    {TABLE_CIDR, "192.0.2.0/24", "192.0.2.0 192.0.2.255 192.0.2.7",
     "192.0.1.255 192.0.3.0 2001:db8::1"},
    {TABLE_CIDR, "10.0.0.0/8 10.1.0.0/16 10.0.0.0/24 192.0.2.1 192.0.2.2 192.0.2.2",
     "10.0.0.0 10.1.2.3 10.255.255.255 192.0.2.1 192.0.2.2", "11.0.0.0 9.255.255.255 192.0.2.3"},
    {TABLE_CIDR, "10.1.0.0/16 10.0.0.0/8 10.3.0.0/16", "10.2.0.0 10.3.0.1 10.200.0.0", "11.0.0.1"},
    {TABLE_CIDR, "::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"},
    {TABLE_CIDR, "0.0.0.0/0", "192.0.2.9 255.255.255.255 0.0.0.0", "2001:db8::1 ::1 none"},
    {TABLE_CIDR, "::/0", "192.0.2.9 2001:db8::1 ::", "none"},
    {TABLE_CIDR, "2001:db8::/32 fe80::/10", "2001:db8::1 2001:db8:ffff::1 fe80::1 febf::1",
     "2001:db9::1 fec0::1 192.0.2.1"},
    {TABLE_CIDR, "none", "none", "192.0.2.1 None2"},
    {TABLE_CIDR, "10.0.0.0/8 !10.1.0.0/16", "10.2.0.1", "10.1.0.1 192.0.2.1"},
    {TABLE_CIDR, "!10.0.0.0/8", "192.0.2.1 none", "10.0.0.1"},
    {TABLE_CIDR, "*", "192.0.2.1 none", NULL},
    {TABLE_CIDR, "~^192\\.", "192.0.2.1", "10.0.0.1"},
    /* texts */
    {TABLE_STRING, "TLSv1", "TLSv1 tlsV1", "TLSv1.3 xTLSv1 ''"},
    {TABLE_STRING, "TLSv1*", "TLSv1 TLSv1.3 tlsv1.2", "TLSv2 ''"},
    {TABLE_STRING, "*.exe *.scr", "a.exe B.SCR .exe", "exe a.exe.txt"},
    {TABLE_STRING, "a?c", "abc aşc", "ac abbc"},
    {TABLE_STRING, "a*c",
     "a\xff"
     "c ac",
     "a\xff"},
    {TABLE_STRING, "two_words", "two_words TWO_words", "two"},
    {TABLE_STRING, "", "''", "x"},
    {TABLE_STRING, "!", "x", "''"},
    {TABLE_STRING, "*", "x ''", NULL},
    {TABLE_STRING, "a.c a[bc", "a.c a[bc", "abc"},
    {TABLE_STRING, "~^a ~b$", "ax xb", "xax"},
    {TABLE_STRING, "!~^a !b", "c bb", "a ab b B"},
    {TABLE_STRING, "ş", "ş", "Ş s"}, /* only ASCII ignores case */
    /* expressions */
    {TABLE_REGEX, "^a b$", "ax xb AX", "xax ''"},
    /* numbers */
    {TABLE_NUMBER, "7", "7 07", "6 8 70 '' x -7 7x"},
    {TABLE_NUMBER, "<7", "0 6", "7 8 ''"},
    {TABLE_NUMBER, ">7", "8 18446744073709551615", "7 0"},
    {TABLE_NUMBER, "<=7", "0 7", "8"},
    {TABLE_NUMBER, ">=7", "7 8", "6"},
    {TABLE_NUMBER, ">=_7", "7", "6"},
    {TABLE_NUMBER, "3-7", "3 5 7", "2 8"},
    {TABLE_NUMBER, "3_-_7", "3 7", "2 8"},
    {TABLE_NUMBER, "1-3 5 >10", "1 3 5 11", "4 6 10"},
    {TABLE_NUMBER, ">10_MB", "10000001", "10000000"},
    {TABLE_NUMBER, "1_kB-1_KiB", "1000 1024", "999 1025"},
    {TABLE_NUMBER, ">1_GB", "99999999999999999999", "1000000000"},
    {TABLE_NUMBER, "!5", "4 6", "5"},
    {TABLE_NUMBER, "1-9 !3-5", "1 2 6 9", "3 4 5 0 10"},
    {TABLE_NUMBER, "*", "1 0", NULL},
    /* flags */
    {TABLE_FLAG, "yes", "yes", "no ''"},
    {TABLE_FLAG, "no", "no", "yes"},
    {TABLE_FLAG, "!yes", "no", "yes"},
};

static void check_all(const struct table *table, const char *values, enum table_match expected) {
    g_auto(GStrv) list = g_strsplit(values != NULL ? values : "", " ", -1);

    for (char **value = list; values != NULL && *value != NULL; value++)
        check_match(table, strcmp(*value, "''") == 0 ? "" : g_strdelimit(*value, "_", ' '),
                    expected);
}

START_TEST(values_are_found) {
    struct table *table = *tables[_i].entries != '\0'
                              ? table_of(tables[_i].type, tables[_i].entries)
                              : table_new(NULL, tables[_i].type);

    if (*tables[_i].entries == '\0')
        ck_assert_ptr_null(table_add(table, ""));
    check_all(table, tables[_i].inside, TABLE_YES);
    check_all(table, tables[_i].outside, TABLE_NO);
    ck_assert(!table_is_empty(table));
    ck_assert_int_eq(table_matches_all(table), strcmp(tables[_i].entries, "*") == 0);
    table_free(table);
}
END_TEST

static const struct {
    enum table_type type;
    const char *entry, *why;
} wrong[] = {
    {TABLE_ADDRESS, "user@example.com REJECT", "is no address; write user@example.com"},
    {TABLE_ADDRESS, "a@b@c.example", "is no address; write"},
    {TABLE_DOMAIN, "example.com OK", "is no domain; write one like"},
    {TABLE_ADDRESS, "", "an entry is empty; write <> for the null sender"},
    {TABLE_ADDRESS, "~(a", "is wrong at character 2"},
    {TABLE_DOMAIN, "user@example.com", "\"user@example.com\" is an address, not a domain"},
    {TABLE_DOMAIN, "~[", "is wrong at character"},
    {TABLE_CIDR, "", "an entry is empty"},
    {TABLE_CIDR, "example.com", "is no IP address or network; write one like"},
    {TABLE_CIDR, "10.0.0.1/8", "has host bits set; write 10.0.0.0/8"},
    {TABLE_CIDR, "10.0.0.0/33", "no valid prefix length"},
    {TABLE_REGEX, "*", "is wrong at character 0"},
    {TABLE_REGEX, "", "an entry is empty"},
    {TABLE_NUMBER, "", "an entry is empty"},
    {TABLE_NUMBER, "ten", "\"ten\" is no number; write one like 10, >10, <=5, 3-7 or >10 MB"},
    {TABLE_NUMBER, "7-3", "is no number"},
    {TABLE_NUMBER, "<0", "is no number"},
    {TABLE_NUMBER, "<", "is no number"},
    {TABLE_NUMBER, "=7", "is no number"},
    {TABLE_NUMBER, "<>7", "is no number"},
    {TABLE_NUMBER, "1-2-3", "is no number"},
    {TABLE_NUMBER, "-3", "is no number"},
    {TABLE_NUMBER, "3-", "is no number"},
    {TABLE_NUMBER, ">10 XB", "is no number"},
    {TABLE_NUMBER, ">18446744073709551615", "is no number"},
    {TABLE_FLAG, "", "an entry is empty"},
    {TABLE_FLAG, "true", "\"true\" is neither yes nor no; write one of them"},
    {TABLE_FLAG, "YES", "is neither yes nor no"},
};

START_TEST(other_entries_are_refused) {
    struct table *table = table_new(NULL, wrong[_i].type);
    g_autofree char *why = table_add(table, wrong[_i].entry);
    g_autofree char *excluded = table_exclude(table, wrong[_i].entry);

    ck_assert_msg(why != NULL && excluded != NULL, "%s", wrong[_i].entry);
    ck_assert_msg(strstr(why, wrong[_i].why) != NULL, "%s", why);
    ck_assert_str_eq(why, excluded);
    table_free(table);
}
END_TEST

START_TEST(an_empty_table_matches_nothing) {
    for (enum table_type type = 0; type < TABLE_TYPE_COUNT; type++) {
        struct table *table = table_new("name", type);
        table_freeze(table);
        ck_assert(table_is_empty(table));
        ck_assert(!table_matches_all(table));
        ck_assert_str_eq(table_name(table), "name");
        ck_assert_int_eq(table_type(table), type);
        check_match(table, "", TABLE_NO);
        check_match(table, "192.0.2.1", TABLE_NO);
        check_match(table, "yes", TABLE_NO);
        table_free(table);
    }
    table_free(NULL);
}
END_TEST

START_TEST(tables_are_included) {
    struct table *inner = table_of(TABLE_ADDRESS, "a@b !c@d");
    struct table *outer = table_new(NULL, TABLE_ADDRESS);

    table_include(outer, inner);
    ck_assert_ptr_null(table_add(outer, "e@f"));
    table_freeze(outer);
    check_match(outer, "a@b", TABLE_YES);
    check_match(outer, "e@f", TABLE_YES);
    check_match(outer, "c@d", TABLE_NO);
    check_match(outer, "x@y", TABLE_NO);
    table_free(outer);
    table_free(inner);
}
END_TEST

START_TEST(tables_are_excluded) {
    struct table *inner = table_of(TABLE_CIDR, "10.1.0.0/16 192.0.2.1");
    struct table *outer = table_new(NULL, TABLE_CIDR);

    ck_assert_ptr_null(table_add(outer, "10.0.0.0/8"));
    table_exclude_table(outer, inner);
    table_freeze(outer);
    check_match(outer, "10.2.0.1", TABLE_YES);
    check_match(outer, "10.1.0.1", TABLE_NO);
    check_match(outer, "192.0.2.1", TABLE_NO);
    table_free(outer);
    table_free(inner);
}
END_TEST

START_TEST(an_excluded_empty_table_excludes_nothing) {
    struct table *inner = table_new("inner", TABLE_STRING);
    struct table *outer = table_new(NULL, TABLE_STRING);

    table_exclude_table(outer, inner);
    table_freeze(outer);
    check_match(outer, "anything", TABLE_YES);
    ck_assert(!table_is_empty(outer));
    table_free(outer);
    table_free(inner);
}
END_TEST

START_TEST(an_included_empty_table_adds_nothing) {
    struct table *inner = table_new("inner", TABLE_STRING);
    struct table *outer = table_new(NULL, TABLE_STRING);

    table_include(outer, inner);
    table_freeze(outer);
    check_match(outer, "anything", TABLE_NO);
    table_free(outer);
    table_free(inner);
}
END_TEST

/* Overlapping, touching and equal networks, in an order that chance made. */
START_TEST(many_networks_are_searched) {
    struct table *table = table_new(NULL, TABLE_CIDR);
    g_autoptr(GRand) chance = g_rand_new_with_seed(1);
    g_autofree bool *inside = g_new0(bool, 256 * 256);

    for (int i = 0; i < 3000; i++) {
        unsigned bits = (unsigned)g_rand_int_range(chance, 0, 5), size = 1u << bits;
        unsigned first = (unsigned)g_rand_int_range(chance, 0, 256 * 256) / size * size;
        g_autofree char *network =
            g_strdup_printf("10.9.%u.%u/%u", first / 256, first % 256, 32 - bits);
        ck_assert_ptr_null(table_add(table, network));
        for (unsigned j = 0; j < size; j++)
            inside[first + j] = true;
    }
    table_freeze(table);
    for (unsigned i = 0; i < 256 * 256; i++) {
        struct ip_address address = {
            true, {[10] = 0xff, 0xff, 10, 9, (uint8_t)(i / 256), (uint8_t)(i % 256)}};
        enum table_match expected = inside[i] ? TABLE_YES : TABLE_NO;
        if (look_up(table, "10.9.0.0", &address, NULL) != expected)
            ck_abort_msg("10.9.%u.%u", i / 256, i % 256);
    }
    table_free(table);
}
END_TEST

START_TEST(many_values_are_found) {
    struct table *table = table_new(NULL, TABLE_ADDRESS);

    for (int i = 0; i < 20000; i += 2) {
        g_autofree char *entry = g_strdup_printf("User%d@example.com", i);
        ck_assert_ptr_null(table_add(table, entry));
    }
    table_freeze(table);
    for (int i = 0; i < 20000; i++) {
        g_autofree char *value = g_strdup_printf("user%d@EXAMPLE.com", i);
        if (look_up(table, value, NULL, NULL) != (i % 2 == 0 ? TABLE_YES : TABLE_NO))
            ck_abort_msg("%s", value);
    }
    table_free(table);
}
END_TEST

START_TEST(captures_come_from_the_entry_that_matched) {
    struct table *table = table_of(TABLE_STRING, "~^<(?<a>.+)> ~^\\[(?<b>.+)\\]");
    struct captures captures = {0};

    ck_assert_int_eq(look_up(table, "[x]", NULL, &captures), TABLE_YES);
    ck_assert_uint_eq(captures.count, 1);
    ck_assert_str_eq(captures_find(&captures, "b"), "x");
    captures_clear(&captures);
    table_free(table);
}
END_TEST

static const char hard[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";

START_TEST(a_limit_is_not_a_match) {
    struct table *inner = table_of(TABLE_STRING, "~^(a+)+$");
    struct table *included = table_new(NULL, TABLE_STRING);
    struct table *excluded = table_of(TABLE_STRING, "* !~^(a+)+$");
    struct table *known =
        table_of(TABLE_STRING, "~^(a+)+$ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");

    table_include(included, inner);
    check_match(inner, hard, TABLE_LIMIT);
    check_match(included, hard, TABLE_LIMIT);
    check_match(excluded, hard, TABLE_LIMIT);
    check_match(known, hard, TABLE_YES); /* what is listed need not be matched */
    check_match(excluded, "b", TABLE_YES);
    table_free(included);
    table_free(inner);
    table_free(excluded);
    table_free(known);
}
END_TEST

START_TEST(types_have_names) {
    for (enum table_type type = 0; type < TABLE_TYPE_COUNT; type++)
        ck_assert_int_eq(table_type_from_name(table_type_name(type)), type);
    ck_assert_int_eq(table_type_from_name("cidr"), TABLE_CIDR);
    ck_assert_int_eq(table_type_from_name("CIDR"), TABLE_TYPE_COUNT);
    ck_assert_int_eq(table_type_from_name(""), TABLE_TYPE_COUNT);
    ck_assert_int_eq(table_type_of_kind(KIND_ADDRESS), TABLE_ADDRESS);
    ck_assert_int_eq(table_type_of_kind(KIND_DOMAIN), TABLE_DOMAIN);
    ck_assert_int_eq(table_type_of_kind(KIND_TEXT), TABLE_STRING);
    ck_assert_int_eq(table_type_of_kind(KIND_IP), TABLE_CIDR);
    ck_assert_int_eq(table_type_of_kind(KIND_NUMBER), TABLE_NUMBER);
    ck_assert_int_eq(table_type_of_kind(KIND_SIZE), TABLE_NUMBER);
    ck_assert_int_eq(table_type_of_kind(KIND_FLAG), TABLE_FLAG);
}
END_TEST

Suite *table_suite(void) {
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, values_are_found, 0, G_N_ELEMENTS(tables));
    tcase_add_loop_test(tests, other_entries_are_refused, 0, G_N_ELEMENTS(wrong));
    tcase_add_test(tests, an_empty_table_matches_nothing);
    tcase_add_test(tests, tables_are_included);
    tcase_add_test(tests, tables_are_excluded);
    tcase_add_test(tests, an_excluded_empty_table_excludes_nothing);
    tcase_add_test(tests, an_included_empty_table_adds_nothing);
    tcase_add_test(tests, many_networks_are_searched);
    tcase_add_test(tests, many_values_are_found);
    tcase_add_test(tests, captures_come_from_the_entry_that_matched);
    tcase_add_test(tests, a_limit_is_not_a_match);
    tcase_add_test(tests, types_have_names);
    suite_add_tcase(suite, tests);
    return suite;
}
