/* SPDX-License-Identifier: ISC */
#include "dragoman/stage.h"

#include <string.h>

struct stage_row {
    const char *name;
    enum smtp_command command;
};

static const struct stage_row stages[STAGE_COUNT] = {
#define STAGE(id, name, command) [STAGE_##id] = {name, COMMAND_##command},
#include "dragoman/stages.def"
#undef STAGE
};

const char *stage_name(enum stage stage) {
    return stage < STAGE_COUNT ? stages[stage].name : "none";
}

enum stage stage_from_name(const char *name) {
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        if (strcmp(stages[stage].name, name) == 0)
            return stage;
    return STAGE_NONE;
}

enum smtp_command stage_command(enum stage stage) {
    return stages[stage].command;
}
