/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "suites.h"

int run_suites(suite_maker *const *makers, size_t count) {
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < count; i++)
        srunner_add_suite(runner, makers[i]());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
