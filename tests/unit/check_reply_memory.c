/* SPDX-License-Identifier: ISC */
#include "dragoman/reply_memory.h"

#include "suites.h"

static struct reply *reply_of(const char *line) {
    struct reply *reply = g_new0(struct reply, 1);

    reply->lines = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(reply->lines, g_strdup(line));
    return reply;
}

static void check_kept(const struct reply_memory *memory, const char *ref, const char *line) {
    const struct reply *reply = reply_memory_find(memory, ref);

    if (line == NULL) {
        ck_assert_ptr_null(reply);
        return;
    }
    ck_assert_ptr_nonnull(reply);
    ck_assert_str_eq(reply->lines->pdata[0], line);
}

START_TEST(a_reply_is_kept_under_its_ref) {
    struct reply_memory *memory = reply_memory_new(2);

    check_kept(memory, "a", NULL);
    reply_memory_keep(memory, "a", reply_of("one"));
    check_kept(memory, "a", "one");
    check_kept(memory, "b", NULL);
    check_kept(memory, "", NULL);
    reply_memory_free(memory);
    reply_memory_free(NULL);
}
END_TEST

START_TEST(the_oldest_makes_room) {
    struct reply_memory *memory = reply_memory_new(2);

    reply_memory_keep(memory, "a", reply_of("one"));
    reply_memory_keep(memory, "b", reply_of("two"));
    reply_memory_keep(memory, "c", reply_of("three"));
    check_kept(memory, "a", NULL);
    check_kept(memory, "b", "two");
    check_kept(memory, "c", "three");
    reply_memory_keep(memory, "a", reply_of("four"));
    check_kept(memory, "b", NULL);
    check_kept(memory, "a", "four");
    reply_memory_free(memory);
}
END_TEST

/* A ref that comes again has one place, and it is still in order when it goes. */
START_TEST(the_same_ref_has_one_place) {
    struct reply_memory *memory = reply_memory_new(2);

    reply_memory_keep(memory, "a", reply_of("one"));
    reply_memory_keep(memory, "a", reply_of("two"));
    reply_memory_keep(memory, "b", reply_of("three"));
    check_kept(memory, "a", "two");
    check_kept(memory, "b", "three");
    reply_memory_keep(memory, "c", reply_of("four"));
    check_kept(memory, "a", NULL);
    check_kept(memory, "b", "three");
    reply_memory_free(memory);
}
END_TEST

START_TEST(there_is_a_bound) {
    struct reply_memory *memory = reply_memory_new(16);
    unsigned kept = 0;

    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *ref = g_strdup_printf("%u", i);
        reply_memory_keep(memory, ref, reply_of(ref));
    }
    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *ref = g_strdup_printf("%u", i);
        kept += reply_memory_find(memory, ref) != NULL;
    }
    ck_assert_uint_eq(kept, 16);
    check_kept(memory, "9984", "9984");
    reply_memory_free(memory);
}
END_TEST

Suite *reply_memory_suite(void) {
    Suite *suite = suite_create("reply memory");
    TCase *tests = tcase_create("reply memory");

    tcase_add_test(tests, a_reply_is_kept_under_its_ref);
    tcase_add_test(tests, the_oldest_makes_room);
    tcase_add_test(tests, the_same_ref_has_one_place);
    tcase_add_test(tests, there_is_a_bound);
    suite_add_tcase(suite, tests);
    return suite;
}
