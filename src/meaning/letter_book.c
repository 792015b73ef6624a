/* SPDX-License-Identifier: ISC */
#include "dragoman/letter_book.h"

#include <string.h>

enum { MONTHS = 12 };

struct letter_book {
    GPtrArray *languages; /* struct letter_language * */
};

const char *letter_phrase_name(enum letter_phrase phrase) {
    static const char *const names[LETTER_PHRASE_COUNT] = {
#define LETTER_PHRASE(id, option, help) [LETTER_##id] = option,
#include "dragoman/letter_phrases.def"
#undef LETTER_PHRASE
    };
    return names[phrase];
}

const char *advice_name(unsigned advice) {
    return advice == ADVICE_DELAYED ? "delayed" : actor_name((enum actor)advice);
}

/* --- life ------------------------------------------------------------------------------------- */

static void free_template(void *template) {
    template_free(template);
}

struct letter_text *letter_text_new(struct place place) {
    struct letter_text *text = g_new0(struct letter_text, 1);
    text->place = place;
    text->why = g_ptr_array_new_with_free_func(free_template);
    text->steps = g_ptr_array_new_with_free_func(free_template);
    return text;
}

void letter_text_free(void *data) {
    struct letter_text *text = data;
    if (text == NULL)
        return;
    g_ptr_array_unref(text->why);
    g_ptr_array_unref(text->steps);
    template_free(text->inferred);
    template_free(text->note);
    g_free(text);
}

static void language_free(void *data) {
    struct letter_language *language = data;
    for (size_t i = 0; i < LETTER_PHRASE_COUNT; i++)
        template_free(language->phrases[i]);
    for (size_t i = 0; i < ADVICE_COUNT; i++)
        letter_text_free(language->advice[i]);
    g_ptr_array_unref(language->months);
    g_ptr_array_unref(language->charsets);
    g_ptr_array_unref(language->domains);
    g_hash_table_unref(language->by_id);
    g_ptr_array_unref(language->texts);
    g_free(language->tag);
    g_free(language);
}

struct letter_book *letter_book_new(void) {
    struct letter_book *book = g_new0(struct letter_book, 1);
    book->languages = g_ptr_array_new_with_free_func(language_free);
    return book;
}

void letter_book_free(struct letter_book *book) {
    if (book == NULL)
        return;
    g_ptr_array_unref(book->languages);
    g_free(book);
}

struct letter_language *letter_book_need(struct letter_book *book, const char *tag) {
    size_t known = letter_book_find(book, tag);
    if (known < book->languages->len)
        return book->languages->pdata[known];
    struct letter_language *language = g_new0(struct letter_language, 1);
    language->tag = g_strdup(tag);
    language->months = g_ptr_array_new_with_free_func(g_free);
    language->charsets = g_ptr_array_new_with_free_func(g_free);
    language->domains = g_ptr_array_new_with_free_func(g_free);
    language->texts = g_ptr_array_new_with_free_func(letter_text_free);
    language->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    g_ptr_array_add(book->languages, language);
    return language;
}

size_t letter_book_count(const struct letter_book *book) {
    return book->languages->len;
}

const struct letter_language *letter_book_at(const struct letter_book *book, size_t index) {
    return book->languages->pdata[index];
}

size_t letter_book_find(const struct letter_book *book, const char *tag) {
    size_t length = strcspn(tag, "-_");
    size_t index = 0;
    for (; index < book->languages->len; index++) {
        const char *known = letter_book_at(book, index)->tag;
        if (strlen(known) == length && g_ascii_strncasecmp(known, tag, length) == 0)
            break;
    }
    return index;
}

/* --- checking --------------------------------------------------------------------------------- */

/* What a template may name: of a phrase, and of a text. */
static const char *const text_parameters[] = {"server", "receiver", "reporter", "domain",
                                              "limit",  "size",     NULL};
static const char *const phrase_parameters[] = {"server", "reporter", "host",  "count", "code",
                                                "date",   "day",      "month", "year",  NULL};

struct check {
    struct complaints *complaints;
    const struct letter_language *language, *first;
};

static void check_template(const struct check *check, const struct template *template,
                           const char *const *known, struct place place, const char *what) {
    const struct template_parameter *parameter;
    for (size_t i = 0; template != NULL && (parameter = template_parameter(template, i)) != NULL;
         i++) {
        g_autofree char *all = g_strjoinv("}, {", (char **)known);
        if (!g_strv_contains(known, parameter->name))
            complain(check->complaints, SEVERITY_ERROR, place,
                     "`%s` uses the unknown parameter {%s}; it can use {%s}", what, parameter->name,
                     all);
    }
}

static bool uses(const GPtrArray *templates, const char *name) {
    const struct template_parameter *parameter;
    for (guint i = 0; i < templates->len; i++)
        for (size_t j = 0; (parameter = template_parameter(templates->pdata[i], j)) != NULL; j++)
            if (parameter->name == name)
                return true;
    return false;
}

static bool text_names(const struct letter_text *text, const char *name) {
    g_autoptr(GPtrArray) single = g_ptr_array_new();
    if (text->inferred != NULL)
        g_ptr_array_add(single, text->inferred);
    if (text->note != NULL)
        g_ptr_array_add(single, text->note);
    return uses(text->why, name) || uses(text->steps, name) || uses(single, name);
}

bool letter_book_names(const struct letter_book *book, const char *reason, const char *parameter) {
    const char *name = g_intern_string(parameter);
    for (guint i = 0; i < book->languages->len; i++) {
        const struct letter_language *language = book->languages->pdata[i];
        const struct letter_text *text = g_hash_table_lookup(language->by_id, reason);
        if (text == NULL || text_names(text, name))
            return true;
    }
    return false;
}

/* Complains of the parameters that `one` has and `other`, at `place`, lacks. */
static void compare(const struct check *check, const GPtrArray *one, const GPtrArray *other,
                    struct place place, const char *what) {
    const struct template_parameter *parameter;
    for (guint i = 0; i < one->len; i++)
        for (size_t j = 0; (parameter = template_parameter(one->pdata[i], j)) != NULL; j++)
            if (!uses(other, parameter->name))
                complain(check->complaints, SEVERITY_ERROR, place,
                         "`%s` lacks {%s}, which it has in another language; use it here too", what,
                         parameter->name);
}

static void check_frame(const struct check *check) {
    const struct letter_language *language = check->language;
    for (enum letter_phrase i = 0; i < LETTER_PHRASE_COUNT; i++) {
        if (language->phrases[i] == NULL)
            complain(check->complaints, SEVERITY_ERROR, language->place,
                     "`frame` of the letters in \"%s\" has no `%s`; write one", language->tag,
                     letter_phrase_name(i));
        check_template(check, language->phrases[i], phrase_parameters, language->place,
                       letter_phrase_name(i));
    }
    if (language->months->len != MONTHS)
        complain(check->complaints, SEVERITY_ERROR, language->place,
                 "`months` of the letters in \"%s\" names %u months; name %d", language->tag,
                 language->months->len, MONTHS);
}

static void check_text(const struct check *check, const struct letter_text *text) {
    for (guint i = 0; i < text->why->len; i++)
        check_template(check, text->why->pdata[i], text_parameters, text->place, "why");
    for (guint i = 0; i < text->steps->len; i++)
        check_template(check, text->steps->pdata[i], text_parameters, text->place, "steps");
    check_template(check, text->inferred, text_parameters, text->place, "inferred");
    check_template(check, text->note, text_parameters, text->place, "note");
}

static void check_advice(const struct check *check) {
    for (unsigned i = 0; i < ADVICE_COUNT; i++) {
        const struct letter_text *advice = check->language->advice[i];
        if (advice == NULL || advice->steps->len == 0)
            complain(check->complaints, SEVERITY_ERROR, check->language->place,
                     "the letters in \"%s\" have no advice \"%s\"; write one with `steps`",
                     check->language->tag, advice_name(i));
        else
            check_text(check, advice);
    }
}

/* The same shape in both languages: nothing is said in one of them only. */
static void compare_texts(const struct check *check, const struct letter_text *text,
                          const struct letter_text *other) {
    compare(check, text->why, other->why, other->place, "why");
    compare(check, other->why, text->why, text->place, "why");
    if (text->why->len != other->why->len || text->steps->len != other->steps->len ||
        (text->note == NULL) != (other->note == NULL))
        complain(check->complaints, SEVERITY_ERROR, text->place,
                 "this explanation has other parts than the one in \"%s\" (line %u); say the same "
                 "things in the same order",
                 check->first->tag, other->place.line);
}

static void check_explanation(const struct check *check, const char *id,
                              const struct letter_text *text) {
    const struct letter_text *other = g_hash_table_lookup(check->first->by_id, id);
    if (text->why->len == 0 || text->inferred == NULL)
        complain(check->complaints, SEVERITY_ERROR, text->place,
                 "explanation \"%s\" has no `%s`; write one", id,
                 text->why->len == 0 ? "why" : "inferred");
    check_text(check, text);
    if (check->first != check->language && other != NULL)
        compare_texts(check, text, other);
}

void letter_book_check(const struct letter_book *book, struct complaints *complaints) {
    for (guint i = 0; i < book->languages->len; i++) {
        struct check check = {complaints, book->languages->pdata[i], book->languages->pdata[0]};
        GHashTableIter iterator;
        gpointer id, text;
        check_frame(&check);
        check_advice(&check);
        g_hash_table_iter_init(&iterator, check.language->by_id);
        while (g_hash_table_iter_next(&iterator, &id, &text))
            check_explanation(&check, id, text);
    }
}
