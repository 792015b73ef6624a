/* SPDX-License-Identifier: ISC */
#include "dragoman/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "suites.h"

static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 100, 4095, 4096, 4097, 100000};

static bool all_are(const unsigned char *octets, size_t count, unsigned char octet) {
    for (size_t i = 0; i < count; i++)
        if (octets[i] != octet)
            return false;
    return true;
}

START_TEST(what_is_taken_is_aligned_and_zero) {
    struct arena *arena = arena_new();

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
            unsigned char *taken = arena_take(arena, sizes[_i]);
            ck_assert_ptr_nonnull(taken);
            ck_assert_uint_eq((uintptr_t)taken % alignof(max_align_t), 0);
            ck_assert(all_are(taken, sizes[_i], 0));
            memset(taken, 0xff, sizes[_i]);
        }
        arena_reset(arena);
    }
    arena_free(arena);
}
END_TEST

START_TEST(pieces_do_not_overlap) {
    struct arena *arena = arena_new();
    unsigned char *pieces[200];

    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
        pieces[i] = arena_take(arena, sizes[i % G_N_ELEMENTS(sizes)]);
        memset(pieces[i], (int)i, sizes[i % G_N_ELEMENTS(sizes)]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++)
        ck_assert(all_are(pieces[i], sizes[i % G_N_ELEMENTS(sizes)], (unsigned char)i));
    arena_free(arena);
}
END_TEST

START_TEST(texts_are_copied) {
    static const char with_nul[] = "a\0b";
    struct arena *arena = arena_new();
    char original[] = "text";
    char *copy = arena_copy(arena, original);

    original[0] = 'n';
    ck_assert_str_eq(copy, "text");
    ck_assert_str_eq(arena_copy(arena, ""), "");
    ck_assert_mem_eq(arena_copy_octets(arena, with_nul, sizeof with_nul), with_nul,
                     sizeof with_nul);
    ck_assert_str_eq(arena_copy_octets(arena, "text", 2), "te");
    ck_assert_str_eq(arena_copy_octets(arena, NULL, 0), "");
    arena_free(arena);
}
END_TEST

START_TEST(one_block_is_kept) {
    struct arena *arena = arena_new();
    void *first = arena_take(arena, 100);

    arena_take(arena, 100000);
    arena_reset(arena);
    ck_assert_ptr_eq(arena_take(arena, 50), first);
    arena_free(arena);
}
END_TEST

START_TEST(an_arena_is_empty_until_something_is_taken) {
    struct arena *arena = arena_new();

    ck_assert(arena_is_empty(arena));
    arena_take(arena, 100);
    ck_assert(!arena_is_empty(arena));
    arena_take(arena, 100000);
    ck_assert(!arena_is_empty(arena));
    arena_reset(arena);
    ck_assert(arena_is_empty(arena));
    arena_take(arena, 1);
    ck_assert(!arena_is_empty(arena));
    arena_free(arena);
}
END_TEST

START_TEST(nothing_can_be_freed_and_reset) {
    struct arena *arena = arena_new();

    arena_reset(arena);
    arena_free(arena);
    arena_free(NULL);
}
END_TEST

Suite *arena_suite(void) {
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");

    tcase_add_loop_test(tests, what_is_taken_is_aligned_and_zero, 0, G_N_ELEMENTS(sizes));
    tcase_add_test(tests, pieces_do_not_overlap);
    tcase_add_test(tests, texts_are_copied);
    tcase_add_test(tests, one_block_is_kept);
    tcase_add_test(tests, an_arena_is_empty_until_something_is_taken);
    tcase_add_test(tests, nothing_can_be_freed_and_reset);
    suite_add_tcase(suite, tests);
    return suite;
}
