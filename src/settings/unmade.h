/* SPDX-License-Identifier: ISC */
/*
 * Whoever explains one reply needs a few of the hundreds of rules that are shipped. They have been
 * checked when the program was built, so each of them can wait until a reply comes that has its
 * words.
 */
#ifndef DRAGOMAN_UNMADE_H
#define DRAGOMAN_UNMADE_H

#include "loader.h"

/* Whether the rule is one that can wait; it is then made by the policy (policy->maker). */
bool leave_unmade(struct loader *loader, const struct item *item);

#endif
