/* SPDX-License-Identifier: ISC */
/*
 * The code book says in words what every SMTP code means: the basic codes of three digits and the
 * enhanced codes, also those that no server may send and those that somebody made up.
 */
#ifndef DRAGOMAN_CODE_BOOK_H
#define DRAGOMAN_CODE_BOOK_H

#include "dragoman/complaint.h"
#include "dragoman/reasons.h"
#include "dragoman/status.h"

/* What is said of a code in one language; `wrong` and `used` may be NULL. */
struct code_text {
    char *title;  /* a few words */
    char *means;  /* what the code says, by its standard or by whoever made it up */
    char *remedy; /* what can be done, and by whom */
    char *wrong;  /* a wrong description that circulates, put right */
    char *used;   /* who uses it in another meaning */
};

struct code_entry {
    char *name;              /* "550", "X.1.1" */
    enum actor who;          /* who has to act */
    char *reason;            /* the id of the reason that says the same, or NULL */
    struct code_text *texts; /* one for each language */
};

/* Which digit of a code. */
enum code_digit {
    DIGIT_CLASS,    /* the first: 2 to 5 */
    DIGIT_CATEGORY, /* the second of a basic code, RFC 5321 §4.2.1 */
    DIGIT_SUBJECT,  /* the second number of an enhanced code, RFC 3463 */
    DIGIT_COUNT
};

struct code_book;

/* Reads the book in these languages (tags, NULL at the end) from the files that are built in; of a
 * reader who only wants its labels, nothing else. Complains where a language or one of its texts is
 * missing. The caller owns it. */
struct code_book *code_book_load(const char *const *languages, bool labels_only,
                                 struct complaints *complaints);
void code_book_free(struct code_book *book);

/* The entry for the basic or the enhanced code of `status`, whose other part is 0; NULL if nobody
 * is known to have used the code. */
const struct code_entry *code_book_find(const struct code_book *book, struct status status);

/* One of the words around an explanation ("legal-at"), in the language at `language`; the label
 * itself where the language has no word for it. */
const char *code_book_label(const struct code_book *book, const char *label, size_t language);

/* What a digit says in the language at `language`; NULL for a digit without a meaning. */
const char *code_book_digit(const struct code_book *book, enum code_digit digit, unsigned value,
                            size_t language);

#endif
