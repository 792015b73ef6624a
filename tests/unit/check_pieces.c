/* SPDX-License-Identifier: ISC */
#include "dragoman/pieces.h"

#include <string.h>

#include "dragoman/pattern.h"
#include "suites.h"

/* What can match is not all that matches: only where the answer is "no" it has to be right. */
static const struct {
    const char *expression, *text;
    bool allowed;
} examples[] = {
    {"mailbox", "the mailbox is full", true},
    {"mailbox", "THE MAILBOX IS FULL", true},
    {"mailbox", "the disk is full", false},
    {"MailBox", "the mailbox", true},
    {"mailbox (?:is )?full|over quota", "over quota", true},
    {"mailbox (?:is )?full|over quota", "mailbox x", false},
    {"mailbox (?:is )?full|over quota", "full", false},
    {"mailbox|", "anything", true},
    {"(?:mail|post)box", "box", false},
    {"(?:mail|post)box", "post", false},
    {"e-?mail", "email", true},
    {"colou?r", "color", true},
    {"colou?r", "colic", false},
    {"\\bIP\\b", "an ip", true},
    {"\\bIP\\b", "an address", false},
    {"ab+c", "abbc", true},
    {"ab+c", "ac", false},
    {"ab*c", "ac", true},
    {"x{0,2}yes", "yes", true},
    {"xyz{0}", "xy", true},
    {"(?:no){2}", "nono", true},
    {"(?:no){2}", "n", false},
    {"(?:no)*", "", true},
    {"(?!spam)ham", "ham", true},
    {"(?<=spam)ham", "spam", false},
    {"mailbox.*full", "mailbox", false},
    {"mailbox.*full", "full mailbox", true},
    {"(?:your|this) (?:mailbox|account)", "your account", true},
    {"(?:your|this) (?:mailbox|account)", "this box", false},
    {"\\x22no\\x{22}yes", "\"no\"yes", true},
    {"\\x22no\\x{22}yes", "\"no\"", false},
    {"[abc]def", "xef", false},
    {"[]x]def", "]def", true},
    {"[[:alpha:]]def", "xdef", true},
    {"[^]]def", "ab", false},
    {"#5\\.1\\.1", "#5.1.1", true},
    {"#5\\.1\\.1", "#5x1x1", false},
    {"(?<name>full)", "full", true},
    {"(?-i)FULL", "FULL", true},
    {"(?x) fu ll", "full", true}, /* not understood: all is possible */
    {"\\Qa.b\\E", "x", true},
    {"(ab)\\1", "x", true},
    {"geçersiz", "GEÇERSIZ", true}, /* no character beyond ASCII is told from another */
    {"geçersiz", "gecersiz", false},
    {"нет такого", "нет такого", true},
    {"нет такого", "no such", false},
    {"disk", "dis\xe2\x84\xaa", true}, /* the sign of kelvin is a k */
    {"ſpam", "spam", true},
    {"", "", true},
    {"mailbox", "", false},
};

START_TEST(texts_without_a_piece_are_excluded) {
    g_autofree uint16_t *pieces = pieces_of(examples[_i].expression);
    struct grams grams;

    grams_of(&grams, examples[_i].text);
    ck_assert_msg(grams_allow(&grams, pieces) == examples[_i].allowed, "%s: %s",
                  examples[_i].expression, examples[_i].text);
}
END_TEST

/* --- by chance -------------------------------------------------------------------------------- */

static const char *one_of(GRand *chance, const char *const *list, int count) {
    return list[g_rand_int_range(chance, 0, count)];
}

static void add_expression(GRand *chance, GString *expression, int depth) {
    static const char *const atoms[] = {"a", "b",   "ab", "K",   "s",   "é",    "ſ",     ".",
                                        "1", "[a]", "^",  "\\b", "\\d", "[^b]", "[]sk]", "a{"};
    static const char *const groups[] = {"(?:", "(", "(?=", "(?!", "(?>", "(?i:", "(?-i:"};
    static const char *const repeats[] = {"", "", "", "", "?", "*", "+", "{2}", "{0,1}", "{1,}?"};

    for (int i = g_rand_int_range(chance, 1, 4); i > 0; i--) {
        if (depth > 0 && g_rand_int_range(chance, 0, 3) == 0) {
            g_string_append(expression, one_of(chance, groups, G_N_ELEMENTS(groups)));
            add_expression(chance, expression, depth - 1);
            g_string_append_c(expression, ')');
        } else {
            g_string_append(expression, one_of(chance, atoms, G_N_ELEMENTS(atoms)));
        }
        g_string_append(expression, one_of(chance, repeats, G_N_ELEMENTS(repeats)));
    }
    if (g_rand_int_range(chance, 0, 4) == 0) {
        g_string_append_c(expression, '|');
        add_expression(chance, expression, depth);
    }
}

static void make_text(GRand *chance, GString *text) {
    static const char *const letters[] = {"a", "A", "b", "k", "S", "é", "É", "ſ", "\xe2\x84\xaa",
                                          "1", " ", "]", "{"};

    g_string_truncate(text, 0);
    for (int i = g_rand_int_range(chance, 0, 9); i > 0; i--)
        g_string_append(text, one_of(chance, letters, G_N_ELEMENTS(letters)));
}

/* Whether the expression matches without regard to its pieces. */
static bool matches(struct pattern *pattern, const char *text) {
    g_autofree uint16_t *no_pieces = pieces_of("");
    size_t length;
    g_autofree uint8_t *octets = pattern_serialize(pattern, &length);
    struct pattern *plain = pattern_restore(octets, no_pieces);
    struct probe probe;

    probe_set(&probe, text, NULL);
    bool matched = pattern_match(plain, &probe, NULL) == TABLE_YES;
    pattern_free(plain);
    return matched;
}

START_TEST(what_matches_is_never_excluded) {
    GRand *chance = g_rand_new_with_seed(20261122);
    g_autoptr(GString) expression = g_string_new(NULL), text = g_string_new(NULL);
    unsigned matched = 0, excluded = 0;

    for (int i = 0; i < 20000; i++) {
        char *why = NULL;
        struct probe probe;
        g_string_truncate(expression, 0);
        add_expression(chance, expression, 2);
        struct pattern *pattern = pattern_compile(expression->str, &why);
        g_free(why);
        for (int j = 0; j < 5 && pattern != NULL; j++) {
            make_text(chance, text);
            probe_set(&probe, text->str, NULL);
            bool found = pattern_match(pattern, &probe, NULL) == TABLE_YES;
            bool expected = matches(pattern, text->str);
            ck_assert_msg(found == expected, "%s: \"%s\"", expression->str, text->str);
            g_autofree uint16_t *pieces = pieces_of(expression->str);
            matched += expected;
            excluded += !grams_allow(probe_grams(&probe), pieces);
        }
        pattern_free(pattern);
    }
    ck_assert_uint_gt(matched, 10000);
    ck_assert_uint_gt(excluded, 3000);
    g_rand_free(chance);
}
END_TEST

Suite *pieces_suite(void) {
    Suite *suite = suite_create("pieces");
    TCase *tests = tcase_create("pieces");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, texts_without_a_piece_are_excluded, 0, G_N_ELEMENTS(examples));
    tcase_add_test(tests, what_matches_is_never_excluded);
    suite_add_tcase(suite, tests);
    return suite;
}
