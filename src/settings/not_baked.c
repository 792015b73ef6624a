/* SPDX-License-Identifier: ISC */
/* What the program that bakes is linked with: nothing is baked yet. */
#include "baked.h"

const struct baked_file baked_files[] = {{NULL, {0}, false}};
const struct baked_patterns baked_patterns = {0};
