/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {foreign_reply_suite, notices_suite, report_suite};
    return run_suites(suites, sizeof suites / sizeof *suites);
}
