/* SPDX-License-Identifier: ISC */
/*
 * What a main.cf of Postfix says: the file itself, or what postconf prints. Also the lines of
 * `postconf -F` and `postconf -P` ("smtp/inet/chroot = n", "submission/inet/smtpd_milters = …").
 */
#ifndef DRAGOMAN_MAIN_CF_H
#define DRAGOMAN_MAIN_CF_H

#include <glib.h>

#include "dragoman/complaint.h"

struct parameter {
    char *name;
    char *value; /* one line, as it was written */
    struct place place;
};

struct main_cf;

/* With no parameter; the caller frees it. */
struct main_cf *main_cf_new(void);
void main_cf_free(struct main_cf *cf);

/* Adds what `text`, the content of `file`, says; complains of lines that are none of a main.cf. */
void main_cf_read(struct main_cf *cf, const char *text, const char *file,
                  struct complaints *complaints);

/* The parameter of that name, the last where there are several; NULL: it keeps its default. */
const struct parameter *main_cf_find(const struct main_cf *cf, const char *name);

/* The parameter at `index` in the order of the file, NULL past the end. */
const struct parameter *main_cf_at(const struct main_cf *cf, size_t index);

/* A value with every $name replaced, as Postfix does; the caller frees it. */
char *main_cf_expand(const struct main_cf *cf, const char *value);

/* The parameter's value, replaced likewise; a copy of `otherwise` where it keeps its default. */
char *main_cf_value(const struct main_cf *cf, const char *name, const char *otherwise);

/* The entries of a list: words between blanks and commas; what stands in braces is one, with them.
 */
GStrv main_cf_items(const char *value);

/* Seconds of "30s", "5m", "1h"; `otherwise` if it is no time. */
unsigned main_cf_seconds(const char *value, unsigned otherwise);

#endif
