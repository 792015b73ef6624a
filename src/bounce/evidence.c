/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <string.h>

#include "dragoman/text.h"
#include "lines.h"
#include "mailbox.h"

enum { HEADER_OCTETS_MAX = 16 * 1024, SHOWN_OCTETS_MAX = 100 };

struct search {
    const struct letter_book *book;
    GPtrArray *trace;
    size_t found; /* letter_book_count() while nothing is */
};

/* Notes what was looked at; the first that tells something decides. */
static void note(struct search *search, const char *where, struct slice value, size_t language) {
    g_autofree char *text = slice_dup(value);
    g_autoptr(GString) line = g_string_new(where);
    bool known = language < letter_book_count(search->book);
    g_string_append(line, ": ");
    text_append_harmless(line, text, CHARSET_UTF8, line->len + SHOWN_OCTETS_MAX);
    g_string_append_printf(line, ": %s",
                           known ? letter_book_at(search->book, language)->tag
                                 : "no language of the letters");
    g_ptr_array_add(search->trace, g_string_free(g_steal_pointer(&line), FALSE));
    if (known && search->found == letter_book_count(search->book))
        search->found = language;
}

/* --- the returned message --------------------------------------------------------------------- */

static bool is_returned(const struct mime_part *part) {
    static const char *const types[][2] = {{"message", "rfc822"},
                                           {"message", "global"},
                                           {"text", "rfc822-headers"},
                                           {"message", "global-headers"}};
    g_autoptr(GMimeContentType) type = mime_part_type(part);
    for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
        if (g_mime_content_type_is_type(type, types[i][0], types[i][1]))
            return true;
    return false;
}

/* Its header, as far as it is read. */
static struct mime_fields returned_fields(const struct mime_frame *frame) {
    for (guint i = 1; i < frame->parts->len; i++) {
        const struct mime_part *part = mime_frame_part(frame, i);
        if (!is_returned(part))
            continue;
        struct slice text = {part->body.text, MIN(part->body.length, HEADER_OCTETS_MAX)};
        return mime_fields_read(text);
    }
    return (struct mime_fields){{"", 0}, false};
}

/* "tr-TR,tr;q=0.9,en;q=0.8": the first that there are letters in; mail programs sort by quality. */
static size_t language_of_list(const struct letter_book *book, struct slice value) {
    g_autofree char *text = slice_dup(value);
    g_auto(GStrv) tags = g_strsplit_set(text, ",", 32);
    for (char **tag = tags; *tag != NULL; tag++) {
        (*tag)[strcspn(*tag, ";")] = '\0';
        size_t language = letter_book_find(book, g_strstrip(*tag));
        if (language < letter_book_count(book))
            return language;
    }
    return letter_book_count(book);
}

static bool is_listed(const GPtrArray *names, struct slice name) {
    for (guint i = 0; i < names->len; i++)
        if (slice_equals(name, names->pdata[i]))
            return true;
    return false;
}

static size_t language_of_charset(const struct letter_book *book, struct slice charset) {
    size_t i = 0;
    while (i < letter_book_count(book) && !is_listed(letter_book_at(book, i)->charsets, charset))
        i++;
    return i;
}

static void look_at_list(struct search *search, const struct mime_fields *fields,
                         const char *name) {
    struct slice value;
    if (mime_fields_find(fields, name, &value) > 0)
        note(search, name, value, language_of_list(search->book, value));
}

/* The first name behind a mark: `charset=` of a Content-Type, `=?` of an encoded word. */
static void look_at_charset(struct search *search, const struct mime_fields *fields,
                            const char *mark) {
    const char *at = slice_find(fields->octets, mark);
    if (at == NULL)
        return;
    struct slice rest = slice_from(fields->octets, at + strlen(mark));
    size_t length = 0;
    if (rest.length > 0 && *rest.text == '"')
        rest = slice_from(rest, rest.text + 1);
    while (length < rest.length &&
           (g_ascii_isalnum(rest.text[length]) || strchr("-_:", rest.text[length]) != NULL))
        length++;
    struct slice charset = {rest.text, length};
    if (length > 0)
        note(search, "charset", charset, language_of_charset(search->book, charset));
}

/* --- to whom the bounce goes ------------------------------------------------------------------ */

static size_t language_of_domain(const struct letter_book *book, struct slice domain) {
    size_t i = 0;
    const char *dot = memrchr(domain.text, '.', domain.length);
    struct slice top = dot != NULL ? slice_from(domain, dot + 1) : domain;
    while (i < letter_book_count(book) && !is_listed(letter_book_at(book, i)->domains, top))
        i++;
    return i;
}

static void look_at_domain(struct search *search, const struct mime_frame *frame) {
    struct slice to;
    if (mime_fields_find(&frame->fields, "To", &to) != 1)
        return;
    struct slice domain = mailbox_domain(mailbox_find(to));
    if (domain.length > 0)
        note(search, "sender's domain", domain, language_of_domain(search->book, domain));
}

size_t evidence_language(const struct letter_book *book, const struct mime_frame *frame,
                         GPtrArray *trace) {
    struct search search = {book, trace, letter_book_count(book)};
    struct mime_fields fields = returned_fields(frame);
    look_at_list(&search, &fields, "Accept-Language");
    look_at_list(&search, &fields, "Content-Language");
    look_at_charset(&search, &fields, "charset=");
    look_at_charset(&search, &fields, "=?");
    look_at_domain(&search, frame);
    return search.found;
}
