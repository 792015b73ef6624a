/* SPDX-License-Identifier: ISC */
#include "dragoman/restatement.h"

#include <string.h>

#include "dragoman/text.h"

/* --- the pair --------------------------------------------------------------------------------- */

static bool closes_connection(struct status status) {
    return status.basic == 421 || status.basic == 521;
}

/* Where an MTA speaks most of its refusals, and where it speaks the others. */
static const enum smtp_command usual[] = {COMMAND_RCPT, COMMAND_MAIL, COMMAND_RECEIVED_DATA};
static const enum smtp_command unusual[] = {COMMAND_EHLO, COMMAND_CONNECT,  COMMAND_DATA,
                                            COMMAND_HELP, COMMAND_STARTTLS, COMMAND_AUTH,
                                            COMMAND_VRFY};

/* Of the pairs at these commands the same, else one of the same basic code, else the first; basic
 * is 0 where there is none. */
static struct status nearest_pair(const struct reason *reason, struct status said,
                                  const enum smtp_command *commands, size_t count) {
    struct status nearest = {0};
    for (size_t i = 0; i < count; i++) {
        struct status pair = reason_pair(reason, status_class_of(said), commands[i]);
        if (status_equal(pair, said))
            return said;
        if (nearest.basic == 0 || (pair.basic == said.basic && nearest.basic != said.basic))
            nearest = pair;
    }
    return nearest;
}

struct status restatement_status(const struct reason *reason, struct status said,
                                 enum smtp_command command) {
    struct status pair = {0};
    if (command != COMMAND_NONE)
        pair = reason_pair(reason, status_class_of(said), command);
    if (pair.basic == 0)
        pair = nearest_pair(reason, said, usual, G_N_ELEMENTS(usual));
    if (pair.basic == 0)
        pair = nearest_pair(reason, said, unusual, G_N_ELEMENTS(unusual));
    if (pair.basic == 0)
        return said;
    if (closes_connection(said))
        pair.basic = said.basic;
    return pair;
}

static struct status status_of(const struct site *site, const struct rule *rule,
                               const struct refusal_said *said) {
    enum restate_codes codes =
        rule->codes != RESTATE_CODES_OF_SITE ? rule->codes : site->restate_codes;
    if (codes == RESTATE_CODES_KEEP)
        return said->status;
    enum smtp_command command = said->command != COMMAND_NONE ? said->command : rule->answers;
    return restatement_status(rule->reason, said->status, command);
}

/* --- what must not be lost -------------------------------------------------------------------- */

/* Addresses, names of hosts, numbers, URLs: what a text names that no other words can say. */
static bool names_something(const char *word, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (g_ascii_isdigit(word[i]) || strchr("@/_=", word[i]) != NULL ||
            (word[i] == '.' && i + 1 < length))
            return true;
    return false;
}

static const char outer_marks[] = "<>()[]{}\"',;:.!?";

/* Whether each such word of `text` stands in the reply. */
static bool keeps_words(const struct reply *reply, const char *text) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < reply->lines->len; i++)
        g_string_append_printf(all, "%s ", (const char *)reply->lines->pdata[i]);
    g_auto(GStrv) words = g_strsplit_set(text, " []<>", -1);
    for (char **word = words; *word != NULL; word++) {
        char *start = *word + strspn(*word, outer_marks);
        size_t length = strlen(start);
        while (length > 0 && strchr(outer_marks, start[length - 1]) != NULL)
            start[--length] = '\0';
        if (names_something(start, length) && strstr(all->str, start) == NULL)
            return false;
    }
    return true;
}

static bool keeps_captures(const struct reply *reply, const struct captures *captures) {
    for (size_t i = 0; i < captures->count; i++) {
        const char *value = captures->each[i].value;
        bool kept = *value == '\0';
        for (guint j = 0; j < reply->lines->len && !kept; j++)
            kept = strstr(reply->lines->pdata[j], value) != NULL;
        if (!kept)
            return false;
    }
    return true;
}

/* --- restating -------------------------------------------------------------------------------- */

/* A rule that knows no more than the basic code knows nothing. */
static bool knows_enough(const struct rule *rule) {
    static const bool basic_only[FACT_COUNT] = {[FACT_REPLY_BASIC] = true};
    return rule != NULL && !rule_asks_only(rule, basic_only);
}

/* Whether the rule has read the refusal to its end, and says what it means: all that is named there
 * is then in what it has captured. */
static bool has_read_all(const struct verdict *verdict) {
    return !verdict->rule->uncertain && verdict->captures.whole;
}

static struct reply *compose_restatement(const struct snapshot *snapshot,
                                         const struct refusal_said *said, struct subject *subject,
                                         const struct shape *shape, bool read_all) {
    subject->verbatim = read_all ? NULL : said->words;
    struct reply *reply = compose(snapshot, subject, shape);
    if (shape->brief || said->words == NULL || subject->verbatim != NULL ||
        (keeps_words(reply, said->words) && keeps_captures(reply, subject->captures)))
        return reply;
    reply_free(reply);
    subject->verbatim = said->words;
    return compose(snapshot, subject, shape);
}

bool restate(const struct snapshot *snapshot, const struct refusal_said *said, const char *ref,
             const struct shape *shape, const struct observer *observer,
             struct restatement *restatement) {
    struct verdict verdict =
        policy_evaluate(snapshot->policy, STAGE_REPLY, said->transaction, observer);
    bool known = verdict.verb == VERB_RESTATE && knows_enough(verdict.rule);
    if (known) {
        struct subject subject = {
            .reason = verdict.rule->reason,
            .status = status_of(&snapshot->site, verdict.rule, said),
            .transaction = said->transaction,
            .settings = verdict.rule->settings,
            .captures = &verdict.captures,
            .ref = ref,
            .octets_before = said->octets_before,
            .reported = said->reported,
        };
        restatement->rule = verdict.rule;
        restatement->reply = compose_restatement(snapshot, said, &subject, shape,
                                                 has_read_all(&verdict) || said->reported);
    }
    verdict_clear(&verdict);
    return known;
}

void restatement_clear(struct restatement *restatement) {
    reply_free(restatement->reply);
    restatement->reply = NULL;
}
