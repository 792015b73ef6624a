/* SPDX-License-Identifier: ISC */
/* Replies: what another server's words mean. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "dragoman/explanation.h"
#include "dragoman/foreign_reply.h"
#include "explain.h"

/* A reply, and what the restating rules say of it. */
struct explained {
    struct foreign_reply *reply;
    struct transaction *transaction;
    struct explanation explanation;
};

static struct explained explained_new(const struct explainer *explainer, const char *text) {
    const struct snapshot *snapshot = explainer->settings->snapshot;
    struct explained explained = {.reply = foreign_reply_parse(text)};
    explained.transaction = transaction_new(&snapshot->site.limits);
    transaction_reply(explained.transaction, explained.reply->status, explained.reply->text);
    if (explained.reply->server != NULL)
        transaction_reply_server(explained.transaction, explained.reply->server);
    explained.explanation = explanation_of(snapshot, explained.transaction);
    return explained;
}

static void explained_clear(struct explained *explained) {
    explanation_clear(&explained->explanation);
    transaction_free(explained->transaction);
    foreign_reply_free(explained->reply);
}

static char *explained_text(const struct explainer *explainer, const struct explained *explained,
                            size_t language) {
    return explanation_text(&explained->explanation, explainer->settings->snapshot,
                            explained->transaction, language);
}

static void print_explained(const struct explainer *explainer, const struct explained *explained,
                            const char *text) {
    const struct reason *reason = explained->explanation.reason;
    page_paragraph(&explainer->page, 0, NULL, text);
    page_blank(&explainer->page);
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *words = explained_text(explainer, explained, i);
        page_paragraph(&explainer->page, 2, NULL,
                       words != NULL ? words
                                     : code_book_label(explainer->book, "not-explained", i));
        if (reason != NULL && !explained->explanation.certain)
            page_paragraph(&explainer->page, 2, NULL,
                           code_book_label(explainer->book, "inferred", i));
        if (reason != NULL)
            page_paragraph(&explainer->page, 2, code_book_label(explainer->book, "who", i),
                           code_book_label(explainer->book, actor_name(reason->who), i));
        page_blank(&explainer->page);
    }
    if (reason != NULL)
        page_paragraph(&explainer->page, 2, code_book_label(explainer->book, "reason", 0),
                       reason->id);
}

static const char *class_word(struct status status) {
    unsigned digit = status.class_digit != 0 ? status.class_digit : status.basic / 100;
    return digit == 2 ? "success" : digit == 4 ? "transient" : digit == 5 ? "permanent" : NULL;
}

static json_t *explained_json(const struct explainer *explainer,
                              const struct explained *explained) {
    char basic[STATUS_TEXT_SIZE], enhanced[STATUS_TEXT_SIZE];
    const struct reason *reason = explained->explanation.reason;
    struct status status = explained->reply->status, part = status;
    part.class_digit = 0;
    status_print(part, basic);
    part = status;
    part.basic = 0;
    status_print(part, enhanced);
    json_t *texts = json_object();
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *words = explained_text(explainer, explained, i);
        json_object_set_new(texts, explainer->languages[i], explain_json_text(words));
    }
    return json_pack("{s:i, s:s, s:s?, s:o, s:o, s:s?, s:b, s:b, s:o, s:o, s:s?, s:o}", "version",
                     1, "input", "reply", "class", class_word(status), "basic",
                     explain_json_text(*basic != '\0' ? basic : NULL), "enhanced",
                     explain_json_text(*enhanced != '\0' ? enhanced : NULL), "reason",
                     reason != NULL ? reason->id : NULL, "hard", reason != NULL && reason->hard,
                     "certain", (int)explained->explanation.certain, "remote_mta",
                     explain_json_text(explained->reply->server), "diagnostic",
                     explain_json_text(explained->reply->text), "who",
                     reason != NULL ? actor_name(reason->who) : NULL, "texts", texts);
}

int explain_reply(const struct explainer *explainer, const char *text) {
    struct explained explained = explained_new(explainer, text);
    bool known = explained.explanation.reason != NULL;
    if (explainer->json)
        explain_print_json(explained_json(explainer, &explained));
    else
        print_explained(explainer, &explained, text);
    explained_clear(&explained);
    return known ? EXIT_GOOD : EXIT_BAD;
}
