/* SPDX-License-Identifier: ISC */
/* A refusal by somebody else and what it means: what replies, log lines and bounces have in
 * common. */
#ifndef DRAGOMAN_EXPLAINED_H
#define DRAGOMAN_EXPLAINED_H

#include "dragoman/explanation.h"
#include "dragoman/foreign_reply.h"
#include "explain.h"

/* What is known of a refusal; everything but `text` may be missing. */
struct refusal {
    const char *text;      /* the reply, with its codes */
    const char *recipient; /* NULL: as the reply says */
    const char *server;    /* NULL: as the reply says */
    struct status status;  /* what is stated elsewhere; takes the place of the reply's own codes */
    bool given_up;         /* nobody tries again */
};

struct explained {
    struct foreign_reply *reply;
    struct status status;
    struct transaction *transaction;
    struct explanation explanation;
    bool given_up;
};

/* Explains; the caller clears it. */
struct explained explained_new(const struct explainer *explainer, const struct refusal *refusal);
void explained_clear(struct explained *explained);

/* The explanation in the explainer's language at `language`; NULL where there is no reason. The
 * caller frees it. */
char *explained_text(const struct explainer *explainer, const struct explained *explained,
                     size_t language);

/* Prints it for people: in each language what happened, who has to act, and how sure it is. */
void explained_print(const struct explainer *explainer, const struct explained *explained);

/* Adds "basic", "enhanced", "reason", "hard", "certain", "who", "texts" to an object; `certain` is
 * false whatever the rules say where something else was guessed. */
void explained_add_json(const struct explainer *explainer, const struct explained *explained,
                        bool certain, json_t *object);

#endif
