/* SPDX-License-Identifier: ISC */
/* Positions (guint) that an index has found: of rules, or of regular expressions. */
#ifndef DRAGOMAN_POSITIONS_H
#define DRAGOMAN_POSITIONS_H

#include <glib.h>

/* Brings them into ascending order, each once. */
void positions_order(GArray *positions);

#endif
