/* SPDX-License-Identifier: ISC */
#include "explained.h"

#include <string.h>

struct explained explained_new(const struct explainer *explainer, const struct refusal *refusal) {
    const struct snapshot *snapshot = explainer->settings->snapshot;
    struct explained explained = {.reply = foreign_reply_parse(refusal->text),
                                  .given_up = refusal->given_up};
    const char *server = refusal->server != NULL ? refusal->server : explained.reply->server;
    bool stated = refusal->status.basic != 0 || refusal->status.class_digit != 0;
    explained.status = stated ? refusal->status : explained.reply->status;
    explained.transaction = transaction_new(&snapshot->site.limits);
    if (refusal->recipient != NULL)
        transaction_rcpt(explained.transaction, refusal->recipient, NULL);
    transaction_reply(explained.transaction, explained.status, explained.reply->text);
    if (server != NULL)
        transaction_reply_server(explained.transaction, server);
    explained.explanation = explanation_of(snapshot, explained.transaction);
    if (explained.explanation.reason != NULL)
        settings_need_reason(explainer->settings, explained.explanation.reason);
    return explained;
}

void explained_clear(struct explained *explained) {
    explanation_clear(&explained->explanation);
    transaction_free(explained->transaction);
    foreign_reply_free(explained->reply);
}

char *explained_text(const struct explainer *explainer, const struct explained *explained,
                     size_t language) {
    return explanation_text(&explained->explanation, explainer->settings->snapshot,
                            explained->transaction, language, explained->given_up);
}

void explained_print(const struct explainer *explainer, const struct explained *explained) {
    const struct reason *reason = explained->explanation.reason;
    const struct page *page = &explainer->page;
    const struct code_book *book = explainer->book;
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *words = explained_text(explainer, explained, i);
        page_paragraph(page, 2, NULL,
                       words != NULL ? words : code_book_label(book, "not-explained", i));
        if (reason != NULL && !explained->explanation.certain)
            page_paragraph(page, 2, NULL, code_book_label(book, "inferred", i));
        if (reason != NULL && !(explained->given_up && reason->who == ACTOR_NOBODY))
            page_paragraph(page, 2, code_book_label(book, "who", i),
                           code_book_label(book, actor_name(reason->who), i));
        page_blank(page);
    }
    if (reason != NULL)
        page_paragraph(page, 2, code_book_label(book, "reason", 0), reason->id);
}

static json_t *texts_json(const struct explainer *explainer, const struct explained *explained) {
    json_t *texts = json_object();
    for (size_t i = 0; i < explainer->language_count; i++) {
        g_autofree char *words = explained_text(explainer, explained, i);
        json_object_set_new(texts, explainer->languages[i], explain_json_text(words));
    }
    return texts;
}

static json_t *code_part(struct status status) {
    char text[STATUS_TEXT_SIZE];
    status_print(status, text);
    return explain_json_text(*text != '\0' ? text : NULL);
}

void explained_add_json(const struct explainer *explainer, const struct explained *explained,
                        bool certain, json_t *object) {
    const struct reason *reason = explained->explanation.reason;
    struct status basic = {.basic = explained->status.basic}, enhanced = explained->status;
    enhanced.basic = 0;
    json_object_set_new(object, "basic", code_part(basic));
    json_object_set_new(object, "enhanced", code_part(enhanced));
    json_object_set_new(object, "reason", explain_json_text(reason != NULL ? reason->id : NULL));
    json_object_set_new(object, "hard", json_boolean(reason != NULL && reason->hard));
    json_object_set_new(object, "certain", json_boolean(certain && explained->explanation.certain));
    json_object_set_new(object, "who",
                        explain_json_text(reason != NULL ? actor_name(reason->who) : NULL));
    json_object_set_new(object, "texts", texts_json(explainer, explained));
}
