/* SPDX-License-Identifier: ISC */
#include "dragoman/reasons.h"

#include <string.h>

enum { SHORT_CHARACTERS_MAX = 60 };

struct catalogue {
    GPtrArray *languages; /* struct language */
    GPtrArray *reasons;   /* struct reason */
    GHashTable *by_id;
};

static const enum status_class classes[] = {STATUS_PERMANENT, STATUS_TEMPORARY, STATUS_SUCCESS};

const char *status_class_name(enum status_class status_class) {
    static const char *const names[STATUS_CLASS_COUNT] = {
        [STATUS_ANY] = "any",
        [STATUS_SUCCESS] = "success",
        [STATUS_INTERMEDIATE] = "intermediate",
        [STATUS_TEMPORARY] = "temporary",
        [STATUS_PERMANENT] = "permanent",
    };
    return names[status_class];
}

enum status_class status_class_of(struct status status) {
    unsigned digit = status.basic / 100;
    return digit >= STATUS_SUCCESS && digit <= STATUS_PERMANENT ? (enum status_class)digit
                                                                : STATUS_ANY;
}

static const char *const actor_names[ACTOR_COUNT] = {"sender", "sender-admin", "recipient",
                                                     "recipient-admin", "nobody"};

const char *actor_name(enum actor actor) {
    return actor_names[actor];
}

enum actor actor_from_name(const char *name) {
    enum actor actor = 0;
    while (actor < ACTOR_COUNT && strcmp(actor_names[actor], name) != 0)
        actor++;
    return actor;
}

/* --- the catalogue --------------------------------------------------------------------------- */

static void language_free(void *data) {
    struct language *language = data;
    folding_free(language->folding);
    g_free(language->tag);
    g_free(language->name);
    g_free(language);
}

const struct text_field text_fields[TEXT_FIELD_COUNT] = {
    {"short", offsetof(struct reason_text, brief), .required = true, .explains = false},
    {"says", offsetof(struct reason_text, says), .required = true, .explains = true},
    {"remedy", offsetof(struct reason_text, remedy), .required = true, .explains = true},
    {"internal", offsetof(struct reason_text, internal), .required = false, .explains = false},
    {"reported", offsetof(struct reason_text, reported), .required = false, .explains = true},
};

struct template **reason_text_template(struct reason_text *text, const struct text_field *field) {
    return (struct template **)(void *)((char *)text + field->offset);
}

static const struct template *field_template(const struct reason_text *text,
                                             const struct text_field *field) {
    return *reason_text_template((struct reason_text *)text, field);
}

static void text_clear(struct reason_text *text) {
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++)
        template_free(*reason_text_template(text, &text_fields[i]));
}

static void reason_free(struct reason *reason, size_t languages) {
    for (size_t i = 0; i < languages; i++)
        text_clear(&reason->texts[i]);
    g_free(reason->texts);
    for (size_t i = 0; i < STATUS_CLASS_COUNT; i++)
        g_free(reason->pairs[i]);
    g_free(reason->source);
    g_ptr_array_unref(reason->parameters);
    g_free(reason);
}

struct catalogue *catalogue_new(void) {
    struct catalogue *catalogue = g_new0(struct catalogue, 1);
    catalogue->languages = g_ptr_array_new_with_free_func(language_free);
    catalogue->reasons = g_ptr_array_new();
    catalogue->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return catalogue;
}

void catalogue_free(struct catalogue *catalogue) {
    if (catalogue == NULL)
        return;
    for (guint i = 0; i < catalogue->reasons->len; i++)
        reason_free(catalogue->reasons->pdata[i], catalogue->languages->len);
    g_ptr_array_unref(catalogue->reasons);
    g_ptr_array_unref(catalogue->languages);
    g_hash_table_unref(catalogue->by_id);
    g_free(catalogue);
}

size_t catalogue_add_language(struct catalogue *catalogue, const char *tag) {
    struct language *language = g_new0(struct language, 1);
    language->tag = g_strdup(tag);
    language->name = g_strdup(tag);
    language->folding = folding_new();
    g_ptr_array_add(catalogue->languages, language);
    return catalogue->languages->len - 1;
}

size_t catalogue_language_count(const struct catalogue *catalogue) {
    return catalogue->languages->len;
}

struct language *catalogue_language(const struct catalogue *catalogue, size_t index) {
    return catalogue->languages->pdata[index];
}

struct reason *catalogue_add_reason(struct catalogue *catalogue, const char *id,
                                    struct place place) {
    if (catalogue_find(catalogue, id) != NULL)
        return NULL;
    struct reason *reason = g_new0(struct reason, 1);
    reason->id = g_intern_string(id);
    reason->place = place;
    reason->parameters = g_ptr_array_new_with_free_func(g_free);
    reason->texts = g_new0(struct reason_text, MAX(catalogue->languages->len, 1));
    g_ptr_array_add(catalogue->reasons, reason);
    g_hash_table_insert(catalogue->by_id, (char *)reason->id, reason);
    return reason;
}

struct reason *catalogue_find(const struct catalogue *catalogue, const char *id) {
    return g_hash_table_lookup(catalogue->by_id, id);
}

struct reason *catalogue_at(const struct catalogue *catalogue, size_t index) {
    return index < catalogue->reasons->len ? catalogue->reasons->pdata[index] : NULL;
}

static const char *reason_id(const void *known, size_t index) {
    return catalogue_at(known, index)->id;
}

const char *catalogue_nearest(const struct catalogue *catalogue, const char *id) {
    return text_nearest(id, catalogue, catalogue->reasons->len, reason_id);
}

/* --- pairs ----------------------------------------------------------------------------------- */

struct occasion {
    const char *name;
    enum smtp_command command;
};

static const struct occasion occasions[] = {
    {"connect", COMMAND_CONNECT},   {"helo", COMMAND_EHLO}, {"mail", COMMAND_MAIL},
    {"rcpt", COMMAND_RCPT},         {"data", COMMAND_DATA}, {"eom", COMMAND_RECEIVED_DATA},
    {"unknown", COMMAND_HELP},      {"vrfy", COMMAND_VRFY}, {"auth", COMMAND_AUTH},
    {"starttls", COMMAND_STARTTLS}, {"etrn", COMMAND_ETRN}, {"any", COMMAND_NONE},
};

static const char *occasion_name(const void *known, size_t index) {
    (void)known;
    return occasions[index].name;
}

/* The pair that is stated for this command, with a basic code of 0 if there is none. */
static struct status stated_pair(const struct reason *reason, enum status_class status_class,
                                 enum smtp_command command) {
    const struct status none = {0};
    const struct status *pairs = reason->pairs[status_class];
    return pairs != NULL ? pairs[command] : none;
}

static const struct occasion *find_occasion(const char *name, size_t length) {
    for (size_t i = 0; i < G_N_ELEMENTS(occasions); i++)
        if (strncmp(occasions[i].name, name, length) == 0 && occasions[i].name[length] == '\0')
            return &occasions[i];
    return NULL;
}

bool reason_find_occasion(const char *name, enum smtp_command *command) {
    const struct occasion *occasion = find_occasion(name, strlen(name));
    if (occasion != NULL)
        *command = occasion->command;
    return occasion != NULL;
}

static char *check_pair(enum status_class status_class, const char *text, struct status *pair) {
    const char *end;
    if (!status_parse(text, pair, &end) || end[strspn(end, " ")] != '\0' || pair->basic == 0)
        return g_strdup_printf("\"%s\" is no code pair; write one like 550 5.7.1", text);
    if (status_class_of(*pair) != status_class)
        return g_strdup_printf("%s is not %s; write it under `%s`", text,
                               status_class_name(status_class),
                               status_class_name(status_class_of(*pair)));
    return NULL;
}

static char *add_pair(struct reason *reason, enum status_class status_class, struct status pair,
                      const char *name, size_t length) {
    const struct occasion *occasion = find_occasion(name, length);
    if (occasion == NULL) {
        g_autofree char *copy = g_strndup(name, length);
        g_autofree char *hint =
            text_did_you_mean(text_nearest(copy, NULL, G_N_ELEMENTS(occasions), occasion_name));
        return g_strdup_printf("there is no stage \"%s\" for a code pair%s", copy, hint);
    }
    if (stated_pair(reason, status_class, occasion->command).basic != 0)
        return g_strdup_printf("the pair for \"%s\" is stated twice; leave one", occasion->name);
    if (reason->pairs[status_class] == NULL)
        reason->pairs[status_class] = g_new0(struct status, COMMAND_COUNT + 1);
    reason->pairs[status_class][occasion->command] = pair;
    return NULL;
}

char *reason_add_pairs(struct reason *reason, enum status_class status_class, const char *row) {
    const char *equals = strchr(row, '=');
    struct status pair;
    if (equals == NULL)
        return g_strdup_printf("\"%s\" names no stage; write it as \"rcpt=550 5.7.1\"", row);
    char *why = check_pair(status_class, equals + 1 + strspn(equals + 1, " "), &pair);
    for (const char *name = row; name <= equals && why == NULL;) {
        name += strspn(name, " ");
        size_t length = strcspn(name, " ,=");
        why = add_pair(reason, status_class, pair, name, length);
        name += length + strspn(name + length, " ") + 1;
    }
    return why;
}

struct status reason_pair(const struct reason *reason, enum status_class status_class,
                          enum smtp_command command) {
    struct status named = stated_pair(reason, status_class, command);
    return named.basic != 0 ? named : stated_pair(reason, status_class, COMMAND_NONE);
}

/* --- checking -------------------------------------------------------------------------------- */

static bool has_pairs(const struct reason *reason) {
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(occasions); j++)
            if (stated_pair(reason, classes[i], occasions[j].command).basic != 0)
                return true;
    return false;
}

static void check_pair_at(const struct reason *reason, enum status_class status_class,
                          const struct occasion *occasion, struct complaints *complaints) {
    enum { MOST = 8 };
    struct status_finding findings[MOST];
    struct status pair = stated_pair(reason, status_class, occasion->command);
    if (pair.basic == 0)
        return;
    size_t count = status_check(pair, occasion->command, status_class, findings, MOST);
    for (size_t i = 0; i < MIN(count, MOST); i++)
        if (findings[i].fault->severity == SEVERITY_ERROR)
            complain(complaints, SEVERITY_ERROR, reason->place, "reason \"%s\" at %s: %s",
                     reason->id, occasion->name, findings[i].text);
}

static void check_pairs(const struct reason *reason, struct complaints *complaints) {
    if (!has_pairs(reason))
        complain(complaints, SEVERITY_ERROR, reason->place,
                 "reason \"%s\" has no code pair; give it permanent = { \"rcpt=550 5.7.1\" } or a "
                 "temporary one",
                 reason->id);
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(occasions); j++)
            check_pair_at(reason, classes[i], &occasions[j], complaints);
}

static bool reason_knows_parameter(const struct reason *reason,
                                   const struct template_parameter *parameter) {
    if (strcmp(parameter->name, "contact") == 0)
        return true;
    return g_ptr_array_find_with_equal_func(reason->parameters, parameter->name, g_str_equal, NULL);
}

static const char *parameter_at(const void *known, size_t index) {
    const GPtrArray *parameters = ((const struct reason *)known)->parameters;
    return index < parameters->len ? parameters->pdata[index]
                                   : fact_row((enum fact)(index - parameters->len))->name;
}

static void check_parameters(const struct reason *reason, const struct reason_text *text,
                             const struct text_field *field, struct complaints *complaints) {
    const struct template *template = field_template(text, field);
    const struct template_parameter *parameter;
    for (size_t i = 0; (parameter = template_parameter(template, i)) != NULL; i++) {
        if (parameter->fact != FACT_NONE)
            continue;
        if (!reason_knows_parameter(reason, parameter)) {
            g_autofree char *hint = text_did_you_mean(text_nearest(
                parameter->name, reason, reason->parameters->len + FACT_COUNT, parameter_at));
            complain(complaints, SEVERITY_ERROR, text->place,
                     "`%s` of \"%s\" uses the unknown parameter {%s}%s", field->name, reason->id,
                     parameter->name, hint);
        } else if (!parameter->optional) {
            complain(complaints, SEVERITY_ERROR, text->place,
                     "`%s` of \"%s\" needs {%s}, which a rule may leave out; put it and the words "
                     "around it into [[ ]]",
                     field->name, reason->id, parameter->name);
        }
    }
}

static bool template_uses(const struct template *template, const char *name) {
    const struct template_parameter *parameter;
    for (size_t i = 0; (parameter = template_parameter(template, i)) != NULL; i++)
        if (parameter->name == name)
            return true;
    return false;
}

/* Complains about the parameters that `one` has and `other` lacks. */
static void compare_parameters(const struct reason *reason, const struct text_field *field,
                               const struct reason_text *one, const struct reason_text *other,
                               struct complaints *complaints) {
    const struct template_parameter *parameter;
    const struct template *template = field_template(one, field);
    for (size_t i = 0; (parameter = template_parameter(template, i)) != NULL; i++)
        if (!template_uses(field_template(other, field), parameter->name))
            complain(complaints, SEVERITY_ERROR, other->place,
                     "`%s` of \"%s\" lacks {%s}, which it has in another language; use it here "
                     "too",
                     field->name, reason->id, parameter->name);
}

static void check_field(const struct catalogue *catalogue, const struct reason *reason,
                        const struct text_field *field, struct complaints *complaints) {
    const struct reason_text *first = &reason->texts[0];
    for (size_t i = 0; i < catalogue->languages->len; i++) {
        const struct reason_text *text = &reason->texts[i];
        const struct template *template = field_template(text, field);
        bool wanted = field->required || field_template(first, field) != NULL;
        if (template == NULL && wanted && text->place.file != NULL)
            complain(complaints, SEVERITY_ERROR, text->place,
                     "the text \"%s\" has no `%s`; write one", reason->id, field->name);
        if (template == NULL)
            continue;
        check_parameters(reason, text, field, complaints);
        if (i == 0 || field_template(first, field) == NULL)
            continue;
        compare_parameters(reason, field, first, text, complaints);
        compare_parameters(reason, field, text, first, complaints);
    }
}

static void check_short(const struct reason *reason, const struct reason_text *text,
                        struct complaints *complaints) {
    if (text->brief != NULL && template_length(text->brief, 0) > SHORT_CHARACTERS_MAX)
        complain(complaints, SEVERITY_ERROR, text->place,
                 "the `short` of \"%s\" has more than %d characters; write fewer words", reason->id,
                 SHORT_CHARACTERS_MAX);
}

static void check_texts(const struct catalogue *catalogue, const struct reason *reason,
                        struct complaints *complaints) {
    for (size_t i = 0; i < catalogue->languages->len; i++) {
        const struct reason_text *text = &reason->texts[i];
        const char *tag = catalogue_language(catalogue, i)->tag;
        if (text->place.file == NULL)
            complain(complaints, SEVERITY_ERROR, reason->place,
                     "reason \"%s\" has no text in language \"%s\"; add text \"%s\" to its file",
                     reason->id, tag, reason->id);
        check_short(reason, text, complaints);
    }
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++)
        check_field(catalogue, reason, &text_fields[i], complaints);
}

void catalogue_check(const struct catalogue *catalogue, struct complaints *complaints) {
    const struct reason *reason;
    for (size_t i = 0; (reason = catalogue_at(catalogue, i)) != NULL; i++) {
        check_pairs(reason, complaints);
        check_texts(catalogue, reason, complaints);
    }
}
