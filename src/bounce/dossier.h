/* SPDX-License-Identifier: ISC */
/*
 * A dossier is what a letter is written from: the recipients of a report whose message failed or is
 * delayed, each with the reason, and those with the same fate together.
 */
#ifndef DRAGOMAN_BOUNCE_DOSSIER_H
#define DRAGOMAN_BOUNCE_DOSSIER_H

#include "dragoman/letter.h"
#include "dragoman/report.h"

struct dossier {
    struct report *report; /* what the blocks point into */
    GPtrArray *cases;      /* of struct dossier's own */
    GPtrArray *blocks;     /* struct letter_block *; none if nothing failed */
};

/* Never NULL; the caller frees it. It owns the report. */
struct dossier *dossier_new(const struct snapshot *snapshot, struct report *report);
void dossier_free(struct dossier *dossier);

#endif
