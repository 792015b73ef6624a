/* SPDX-License-Identifier: ISC */
/*
 * A stage is a moment of the SMTP session at which something can be refused.
 */
#ifndef DRAGOMAN_STAGE_H
#define DRAGOMAN_STAGE_H

#include <stdbool.h>

#include "dragoman/status.h"

enum stage {
#define STAGE(id, name, command) STAGE_##id,
#include "dragoman/stages.def"
#undef STAGE
    STAGE_COUNT,
    STAGE_NONE = STAGE_COUNT
};

/* The stage's name, e.g. "rcpt"; "none" for STAGE_NONE. Static text. */
const char *stage_name(enum stage stage);

/* The stage of that name, STAGE_NONE if there is none. Case matters. */
enum stage stage_from_name(const char *name);

/* The SMTP command whose reply a refusal at this stage is. */
enum smtp_command stage_command(enum stage stage);

#endif
