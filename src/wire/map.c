/* SPDX-License-Identifier: ISC */
#include "dragoman/map.h"

#include <string.h>

#include "map_row.h"

struct map_row {
    const char *name;
    map_function *ask;
};

static const struct map_row rows[MAP_COUNT] = {
    [MAP_REPLY] = {"reply", map_reply},
    [MAP_FOOTER] = {"footer", map_footer},
    [MAP_RBL] = {"rbl", map_rbl},
    [MAP_DELIVERY] = {"delivery", map_delivery},
    [MAP_ACCESS] = {"access", map_access},
    [MAP_CLIENT_ACCESS] = {"client-access", map_access},
    [MAP_HELO_ACCESS] = {"helo-access", map_access},
    [MAP_SENDER_ACCESS] = {"sender-access", map_access},
    [MAP_RECIPIENT_ACCESS] = {"recipient-access", map_access},
    [MAP_SENDMAIL] = {"sendmail", map_sendmail},
};

const char *map_name(enum map map) {
    return rows[map].name;
}

enum map map_from_name(struct slice name) {
    enum map map = 0;
    while (map < MAP_COUNT && (strlen(rows[map].name) != name.length ||
                               memcmp(rows[map].name, name.text, name.length) != 0))
        map++;
    return map;
}

struct map_answer map_ask(const struct map_question *question, enum map map, struct slice key) {
    struct map_answer answer = {0};
    if (memchr(key.text, '\0', key.length) != NULL)
        return answer;
    g_autofree char *text = g_strndup(key.text, key.length);
    rows[map].ask(question, map, text, &answer);
    return answer;
}

void map_answer_clear(struct map_answer *answer) {
    if (answer->value != NULL)
        g_string_free(answer->value, TRUE);
    transaction_free(answer->about);
    *answer = (struct map_answer){0};
}

void map_begin(const struct map_question *question, struct map_answer *answer) {
    const struct limits *limits = &question->snapshot->site.limits;
    if (question->spare != NULL)
        transaction_renew(question->spare, limits);
    answer->about = question->spare != NULL ? question->spare : transaction_new(limits);
}

void map_set_value(struct map_answer *answer, GString *value, bool sound) {
    answer->value = sound ? value : NULL;
    answer->unsound = !sound;
    if (!sound)
        g_string_free(value, TRUE);
}
