/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {
        address_suite, arena_suite,  complaint_suite, fact_suite,
        stage_suite,   status_suite, text_suite,      transaction_suite,
    };
    return run_suites(suites, sizeof suites / sizeof *suites);
}
