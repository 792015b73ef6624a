/* SPDX-License-Identifier: ISC */
/* Files of letters, and the section `bounces`. */
#include <string.h>

#include "dragoman/text.h"
#include "embedded.h"
#include "loader.h"

/* --- a file of letters ------------------------------------------------------------------------ */

static struct template *load_template(struct loader *loader, const char *words,
                                      struct place place) {
    return words != NULL ? template_compile(words, NULL, place, loader->complaints) : NULL;
}

static void load_list(struct loader *loader, const struct section *section, const char *option,
                      GPtrArray *templates) {
    for (size_t i = 0; i < section_count(section, option); i++) {
        struct template *template = load_template(loader, section_item(section, option, i),
                                                  section_item_place(section, option, i));
        if (template != NULL)
            g_ptr_array_add(templates, template);
    }
}

static struct letter_text *load_letter_text(struct loader *loader, const struct section *section) {
    struct letter_text *text = letter_text_new(section->place);
    load_list(loader, section, "why", text->why);
    load_list(loader, section, "steps", text->steps);
    text->inferred = load_template(loader, section_text(section, "inferred"),
                                   section_place(section, "inferred"));
    text->note =
        load_template(loader, section_text(section, "note"), section_place(section, "note"));
    return text;
}

static void load_frame(struct loader *loader, const struct section *section,
                       struct letter_language *language) {
    language->place = section->place;
    for (enum letter_phrase i = 0; i < LETTER_PHRASE_COUNT; i++) {
        const char *name = letter_phrase_name(i);
        if (section_text(section, name) == NULL)
            continue;
        template_free(language->phrases[i]);
        language->phrases[i] =
            load_template(loader, section_text(section, name), section_place(section, name));
    }
}

static const char *advice_at(const void *known, size_t index) {
    (void)known;
    return advice_name((unsigned)index);
}

static void load_advice(struct loader *loader, const struct section *section,
                        struct letter_language *language) {
    const char *name = section_title(section);
    for (unsigned i = 0; i < ADVICE_COUNT; i++)
        if (strcmp(advice_name(i), name) == 0) {
            letter_text_free(language->advice[i]);
            language->advice[i] = load_letter_text(loader, section);
            return;
        }
    g_autofree char *hint = text_did_you_mean(text_nearest(name, NULL, ADVICE_COUNT, advice_at));
    loader_error(loader, section->place, "there is no advice \"%s\"%s", name, hint);
}

static void add_explanation(struct loader *loader, struct letter_language *language,
                            struct letter_text *text, const char *id, struct place place) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    const struct reason *reason = catalogue_find(catalogue, id);
    if (reason != NULL) {
        g_hash_table_replace(language->by_id, (char *)reason->id, text);
        return;
    }
    g_autofree char *hint = text_did_you_mean(catalogue_nearest(catalogue, id));
    loader_error(loader, place, "there is no reason \"%s\" to explain%s", id, hint);
}

static void load_explanation(struct loader *loader, const struct section *section,
                             struct letter_language *language) {
    struct letter_text *text = load_letter_text(loader, section);
    g_ptr_array_add(language->texts, text);
    add_explanation(loader, language, text, section_title(section), section->place);
    for (size_t i = 0; i < section_count(section, "also"); i++)
        add_explanation(loader, language, text, section_item(section, "also", i),
                        section_item_place(section, "also", i));
}

static void copy_list(const struct section *file, const char *option, GPtrArray *list) {
    if (section_count(file, option) > 0)
        g_ptr_array_set_size(list, 0);
    for (size_t i = 0; i < section_count(file, option); i++)
        g_ptr_array_add(list, g_strdup(section_item(file, option, i)));
}

static void load_part(struct loader *loader, const struct section *part,
                      struct letter_language *language) {
    if (!section_is_read(part))
        return;
    if (strcmp(section_name(part), "frame") == 0)
        load_frame(loader, part, language);
    else if (strcmp(section_name(part), "advice") == 0 && section_title(part) != NULL)
        load_advice(loader, part, language);
    else if (strcmp(section_name(part), "explanation") == 0 && section_title(part) != NULL)
        load_explanation(loader, part, language);
}

/* A file of a language that the site does not use is passed over; shipped ones are of theirs. */
static void load_letter_file(struct loader *loader, struct letter_book *book, const char *path,
                             const char *tag, struct place named_at) {
    struct source *source = source_read(path, FILE_LETTERS, named_at, loader->complaints);
    if (source == NULL)
        return;
    struct section file = source_section(source);
    const char *own = section_text(&file, "language");
    if (own == NULL) {
        loader_error(loader, file.place,
                     "the file does not say its language; write language = \"en\" on top");
    } else if (tag != NULL || letter_book_find(book, own) < letter_book_count(book)) {
        struct letter_language *language = letter_book_need(book, tag != NULL ? tag : own);
        if (language->place.file == NULL)
            language->place = file.place;
        copy_list(&file, "months", language->months);
        copy_list(&file, "charsets", language->charsets);
        copy_list(&file, "domains", language->domains);
        for (unsigned i = 0; i < file.node->node_count; i++) {
            struct section part = section_part(&file, i);
            load_part(loader, &part, language);
        }
    }
    source_free(source);
}

/* --- the languages ---------------------------------------------------------------------------- */

static char *letter_file(const struct loader *loader, const char *tag) {
    g_autofree char *name = g_strdup_printf("letters/%s.conf", tag);
    return loader_shipped_file(loader, name);
}

static void add_letter_language(struct loader *loader, struct letter_book *book, const char *tag,
                                struct place place) {
    g_autofree char *path = letter_file(loader, tag);
    if (!source_exists(path))
        loader_error(loader, place,
                     "there are no letters in the language \"%s\"; write letters/%s.conf beside "
                     "the main file, or name another language",
                     tag, tag);
    else if (letter_book_find(book, tag) < letter_book_count(book))
        loader_error(loader, place, "the language \"%s\" stands here twice; leave one", tag);
    else
        load_letter_file(loader, book, path, tag, place);
}

/* Those of the replies, as far as there are letters in them. */
static void add_site_languages(struct loader *loader, struct letter_book *book) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    for (size_t i = 0; i < catalogue_language_count(catalogue); i++) {
        const struct language *language = catalogue_language(catalogue, i);
        g_autofree char *path = letter_file(loader, language->tag);
        if (source_exists(path))
            add_letter_language(loader, book, language->tag, (struct place){"dragoman", 0});
    }
    if (letter_book_count(book) == 0)
        add_letter_language(loader, book, "en", (struct place){"dragoman", 0});
}

static void load_letter_book(struct loader *loader, const struct item *item) {
    struct letter_book *book = letter_book_new();
    const struct section *section = item != NULL ? &item->section : NULL;
    size_t count = section != NULL ? section_count(section, "languages") : 0;
    for (const char *const *tag = loader->letters; tag != NULL && *tag != NULL; tag++)
        add_letter_language(loader, book, *tag, (struct place){"dragoman", 0});
    for (size_t i = 0; loader->letters == NULL && i < count; i++)
        add_letter_language(loader, book, section_item(section, "languages", i),
                            section_item_place(section, "languages", i));
    if (letter_book_count(book) == 0)
        add_site_languages(loader, book);
    for (size_t i = 0; section != NULL && i < section_count(section, "letter-files"); i++) {
        g_autofree char *path =
            source_resolve(item->source->folder, section_item(section, "letter-files", i));
        load_letter_file(loader, book, path, NULL, section_item_place(section, "letter-files", i));
    }
    letter_book_check(book, loader->complaints);
    loader->settings->snapshot->site.bounces.letters = book;
}

/* --- the section ------------------------------------------------------------------------------ */

/* A host name, which goes into a header field and a text. */
static bool is_host(const char *text) {
    for (const char *at = text; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && strchr(".-_:[]", *at) == NULL)
            return false;
    return *text != '\0' && strlen(text) <= 255;
}

static void read_bounces(struct loader *loader, const struct section *section) {
    static const char *const orders[] = {"site", "evidence", NULL};
    static const char *const signed_ones[] = {"keep", "enrich", NULL};
    static const char *const recipients[] = {"local", "all", NULL};
    struct bounce_settings *bounces = &loader->settings->snapshot->site.bounces;
    int order = 0, also_signed = 0, also_relayed = 0;
    const char *host = section_text(section, "host");
    read_flag(loader, section, "enrich", &bounces->enrich);
    read_choice(loader, section, "order", orders, &order);
    read_choice(loader, section, "signed", signed_ones, &also_signed);
    read_choice(loader, section, "recipients", recipients, &also_relayed);
    read_size(loader, section, "message-octets", 1024, &bounces->octets_max);
    bounces->by_evidence = order == 1;
    bounces->also_signed = also_signed == 1;
    bounces->also_relayed = also_relayed == 1;
    if (host != NULL && !is_host(host))
        loader_error(loader, section_place(section, "host"),
                     "`host` is \"%s\"; write a host name, like mail.example.com", host);
    else
        bounces->host = g_strdup(host);
}

void load_bounces(struct loader *loader) {
    const struct item *item = NULL;
    for (guint i = 0; i < loader->items->len; i++) {
        const struct item *other = &g_array_index(loader->items, struct item, i);
        if (strcmp(section_name(&other->section), "bounces") != 0)
            continue;
        if (item != NULL)
            loader_error(loader, other->section.place,
                         "there is a section `bounces` already (%s:%u); join the two",
                         item->section.place.file, item->section.place.line);
        item = item != NULL ? item : other;
    }
    if (item != NULL)
        read_bounces(loader, &item->section);
    if (loader->letters_wanted || loader->settings->snapshot->site.bounces.enrich)
        load_letter_book(loader, item);
}
