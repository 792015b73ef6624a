/* SPDX-License-Identifier: ISC */
#include "dragoman/fact.h"

#include <glib.h>
#include <string.h>

#include "dragoman/text.h"

static const struct fact_row facts[FACT_COUNT] = {
#define FACT(id, name, kind, known, settled, macros, help)                                         \
    [FACT_##id] = {name, KIND_##kind, STAGE_##known, STAGE_##settled, macros, help},
#include "dragoman/facts.def"
#undef FACT
};

struct macro_row {
    const char *name;
    enum stage known;
};

static const struct macro_row macros[] = {
#define MACRO(name, stage) {name, STAGE_##stage},
#include "dragoman/macros.def"
#undef MACRO
};

const struct fact_row *fact_row(enum fact fact) {
    return &facts[fact];
}

bool fact_is_keyed(enum fact fact) {
    return fact == FACT_HEADER || fact == FACT_MACRO || fact == FACT_MAIL_PARAMETER ||
           fact == FACT_RCPT_PARAMETER;
}

enum fact fact_from_name(const char *name, const char **key) {
    size_t length = strcspn(name, ":");
    *key = name[length] == ':' && name[length + 1] != '\0' ? name + length + 1 : NULL;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (*facts[fact].name == *name && strncmp(facts[fact].name, name, length) == 0 &&
            facts[fact].name[length] == '\0')
            return fact_is_keyed(fact) == (name[length] == ':') &&
                           fact_is_keyed(fact) == (*key != NULL)
                       ? fact
                       : FACT_NONE;
    return FACT_NONE;
}

static const char *fact_name(const void *known, size_t index) {
    (void)known;
    return facts[index].name;
}

const char *fact_nearest(const char *name) {
    return text_nearest(name, NULL, FACT_COUNT, fact_name);
}

static enum stage macro_known_at(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(macros); i++)
        if (strcmp(macros[i].name, name) == 0)
            return macros[i].known;
    return STAGE_MAIL;
}

enum stage fact_known_at(enum fact fact, const char *key) {
    return fact == FACT_MACRO ? macro_known_at(key) : facts[fact].known;
}

enum stage fact_settled_at(enum fact fact, const char *key) {
    return fact == FACT_MACRO ? macro_known_at(key) : facts[fact].settled;
}

bool fact_is_known(enum fact fact, const char *key, enum stage stage) {
    enum stage known = fact_known_at(fact, key);
    if (known == STAGE_UNKNOWN && stage != STAGE_UNKNOWN)
        return false;
    if (stage == STAGE_UNKNOWN)
        return known == STAGE_UNKNOWN || known <= STAGE_HELO;
    return known <= stage;
}
