/* SPDX-License-Identifier: ISC */
#include "dragoman/ref.h"

#include <glib.h>
#include <string.h>

#include "suites.h"

START_TEST(refs_are_new_each_time) {
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char ref[REF_SIZE];

    for (int i = 0; i < 1000; i++) {
        ref_make(ref);
        ck_assert_uint_eq(strlen(ref), REF_SIZE - 1);
        ck_assert_int_eq(ref[4], '-');
        ck_assert_uint_eq(strspn(ref, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-"), REF_SIZE - 1);
        ck_assert(g_hash_table_add(seen, g_strdup(ref)));
    }
}
END_TEST

START_TEST(a_ref_that_was_made_is_found) {
    char ref[REF_SIZE], found[REF_SIZE] = "";

    ref_make(ref);
    g_autofree char *text = g_strdup_printf("550 5.1.1 No such mailbox [ref %s]", ref);
    ck_assert(ref_find(text, found));
    ck_assert_str_eq(found, ref);
}
END_TEST

static const struct {
    const char *text;
    const char *ref; /* NULL: none */
} texts[] = {
    {"x [ref 7F3K-2QXD]", "7F3K-2QXD"},
    {"[ref 7F3K-2QXD]", "7F3K-2QXD"},
    {"[ref AAAA-AAAA] [ref 7F3K-2QXD]", "7F3K-2QXD"},
    {"x [ref 7F3K-2QXD].", NULL}, /* not at its end */
    {"x [ref 7F3K-2QXD] ", NULL},
    {"x [ref 7F3K-2QXD]\r\n", NULL},
    {"[ref 7F3K-2QXD", NULL},
    {"(ref 7F3K-2QXD)", NULL},
    {"[ref: 7F3K-2QXD]", NULL},
    {"[REF 7F3K-2QXD]", NULL},
    {"[ref 7f3k-2qxd]", NULL},
    {"[ref 7F3K 2QXD]", NULL},
    {"[ref 7F3K2QXD]", NULL},
    {"[ref 7F3K-2QX]", NULL},
    {"[ref 7F3K-2QXDD]", NULL},
    {"[ref IIII-OOOO]", NULL}, /* letters that no ref has */
    {"[ref -F3K-2QXD]", NULL},
    {"ref 7F3K-2QXD]", NULL},
    {"]", NULL},
    {"", NULL},
};

START_TEST(refs_are_found) {
    char ref[REF_SIZE] = "untouched";

    ck_assert_int_eq(ref_find(texts[_i].text, ref), texts[_i].ref != NULL);
    ck_assert_str_eq(ref, texts[_i].ref != NULL ? texts[_i].ref : "untouched");
}
END_TEST

Suite *ref_suite(void) {
    Suite *suite = suite_create("ref");
    TCase *tests = tcase_create("ref");

    tcase_add_test(tests, refs_are_new_each_time);
    tcase_add_test(tests, a_ref_that_was_made_is_found);
    tcase_add_loop_test(tests, refs_are_found, 0, G_N_ELEMENTS(texts));
    suite_add_tcase(suite, tests);
    return suite;
}
