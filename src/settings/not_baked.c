/* SPDX-License-Identifier: ISC */
/* What the program that bakes is linked with: nothing is baked yet. */
#include "baked.h"

const struct baked_file baked_files[] = {{NULL, NULL, false}};
const struct baked_pattern baked_patterns[] = {{"", NULL, 0}};
const size_t baked_pattern_count = 0;
