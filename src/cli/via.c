/* SPDX-License-Identifier: ISC */
#include "via.h"

#include <string.h>

#include "dragoman/text.h"

static const char *const names[VIA_COUNT] = {"milter", "policy", "reply", "footer"};

enum via via_from_name(const char *name) {
    enum via via = 0;
    while (via < VIA_COUNT && strcmp(names[via], name) != 0)
        via++;
    return via;
}

/* --- framing ---------------------------------------------------------------------------------- */

/* What is refused where, as Postfix calls it. */
static const struct {
    const char *name; /* NULL: the recipient */
    const char *reply_class;
} frames[STAGE_COUNT] = {
    [STAGE_RCPT] = {NULL, "Recipient address"},
    [STAGE_DATA] = {"DATA", "Data command"},
    [STAGE_EOM] = {"END-OF-MESSAGE", "End-of-data"},
};

bool via_asks_policy(enum stage stage) {
    return frames[stage].reply_class != NULL;
}

/* Codes of a sender's address become those of a recipient's, and where no address is refused there
 * is none. */
static struct status corrected(struct status status, enum stage stage) {
    static const uint16_t recipient_details[] = {0, 1, 2, 3, 4, 5, 6, 3, 2};
    if (status.class_digit == 0 || status.subject != 1)
        return status;
    if (stage != STAGE_RCPT)
        status.subject = status.detail = 0;
    else
        status.detail =
            status.detail < G_N_ELEMENTS(recipient_details) ? recipient_details[status.detail] : 0;
    return status;
}

struct reply *via_frame(const struct reply *action, enum stage stage, const char *recipient) {
    struct reply *framed = g_new0(struct reply, 1);
    const char *name = frames[stage].name != NULL ? frames[stage].name : recipient;
    framed->status = corrected(action->status, stage);
    framed->lines = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(framed->lines,
                    g_strdup_printf("<%s>: %s rejected: %s", name, frames[stage].reply_class,
                                    (const char *)action->lines->pdata[0]));
    return framed;
}

/* --- maps ------------------------------------------------------------------------------------- */

/* Postfix adds the lines of a footer with the codes of the reply's last line. */
static char *with_footer(const char *key, const char *footer) {
    g_auto(GStrv) lines = g_strsplit(key, "\r\n", -1);
    g_auto(GStrv) added = g_strsplit(footer, "\\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    struct status status = {0};
    const char *end = NULL, *last = lines[g_strv_length(lines) - 1];
    if (!status_parse(last, &status, &end))
        return g_strconcat(key, "\r\n", NULL);
    for (char **line = lines; *line != NULL; line++) {
        (*line)[3] = '-';
        g_string_append_printf(out, "%s\r\n", *line);
    }
    for (char **line = added; *line != NULL; line++) {
        g_autoptr(GString) text = g_string_new(*line);
        g_string_replace(text, "$$", "$", 0);
        g_string_append_printf(out, "%.3s%c%.*s %s\r\n", last, line[1] != NULL ? '-' : ' ',
                               (int)(end - last - 4), last + 4, text->str);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *via_pass(enum via via, const struct map_question *question, const char *text) {
    bool refusal = *text == '4' || *text == '5';
    if (!refusal || via < VIA_REPLY)
        return g_strdup(text);
    g_autofree char *key = g_strndup(text, strlen(text) - strlen("\r\n"));
    struct map_answer answer = map_ask(question, via == VIA_REPLY ? MAP_REPLY : MAP_FOOTER,
                                       (struct slice){key, strlen(key)});
    char *passed = answer.value == NULL ? g_strdup(text)
                   : via == VIA_FOOTER  ? with_footer(key, answer.value->str)
                                        : g_strconcat(answer.value->str, "\r\n", NULL);
    map_answer_clear(&answer);
    return passed;
}
