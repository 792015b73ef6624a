/* SPDX-License-Identifier: ISC */
#include "outline.h"

#include <string.h>

#include "suites.h"

static struct complaints *complaints;

static void set_up(void) {
    complaints = complaints_new();
}

static void tear_down(void) {
    complaints_free(complaints);
}

/* "LINE name" with the title in quotes, "()" for an include, the lines of values behind "=", and
 * what is inside in braces. */
static void print_entries(const GPtrArray *entries, GString *out) {
    for (guint i = 0; i < entries->len; i++) {
        const struct outline_entry *entry = entries->pdata[i];
        g_string_append_printf(out, "%s%u %s", i > 0 ? " " : "", entry->place.line, entry->name);
        if (entry->title != NULL)
            g_string_append_printf(out, " \"%s\"", entry->title);
        if (entry->kind == OUTLINE_INCLUDE)
            g_string_append(out, "()");
        for (guint j = 0; j < entry->value_lines->len; j++)
            g_string_append_printf(out, "%c%u", j > 0 ? ',' : '=',
                                   outline_value_place(entry, j).line);
        if (entry->kind == OUTLINE_SECTION) {
            g_string_append(out, " {");
            print_entries(entry->entries, out);
            g_string_append(out, "}");
        }
    }
}

static const struct {
    const char *text, *outline;
} files[] = {
    {"", ""},
    {"\n\n# only a comment\n// another\n/* and\none */\n", ""},
    {"a = 1\nb = \"x\"", "1 a=1 2 b=2"},
    {"\n\na = x\n", "3 a=3"},
    {"a\n=\nx", "1 a=3"},
    {"a += { \"x\" }", "1 a=1"},
    {"l = { \"a\",\n  b,\n\n  'c' }", "1 l=1,2,4"},
    {"l = { }", "1 l"},
    {"/* one\ntwo */ a = x", "2 a=2"},
    {"a = \"x\ny\"\nb = z", "1 a=1 3 b=3"},
    {"a = x # not b = y\nc = z // not d = z\n", "1 a=1 2 c=2"},
    {"a = \"# no comment // either /* nor this\"\nb = x", "1 a=1 2 b=2"},
    {"s { }", "1 s {}"},
    {"s \"t\" {\n a = x\n}\n", "1 s \"t\" {2 a=2}"},
    {"s t { a = x }", "1 s \"t\" {1 a=1}"},
    {"rule \"r\" {\n if {\n  x = { y }\n }\n reject = z\n}\nb = c",
     "1 rule \"r\" {2 if {3 x=3} 5 reject=5} 7 b=7"},
    {"rule \"r\" { header:Subject = { \"~x\" } }", "1 rule \"r\" {1 header:Subject=1}"},
    {"include(\"x.conf\")\ninclude ( y.conf )", "1 include \"x.conf\"() 2 include \"y.conf\"()"},
    {"include()", "1 include()"},
    {"s \"a } b { c\" { x = '}' }", "1 s \"a } b { c\" {1 x=1}"},
    {"a = \"quoted \\\" brace }\"\nb = c", "1 a=1 2 b=2"},
    {"a = \"back\\\\\"\nb = c", "1 a=1 2 b=2"},
    {"a = \"~\\\\\"\nb = c", "1 a=1 2 b=2"},
    {"a = \"con\\\ntinued\"\nb = c", "1 a=1 3 b=3"},
};

START_TEST(files_have_an_outline) {
    const char *text = files[_i].text;
    struct outline *outline = outline_read("x.conf", text, strlen(text), complaints);
    g_autoptr(GString) print = g_string_new(NULL);

    print_entries(outline->entries, print);
    ck_assert_str_eq(print->str, files[_i].outline);
    ck_assert_ptr_null(complaints_at(complaints, 0));
    for (guint i = 0; i < outline->entries->len; i++) {
        const struct outline_entry *entry = outline->entries->pdata[i];
        ck_assert_str_eq(entry->place.file, "x.conf");
    }
    outline_free(outline);
    outline_free(NULL);
}
END_TEST

static const struct {
    const char *text;
    size_t length; /* 0: all of it */
    const char *complaints[3];
} faults[] = {
    {"\nrule \"r\" {\n  reject = x\n",
     0,
     {"x.conf:2: error: the file ends inside rule \"r\", which begins here; close it with }"}},
    {"log {\n", 0, {"x.conf:1: error: the file ends inside log, which begins here"}},
    {"rule \"r\" {\n if {\n",
     0,
     {"x.conf:1: error: the file ends inside rule \"r\"", "x.conf:2: error: the file ends inside "
                                                          "if"}},
    {"a = x\nb = \"text\n\n",
     0,
     {"x.conf:2: error: a string that begins here is never closed; "
      "end it with \""}},
    {"b = 'text", 0, {"x.conf:1: error: a string that begins here is never closed; end it with '"}},
    {"b = \"x\\\"", 0, {"x.conf:1: error: a string that begins here is never closed"}},
    {"b = \"x\\", 0, {"x.conf:1: error: a string that begins here is never closed"}},
    {"\n/* comment\n\n",
     0,
     {"x.conf:2: error: a comment that begins here is never closed; end it "
      "with */"}},
    {"a = { b,\n c\n",
     0,
     {"x.conf:1: error: a list that begins here is never closed; end it with "
      "}"}},
    {"include(\"x\"\n", 0, {"x.conf:1: error: an include that begins here is never closed"}},
    {"a = x\nb = \"\xff\"",
     0,
     {"x.conf:2: error: the octet 0xff is not UTF-8 text; save the file "
      "in UTF-8"}},
    {"a = \"caf\xe9\"", 0, {"x.conf:1: error: the octet 0xe9 is not UTF-8 text"}},
    {"a = x\n\0b = y", 12, {"x.conf:2: error: the octet 0x00 is not UTF-8 text"}},
};

START_TEST(faults_of_form_are_complained_of) {
    const char *text = faults[_i].text;
    size_t length = faults[_i].length > 0 ? faults[_i].length : strlen(text), count = 0;

    outline_free(outline_read("x.conf", text, length, complaints));
    for (; count < 3 && faults[_i].complaints[count] != NULL; count++) {
        const struct complaint *complaint = complaints_at(complaints, count);
        ck_assert_ptr_nonnull(complaint);
        g_autofree char *print = complaint_print(complaint);
        ck_assert_msg(g_str_has_prefix(print, faults[_i].complaints[count]), "%s", print);
    }
    ck_assert_ptr_null(complaints_at(complaints, count));
}
END_TEST

Suite *outline_suite(void) {
    Suite *suite = suite_create("outline");
    TCase *tests = tcase_create("outline");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, files_have_an_outline, 0, G_N_ELEMENTS(files));
    tcase_add_loop_test(tests, faults_of_form_are_complained_of, 0, G_N_ELEMENTS(faults));
    suite_add_tcase(suite, tests);
    return suite;
}
