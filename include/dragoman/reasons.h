/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of reasons: for each reason a mail can be refused for, the correct code pair of
 * each class at each SMTP command, and what is said about it in each language.
 */
#ifndef DRAGOMAN_REASONS_H
#define DRAGOMAN_REASONS_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/complaint.h"
#include "dragoman/fold.h"
#include "dragoman/status.h"
#include "dragoman/template.h"

/* The classes of which a reason can have pairs: final (5yz), for now (4yz), no refusal (2yz); RFC
 * 5321 §4.2.1. */
enum { STATUS_CLASS_COUNT = STATUS_PERMANENT + 1 };

/* "permanent", "temporary", "success". */
const char *status_class_name(enum status_class status_class);

/* The class of a status by the first digit of its basic code. */
enum status_class status_class_of(struct status status);

/* Who has to act so that the mail gets through. */
enum actor {
    ACTOR_SENDER,
    ACTOR_SENDER_ADMIN,
    ACTOR_RECIPIENT,
    ACTOR_RECIPIENT_ADMIN,
    ACTOR_NOBODY, /* the sending server tries again by itself */
    ACTOR_COUNT
};

const char *actor_name(enum actor actor);
/* ACTOR_COUNT if there is none of that name. */
enum actor actor_from_name(const char *name);

/* What a reason says in one language. `internal` takes the place of `says` for a sender who has
 * logged in, `reported` where it was another server that refused; both may be NULL, the others
 * never are in a checked catalogue. */
struct reason_text {
    struct place place;
    struct template *brief; /* the option `short`: a few words that make sense alone */
    struct template *says;
    struct template *remedy;
    struct template *internal;
    struct template *reported;
};

/* The options of a text as data, so that one loop can treat all of them alike. */
struct text_field {
    const char *name; /* the option of a text file */
    size_t offset;    /* of its template in struct reason_text */
    bool required;    /* has to stand in every language */
    bool explains;    /* is used to explain what others refuse */
};

enum { TEXT_FIELD_COUNT = 5 };
extern const struct text_field text_fields[TEXT_FIELD_COUNT];

/* Where a text keeps the template of an option; NULL is there when the text lacks it. */
struct template **reason_text_template(struct reason_text *text, const struct text_field *field);

struct reason {
    const char *id; /* interned */
    struct place place;
    enum actor who;
    bool hard;    /* the recipient's address itself is bad: no mail will ever reach it */
    char *source; /* the RFC sections that the pairs follow, or NULL */
    /* By class and by command (COMMAND_NONE: each command that is not named); basic is 0 where the
     * reason cannot be given, and a class without any pair is NULL. */
    struct status *pairs[STATUS_CLASS_COUNT];
    GPtrArray *parameters;     /* names (char *) that texts may use beside the facts */
    struct reason_text *texts; /* one for each language of the catalogue */
};

/* A language: its tag ("tr"), and how its letters are written in ASCII. */
struct language {
    char *tag;
    char *name;
    struct folding *folding;
};

struct catalogue;

struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *catalogue);

/* Adds a language; must be done before the reasons are added. The index of its texts. */
size_t catalogue_add_language(struct catalogue *catalogue, const char *tag);
size_t catalogue_language_count(const struct catalogue *catalogue);
/* The language at `index`; its name and folding may still be set while loading. */
struct language *catalogue_language(const struct catalogue *catalogue, size_t index);

/* Adds a reason without pairs and texts, or returns NULL if there is one of that id. Owned by the
 * catalogue. */
struct reason *catalogue_add_reason(struct catalogue *catalogue, const char *id,
                                    struct place place);

/* The reason of that id, or NULL. */
struct reason *catalogue_find(const struct catalogue *catalogue, const char *id);

/* All reasons in the order in which they were added; NULL past the end. */
struct reason *catalogue_at(const struct catalogue *catalogue, size_t index);

/* The known id that is nearest to `id`, for "did you mean"; NULL if none is. */
const char *catalogue_nearest(const struct catalogue *catalogue, const char *id);

/* The command that a row of pairs calls `name` (connect … starttls, any). False if none. */
bool reason_find_occasion(const char *name, enum smtp_command *command);

/*
 * Reads a row of pairs, e.g. "mail,rcpt=550 5.7.1": the commands are written as stages (connect,
 * helo, mail, rcpt, data, eom, unknown), as vrfy, auth, starttls, etrn, or as any. Returns NULL, or
 * a complaint "what is wrong; what to write instead" that the caller frees.
 */
char *reason_add_pairs(struct reason *reason, enum status_class status_class, const char *row);

/* The pair for this class at this command; basic is 0 where the reason has none. */
struct status reason_pair(const struct reason *reason, enum status_class status_class,
                          enum smtp_command command);

/*
 * Complains about every reason: a pair that the tables of status.h call wrong, a text that is
 * missing in a language, a parameter that is unknown, or used in one language and not in another,
 * a `short` of more than 60 characters.
 */
void catalogue_check(const struct catalogue *catalogue, struct complaints *complaints);

#endif
