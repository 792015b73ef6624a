/* SPDX-License-Identifier: ISC */
/*
 * The suites of the unit tests, one per check_*.c; main.c runs them all.
 */
#ifndef DRAGOMAN_TESTS_SUITES_H
#define DRAGOMAN_TESTS_SUITES_H

#include <check.h>

Suite *status_suite(void);

#endif
