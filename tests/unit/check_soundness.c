/* SPDX-License-Identifier: ISC */
#include "soundness.h"

#include <glib.h>

#include "suites.h"

static const struct {
    const char *text;
    enum status_class status_class;
    bool sound;
} replies[] = {
    {"550 5.1.1 no", STATUS_PERMANENT, true},
    {"450 4.1.1 later", STATUS_TEMPORARY, true},
    {"550-5.1.1 one\r\n550 5.1.1 two", STATUS_PERMANENT, true},
    {"550-5.1.1 one\r\n550-5.1.1 two\r\n550 5.1.1 three", STATUS_PERMANENT, true},
    {"550 5.1.1 \xc5\x9f"
     "ey",
     STATUS_PERMANENT, true},
    {"550 no enhanced code", STATUS_PERMANENT, true},
    {"550-no\r\n550 enhanced code", STATUS_PERMANENT, true},
    {"421 4.3.2 bye", STATUS_TEMPORARY, true},
    /* the class */
    {"550 5.1.1 no", STATUS_TEMPORARY, false},
    {"450 4.1.1 no", STATUS_PERMANENT, false},
    {"550 4.1.1 no", STATUS_PERMANENT, false},
    {"450 5.1.1 no", STATUS_TEMPORARY, false},
    {"250 2.1.5 ok", STATUS_PERMANENT, false},
    {"250 2.1.5 ok", STATUS_TEMPORARY, false},
    {"354 go", STATUS_TEMPORARY, false},
    /* the hyphen */
    {"550-5.1.1 one", STATUS_PERMANENT, false},
    {"550 5.1.1 one\r\n550 5.1.1 two", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r\n550-5.1.1 two", STATUS_PERMANENT, false},
    {"550+5.1.1 one", STATUS_PERMANENT, false},
    /* one pair */
    {"550-5.1.1 one\r\n554 5.1.1 two", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r\n550 5.7.1 two", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r\n550 two", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r\ntwo", STATUS_PERMANENT, false},
    /* the ends of lines */
    {"550-5.1.1 one\n550 5.1.1 two", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r550 5.1.1 two", STATUS_PERMANENT, false},
    {"550 5.1.1 one\r\n", STATUS_PERMANENT, false},
    {"550-5.1.1 one\r\n\r\n550 5.1.1 two", STATUS_PERMANENT, false},
    {"\r\n550 5.1.1 one", STATUS_PERMANENT, false},
    /* what is no text */
    {"550 5.1.1 a\tb", STATUS_PERMANENT, false},
    {"550 5.1.1 a\x7f", STATUS_PERMANENT, false},
    {"550 5.1.1 a\x1b[2J", STATUS_PERMANENT, false},
    {"550 5.1.1 \xff", STATUS_PERMANENT, false},
    {"550 5.1.1", STATUS_PERMANENT, false},
    {"550", STATUS_PERMANENT, false},
    {"5.1.1 no basic code", STATUS_PERMANENT, false},
    {"no code", STATUS_PERMANENT, false},
    {" 550 5.1.1 no", STATUS_PERMANENT, false},
    {"", STATUS_PERMANENT, false},
};

START_TEST(replies_are_checked) {
    ck_assert_msg(reply_is_sound(replies[_i].text, replies[_i].status_class) == replies[_i].sound,
                  "%s", replies[_i].text);
}
END_TEST

static char *reply_of_lines(size_t count, size_t octets) {
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < count; i++) {
        g_string_append(text, i + 1 == count ? "550 5.1.1 " : "550-5.1.1 ");
        for (size_t j = 10; j < octets; j++)
            g_string_append_c(text, 'x');
        g_string_append(text, i + 1 == count ? "" : "\r\n");
    }
    return g_string_free(text, FALSE);
}

START_TEST(lines_and_octets_are_counted) {
    static const struct {
        size_t count, octets;
        bool sound;
    } sizes[] = {{1, 510, true},  {1, 511, false}, {32, 510, true},
                 {33, 20, false}, {40, 20, false}, {32, 511, false}};

    g_autofree char *text = reply_of_lines(sizes[_i].count, sizes[_i].octets);
    ck_assert_int_eq(reply_is_sound(text, STATUS_PERMANENT), sizes[_i].sound);
}
END_TEST

static const struct {
    const char *text;
    bool line, template;
} lines[] = {
    {"a line", true, true},
    {"100 % \\n", true, true},
    {"\xc5\x9f"
     "ey",
     true, true},
    {"costs $$5", true, true},
    {"$$", true, true},
    {"$$$$", true, true},
    {"costs $5", true, false},
    {"${x}", true, false},
    {"$", true, false},
    {"a$", true, false},
    {"$$$", true, false},
    {"$$$helo_name", true, false},
    {"", false, false},
    {"a\r\nb", false, false},
    {"a\n", false, false},
    {"a\rb", false, false},
    {"\t", false, false},
    {"\x7f", false, false},
    {"\xc5", false, false},
};

START_TEST(lines_are_checked) {
    ck_assert_msg(line_is_sound(lines[_i].text) == lines[_i].line, "%s", lines[_i].text);
    ck_assert_msg(template_is_sound(lines[_i].text) == lines[_i].template, "%s", lines[_i].text);
}
END_TEST

Suite *soundness_suite(void) {
    Suite *suite = suite_create("soundness");
    TCase *tests = tcase_create("soundness");

    tcase_add_loop_test(tests, replies_are_checked, 0, G_N_ELEMENTS(replies));
    tcase_add_loop_test(tests, lines_and_octets_are_counted, 0, 6);
    tcase_add_loop_test(tests, lines_are_checked, 0, G_N_ELEMENTS(lines));
    suite_add_tcase(suite, tests);
    return suite;
}
