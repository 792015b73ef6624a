/* SPDX-License-Identifier: ISC */
#include "dragoman/compose.h"

#include <string.h>

const struct shape shape_milter = {.lines_max = 32, .line_octets_max = 512, .columns = 78};
const struct shape shape_policy = {
    .lines_max = 1, .line_octets_max = 400, .columns = 400, .brief = true};
const struct shape shape_sendmail = {
    .lines_max = 1, .line_octets_max = 240, .columns = 240, .brief = true};
const struct shape shape_bounce = {.lines_max = 32, .line_octets_max = 512, .columns = 480};

/* What is quoted of somebody else's words. */
enum { VERBATIM_OCTETS_MAX = 512 };

/* Octets in front of the text of each line: "550-5.7.25 ". */
static size_t prefix_octets(struct status status) {
    char text[STATUS_TEXT_SIZE];
    return strlen(status_print(status, text)) + strlen(" ");
}

static const size_t crlf_octets = 2;

void reply_free(struct reply *reply) {
    if (reply == NULL)
        return;
    g_ptr_array_unref(reply->lines);
    g_free(reply);
}

char *reply_print(const struct reply *reply) {
    g_autoptr(GString) out = g_string_new(NULL);
    char code[STATUS_TEXT_SIZE];
    status_print(reply->status, code);
    for (guint i = 0; i < reply->lines->len; i++) {
        bool last = i + 1 == reply->lines->len;
        g_string_append_printf(out, "%.3s%c%s%s%s\r\n", code, last ? ' ' : '-',
                               strlen(code) > 4 ? code + 4 : "", strlen(code) > 4 ? " " : "",
                               (const char *)reply->lines->pdata[i]);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *reply_print_first(const struct reply *reply) {
    char code[STATUS_TEXT_SIZE];
    return g_strdup_printf("%s %s", status_print(reply->status, code),
                           (const char *)reply->lines->pdata[0]);
}

/* --- parameters ------------------------------------------------------------------------------- */

struct composition {
    const struct snapshot *snapshot;
    const struct subject *subject;
    const struct shape *shape;
    enum charset charset;
    char size[32]; /* the size that is being written */
};

static const char *setting_value(const struct subject *subject, const char *name) {
    for (guint i = 0; subject->settings != NULL && i < subject->settings->len; i++) {
        const struct setting *setting = &g_array_index(subject->settings, struct setting, i);
        if (setting->name == name)
            return setting->value;
    }
    return NULL;
}

/* Of several recipients none is the one that is meant; a sender without address is the null one. */
static const char *fact_text(const struct subject *subject, enum fact fact) {
    struct fact_values values = transaction_values(subject->transaction, fact, NULL);
    if (values.count != 1 || fact == FACT_HEADER_NAME) /* any field, not the one that is meant */
        return NULL;
    if (*values.texts[0] != '\0')
        return values.texts[0];
    return fact == FACT_SENDER ? "<>" : NULL;
}

/* "31 MB": a size as a person would say it. */
static const char *size_text(struct composition *composition, const char *octets) {
    guint64 size;
    if (octets == NULL || !text_parse_size(octets, &size))
        return NULL;
    g_autofree char *formatted = g_format_size(size);
    g_autoptr(GString) text = g_string_new(formatted);
    g_string_replace(text, "\xc2\xa0", " ", 0); /* a no-break space */
    g_strlcpy(composition->size, text->str, sizeof composition->size);
    return composition->size;
}

static const char *fact_value(struct composition *composition, enum fact fact) {
    const char *text = fact_text(composition->subject, fact);
    return fact_row(fact)->kind == KIND_SIZE ? size_text(composition, text) : text;
}

/* The domain of an address that an expression has read. */
static const char *captured_domain(const struct captures *captures, enum fact fact) {
    static const char *const addresses[FACT_COUNT] = {
        [FACT_RECIPIENT_DOMAIN] = "recipient", [FACT_SENDER_DOMAIN] = "sender"};
    const char *address = addresses[fact] != NULL ? captures_find(captures, addresses[fact]) : NULL;
    const char *at = address != NULL ? strrchr(address, '@') : NULL;
    return at != NULL && at[1] != '\0' ? at + 1 : NULL;
}

/* The rule's own word comes first, then what it has read, then what is known, then the site's. */
static const char *parameter_value(const struct template_parameter *parameter, void *context) {
    struct composition *composition = context;
    const struct subject *subject = composition->subject;
    const char *value = setting_value(subject, parameter->name);
    if (value == NULL && subject->captures != NULL)
        value = captures_find(subject->captures, parameter->name);
    if (value == NULL && parameter->fact != FACT_NONE)
        value = fact_value(composition, parameter->fact);
    if (value == NULL && parameter->fact != FACT_NONE && subject->captures != NULL)
        value = captured_domain(subject->captures, parameter->fact);
    if (value == NULL && !subject->reported && strcmp(parameter->name, "contact") == 0)
        value = composition->snapshot->site.contact;
    return value;
}

static void render(struct composition *composition, const struct template *template, GString *out) {
    template_render(template, composition->charset, parameter_value, composition, out);
}

/* --- the last line ---------------------------------------------------------------------------- */

static void append_help_url(const struct composition *composition, GString *out) {
    char code[STATUS_TEXT_SIZE];
    g_autoptr(GString) url = g_string_new(composition->snapshot->site.help_url);
    const struct subject *subject = composition->subject;
    status_print(subject->status, code);
    g_string_replace(url, "{lang}", catalogue_language(composition->snapshot->catalogue, 0)->tag,
                     0);
    g_string_replace(url, "{reason}", subject->reason->id, 0);
    g_string_replace(url, "{ref}", subject->ref, 0);
    g_string_replace(url, "{code}", strlen(code) > 4 ? code + 4 : code, 0);
    g_string_append_printf(out, " - %s", url->str);
}

/* Where help is found; a URL that wants a ref is of no use without one. */
static void append_help(const struct composition *composition, GString *out) {
    const struct site *site = &composition->snapshot->site;
    bool lacks_ref = *composition->subject->ref == '\0';
    if (site->help_url != NULL && !(lacks_ref && strstr(site->help_url, "{ref}") != NULL))
        append_help_url(composition, out);
    else if (site->contact != NULL)
        g_string_append_printf(out, " - %s", site->contact);
}

static size_t octets_of_line(const struct composition *composition) {
    return composition->shape->line_octets_max - prefix_octets(composition->subject->status) -
           crlf_octets;
}

static char *last_line(struct composition *composition) {
    g_autoptr(GString) out = g_string_new(NULL);
    size_t languages = catalogue_language_count(composition->snapshot->catalogue);
    for (size_t i = 0; i < languages; i++) {
        if (i > 0)
            g_string_append(out, " / ");
        render(composition, composition->subject->reason->texts[i].brief, out);
    }
    if (composition->subject->reported)
        return g_string_free(g_steal_pointer(&out), FALSE);
    gsize briefs_end = out->len;
    g_autofree char *ref = *composition->subject->ref != '\0'
                               ? g_strdup_printf(" [ref %s]", composition->subject->ref)
                               : g_strdup("");
    append_help(composition, out);
    if (out->len + strlen(ref) > octets_of_line(composition))
        g_string_truncate(out, briefs_end);
    g_string_append(out, ref);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void soften_blanks(char *text) {
    for (; *text != '\0'; text++)
        if (*text == HARD_BLANK)
            *text = ' ';
}

/* Where the line that begins at `text` ends: at the last blank within `columns`, or where there is
 * none at the first one behind. */
static const char *line_end(const char *text, size_t columns) {
    size_t length = strlen(text);
    if (length <= columns)
        return text + length;
    const char *blank = memrchr(text, ' ', columns + 1);
    if (blank == NULL)
        blank = strchr(text, ' ');
    return blank != NULL ? blank : text + length;
}

/* No line is longer than the protocol allows, whatever a parameter holds; UTF-8 stays whole. */
static char *line_copy(const char *text, size_t length, size_t most) {
    if (length > most) {
        const char *cut = text + most;
        while (cut > text && (*cut & 0xc0) == 0x80)
            cut--;
        length = (size_t)(cut - text);
    }
    char *line = g_strndup(text, length);
    soften_blanks(line);
    return line;
}

static void wrap(const struct composition *composition, const char *text, GPtrArray *lines) {
    size_t prefix = prefix_octets(composition->subject->status);
    size_t columns = composition->shape->columns - prefix;
    size_t most = octets_of_line(composition);
    text += strspn(text, " "); /* of an optional part that was left out */
    while (*text != '\0') {
        const char *end = line_end(text, columns);
        g_ptr_array_add(lines, line_copy(text, (size_t)(end - text), most));
        text = end + strspn(end, " ");
    }
}

/* A sentence may be left out; the higher its rank, the earlier. */
struct sentence {
    char *text;
    size_t rank; /* 0: stays */
};

static void sentence_clear(void *sentence) {
    g_free(((struct sentence *)sentence)->text);
}

static void add_sentence(struct composition *composition, GArray *sentences,
                         const struct template *template, size_t rank) {
    g_autoptr(GString) text = g_string_new(NULL);
    render(composition, template, text);
    struct sentence sentence = {g_string_free(g_steal_pointer(&text), FALSE), rank};
    g_array_append_val(sentences, sentence);
}

static const struct template *says_template(const struct composition *composition,
                                            const struct reason_text *text) {
    if (composition->subject->reported && text->reported != NULL)
        return text->reported;
    bool internal =
        text->internal != NULL && transaction_is_authenticated(composition->subject->transaction);
    return internal ? text->internal : text->says;
}

/* The words of whoever refused first; what they name must not be lost, so they stay. In UTF-8 they
 * are what the client would have read without us: an address as it was given. */
static void add_verbatim(const struct composition *composition, GArray *sentences) {
    g_autoptr(GString) text = g_string_new("\"");
    text_append_harmless(text, composition->subject->verbatim, CHARSET_UTF8, VERBATIM_OCTETS_MAX);
    g_string_append_c(text, '"');
    struct sentence sentence = {g_string_free(g_steal_pointer(&text), FALSE), 0};
    g_array_append_val(sentences, sentence);
}

/* What is said of each language: remedies are left out before what happened, and the later
 * language before the earlier. */
static GArray *sentences_of(struct composition *composition) {
    GArray *sentences = g_array_new(FALSE, FALSE, sizeof(struct sentence));
    g_array_set_clear_func(sentences, sentence_clear);
    if (composition->shape->brief)
        return sentences;
    size_t languages = catalogue_language_count(composition->snapshot->catalogue);
    for (size_t i = 0; i < languages; i++) {
        const struct reason_text *text = &composition->subject->reason->texts[i];
        add_sentence(composition, sentences, says_template(composition, text), i);
        add_sentence(composition, sentences, text->remedy, languages + i);
    }
    if (composition->subject->verbatim != NULL)
        add_verbatim(composition, sentences);
    return sentences;
}

static GPtrArray *lines_of(const struct composition *composition, const GArray *sentences,
                           size_t rank_max, const char *last) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < sentences->len; i++) {
        const struct sentence *sentence = &g_array_index(sentences, struct sentence, i);
        if (sentence->rank <= rank_max)
            wrap(composition, sentence->text, lines);
    }
    g_ptr_array_add(lines, line_copy(last, strlen(last), octets_of_line(composition)));
    return lines;
}

static bool lines_fit(const struct composition *composition, const GPtrArray *lines) {
    size_t prefix = prefix_octets(composition->subject->status);
    size_t octets = composition->subject->octets_before;
    for (guint i = 0; i < lines->len; i++)
        octets += prefix + strlen(lines->pdata[i]) + crlf_octets;
    return lines->len <= composition->shape->lines_max &&
           octets <= composition->snapshot->site.reply_octets;
}

struct reply *compose(const struct snapshot *snapshot, const struct subject *subject,
                      const struct shape *shape) {
    bool utf8 = snapshot->site.utf8 && transaction_is_smtputf8(subject->transaction);
    struct composition composition = {
        .snapshot = snapshot,
        .subject = subject,
        .shape = shape,
        .charset = utf8 ? CHARSET_UTF8 : CHARSET_ASCII,
    };
    g_autoptr(GArray) sentences = sentences_of(&composition);
    g_autofree char *last = last_line(&composition);
    struct reply *reply = g_new0(struct reply, 1);
    reply->status = subject->status;
    for (size_t rank = sentences->len; reply->lines == NULL; rank--) {
        GPtrArray *lines = lines_of(&composition, sentences, rank, last);
        if (rank == 0 || lines_fit(&composition, lines))
            reply->lines = lines;
        else
            g_ptr_array_unref(lines);
    }
    return reply;
}

char *compose_report(const struct snapshot *snapshot, const struct subject *subject,
                     size_t language, bool remedy) {
    struct composition composition = {
        .snapshot = snapshot, .subject = subject, .charset = CHARSET_UTF8};
    const struct reason_text *text = &subject->reason->texts[language];
    g_autoptr(GString) out = g_string_new(NULL);
    render(&composition, text->reported != NULL ? text->reported : text->says, out);
    if (remedy) {
        g_string_append_c(out, ' ');
        render(&composition, text->remedy, out);
    }
    soften_blanks(out->str);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
