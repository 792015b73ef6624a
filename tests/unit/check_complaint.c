/* SPDX-License-Identifier: ISC */
#include "dragoman/complaint.h"

#include <string.h>

#include "suites.h"

/* In the order of complaining, with the place in the sorted list. */
static const struct {
    const char *file;
    unsigned line;
    enum severity severity;
    size_t rank;
    const char *print;
} rows[] = {
    {"z.conf", 7, SEVERITY_ERROR, 2, "z.conf:7: error: text 0"},
    {"a.conf", 3, SEVERITY_WARNING, 4, "a.conf:3: warning: text 1"},
    {"z.conf", 2, SEVERITY_NOTE, 1, "z.conf:2: note: text 2"},
    {"z.conf", 7, SEVERITY_NOTE, 3, "z.conf:7: note: text 3"},
    {"z.conf", 0, SEVERITY_ERROR, 0, "z.conf: error: text 4"},
    {"a.conf", 3, SEVERITY_ERROR, 5, "a.conf:3: error: text 5"},
    {"a.conf", 20, SEVERITY_ERROR, 6, "a.conf:20: error: text 6"},
};

static struct complaints *complain_of_all(void) {
    struct complaints *complaints = complaints_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char file[16]; /* the name need not stay */
        g_strlcpy(file, rows[i].file, sizeof file);
        complain(complaints, rows[i].severity, (struct place){file, rows[i].line}, "text %zu", i);
        memset(file, 'x', sizeof file);
    }
    return complaints;
}

START_TEST(complaints_are_counted) {
    struct complaints *complaints = complain_of_all();

    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 4);
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_WARNING), 1);
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_NOTE), 2);
    complaints_free(complaints);
}
END_TEST

START_TEST(complaints_stand_in_the_order_they_came) {
    struct complaints *complaints = complain_of_all();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *print = complaint_print(complaints_at(complaints, i));
        ck_assert_str_eq(print, rows[i].print);
    }
    ck_assert_ptr_null(complaints_at(complaints, G_N_ELEMENTS(rows)));
    complaints_free(complaints);
}
END_TEST

START_TEST(complaints_are_sorted_by_place) {
    struct complaints *complaints = complain_of_all();

    complaints_sort(complaints);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct complaint *complaint = complaints_at(complaints, rows[i].rank);
        g_autofree char *print = complaint_print(complaint);
        ck_assert_str_eq(print, rows[i].print);
        ck_assert_uint_eq(complaint->place.line, rows[i].line);
        ck_assert_int_eq(complaint->severity, rows[i].severity);
    }
    complaints_free(complaints);
}
END_TEST

START_TEST(there_may_be_none) {
    struct complaints *complaints = complaints_new();

    complaints_sort(complaints);
    ck_assert_ptr_null(complaints_at(complaints, 0));
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 0);
    complaints_free(complaints);
    complaints_free(NULL);
}
END_TEST

Suite *complaint_suite(void) {
    Suite *suite = suite_create("complaint");
    TCase *tests = tcase_create("complaint");

    tcase_add_test(tests, complaints_are_counted);
    tcase_add_test(tests, complaints_stand_in_the_order_they_came);
    tcase_add_test(tests, complaints_are_sorted_by_place);
    tcase_add_test(tests, there_may_be_none);
    suite_add_tcase(suite, tests);
    return suite;
}
