/* SPDX-License-Identifier: ISC */
/*
 * A ref is the short id in a reply that finds its log line again: "7F3K-2QXD". By it we also know
 * a reply of our own when the MTA shows it to us.
 */
#ifndef DRAGOMAN_REF_H
#define DRAGOMAN_REF_H

#include <stdbool.h>

/* Room for a ref with its NUL. */
enum { REF_SIZE = 10 };

/* Makes a new one: eight characters that no reader confuses (no I, L, O, U), 40 bits of chance. */
void ref_make(char ref[static REF_SIZE]);

/* Copies `fixed`, which tests and `try --ref` give; makes a new one where it is NULL. */
void ref_take(const char *fixed, char ref[static REF_SIZE]);

/* Finds the ref at the end of a reply's text, "… [ref 7F3K-2QXD]", and copies it. False where the
 * text does not end in one: it is not ours. */
bool ref_find(const char *text, char ref[static REF_SIZE]);

#endif
