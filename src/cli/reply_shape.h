/* SPDX-License-Identifier: ISC */
/*
 * Most replies of a log differ only in addresses and numbers. What is left without them is the
 * shape of a reply: what is known of one reply holds for all of the same shape. So it keeps
 * whatever a rule may look at: words, codes, short numbers, private sub-codes.
 */
#ifndef DRAGOMAN_REPLY_SHAPE_H
#define DRAGOMAN_REPLY_SHAPE_H

#include "log_line.h"

enum { SHAPE_OCTETS_MAX = 1024 };

struct reply_shape {
    size_t length;
    char text[SHAPE_OCTETS_MAX + 64]; /* with the codes beside the reply in front */
};

/* False for a reply that is too long to have one. */
bool reply_shape_of(const struct log_line *line, struct reply_shape *shape);

#endif
