/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {outline_suite, settings_suite, catalogue_suite,
                                          letter_suite, unmade_suite};
    return run_suites(suites, sizeof suites / sizeof *suites);
}
