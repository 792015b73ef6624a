/* SPDX-License-Identifier: ISC */
#include "dragoman/settings.h"

#include <string.h>

#include "embedded.h"
#include "loader.h"

const char *const settings_default_file = SYSCONFDIR "/dragoman.conf";

/* More is a mistake: files that include each other, most likely. */
enum { INCLUDES_MAX = 100 };

static const struct place nowhere = {"dragoman", 0};

/* --- life ------------------------------------------------------------------------------------- */

static void test_free(void *data) {
    struct policy_test *test = data;
    for (guint i = 0; i < test->facts->len; i++)
        g_free(g_array_index(test->facts, struct test_fact, i).value);
    g_array_unref(test->facts);
    g_free(test->name);
    g_free(test->reply);
    g_free(test->expect);
    g_free(test);
}

static void source_free_void(void *source) {
    source_free(source);
}

/* --- the files -------------------------------------------------------------------------------- */

static bool is_included(const struct loader *loader, const char *file) {
    for (guint i = 0; i < loader->sources->len; i++)
        if (strcmp(((struct source *)loader->sources->pdata[i])->file, file) == 0)
            return true;
    return false;
}

static void include_file(struct loader *loader, const char *file, struct place named_at);

static void include_named(struct loader *loader, const struct source *source,
                          const struct section *include) {
    if (section_title(include) == NULL) {
        loader_error(loader, include->place, "include names no file; write include(\"FILE\")");
        return;
    }
    g_autofree char *file = source_resolve(source->folder, section_title(include));
    if (is_included(loader, file))
        loader_error(loader, include->place,
                     "the file \"%s\" is included already; leave one of "
                     "the two out",
                     file);
    else if (loader->sources->len >= INCLUDES_MAX)
        loader_error(loader, include->place, "more than %d files are included; join some of them",
                     INCLUDES_MAX);
    else
        include_file(loader, file, include->place);
}

static void include_file(struct loader *loader, const char *file, struct place named_at) {
    struct source *source = source_read(file, loader->languages == NULL ? FILE_POLICY : FILE_RULES,
                                        named_at, loader->complaints);
    if (source == NULL)
        return;
    g_ptr_array_add(loader->sources, source);
    struct section whole = source_section(source);
    for (unsigned i = 0; i < whole.node->node_count; i++) {
        struct section part = section_part(&whole, i);
        if (part.node->kind == OUTLINE_INCLUDE) {
            include_named(loader, source, &part);
        } else if (part.node->kind == OUTLINE_SECTION) {
            struct item item = {source, part};
            g_array_append_val(loader->items, item);
        }
    }
}

void loader_each(struct loader *loader, const char *name, load_section *load) {
    for (guint i = 0; i < loader->items->len; i++) {
        const struct item *item = &g_array_index(loader->items, struct item, i);
        if (strcmp(section_name(&item->section), name) == 0)
            load(loader, item);
    }
}

struct section loader_find(const struct loader *loader, const char *name) {
    for (guint i = 0; i < loader->sources->len; i++) {
        struct section whole = source_section(loader->sources->pdata[i]);
        if (section_count(&whole, name) > 0)
            return whole;
    }
    return (struct section){.place = nowhere};
}

char *loader_shipped_file(const struct loader *loader, const char *name) {
    const struct source *main_source = loader->sources->len > 0 ? loader->sources->pdata[0] : NULL;
    if (main_source != NULL && main_source->folder != NULL) {
        g_autofree char *own = source_resolve(main_source->folder, name);
        if (source_exists(own))
            return g_steal_pointer(&own);
    }
    return g_strconcat(EMBEDDED_PREFIX, name, NULL);
}

/* The shipped rules of stage reply come behind the site's own: who reads a reply first says it. */
static void include_restating(struct loader *loader) {
    static const char *const files[] = {"restate/postfix.conf", "restate/sendmail.conf",
                                        "restate/milters.conf", "restate/access.conf",
                                        "restate/remote.conf",  "restate/codes.conf"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = loader_shipped_file(loader, files[i]);
        if (!is_included(loader, file))
            include_file(loader, file, nowhere);
    }
}

/* --- languages -------------------------------------------------------------------------------- */

static void read_text_file(struct loader *loader, const char *file, struct place named_at) {
    struct source *source = source_read(file, FILE_TEXTS, named_at, loader->complaints);
    if (source != NULL)
        g_ptr_array_add(loader->texts, source);
}

static void add_language(struct loader *loader, const char *tag, struct place place) {
    struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    for (size_t i = 0; i < catalogue_language_count(catalogue); i++)
        if (strcmp(catalogue_language(catalogue, i)->tag, tag) == 0) {
            loader_error(loader, place, "the language \"%s\" stands here twice; leave one", tag);
            return;
        }
    g_autofree char *name = g_strdup_printf("texts/%s.conf", tag);
    g_autofree char *file = loader_shipped_file(loader, name);
    if (!source_exists(file)) {
        g_autofree char *known = source_shipped_languages("texts/");
        loader_error(loader, place,
                     "there is no text file for the language \"%s\" (%s beside this file); shipped "
                     "are %s",
                     tag, name, known);
        return;
    }
    catalogue_add_language(catalogue, tag);
    read_text_file(loader, file, place);
}

static void add_languages(struct loader *loader) {
    if (loader->languages != NULL) {
        for (const char *const *tag = loader->languages; *tag != NULL; tag++)
            add_language(loader, *tag, nowhere);
        return;
    }
    struct section section = loader_find(loader, "languages");
    struct catalogue *catalogue = loader->settings->snapshot->catalogue;
    for (size_t i = 0; i < section_count(&section, "languages"); i++)
        add_language(loader, section_item(&section, "languages", i),
                     section_item_place(&section, "languages", i));
    if (catalogue_language_count(catalogue) > 0)
        return;
    add_language(loader, "en", nowhere);
    add_language(loader, "tr", nowhere);
}

/* Further texts of the site: of its own reasons, or in other words. */
static void add_text_files(struct loader *loader) {
    for (guint i = 0; i < loader->sources->len; i++) {
        const struct source *source = loader->sources->pdata[i];
        struct section section = source_section(source);
        for (size_t j = 0; j < section_count(&section, "text-files"); j++) {
            g_autofree char *file =
                source_resolve(source->folder, section_item(&section, "text-files", j));
            read_text_file(loader, file, section_item_place(&section, "text-files", j));
        }
    }
}

/* --- loading ---------------------------------------------------------------------------------- */

static char *main_file(const char *file) {
    if (file != NULL)
        return g_strdup(file);
    return g_strdup(source_exists(settings_default_file) ? settings_default_file
                                                         : EMBEDDED_PREFIX "dragoman.conf");
}

/* What is said when we fail must not itself be missing from the catalogue. */
static void find_fallback_reason(struct loader *loader) {
    struct snapshot *snapshot = loader->settings->snapshot;
    snapshot->site.fallback_reason = load_reason_named(loader, "internal-error");
    if (snapshot->site.fallback_reason == NULL)
        loader_error(loader, source_section(loader->reasons).place,
                     "the reason \"internal-error\" is missing; it is needed for fallback = defer");
}

/* Sendmail breaks the SMTP session where a milter asks for more. */
static void check_macros(struct loader *loader) {
    enum { MACROS_MAX = 50 };
    const struct policy *policy = loader->settings->snapshot->policy;
    struct place place = {g_intern_string(loader->settings->file), 0};
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
        if (policy->plan[stage].macros->len > MACROS_MAX)
            loader_error(loader, place,
                         "the rules ask for %u milter macros at stage %s, and Sendmail gives at "
                         "most %d; ask for fewer, or for some of them at another stage",
                         policy->plan[stage].macros->len, stage_name(stage), MACROS_MAX);
}

static void load_all(struct loader *loader) {
    g_autofree char *reasons = loader_shipped_file(loader, "reasons.conf");
    loader->reasons = source_read(reasons, FILE_POLICY, nowhere, loader->complaints);
    add_languages(loader);
    add_text_files(loader);
    load_service(loader);
    load_site(loader);
    if (loader->reasons != NULL) {
        load_reasons(loader);
        if (loader->languages == NULL)
            load_texts(loader);
        find_fallback_reason(loader);
    }
    if (loader->languages == NULL)
        load_bounces(loader);
    if (loader->settings->snapshot->site.bounces.enrich)
        include_restating(loader);
    load_tables(loader);
    load_rules(loader);
    if (loader->languages == NULL)
        load_tests(loader);
    if (loader->accelerated) {
        policy_accelerate(loader->settings->snapshot->policy);
        policy_prepare(loader->settings->snapshot->policy); /* not when the first mail waits */
    }
    policy_freeze(loader->settings->snapshot->policy);
    check_macros(loader);
}

static void loader_free(struct loader *loader) {
    if (loader == NULL)
        return;
    g_mutex_clear(&loader->reading);
    g_ptr_array_unref(loader->sources);
    g_ptr_array_unref(loader->texts);
    g_array_unref(loader->items);
    g_ptr_array_unref(loader->unmade);
    g_clear_pointer(&loader->unheard, complaints_free);
    source_free(loader->reasons);
    g_free(loader);
}

void settings_free(struct settings *settings) {
    if (settings == NULL)
        return;
    loader_free(settings->loader);
    snapshot_release(settings->snapshot);
    g_ptr_array_unref(settings->service.listeners);
    g_free(settings->service.log.facility);
    g_free(settings->service.log.ident);
    g_free(settings->service.user);
    g_free(settings->service.group);
    g_free(settings->service.pid_file);
    g_ptr_array_unref(settings->tests);
    g_free(settings->file);
    g_free(settings);
}

static struct loader *loader_new(struct settings *settings, const char *const *languages,
                                 struct complaints *complaints) {
    struct loader *loader = g_new0(struct loader, 1);
    loader->settings = settings;
    loader->complaints = complaints;
    loader->languages = languages;
    loader->sources = g_ptr_array_new_with_free_func(source_free_void);
    loader->texts = g_ptr_array_new_with_free_func(source_free_void);
    loader->items = g_array_new(FALSE, FALSE, sizeof(struct item));
    loader->unmade = g_ptr_array_new();
    g_mutex_init(&loader->reading);
    return loader;
}

static bool listens_to_refusals(const struct loader *loader) {
    for (guint i = 0; i < loader->items->len; i++) {
        const struct item *item = &g_array_index(loader->items, struct item, i);
        if (strcmp(section_name(&item->section), "listen") == 0 && load_needs_restating(item))
            return true;
    }
    return false;
}

static struct settings *load(const char *file, enum settings_parts parts,
                             const char *const *languages, struct complaints *complaints) {
    struct settings *settings = g_new0(struct settings, 1);
    bool letters = parts == SETTINGS_LETTERS;
    struct loader *loader = loader_new(settings, letters ? NULL : languages, complaints);
    loader->letters_wanted = parts != SETTINGS_POLICY;
    loader->letters = letters ? languages : NULL;
    settings->file = main_file(file);
    settings->snapshot = snapshot_new();
    settings->tests = g_ptr_array_new_with_free_func(test_free);
    loader->accelerated = parts == SETTINGS_POLICY;
    include_file(loader, settings->file, nowhere);
    if (parts != SETTINGS_POLICY || listens_to_refusals(loader))
        include_restating(loader);
    load_all(loader);
    complaints_sort(complaints);
    if (complaints_count(complaints, SEVERITY_ERROR) > 0)
        g_clear_pointer(&settings->snapshot, snapshot_release);
    if (loader->languages != NULL) {
        loader->complaints = loader->unheard = complaints_new();
        settings->loader = loader;
    } else {
        loader_free(loader);
    }
    return settings;
}

void settings_need_reason(struct settings *settings, const struct reason *reason) {
    struct loader *loader = settings->loader;
    g_mutex_lock(&loader->reading);
    if (reason->texts[0].place.file == NULL)
        load_texts_of(loader, reason);
    g_mutex_unlock(&loader->reading);
}

struct settings *settings_load(const char *file, enum settings_parts parts,
                               struct complaints *complaints) {
    return load(file, parts, NULL, complaints);
}

struct settings *settings_load_for_explaining(const char *file, const char *const *languages,
                                              struct complaints *complaints) {
    return load(file, SETTINGS_RESTATING, languages, complaints);
}

struct settings *settings_load_for_enriching(const char *file, const char *const *languages,
                                             struct complaints *complaints) {
    return load(file, SETTINGS_LETTERS, languages, complaints);
}
