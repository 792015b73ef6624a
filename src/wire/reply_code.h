/* SPDX-License-Identifier: ISC */
/*
 * Finds the code pair in a reply that somebody else gave.
 */
#ifndef DRAGOMAN_WIRE_REPLY_CODE_H
#define DRAGOMAN_WIRE_REPLY_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "dragoman/status.h"

/* Where the codes stand. Nothing was found where both parts of `status` are 0. */
struct code_place {
    struct status status;
    size_t start;      /* of the codes that stand together */
    size_t end;        /* behind them */
    bool in_front;     /* the reply's words follow; what is before `start` is a frame */
    bool to_be_hidden; /* the codes are no part of a sentence */
};

/* `text` is one line without control characters. */
struct code_place reply_code_find(const char *text);

/* The enhanced code at `text`, which must end where a word ends; its length, or 0. */
size_t reply_enhanced_at(const char *text, struct status *status);

#endif
