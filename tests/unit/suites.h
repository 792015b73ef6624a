/* SPDX-License-Identifier: ISC */
/*
 * The suites of the unit tests, one per check_*.c. There is one program per floor of the house
 * (check_ground, check_meaning, check_wire, check_settings …), which links nothing of the floors
 * above its own: a call that climbs does not link.
 */
#ifndef DRAGOMAN_TESTS_SUITES_H
#define DRAGOMAN_TESTS_SUITES_H

#include <check.h>
#include <stddef.h>

typedef Suite *suite_maker(void);

/* Runs the suites and prints libcheck's summary; its CK_ variables (CK_RUN_SUITE, CK_FORK,
 * CK_VERBOSITY …) are heeded. The exit status for main(). */
int run_suites(suite_maker *const *makers, size_t count);

/* ground */
Suite *address_suite(void);
Suite *arena_suite(void);
Suite *complaint_suite(void);
Suite *fact_suite(void);
Suite *stage_suite(void);
Suite *status_suite(void);
Suite *foreign_reply_suite(void);
Suite *notices_suite(void);
Suite *report_suite(void);
Suite *text_suite(void);
Suite *transaction_suite(void);

/* meaning */
Suite *compose_suite(void);
Suite *evaluate_suite(void);
Suite *fold_suite(void);
Suite *inquiry_suite(void);
Suite *interpret_suite(void);
Suite *pattern_suite(void);
Suite *pattern_index_suite(void);
Suite *pieces_suite(void);
Suite *policy_suite(void);
Suite *reasons_suite(void);
Suite *ref_suite(void);
Suite *reply_memory_suite(void);
Suite *restatement_suite(void);
Suite *session_suite(void);
Suite *table_suite(void);
Suite *template_suite(void);

/* wire */
Suite *map_suite(void);
Suite *policy_service_suite(void);
Suite *socketmap_suite(void);
Suite *soundness_suite(void);

/* bounce, with settings */
Suite *enrich_suite(void);

/* settings */
Suite *catalogue_suite(void);
Suite *letter_suite(void);
Suite *outline_suite(void);
Suite *settings_suite(void);
Suite *unmade_suite(void);

#endif
