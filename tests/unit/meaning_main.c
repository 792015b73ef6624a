/* SPDX-License-Identifier: ISC */
#include "suites.h"

int main(void) {
    static suite_maker *const suites[] = {
        fold_suite,          pieces_suite,       template_suite,    pattern_suite,
        pattern_index_suite, table_suite,        reasons_suite,     policy_suite,
        evaluate_suite,      compose_suite,      interpret_suite,   session_suite,
        ref_suite,           reply_memory_suite, restatement_suite, inquiry_suite,
    };
    return run_suites(suites, sizeof suites / sizeof *suites);
}
