/* SPDX-License-Identifier: ISC */
#include "dragoman/pattern_index.h"

#include <string.h>

#include "dragoman/pattern.h"
#include "suites.h"

enum { PATTERNS = 600, TEXTS = 3000 };

static GPtrArray *patterns;
static struct pattern_index *index_of_all;

static void free_pattern(void *pattern) {
    pattern_free(pattern);
}

static void add(const char *expression) {
    char *why = NULL;
    struct pattern *pattern = pattern_compile(expression, &why);
    ck_assert_msg(pattern != NULL, "%s: %s", expression, why);
    g_ptr_array_add(patterns, pattern);
}

static const char *a_word(GRand *chance) {
    static const char *const words[] = {"mail",  "Box", "full",  "quota", "over", "user", "unknown",
                                        "block", "ed",  "spam",  "list",  "ip",   "no",   "such",
                                        "geçer", "siz", "inbox", "xy",    "a",    "K"};
    return words[g_rand_int_range(chance, 0, G_N_ELEMENTS(words))];
}

/* Pieces, alternatives, and now and then one of which nothing is known. */
static void add_by_chance(GRand *chance) {
    static const char *const shapes[] = {"%s%s",    "%s.*%s",        "%s|%s",      "(?:%s|%s)x?",
                                         "%s ?%s?", "(?<part>%s)%s", "(?:%s)*%s*", "[%s]%s"};
    const char *shape = shapes[g_rand_int_range(chance, 0, G_N_ELEMENTS(shapes))];
    g_autoptr(GString) expression = g_string_new(shape);
    g_string_replace(expression, "%s", a_word(chance), 1);
    g_string_replace(expression, "%s", a_word(chance), 1);
    add(expression->str);
}

static void make_text(GRand *chance, GString *text) {
    g_string_truncate(text, 0);
    for (int i = g_rand_int_range(chance, 0, 6); i > 0; i--)
        g_string_append_printf(text, "%s%s", g_rand_boolean(chance) ? " " : "", a_word(chance));
    if (g_rand_int_range(chance, 0, 20) == 0)
        g_string_append(text, "\xe2\x84\xaa"); /* the sign of kelvin is a k to PCRE2 */
}

static void set_up(void) {
    patterns = g_ptr_array_new_with_free_func(free_pattern);
}

static void tear_down(void) {
    pattern_index_free(index_of_all);
    index_of_all = NULL;
    g_ptr_array_unref(patterns);
}

static bool contains(const GArray *positions, guint wanted) {
    for (guint i = 0; i < positions->len; i++)
        if (g_array_index(positions, guint, i) == wanted)
            return true;
    return false;
}

static void check_order(const GArray *positions) {
    for (guint i = 1; i < positions->len; i++)
        ck_assert_uint_lt(g_array_index(positions, guint, i - 1),
                          g_array_index(positions, guint, i));
}

/* The number of patterns that match; all of them are among the candidates. */
static guint check_text(const char *text) {
    struct probe probe;
    guint matched = 0;
    probe_set(&probe, text, NULL);
    g_autoptr(GArray) candidates = pattern_index_candidates(index_of_all, probe_grams(&probe));
    for (guint i = 0; i < patterns->len; i++) {
        bool matches = pattern_match(patterns->pdata[i], &probe, NULL) == TABLE_YES;
        ck_assert_msg(!matches || candidates == NULL || contains(candidates, i), "%u: %s", i, text);
        matched += matches;
    }
    if (candidates != NULL)
        check_order(candidates);
    return matched;
}

START_TEST(what_matches_is_a_candidate) {
    GRand *chance = g_rand_new_with_seed(20261122);
    g_autoptr(GString) text = g_string_new(NULL);
    guint matched = 0;
    for (guint i = 0; i < PATTERNS; i++)
        add_by_chance(chance);
    index_of_all = pattern_index_new(patterns);
    for (guint i = 0; i < TEXTS; i++) {
        make_text(chance, text);
        matched += check_text(text->str);
    }
    ck_assert_uint_gt(matched, TEXTS);
    g_rand_free(chance);
}
END_TEST

static guint count_candidates(const char *text) {
    struct probe probe;
    probe_set(&probe, text, NULL);
    g_autoptr(GArray) candidates = pattern_index_candidates(index_of_all, probe_grams(&probe));
    ck_assert_ptr_nonnull(candidates);
    return candidates->len;
}

START_TEST(few_of_many_are_candidates) {
    for (guint i = 0; i < 5000; i++) {
        g_autofree char *expression = g_strdup_printf("^host%04x-\\d+\\.example", i);
        add(expression);
    }
    add("[0-9]"); /* of which nothing is known */
    index_of_all = pattern_index_new(patterns);
    ck_assert_uint_le(count_candidates("host00ff-7.example"), 50);
    ck_assert_uint_ge(count_candidates("host00ff-7.example"), 2);
    ck_assert_uint_eq(count_candidates("mail.example"), 1);
    ck_assert_uint_eq(count_candidates(""), 1);
}
END_TEST

START_TEST(nothing_can_be_found_in_none) {
    index_of_all = pattern_index_new(patterns);
    ck_assert_uint_eq(count_candidates("abc"), 0);
}
END_TEST

/* The first that matches gives the captures, as if all were asked in turn. */
START_TEST(a_table_takes_the_first_that_matches) {
    struct table *table = table_new("t", TABLE_REGEX);
    struct captures captures = {0};
    struct probe probe;
    for (guint i = 0; i < 100; i++) {
        g_autofree char *expression = i == 40   ? g_strdup("(?<first>both)|word")
                                      : i == 70 ? g_strdup("(?<second>both)")
                                                : g_strdup_printf("entry%02u", i);
        ck_assert_ptr_null(table_add(table, expression));
    }
    table_freeze(table);
    probe_set(&probe, "entry77", NULL);
    ck_assert_int_eq(table_match(table, &probe, NULL), TABLE_YES);
    probe_set(&probe, "entry", NULL);
    ck_assert_int_eq(table_match(table, &probe, NULL), TABLE_NO);
    probe_set(&probe, "both", NULL);
    ck_assert_int_eq(table_match(table, &probe, &captures), TABLE_YES);
    ck_assert_str_eq(captures_find(&captures, "first"), "both");
    captures_clear(&captures);
    table_free(table);
}
END_TEST

Suite *pattern_index_suite(void) {
    Suite *suite = suite_create("pattern_index");
    TCase *tests = tcase_create("pattern_index");

    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_matches_is_a_candidate);
    tcase_add_test(tests, few_of_many_are_candidates);
    tcase_add_test(tests, nothing_can_be_found_in_none);
    tcase_add_test(tests, a_table_takes_the_first_that_matches);
    suite_add_tcase(suite, tests);
    return suite;
}
