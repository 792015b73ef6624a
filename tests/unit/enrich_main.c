/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {enrich_suite};
    return run_suites(suites, sizeof suites / sizeof *suites);
}
