/* SPDX-License-Identifier: ISC */
#include "dragoman/code_book.h"

#include <string.h>

#include "embedded.h"
#include "source.h"

enum { DIGITS = 10 };

struct code_book {
    size_t languages;
    GHashTable *entries;                /* char * (the name) → struct code_entry */
    char **digits[DIGIT_COUNT][DIGITS]; /* by language */
    GHashTable **labels;                /* by language: char * → char * */
};

static const char *const digit_sections[DIGIT_COUNT] = {
    [DIGIT_CLASS] = "class", [DIGIT_CATEGORY] = "category", [DIGIT_SUBJECT] = "subject"};

struct text_option {
    const char *name;
    size_t offset;
    bool required;
};

static const struct text_option text_options[] = {
    {"title", offsetof(struct code_text, title), true},
    {"means", offsetof(struct code_text, means), true},
    {"remedy", offsetof(struct code_text, remedy), true},
    {"wrong", offsetof(struct code_text, wrong), false},
    {"used", offsetof(struct code_text, used), false},
};

static char **text_slot(struct code_text *text, const struct text_option *option) {
    return (char **)(void *)((char *)text + option->offset);
}

/* --- life ------------------------------------------------------------------------------------- */

static void entry_free(struct code_entry *entry, size_t languages) {
    for (size_t i = 0; i < languages; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(text_options); j++)
            g_free(*text_slot(&entry->texts[i], &text_options[j]));
    g_free(entry->texts);
    g_free(entry->reason);
    g_free(entry->name);
    g_free(entry);
}

void code_book_free(struct code_book *book) {
    GHashTableIter iterator;
    gpointer entry;
    if (book == NULL)
        return;
    g_hash_table_iter_init(&iterator, book->entries);
    while (g_hash_table_iter_next(&iterator, NULL, &entry))
        entry_free(entry, book->languages);
    g_hash_table_unref(book->entries);
    for (enum code_digit digit = 0; digit < DIGIT_COUNT; digit++)
        for (size_t value = 0; value < DIGITS; value++)
            g_strfreev(book->digits[digit][value]);
    for (size_t i = 0; i < book->languages; i++)
        g_hash_table_unref(book->labels[i]);
    g_free(book->labels);
    g_free(book);
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct code_entry *need_entry(struct code_book *book, const char *name) {
    struct code_entry *entry = g_hash_table_lookup(book->entries, name);
    if (entry != NULL)
        return entry;
    entry = g_new0(struct code_entry, 1);
    entry->name = g_strdup(name);
    entry->who = ACTOR_COUNT;
    entry->texts = g_new0(struct code_text, book->languages);
    g_hash_table_insert(book->entries, entry->name, entry);
    return entry;
}

static void read_code(struct code_book *book, const struct section *section, size_t language,
                      struct complaints *complaints) {
    struct code_entry *entry = need_entry(book, section_title(section));
    const char *who = section_text(section, "who");
    const char *reason = section_text(section, "reason");
    if (who != NULL)
        entry->who = actor_from_name(who);
    if (reason != NULL && entry->reason == NULL)
        entry->reason = g_strdup(reason);
    for (size_t i = 0; i < G_N_ELEMENTS(text_options); i++) {
        const char *text = section_text(section, text_options[i].name);
        char **slot = text_slot(&entry->texts[language], &text_options[i]);
        if (text == NULL && text_options[i].required)
            complain(complaints, SEVERITY_ERROR, section->place, "code \"%s\" has no `%s`",
                     entry->name, text_options[i].name);
        if (*slot == NULL)
            *slot = g_strdup(text);
    }
}

static void read_digit(struct code_book *book, const struct section *section, enum code_digit digit,
                       size_t language) {
    unsigned value = (unsigned)g_ascii_digit_value(section_title(section)[0]);
    const char *means = section_text(section, "means");
    if (value >= DIGITS || means == NULL)
        return;
    char ***texts = &book->digits[digit][value];
    if (*texts == NULL)
        *texts = g_new0(char *, book->languages + 1);
    /* A list of strings ends at its first NULL: languages are filled in their order. */
    for (size_t i = 0; i <= language; i++)
        if ((*texts)[i] == NULL)
            (*texts)[i] = g_strdup(means);
}

static void read_label(struct code_book *book, const struct section *section, size_t language) {
    const char *means = section_text(section, "means");
    if (means != NULL)
        g_hash_table_replace(book->labels[language], g_strdup(section_title(section)),
                             g_strdup(means));
}

static void read_section(struct code_book *book, const struct section *section, size_t language,
                         struct complaints *complaints) {
    if (section_title(section) == NULL || !section_is_read(section))
        return;
    if (strcmp(section_name(section), "code") == 0)
        read_code(book, section, language, complaints);
    if (strcmp(section_name(section), "label") == 0)
        read_label(book, section, language);
    for (enum code_digit digit = 0; digit < DIGIT_COUNT; digit++)
        if (strcmp(section_name(section), digit_sections[digit]) == 0)
            read_digit(book, section, digit, language);
}

static const struct place nowhere = {"dragoman", 0};

static void read_file(struct code_book *book, const char *name, const char *tag, size_t language,
                      struct complaints *complaints) {
    g_autofree char *file = g_strdup_printf(EMBEDDED_PREFIX "codes/%s%s.conf", name, tag);
    struct source *source = source_read(file, FILE_CODES, nowhere, complaints);
    if (source == NULL)
        return;
    struct section whole = source_section(source);
    for (unsigned i = 0; i < whole.node->node_count; i++) {
        struct section section = section_part(&whole, i);
        read_section(book, &section, language, complaints);
    }
    source_free(source);
}

static void read_language(struct code_book *book, const char *tag, size_t language,
                          bool labels_only, struct complaints *complaints) {
    g_autofree char *labels = g_strdup_printf(EMBEDDED_PREFIX "codes/labels.%s.conf", tag);
    if (!source_exists(labels)) {
        g_autofree char *known = source_shipped_languages("codes/labels.");
        complain(complaints, SEVERITY_ERROR, nowhere,
                 "there is no code book in the language \"%s\"; shipped are %s", tag, known);
        return;
    }
    if (!labels_only)
        read_file(book, "", tag, language, complaints);
    read_file(book, "labels.", tag, language, complaints);
}

struct code_book *code_book_load(const char *const *languages, bool labels_only,
                                 struct complaints *complaints) {
    struct code_book *book = g_new0(struct code_book, 1);
    book->languages = g_strv_length((char **)languages);
    book->entries = g_hash_table_new(g_str_hash, g_str_equal);
    book->labels = g_new0(GHashTable *, book->languages);
    for (size_t i = 0; i < book->languages; i++) {
        book->labels[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        read_language(book, languages[i], i, labels_only, complaints);
    }
    return book;
}

/* --- asking ----------------------------------------------------------------------------------- */

const struct code_entry *code_book_find(const struct code_book *book, struct status status) {
    char name[STATUS_TEXT_SIZE];
    if (status.class_digit != 0)
        g_snprintf(name, sizeof name, "X.%u.%u", status.subject, status.detail);
    else
        g_snprintf(name, sizeof name, "%u", status.basic);
    return g_hash_table_lookup(book->entries, name);
}

const char *code_book_digit(const struct code_book *book, enum code_digit digit, unsigned value,
                            size_t language) {
    if (value >= DIGITS || book->digits[digit][value] == NULL)
        return NULL;
    return book->digits[digit][value][language];
}

const char *code_book_label(const struct code_book *book, const char *label, size_t language) {
    const char *words = g_hash_table_lookup(book->labels[language], label);
    return words != NULL ? words : label;
}
