/* SPDX-License-Identifier: ISC */
#include "part_text.h"

#include <string.h>

#include "lines.h"

/* --- decoding --------------------------------------------------------------------------------- */

/* False for an encoding that nobody may use for text, or that we do not know. */
static bool transfer_encoding(const struct mime_part *part, GMimeContentEncoding *encoding) {
    struct slice value = {"7bit", strlen("7bit")};
    if (mime_fields_find(&part->fields, "Content-Transfer-Encoding", &value) > 1)
        return false;
    g_autofree char *name = slice_dup(value);
    *encoding = g_mime_content_encoding_from_string(name);
    return *encoding != GMIME_CONTENT_ENCODING_DEFAULT &&
           *encoding != GMIME_CONTENT_ENCODING_UUENCODE;
}

static GString *decode_transfer(const struct mime_part *part, GMimeContentEncoding encoding) {
    GMimeEncoding state;
    if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
        encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
        return g_string_new_len(part->body.text, (gssize)part->body.length);
    g_mime_encoding_init_decode(&state, encoding);
    GString *text = g_string_sized_new(g_mime_encoding_outlen(&state, part->body.length) + 1);
    size_t length = g_mime_encoding_step(&state, part->body.text, part->body.length, text->str);
    g_string_set_size(text, length);
    return text;
}

static bool is_ascii(const GString *text) {
    for (gsize i = 0; i < text->len; i++)
        if ((unsigned char)text->str[i] >= 0x80 || text->str[i] == 0x1b)
            return false;
    return true;
}

/* What is labelled as ASCII and is not is UTF-8, or nothing that is known. */
static const char *charset_of(GMimeContentType *type) {
    const char *charset = g_mime_content_type_get_parameter(type, "charset");
    if (charset == NULL || g_ascii_strcasecmp(charset, "us-ascii") == 0)
        return "UTF-8";
    if (strcasestr(charset, "utf-7") != NULL) /* unicode-1-1-utf-7, x-unicode-2-0-utf-7 */
        return "UTF-7";
    return g_mime_charset_iconv_name(charset);
}

static GString *convert(GString *text, GMimeContentType *type) {
    const char *charset = charset_of(type);
    gsize length = 0;
    g_autofree char *converted =
        g_convert(text->str, (gssize)text->len, "UTF-8", charset, NULL, &length, NULL);
    g_string_free(text, TRUE);
    return converted != NULL ? g_string_new_len(converted, (gssize)length) : NULL;
}

GString *part_text_decode(const struct mime_part *part, GMimeContentType *type) {
    GMimeContentEncoding encoding;
    if (!transfer_encoding(part, &encoding))
        return NULL;
    GString *text = decode_transfer(part, encoding);
    const char *charset = g_mime_content_type_get_parameter(type, "charset");
    bool labelled = charset != NULL && g_ascii_strcasecmp(charset, "utf-8") != 0;
    if (!is_ascii(text) || labelled)
        text = convert(text, type);
    if (text == NULL)
        return NULL;
    g_string_replace(text, "\r\n", "\n", 0);
    if (memchr(text->str, '\0', text->len) == NULL && g_utf8_validate(text->str, -1, NULL))
        return text;
    g_string_free(text, TRUE);
    return NULL;
}

/* --- encoding --------------------------------------------------------------------------------- */

/* What the encoder adds at the end of the text: a line end that is none of the text's. */
static void drop_end(GString *out, const char *end, bool added) {
    if (added && g_str_has_suffix(out->str, end))
        g_string_truncate(out, out->len - strlen(end));
}

static GString *encode(const char *text, GMimeContentEncoding encoding) {
    GMimeEncoding state;
    size_t length = strlen(text);
    g_mime_encoding_init_encode(&state, encoding);
    GString *out = g_string_sized_new(g_mime_encoding_outlen(&state, length) + 1);
    g_string_set_size(out, g_mime_encoding_flush(&state, text, length, out->str));
    drop_end(out, "\n", encoding == GMIME_CONTENT_ENCODING_BASE64);
    drop_end(out, "=\n", encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return out;
}

const char *part_text_encode(const char *text, const char *line_end, const char *boundary,
                             GString *out) {
    g_autoptr(GString) quoted = encode(text, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_autoptr(GString) base64 = encode(text, GMIME_CONTENT_ENCODING_BASE64);
    g_autofree char *delimiter = g_strconcat("--", boundary, NULL);
    bool clear = strstr(quoted->str, delimiter) == NULL && quoted->len <= base64->len;
    GString *chosen = clear ? quoted : base64;
    if (strcmp(line_end, "\n") != 0)
        g_string_replace(chosen, "\n", line_end, 0);
    g_string_append_len(out, chosen->str, (gssize)chosen->len);
    return clear ? "quoted-printable" : "base64";
}
