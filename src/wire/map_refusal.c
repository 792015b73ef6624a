/* SPDX-License-Identifier: ISC */
/* The maps `reply` and `footer`: Postfix shows a reply before it sends it. */
#include <string.h>

#include "map_row.h"
#include "soundness.h"

/* The reply that Postfix is about to send. */
struct shown {
    struct foreign_reply *reply;
    enum status_class status_class; /* permanent or temporary; STATUS_ANY: no refusal */
    bool several_lines;
    bool ours;
    char ref[REF_SIZE]; /* of one of ours */
    size_t octets;
};

static struct shown shown_read(const char *key) {
    struct shown shown = {.octets = strlen(key)};
    g_autofree char *text = g_strchomp(g_strdup(key));
    shown.several_lines = strchr(text, '\n') != NULL;
    shown.ours = ref_find(text, shown.ref);
    shown.reply = foreign_reply_parse(text);
    unsigned digit = shown.reply->status.basic / 100;
    bool codes_in_front = g_ascii_isdigit(text[0]) && g_ascii_isdigit(text[1]);
    if (codes_in_front && (digit == STATUS_TEMPORARY || digit == STATUS_PERMANENT))
        shown.status_class = (enum status_class)digit;
    return shown;
}

/* A reply of our own in one line is told in full, by the class that the client sees. */
static const struct reply *remembered(const struct map_question *question,
                                      const struct shown *shown) {
    if (!shown->ours || shown->several_lines || question->memory == NULL)
        return NULL;
    const struct reply *reply = reply_memory_find(question->memory, shown->ref);
    return reply != NULL && status_class_of(reply->status) == shown->status_class ? reply : NULL;
}

static void note_remembered(struct map_answer *answer, const struct shown *shown,
                            const struct reply *reply) {
    memcpy(answer->ref, shown->ref, sizeof answer->ref);
    answer->status = reply->status;
}

static bool restate_shown(const struct map_question *question, const struct shown *shown,
                          bool beside, struct map_answer *answer, struct restatement *restatement) {
    map_begin(question, answer);
    transaction_reply(answer->about, shown->reply->status, shown->reply->text);
    struct refusal_said said = {
        .transaction = answer->about,
        .status = shown->reply->status,
        .command = shown->reply->command,
        .words = beside ? NULL : shown->reply->text,
        .octets_before = beside ? shown->octets : 0,
    };
    ref_take(question->ref, answer->ref);
    if (!restate(question->snapshot, &said, answer->ref, &shape_milter, question->observer,
                 restatement))
        return false;
    answer->rule = restatement->rule;
    answer->was = shown->reply->status;
    answer->status = beside ? shown->reply->status : restatement->reply->status;
    return true;
}

/* --- reply ------------------------------------------------------------------------------------ */

/* The whole reply, whose last line end is Postfix's. */
static void set_reply(struct map_answer *answer, const struct reply *reply,
                      const struct shown *shown) {
    g_autofree char *wire = reply_print(reply);
    GString *value = g_string_new(wire);
    g_string_truncate(value, value->len - strlen("\r\n"));
    map_set_value(answer, value, reply_is_sound(value->str, shown->status_class));
}

/* --- footer ----------------------------------------------------------------------------------- */

/* A line of a template: "$" is doubled, and "\" would begin an escape. */
static void append_template_line(GString *value, const char *line) {
    g_autoptr(GString) text = g_string_new(line);
    g_string_replace(text, "$", "$$", 0);
    g_string_replace(text, "\\", "/", 0);
    g_string_append_printf(value, "%s%s", value->len > 0 ? "\\n" : "", text->str);
}

static void set_footer(struct map_answer *answer, const struct reply *reply, guint count) {
    GString *value = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        append_template_line(value, reply->lines->pdata[i]);
    map_set_value(answer, value, template_is_sound(value->str));
}

/* --- both ------------------------------------------------------------------------------------- */

/* `beside`: Postfix's own text stays, and the last line of one of ours stands in it already. */
static void answer_shown(const struct map_question *question, const char *key, bool beside,
                         struct map_answer *answer) {
    struct restatement restatement = {0};
    struct shown shown = shown_read(key);
    const struct reply *own = remembered(question, &shown), *told = NULL;
    if (own != NULL && own->lines->len > beside) {
        note_remembered(answer, &shown, own);
        told = own;
    } else if (!shown.ours && shown.status_class != STATUS_ANY &&
               restate_shown(question, &shown, beside, answer, &restatement)) {
        told = restatement.reply;
    }
    if (told != NULL && beside)
        set_footer(answer, told, told->lines->len - (told == own));
    else if (told != NULL)
        set_reply(answer, told, &shown);
    restatement_clear(&restatement);
    foreign_reply_free(shown.reply);
}

void map_reply(const struct map_question *question, enum map map, const char *key,
               struct map_answer *answer) {
    (void)map;
    answer_shown(question, key, false, answer);
}

void map_footer(const struct map_question *question, enum map map, const char *key,
                struct map_answer *answer) {
    (void)map;
    answer_shown(question, key, true, answer);
}
