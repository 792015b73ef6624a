/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dragoman/text.h"
#include "loader.h"

/* --- reasons ---------------------------------------------------------------------------------- */

static void load_pairs(struct loader *loader, const struct section *section, struct reason *reason,
                       const char *option, enum status_class status_class) {
    for (size_t i = 0; i < section_count(section, option); i++) {
        g_autofree char *why =
            reason_add_pairs(reason, status_class, section_item(section, option, i));
        if (why != NULL)
            loader_error(loader, section_item_place(section, option, i), "%s", why);
    }
}

static const char *actor_at(const void *known, size_t index) {
    (void)known;
    return actor_name((enum actor)index);
}

static void load_actor(struct loader *loader, const struct section *section,
                       struct reason *reason) {
    const char *who = section_text(section, "who");
    reason->who = who != NULL ? actor_from_name(who) : ACTOR_COUNT;
    if (reason->who != ACTOR_COUNT)
        return;
    reason->who = ACTOR_SENDER;
    g_autofree char *hint =
        text_did_you_mean(who != NULL ? text_nearest(who, NULL, ACTOR_COUNT, actor_at) : NULL);
    loader_error(loader, section_place(section, "who"),
                 "reason \"%s\" does not say who has to act; write who = sender, sender-admin, "
                 "recipient, recipient-admin or nobody%s",
                 reason->id, hint);
}

static void load_reason_section(struct loader *loader, const struct section *section) {
    const char *id = section_title(section);
    if (id == NULL || !section_is_read(section))
        return;
    struct reason *reason =
        catalogue_add_reason(loader->settings->snapshot->catalogue, id, section->place);
    if (reason == NULL) {
        loader_error(loader, section->place,
                     "there is a reason \"%s\" already; give this one an id of its own", id);
        return;
    }
    load_actor(loader, section, reason);
    read_flag(loader, section, "hard", &reason->hard);
    load_pairs(loader, section, reason, "permanent", STATUS_PERMANENT);
    load_pairs(loader, section, reason, "temporary", STATUS_TEMPORARY);
    load_pairs(loader, section, reason, "success", STATUS_SUCCESS);
    reason->source = g_strdup(section_text(section, "source"));
    for (size_t i = 0; i < section_count(section, "parameters"); i++)
        g_ptr_array_add(reason->parameters, g_strdup(section_item(section, "parameters", i)));
}

static void load_reason(struct loader *loader, const struct item *item) {
    load_reason_section(loader, &item->section);
}

/* The reasons of the catalogue's own file: all of them, or the one of that id. */
static void load_own_reasons(struct loader *loader, const char *id) {
    struct section file = source_section(loader->reasons);
    for (unsigned i = 0; i < file.node->node_count; i++) {
        struct section section = section_part(&file, i);
        if (strcmp(section_name(&section), "reason") == 0 &&
            (id == NULL || g_strcmp0(section_title(&section), id) == 0))
            load_reason_section(loader, &section);
    }
}

/* Whoever explains one reply needs a few of them: those of the shipped file wait for a rule that
 * names them. */
static bool reasons_wait(const struct loader *loader) {
    return loader->languages != NULL && loader->reasons != NULL &&
           source_is_shipped(loader->reasons);
}

void load_reasons(struct loader *loader) {
    if (!reasons_wait(loader))
        load_own_reasons(loader, NULL);
    loader_each(loader, "reason", load_reason);
}

struct reason *load_reason_named(struct loader *loader, const char *id) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    struct reason *reason = catalogue_find(catalogue, id);
    if (reason != NULL || !reasons_wait(loader))
        return reason;
    load_own_reasons(loader, id);
    return catalogue_find(catalogue, id);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* An explanation is UTF-8 and needs no ASCII form; `says` only stands in for `reported`. */
static bool is_wanted(const struct loader *loader, const struct section *section,
                      const struct text_field *field) {
    if (loader->languages == NULL)
        return true;
    return field->explains &&
           (strcmp(field->name, "says") != 0 || section_text(section, "reported") == NULL);
}

static void load_field(struct loader *loader, const struct section *section,
                       const struct folding *folding, const struct text_field *field,
                       struct reason_text *text) {
    struct template **slot = reason_text_template(text, field);
    const char *words = section_text(section, field->name);
    template_free(*slot);
    *slot = words != NULL ? template_compile(words, folding, section_place(section, field->name),
                                             loader->complaints)
                          : NULL;
}

static void load_text(struct loader *loader, const struct section *section, size_t language) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    const char *id = section_title(section);
    if (id == NULL || !section_is_read(section))
        return;
    struct reason *reason = catalogue_find(catalogue, id);
    if (reason == NULL) {
        g_autofree char *hint = text_did_you_mean(catalogue_nearest(catalogue, id));
        loader_error(loader, section->place, "there is no reason \"%s\" for this text%s", id, hint);
        return;
    }
    reason->texts[language].place = section->place;
    const struct folding *folding =
        loader->languages == NULL ? catalogue_language(catalogue, language)->folding : NULL;
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++)
        if (is_wanted(loader, section, &text_fields[i]))
            load_field(loader, section, folding, &text_fields[i], &reason->texts[language]);
}

static void load_letters(struct loader *loader, const struct section *file,
                         struct language *language) {
    for (size_t i = 0; i < section_count(file, "ascii"); i++)
        if (!folding_add(language->folding, section_item(file, "ascii", i)))
            loader_error(loader, section_item_place(file, "ascii", i),
                         "\"%s\" is no letter with its ASCII form; write it like \"ä=ae\"",
                         section_item(file, "ascii", i));
    const char *name = section_text(file, "name");
    if (name != NULL) {
        g_free(language->name);
        language->name = g_strdup(name);
    }
}

/* The index of the language that the file says it is in; false if the site does not speak it. */
static bool find_language(const struct loader *loader, const struct section *file, size_t *index) {
    const struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    const char *tag = section_text(file, "language");
    for (*index = 0; *index < catalogue_language_count(catalogue); ++*index)
        if (g_strcmp0(catalogue_language(catalogue, *index)->tag, tag) == 0)
            return true;
    return false;
}

static void load_text_file(struct loader *loader, const struct source *source) {
    struct section file = source_section(source);
    size_t language;
    if (section_text(&file, "language") == NULL)
        loader_error(loader, file.place,
                     "the file does not say its language; write language = \"en\" on top");
    if (!find_language(loader, &file, &language))
        return;
    load_letters(loader, &file,
                 catalogue_language(loader->settings->snapshot->catalogue, language));
    for (unsigned i = 0; i < file.node->node_count; i++) {
        struct section section = section_part(&file, i);
        if (strcmp(section_name(&section), "text") == 0)
            load_text(loader, &section, language);
    }
}

/* Whether nothing was added to what is shipped, which was checked when it was baked. */
static bool is_as_shipped(struct loader *loader) {
    bool shipped = source_is_shipped(loader->reasons);
    for (guint i = 0; i < loader->texts->len; i++)
        shipped = shipped && source_is_shipped(loader->texts->pdata[i]);
    for (guint i = 0; i < loader->items->len; i++) {
        const struct section *section = &g_array_index(loader->items, struct item, i).section;
        shipped = shipped && strcmp(section_name(section), "reason") != 0;
    }
    return shipped;
}

void load_texts(struct loader *loader) {
    for (guint i = 0; i < loader->texts->len; i++)
        load_text_file(loader, loader->texts->pdata[i]);
    if (!is_as_shipped(loader))
        catalogue_check(loader->settings->snapshot->catalogue, loader->complaints);
}

static void load_text_of(struct loader *loader, const struct source *source,
                         const struct reason *reason) {
    struct section file = source_section(source);
    size_t language;
    if (!find_language(loader, &file, &language))
        return;
    for (unsigned i = 0; i < file.node->node_count; i++) {
        struct section section = section_part(&file, i);
        if (strcmp(section_name(&section), "text") == 0 &&
            g_strcmp0(section_title(&section), reason->id) == 0)
            load_text(loader, &section, language);
    }
}

void load_texts_of(struct loader *loader, const struct reason *reason) {
    for (guint i = 0; i < loader->texts->len; i++)
        load_text_of(loader, loader->texts->pdata[i], reason);
}
