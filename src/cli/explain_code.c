/* SPDX-License-Identifier: ISC */
/* Codes: what a basic or an enhanced code says, where it is legal, and what to do about it. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "explain.h"

/* One code, basic or enhanced: all that the tables and the book know of it. */
struct code {
    char name[STATUS_TEXT_SIZE];
    struct status status; /* one of its two parts only */
    bool any_class;       /* written with X */
    const struct basic_code *basic;
    const struct enhanced_code *enhanced;
    const struct code_entry *entry;
};

/* --- reading ---------------------------------------------------------------------------------- */

/* "X.2.2" is read as "5.2.2"; the class says nothing then. */
static bool parse_code(const char *text, struct status *status, bool *any_class) {
    g_autofree char *copy = g_strdup(text);
    char *x = strpbrk(copy, "Xx");
    *any_class = x != NULL && x[1] == '.';
    if (*any_class)
        *x = '5';
    *status = (struct status){0};
    return status_parse(g_strstrip(copy), status, NULL);
}

bool explain_is_code(const char *text) {
    struct status status;
    bool any_class;
    return parse_code(text, &status, &any_class);
}

static void name_code(struct code *code) {
    if (code->any_class)
        g_snprintf(code->name, sizeof code->name, "X.%u.%u", code->status.subject,
                   code->status.detail);
    else
        status_print(code->status, code->name);
}

static struct code basic_part(const struct explainer *explainer, unsigned basic) {
    struct code code = {.status = {.basic = (uint16_t)basic}, .basic = basic_code_find(basic)};
    code.entry = code_book_find(explainer->book, code.status);
    name_code(&code);
    return code;
}

static struct code enhanced_part(const struct explainer *explainer, struct status status,
                                 bool any_class) {
    struct code code = {.status = status, .any_class = any_class};
    code.status.basic = 0;
    code.enhanced = enhanced_code_find(status.subject, status.detail);
    code.entry = code_book_find(explainer->book, code.status);
    name_code(&code);
    return code;
}

/* --- facts ------------------------------------------------------------------------------------ */

static void join(GString *list, const char *item) {
    g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", item);
}

static char *legal_commands(unsigned basic) {
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < command_reply_count(); i++) {
        const struct command_reply *reply = command_reply_at(i);
        if (reply->code == basic && reply->state == REPLY_ALLOWED)
            join(list, command_name(reply->command));
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

/* X.n.0 goes with everything, which says nothing. */
static char *enhanced_for_basic(unsigned basic) {
    g_autoptr(GString) list = g_string_new(NULL);
    char name[STATUS_TEXT_SIZE];
    for (size_t i = 0; i < enhanced_code_count(); i++) {
        const struct enhanced_code *code = enhanced_code_at(i);
        if (code->state != CODE_REGISTERED || code->detail == 0 ||
            !enhanced_code_goes_with(code, basic))
            continue;
        g_snprintf(name, sizeof name, "%u.%u.%u", basic / 100, code->subject, code->detail);
        join(list, name);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *basic_for_enhanced(const struct enhanced_code *code) {
    g_autoptr(GString) list = g_string_new(NULL);
    char name[8];
    for (size_t i = 0; i < basic_code_count(); i++) {
        unsigned basic = basic_code_at(i)->code;
        bool best = basic == code->basic_2 || basic == code->basic_4 || basic == code->basic_5;
        if (!best && (code->detail == 0 || !enhanced_code_iana_names(code, basic)))
            continue;
        g_snprintf(name, sizeof name, "%u", basic);
        join(list, name);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static char *goes_with(const struct code *code) {
    if (code->basic != NULL)
        return enhanced_for_basic(code->basic->code);
    return code->enhanced != NULL ? basic_for_enhanced(code->enhanced) : g_strdup("");
}

static bool is_sendable(const struct code *code) {
    if (code->basic != NULL)
        return code->basic->sendable;
    return code->enhanced != NULL && code->enhanced->state == CODE_REGISTERED;
}

static const char *source_of(const struct code *code) {
    return code->basic != NULL      ? code->basic->source
           : code->enhanced != NULL ? code->enhanced->rfc
                                    : NULL;
}

static const char *instead_of(const struct code *code) {
    return code->basic != NULL ? code->basic->send_instead : NULL;
}

/* --- digits ----------------------------------------------------------------------------------- */

struct digit {
    enum code_digit digit;
    unsigned value;
};

static size_t digits_of(const struct code *code, struct digit digits[2]) {
    size_t count = 0;
    if (code->status.basic != 0) {
        digits[count++] = (struct digit){DIGIT_CLASS, code->status.basic / 100};
        digits[count++] = (struct digit){DIGIT_CATEGORY, code->status.basic / 10 % 10};
        return count;
    }
    if (!code->any_class)
        digits[count++] = (struct digit){DIGIT_CLASS, code->status.class_digit};
    digits[count++] = (struct digit){DIGIT_SUBJECT, code->status.subject};
    return count;
}

/* --- for people ------------------------------------------------------------------------------- */

static void print_fact(const struct explainer *explainer, size_t language, const char *label,
                       const char *text) {
    if (text != NULL && *text != '\0')
        page_paragraph(&explainer->page, 2, code_book_label(explainer->book, label, language),
                       text);
}

static void print_digits(const struct explainer *explainer, const struct code *code,
                         size_t language) {
    struct digit digits[2];
    size_t count = digits_of(code, digits);
    for (size_t i = 0; i < count; i++) {
        const char *means =
            code_book_digit(explainer->book, digits[i].digit, digits[i].value, language);
        g_autofree char *label = g_strdup_printf("%u", digits[i].value);
        if (means != NULL)
            page_paragraph(&explainer->page, 4, label, means);
    }
}

static void print_facts(const struct explainer *explainer, const struct code *code,
                        size_t language) {
    g_autofree char *legal = code->basic != NULL ? legal_commands(code->basic->code) : NULL;
    g_autofree char *with = goes_with(code);
    print_fact(explainer, language, "defined", source_of(code));
    page_paragraph(&explainer->page, 2, NULL,
                   code_book_label(explainer->book, is_sendable(code) ? "sendable" : "not-sendable",
                                   language));
    print_fact(explainer, language, "send-instead", instead_of(code));
    print_fact(explainer, language, "legal-at", legal);
    print_fact(explainer, language, "goes-with", with);
}

/* Of a success nobody has to do anything. */
static bool needs_action(const struct code *code) {
    unsigned digit = code->status.basic != 0 ? code->status.basic / 100 : STATUS_PERMANENT;
    return code->entry->who < ACTOR_COUNT &&
           (code->entry->who != ACTOR_NOBODY || digit == STATUS_TEMPORARY);
}

static void print_known(const struct explainer *explainer, const struct code *code,
                        size_t language) {
    const struct code_text *text = &code->entry->texts[language];
    g_autofree char *heading = g_strdup_printf("%s  %s", code->name, text->title);
    page_heading(&explainer->page, heading);
    page_paragraph(&explainer->page, 2, NULL, text->means);
    print_digits(explainer, code, language);
    print_facts(explainer, code, language);
    if (needs_action(code))
        print_fact(explainer, language, "who",
                   code_book_label(explainer->book, actor_name(code->entry->who), language));
    print_fact(explainer, language, "remedy", text->remedy);
    print_fact(explainer, language, "used", text->used);
    print_fact(explainer, language, "wrong", text->wrong);
}

static bool is_possible(const struct code *code) {
    return code->status.basic == 0 || status_basic_is_grammatical(code->status.basic);
}

static void print_unknown(const struct explainer *explainer, const struct code *code,
                          size_t language) {
    page_heading(&explainer->page, code->name);
    if (!is_possible(code)) {
        page_paragraph(&explainer->page, 2, NULL,
                       code_book_label(explainer->book, "no-code", language));
        return;
    }
    page_paragraph(&explainer->page, 2, NULL,
                   code_book_label(explainer->book, "unknown-code", language));
    print_digits(explainer, code, language);
}

static void print_code(const struct explainer *explainer, const struct code *code) {
    for (size_t i = 0; i < explainer->language_count; i++) {
        if (code->entry != NULL)
            print_known(explainer, code, i);
        else
            print_unknown(explainer, code, i);
        page_blank(&explainer->page);
    }
}

/* --- for programs ----------------------------------------------------------------------------- */

static json_t *texts_json(const struct explainer *explainer, const struct code_entry *entry) {
    json_t *texts = json_object();
    for (size_t i = 0; entry != NULL && i < explainer->language_count; i++) {
        const struct code_text *text = &entry->texts[i];
        json_object_set_new(texts, explainer->languages[i],
                            json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?}", "title", text->title,
                                      "means", text->means, "remedy", text->remedy, "used",
                                      text->used, "wrong", text->wrong));
    }
    return texts;
}

static json_t *list_json(const char *list) {
    json_t *array = json_array();
    g_auto(GStrv) items = g_strsplit(list, ", ", -1);
    for (char **item = items; *item != NULL; item++)
        if (**item != '\0')
            json_array_append_new(array, json_string(*item));
    return array;
}

static json_t *code_json(const struct explainer *explainer, const struct code *code) {
    g_autofree char *legal = code->basic != NULL ? legal_commands(code->basic->code) : g_strdup("");
    g_autofree char *with = goes_with(code);
    const char *who =
        code->entry != NULL && code->entry->who < ACTOR_COUNT ? actor_name(code->entry->who) : NULL;
    return json_pack("{s:s, s:b, s:b, s:s?, s:s?, s:o, s:o, s:s?, s:s?, s:o}", "code", code->name,
                     "known", code->entry != NULL, "sendable", (int)is_sendable(code), "defined",
                     source_of(code), "send_instead", instead_of(code), "legal_at",
                     list_json(legal), "goes_with", list_json(with), "who", who, "reason",
                     code->entry != NULL ? code->entry->reason : NULL, "texts",
                     texts_json(explainer, code->entry));
}

/* --- the ways in ------------------------------------------------------------------------------ */

int explain_code(const struct explainer *explainer, const char *text) {
    struct status status;
    bool any_class;
    struct code codes[2];
    size_t count = 0;
    parse_code(text, &status, &any_class);
    if (status.basic != 0)
        codes[count++] = basic_part(explainer, status.basic);
    if (status.class_digit != 0)
        codes[count++] = enhanced_part(explainer, status, any_class);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (explainer->json)
            json_array_append_new(list, code_json(explainer, &codes[i]));
        else
            print_code(explainer, &codes[i]);
    }
    if (explainer->json)
        explain_print_json(
            json_pack("{s:i, s:s, s:O}", "version", 1, "input", "code", "codes", list));
    json_decref(list);
    return EXIT_GOOD;
}

static void print_row(const struct explainer *explainer, const struct code *code) {
    g_autoptr(GString) titles = g_string_new(NULL);
    for (size_t i = 0; code->entry != NULL && i < explainer->language_count; i++)
        g_string_append_printf(titles, "%s%s", i > 0 ? " / " : "", code->entry->texts[i].title);
    printf("%-9s %c  %s\n", code->name, is_sendable(code) ? ' ' : '-', titles->str);
}

static void show_row(const struct explainer *explainer, const struct code *code, json_t *list) {
    if (explainer->json)
        json_array_append_new(list, code_json(explainer, code));
    else
        print_row(explainer, code);
}

int explain_all_codes(const struct explainer *explainer) {
    json_t *list = json_array();
    for (size_t i = 0; i < basic_code_count(); i++) {
        struct code code = basic_part(explainer, basic_code_at(i)->code);
        show_row(explainer, &code, list);
    }
    for (size_t i = 0; i < enhanced_code_count(); i++) {
        const struct enhanced_code *row = enhanced_code_at(i);
        struct status status = {0, 5, row->subject, row->detail};
        struct code code = enhanced_part(explainer, status, true);
        show_row(explainer, &code, list);
    }
    if (explainer->json)
        explain_print_json(
            json_pack("{s:i, s:s, s:O}", "version", 1, "input", "code", "codes", list));
    json_decref(list);
    return EXIT_GOOD;
}

static const char *const states[] = {[REPLY_ALLOWED] = "",
                                     [REPLY_OLD_RFC] = " (RFC 821 only)",
                                     [REPLY_OBSOLETE_CODE] = " (no longer)",
                                     [REPLY_OBSOLETE_COMMAND] = " (command is gone)"};

int explain_command(const struct explainer *explainer, const char *name) {
    enum smtp_command command = command_from_name(name);
    json_t *list = json_array();
    for (size_t i = 0; i < command_reply_count(); i++) {
        const struct command_reply *reply = command_reply_at(i);
        if (reply->command != command)
            continue;
        struct code code = basic_part(explainer, reply->code);
        if (explainer->json)
            json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "code", reply->code, "source",
                                                  reply->source, "state", states[reply->state]));
        else
            printf("%u  %s%s\n     %s\n", reply->code,
                   code.entry != NULL ? code.entry->texts[0].title : "", states[reply->state],
                   reply->source);
    }
    bool found = command != COMMAND_NONE;
    if (found && explainer->json)
        explain_print_json(json_pack("{s:i, s:s, s:s, s:O}", "version", 1, "input", "command",
                                     "command", command_name(command), "replies", list));
    if (!found)
        fprintf(stderr, "dragoman explain: there is no SMTP command \"%s\"\n", name);
    json_decref(list);
    return found ? EXIT_GOOD : EXIT_BAD;
}
