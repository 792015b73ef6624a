/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dragoman/text.h"
#include "loader.h"

/* The last line carries the URL whole, and must stay below the 512 octets of a reply line. */
enum { HELP_URL_OCTETS_MAX = 140, CONTACT_OCTETS_MAX = 100, REPLY_OCTETS_LEAST = 200 };

static const char *const help_url_parameters[] = {"lang", "reason", "ref", "code"};

static bool is_help_url_parameter(const char *name, size_t length) {
    for (size_t i = 0; i < G_N_ELEMENTS(help_url_parameters); i++)
        if (strlen(help_url_parameters[i]) == length &&
            strncmp(help_url_parameters[i], name, length) == 0)
            return true;
    return false;
}

static void check_printable(struct loader *loader, const struct section *section, const char *name,
                            size_t most) {
    const char *text = section_text(section, name);
    bool good = strlen(text) <= most;
    for (const char *at = text; *at != '\0'; at++)
        good = good && g_ascii_isprint(*at);
    if (!good)
        loader_error(loader, section_place(section, name),
                     "`%s` must be printable ASCII of at most %zu octets; it goes into replies",
                     name, most);
}

static void check_help_url(struct loader *loader, const struct section *section) {
    const char *url = section_text(section, "help-url");
    struct place place = section_place(section, "help-url");
    check_printable(loader, section, "help-url", HELP_URL_OCTETS_MAX);
    if (strchr(url, ' ') != NULL || strstr(url, "://") == NULL)
        loader_error(loader, place,
                     "`help-url` is \"%s\"; write one without blanks, like "
                     "https://postmaster.example.com/{lang}/{reason}?ref={ref}",
                     url);
    for (const char *brace = strchr(url, '{'); brace != NULL; brace = strchr(brace + 1, '{')) {
        size_t length = strcspn(brace + 1, "}");
        if (!is_help_url_parameter(brace + 1, length))
            loader_error(loader, place,
                         "`help-url` uses the unknown parameter {%.*s}; it can use {lang}, "
                         "{reason}, {ref} and {code}",
                         (int)length, brace + 1);
    }
}

static void load_words(struct loader *loader) {
    struct site *site = &loader->settings->snapshot->site;
    struct section url = loader_find(loader, "help-url");
    struct section contact = loader_find(loader, "contact");
    if (section_is_read(&url)) {
        check_help_url(loader, &url);
        site->help_url = g_strdup(section_text(&url, "help-url"));
    }
    if (section_is_read(&contact)) {
        check_printable(loader, &contact, "contact", CONTACT_OCTETS_MAX);
        site->contact = g_strdup(section_text(&contact, "contact"));
    }
}

static void load_limits(struct loader *loader, const struct item *item) {
    struct limits *limits = &loader->settings->snapshot->site.limits;
    read_size(loader, &item->section, "headers", 10, &limits->header_fields);
    read_size(loader, &item->section, "header-octets", 1024, &limits->header_octets);
    read_size(loader, &item->section, "recipients", 1, &limits->recipients);
    read_size(loader, &item->section, "body", 0, &limits->body_octets);
}

void load_site(struct loader *loader) {
    static const char *const fallbacks[] = {"accept", "defer", NULL};
    static const char *const codes[] = {"keep", "correct", NULL};
    struct site *site = &loader->settings->snapshot->site;
    int fallback = FALLBACK_ACCEPT, restating = (int)site->restate_codes;
    struct section utf8 = loader_find(loader, "utf8-replies");
    struct section octets = loader_find(loader, "reply-octets");
    struct section failing = loader_find(loader, "fallback");
    struct section restated = loader_find(loader, "restate-codes");
    load_words(loader);
    read_flag(loader, &utf8, "utf8-replies", &site->utf8);
    read_size(loader, &octets, "reply-octets", REPLY_OCTETS_LEAST, &site->reply_octets);
    read_choice(loader, &failing, "fallback", fallbacks, &fallback);
    read_choice(loader, &restated, "restate-codes", codes, &restating);
    site->restate_codes = (enum restate_codes)restating;
    site->fallback = (enum fallback)fallback;
    loader_each(loader, "limits", load_limits);
}
