/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {socketmap_suite, policy_service_suite, soundness_suite,
                                          map_suite};
    return run_suites(suites, sizeof suites / sizeof *suites);
}
