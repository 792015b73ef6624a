/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dragoman/text.h"
#include "loader.h"

bool read_flag(struct loader *loader, const struct section *section, const char *name,
               bool *value) {
    static const char *const choices[] = {"no", "yes", NULL};
    int choice = *value;
    bool good = read_choice(loader, section, name, choices, &choice);
    *value = choice == 1;
    return good;
}

bool read_size(struct loader *loader, const struct section *section, const char *name, size_t least,
               size_t *value) {
    const char *text = section_text(section, name);
    guint64 number;
    if (text == NULL)
        return true;
    if (text_parse_size(text, &number) && number >= least && number <= G_MAXINT) {
        *value = (size_t)number;
        return true;
    }
    loader_error(loader, section_place(section, name),
                 "`%s` is \"%s\"; write a number of at least %zu, like 1000 or 64 kB", name, text,
                 least);
    return false;
}

static const char *choice_name(const void *known, size_t index) {
    return ((const char *const *)known)[index];
}

bool read_choice(struct loader *loader, const struct section *section, const char *name,
                 const char *const *choices, int *value) {
    const char *text = section_text(section, name);
    if (text == NULL)
        return true;
    size_t count = 0;
    for (; choices[count] != NULL; count++)
        if (strcmp(choices[count], text) == 0) {
            *value = (int)count;
            return true;
        }
    g_autofree char *all = g_strjoinv(", ", (char **)choices);
    g_autofree char *hint = text_did_you_mean(text_nearest(text, choices, count, choice_name));
    loader_error(loader, section_place(section, name), "`%s` is \"%s\"; write one of %s%s", name,
                 text, all, hint);
    return false;
}
