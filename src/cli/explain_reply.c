/* SPDX-License-Identifier: ISC */
/* Replies: what another server's words mean. */
#include <string.h>

#include "command.h"
#include "dragoman/report.h"
#include "explained.h"
#include "log_line.h"

static enum status_class class_of(struct status status) {
    return status.class_digit != 0 ? (enum status_class)status.class_digit
                                   : status_class_of(status);
}

/* The class of the reply, or null where no code shows it. */
static json_t *class_json(struct status status) {
    enum status_class class = class_of(status);
    return explain_json_text(class != STATUS_ANY ? report_class_name(class) : NULL);
}

static json_t *explained_json(const struct explainer *explainer,
                              const struct explained *explained) {
    json_t *object = json_pack("{s:i, s:s, s:o}", "version", 1, "input", "reply", "class",
                               class_json(explained->status));
    json_object_set_new(
        object, "recipient",
        explain_json_text(transaction_value(explained->transaction, FACT_RECIPIENT)));
    json_object_set_new(object, "remote_mta", explain_json_text(explained->reply->server));
    json_object_set_new(object, "diagnostic", explain_json_text(explained->reply->text));
    explained_add_json(explainer, explained, true, object);
    return object;
}

static char *copy(struct slice text) {
    return text.length > 0 ? g_strndup(text.text, text.length) : NULL;
}

/* `text` may be the line of a log. */
static struct explained explain_line(const struct explainer *explainer, const char *text) {
    struct refusal refusal = {.text = text};
    struct log_line line;
    if (!log_line_read((struct slice){text, strlen(text)}, &line))
        return explained_new(explainer, &refusal);
    g_autoptr(GString) words = log_line_words(&line);
    struct foreign_reply *reply = log_line_reply(&line, words);
    g_autofree char *recipient = copy(line.recipient);
    refusal = (struct refusal){words->str, recipient, reply->server, reply->status,
                               log_line_gives_up(&line)};
    struct explained explained = explained_new(explainer, &refusal);
    if (explained.reply->server == NULL)
        explained.reply->server = g_steal_pointer(&reply->server);
    foreign_reply_free(reply);
    return explained;
}

json_t *reply_json(const struct explainer *explainer, const char *text, bool *explained) {
    struct explained line = explain_line(explainer, text);
    json_t *object = explained_json(explainer, &line);
    *explained = line.explanation.reason != NULL;
    explained_clear(&line);
    return object;
}

static bool print_reply(const struct explainer *explainer, const char *text) {
    struct explained explained = explain_line(explainer, text);
    bool known = explained.explanation.reason != NULL;
    page_paragraph(&explainer->page, 0, NULL, text);
    page_blank(&explainer->page);
    explained_print(explainer, &explained);
    explained_clear(&explained);
    return known;
}

int explain_reply(const struct explainer *explainer, const char *text) {
    bool explained;
    if (explainer->json)
        explain_print_json(reply_json(explainer, text, &explained));
    else
        explained = print_reply(explainer, text);
    return explained ? EXIT_GOOD : EXIT_BAD;
}
