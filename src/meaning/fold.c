/* SPDX-License-Identifier: ISC */
#include "dragoman/fold.h"

#include <glib.h>
#include <string.h>

struct folding {
    GHashTable *letters; /* gunichar → ASCII */
};

struct folding *folding_new(void) {
    struct folding *folding = g_new0(struct folding, 1);
    folding->letters = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return folding;
}

void folding_free(struct folding *folding) {
    if (folding == NULL)
        return;
    g_hash_table_unref(folding->letters);
    g_free(folding);
}

static bool is_printable_ascii_text(const char *text) {
    for (; *text != '\0'; text++)
        if (!g_ascii_isprint(*text))
            return false;
    return true;
}

bool folding_add(struct folding *folding, const char *rule) {
    if (*rule == '\0' || !g_utf8_validate(rule, -1, NULL))
        return false;
    const char *equals = g_utf8_next_char(rule);
    if (*equals != '=' || !is_printable_ascii_text(equals + 1))
        return false;
    g_hash_table_insert(folding->letters, GUINT_TO_POINTER(g_utf8_get_char(rule)),
                        g_strdup(equals + 1));
    return true;
}

/* The locale is named because in some (Turkish among them) GLib knows fewer characters. */
static char *transliterate(const char *character) {
    char *ascii = g_str_to_ascii(character, "en");
    if (strchr(ascii, '?') == NULL && is_printable_ascii_text(ascii))
        return ascii;
    g_free(ascii);
    return NULL;
}

char *fold_text(const struct folding *folding, const char *text, char *unknown) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar character = g_utf8_get_char(text);
        const char *own = g_hash_table_lookup(folding->letters, GUINT_TO_POINTER(character));
        if (own != NULL) {
            g_string_append(out, own);
        } else if (character < 0x80) {
            g_string_append_c(out, (char)character);
        } else {
            unknown[g_unichar_to_utf8(character, unknown)] = '\0';
            g_autofree char *ascii = transliterate(unknown);
            if (ascii == NULL)
                return NULL;
            g_string_append(out, ascii);
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
