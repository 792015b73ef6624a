/* SPDX-License-Identifier: ISC */
/*
 * What may stand in which kind of section, as libconfuse wants to be told and as we tell the
 * operator. Everything is text or a list of texts to libconfuse: whether it is a number, a fact or
 * the name of a rule is found out later, so that one mistake hides no other.
 */
#ifndef DRAGOMAN_SCHEMA_H
#define DRAGOMAN_SCHEMA_H

#include <confuse.h>

#include "outline.h"

/* What a file is about decides what may stand in it. */
enum file_kind {
    FILE_POLICY,  /* the main file, what it includes, and the catalogue of reasons */
    FILE_RULES,   /* the same, where the tests in it are not wanted */
    FILE_TEXTS,   /* what reasons say in one language */
    FILE_LETTERS, /* what stands in front of bounces in one language */
    FILE_CODES    /* what codes mean in one language */
};

struct schema;

/* A schema; keyed facts ("header:Subject") are options of `if`, `unless` and `test` where the
 * outline uses them. The caller owns it. */
struct schema *schema_new(const struct outline *outline, enum file_kind kind);
void schema_free(struct schema *schema);

/* The options of the whole file, for cfg_init(). Owned by the schema. */
cfg_opt_t *schema_options(struct schema *schema);

/*
 * Complains about options and sections that are unknown where they stand, stand there twice, or
 * lack a title or have one too many; what libconfuse would give up at is blanked in the outline's
 * text.
 */
void schema_check(struct schema *schema, struct outline *outline, struct complaints *complaints);

#endif
