/* SPDX-License-Identifier: ISC */
#include "dragoman/pattern.h"

#include <string.h>

#include "suites.h"

/* Interpreted, as machine code and restored from octets, everything must come out alike. */
enum way { INTERPRETED, ACCELERATED, RESTORED, RESTORED_AND_ACCELERATED, WAYS };

/* Every text is allowed, so that what is restored is matched without looking at the pieces. */
static struct pattern *restored(struct pattern *pattern) {
    static uint8_t *octets; /* to the end of the pattern: there is one at a time */
    static uint16_t *no_pieces;
    size_t length = 0;

    g_free(octets);
    g_free(no_pieces);
    no_pieces = pieces_of("");
    octets = pattern_serialize(pattern, &length);
    ck_assert_ptr_nonnull(octets);
    ck_assert_uint_gt(length, 0);
    ck_assert(pattern_can_restore(octets));
    pattern_free(pattern);
    return pattern_restore(octets, no_pieces);
}

static enum table_match match(struct pattern *pattern, const char *text,
                              struct captures *captures) {
    struct probe probe;

    probe_set(&probe, text, NULL);
    return pattern_match(pattern, &probe, captures);
}

static struct pattern *compile(enum way way, const char *expression) {
    char *why = NULL;
    struct pattern *pattern = pattern_compile(expression, &why);

    ck_assert_msg(pattern != NULL, "%s", why);
    ck_assert_ptr_null(why);
    if (way == RESTORED || way == RESTORED_AND_ACCELERATED)
        pattern = restored(pattern);
    ck_assert_ptr_nonnull(pattern);
    if (way == ACCELERATED || way == RESTORED_AND_ACCELERATED)
        pattern_accelerate(pattern);
    return pattern;
}

static const struct {
    const char *expression, *text;
    enum table_match expected;
} matches[] = {
    {"spam", "this is spam", TABLE_YES},
    {"spam", "SPAM", TABLE_YES},
    {"(?-i)spam", "SPAM", TABLE_NO},
    {"spam", "ham", TABLE_NO},
    {"^spam$", "spam", TABLE_YES},
    {"^spam$", "spam ", TABLE_NO},
    {"^$", "", TABLE_YES},
    {".", "", TABLE_NO},
    {"a.b", "a\nb", TABLE_YES},
    {"^.$", "ş", TABLE_YES}, /* one character, not two octets */
    {"ş", "Ş", TABLE_YES},
    {"\\bbuy\\b", "please buy now", TABLE_YES},
    {"\\d{3}", "ab12", TABLE_NO},
    {"Postfach \\S voll", "Postfach ä voll", TABLE_YES}, /* PCRE2 10.42's JIT misses it where it
                                                              is told that texts may be invalid */
};

START_TEST(texts_are_matched) {
    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, matches[_i].expression);
        ck_assert_int_eq(match(pattern, matches[_i].text, NULL), matches[_i].expected);
        pattern_free(pattern);
    }
}
END_TEST

static const struct {
    const char *expression, *text;
    const char *captures; /* "name=value|…" in the order of the groups */
} captures_of[] = {
    {"^<(?<recipient>[^>]+)>: (?<why>.*)", "<a@b>: User unknown", "recipient=a@b|why=User unknown"},
    {"(a)(?<b>b)(c)", "abc", "b=b"},
    {"(?<virus_name>.+)", "Eicar", "virus-name=Eicar"}, /* no hyphen is allowed in a group */
    {"(?<a>x)|(?<b>y)", "y", "b=y"},
    {"(?<a>x?)y", "y", "a="},
    {"abc", "abc", ""},
    {"(?<name>\\w+)@\\w+", "say hi to Ayse@Example", "name=Ayse"},
};

START_TEST(named_groups_are_captured) {
    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, captures_of[_i].expression);
        struct captures captures = {0};
        g_autoptr(GString) all = g_string_new(NULL);
        ck_assert_int_eq(match(pattern, captures_of[_i].text, &captures), TABLE_YES);
        for (size_t j = 0; j < captures.count; j++) {
            g_string_append_printf(all, "%s%s=%s", j > 0 ? "|" : "", captures.each[j].name,
                                   captures.each[j].value);
            ck_assert_str_eq(captures_find(&captures, captures.each[j].name),
                             captures.each[j].value);
        }
        ck_assert_str_eq(all->str, captures_of[_i].captures);
        ck_assert_ptr_null(captures_find(&captures, "other"));
        captures_clear(&captures);
        ck_assert_uint_eq(captures.count, 0);
        pattern_free(pattern);
    }
}
END_TEST

START_TEST(it_is_known_whether_all_was_read) {
    static const struct {
        const char *expression;
        bool whole;
    } rows[] = {{"^<(?<recipient>.*)>: no$", true},
                {"^(?:<|x)(?<recipient>.*)>: no|^no", true},
                {"<(?<recipient>.*)>: no", false}, /* which it merely happens to fill */
                {"<(?<recipient>[^>]*)>", false},
                {"no$", false}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct captures captures = {0};
        struct pattern *pattern = compile((enum way)_i, rows[i].expression);
        ck_assert_int_eq(match(pattern, "<ayse@example.net>: no", &captures), TABLE_YES);
        ck_assert_msg(captures.whole == rows[i].whole, "%s", rows[i].expression);
        captures_clear(&captures);
        ck_assert(!captures.whole);
        pattern_free(pattern);
    }
}
END_TEST

START_TEST(nothing_is_captured_without_a_match) {
    struct pattern *pattern = compile(INTERPRETED, "^(?<a>x)y");
    struct captures captures = {0};

    ck_assert_int_eq(match(pattern, "xz", &captures), TABLE_NO);
    ck_assert_uint_eq(captures.count, 0);
    pattern_free(pattern);
}
END_TEST

START_TEST(captures_have_an_end) {
    g_autoptr(GString) expression = g_string_new(NULL);
    struct captures captures = {0};

    for (int i = 0; i < CAPTURES_MAX + 4; i++)
        g_string_append_printf(expression, "(?<n%d>.)", i);
    struct pattern *pattern = compile(INTERPRETED, expression->str);
    ck_assert_int_eq(match(pattern, "abcdefghijklmnopqrstuvwxyz", &captures), TABLE_YES);
    ck_assert_uint_eq(captures.count, CAPTURES_MAX);
    ck_assert_str_eq(captures_find(&captures, "n15"), "p");
    captures_clear(&captures);
    pattern_free(pattern);
}
END_TEST

static const char *const catastrophes[] = {
    "^(a+)+$", "^(a|aa)+$", "^(\\w+\\s?)*$", "(.*?,){30}x", "(x+x+)+y|^(([a-z])+.)+[A-Z]([a-z])+$",
};

START_TEST(no_match_takes_forever) {
    g_autofree char *text =
        g_strdup_printf("%s!", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                               ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, catastrophes[_i]);
        struct captures captures = {0};
        gint64 begin = g_get_monotonic_time();
        enum table_match result = match(pattern, text, &captures);
        ck_assert_int_lt(g_get_monotonic_time() - begin, 2 * G_USEC_PER_SEC);
        ck_assert_int_ne(result, TABLE_YES);
        ck_assert_uint_eq(captures.count, 0);
        pattern_free(pattern);
    }
}
END_TEST

/* 2^22 steps are too many, though PCRE2 itself would take ten million. */
START_TEST(the_limit_is_told) {
    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, "^(a+)+$");
        ck_assert_int_eq(match(pattern, "aaaaaaaaaaaaaaaaaaaaaa!", NULL), TABLE_LIMIT);
        ck_assert_int_eq(match(pattern, "aaaaaaaa!", NULL), TABLE_NO);
        ck_assert_int_eq(match(pattern, "aaaaaaaaaaaaaaaaaaaaaa", NULL), TABLE_YES);
        pattern_free(pattern);
    }
}
END_TEST

/* What rules see of a body by default is searched by sane expressions without any trouble. */
START_TEST(long_texts_are_no_trouble) {
    g_autofree char *body = g_strnfill(64 * 1024, 'a');

    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, "\\bviagra\\b|https?://\\S+\\.example/|b.*c");
        ck_assert_int_eq(match(pattern, body, NULL), TABLE_NO);
        pattern_free(pattern);
    }
}
END_TEST

START_TEST(other_octets_are_no_pattern) {
    static const _Alignas(8) uint8_t octets[4096] = {1, 2, 3};

    ck_assert(!pattern_can_restore(octets));
    pattern_free(NULL);
}
END_TEST

/* More groups than are kept: what is behind is lost, the match is not. */
START_TEST(many_groups_do_no_harm) {
    g_autoptr(GString) expression = g_string_new("(?<first>a)");

    for (int i = 0; i < 200; i++)
        g_string_append(expression, "(a?)");
    g_string_append(expression, "(?<last>z)");
    for (enum way way = 0; way < WAYS; way++) {
        struct pattern *pattern = compile(way, expression->str);
        struct captures captures = {0};
        ck_assert_int_eq(match(pattern, "aaz", &captures), TABLE_YES);
        ck_assert_uint_eq(captures.count, 1);
        ck_assert_str_eq(captures_find(&captures, "first"), "a");
        captures_clear(&captures);
        pattern_free(pattern);
    }
}
END_TEST

static const struct {
    const char *expression, *why;
} wrong[] = {
    {"(foo", "the regular expression \"(foo\" is wrong at character 4: missing closing parenth"},
    {"foo)", "is wrong at character 3: unmatched closing parenthesis"},
    {"a[b", "is wrong at character 3: missing terminating ]"},
    {"*a", "is wrong at character 0: quantifier does not follow a repeatable item"},
    {"a\\", "\\ at end of pattern"},
    {"(?<n>a)(?<n>b)", "two named subpatterns have the same name"},
    {"\\C", "is wrong at character"},
    {"a\xff", "UTF-8 error"},
};

START_TEST(other_expressions_are_refused) {
    char *why = NULL;

    ck_assert_ptr_null(pattern_compile(wrong[_i].expression, &why));
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, wrong[_i].why) != NULL, "%s", why);
    ck_assert_msg(g_str_has_suffix(why, "; see pcre2pattern(3)"), "%s", why);
    g_free(why);
}
END_TEST

Suite *pattern_suite(void) {
    Suite *suite = suite_create("pattern");
    TCase *tests = tcase_create("pattern");

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, texts_are_matched, 0, G_N_ELEMENTS(matches));
    tcase_add_loop_test(tests, named_groups_are_captured, 0, G_N_ELEMENTS(captures_of));
    tcase_add_loop_test(tests, it_is_known_whether_all_was_read, 0, WAYS);
    tcase_add_test(tests, nothing_is_captured_without_a_match);
    tcase_add_test(tests, captures_have_an_end);
    tcase_add_loop_test(tests, no_match_takes_forever, 0, G_N_ELEMENTS(catastrophes));
    tcase_add_test(tests, the_limit_is_told);
    tcase_add_test(tests, long_texts_are_no_trouble);
    tcase_add_test(tests, other_octets_are_no_pattern);
    tcase_add_test(tests, many_groups_do_no_harm);
    tcase_add_loop_test(tests, other_expressions_are_refused, 0, G_N_ELEMENTS(wrong));
    suite_add_tcase(suite, tests);
    return suite;
}
