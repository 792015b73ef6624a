/* SPDX-License-Identifier: ISC */
/*
 * The letter book: in each language what a letter is made of. A letter is the explanation that is
 * put in front of a bounce: for whoever wrote the message, with more room than a reply has.
 */
#ifndef DRAGOMAN_LETTER_BOOK_H
#define DRAGOMAN_LETTER_BOOK_H

#include "dragoman/complaint.h"
#include "dragoman/reasons.h"
#include "dragoman/template.h"

enum letter_phrase {
#define LETTER_PHRASE(id, option, help) LETTER_##id,
#include "dragoman/letter_phrases.def"
#undef LETTER_PHRASE
    LETTER_PHRASE_COUNT
};

/* The option of `frame` that sets a phrase. */
const char *letter_phrase_name(enum letter_phrase phrase);

/* What is said of a reason; the templates may be missing where only advice is given. */
struct letter_text {
    struct place place;
    GPtrArray *why;            /* struct template *: paragraphs; what the reply has said */
    struct template *inferred; /* why, where it is only inferred: "This usually means ..." */
    GPtrArray *steps;          /* struct template *: what can be done, the likeliest first */
    struct template *note;     /* a last line; or NULL */
};

struct letter_text *letter_text_new(struct place place);
void letter_text_free(void *text);

/* Advice by who has to act, and for a message that is still being tried. */
enum { ADVICE_DELAYED = ACTOR_COUNT, ADVICE_COUNT };
/* "sender", "sender-admin" …, "delayed". */
const char *advice_name(unsigned advice);

struct letter_language {
    char *tag;
    struct place place;
    struct template *phrases[LETTER_PHRASE_COUNT];
    GPtrArray *months;   /* char *: twelve names */
    GPtrArray *charsets; /* char *: character sets that are evidence of this language */
    GPtrArray *domains;  /* char *: top-level domains that are, without their dot */
    struct letter_text *advice[ADVICE_COUNT];
    GPtrArray *texts;  /* struct letter_text *: who owns them */
    GHashTable *by_id; /* interned id of a reason → struct letter_text */
};

struct letter_book;

struct letter_book *letter_book_new(void);
void letter_book_free(struct letter_book *book);

/* Adds a language without texts, in the order of the letters; or returns the one of that tag. */
struct letter_language *letter_book_need(struct letter_book *book, const char *tag);
size_t letter_book_count(const struct letter_book *book);
const struct letter_language *letter_book_at(const struct letter_book *book, size_t index);
/* The index of a language ("tr" and "tr-TR" are the same), or letter_book_count(). */
size_t letter_book_find(const struct letter_book *book, const char *tag);

/* Whether what is said of a reason names a parameter ("server") in any language. True where nothing
 * is said of it, for then its reply speaks. */
bool letter_book_names(const struct letter_book *book, const char *reason, const char *parameter);

/*
 * Complains about every language: a phrase or advice that is missing, a parameter that is unknown
 * or stands in one language only, a reason that is explained in one language only.
 */
void letter_book_check(const struct letter_book *book, struct complaints *complaints);

#endif
