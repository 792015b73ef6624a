/* SPDX-License-Identifier: ISC */
#include "soundness.h"

#include <glib.h>
#include <string.h>

enum { LINE_OCTETS_MAX = 512, LINES_MAX = 32 };

/* Printable ASCII, or an octet of UTF-8. */
static bool is_printable(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

bool line_is_sound(const char *text) {
    return *text != '\0' && is_printable(text, strlen(text)) && g_utf8_validate(text, -1, NULL);
}

static bool is_reply_line(const char *line, struct status status, bool last) {
    struct status stated;
    const char *end;
    if (strlen(line) + strlen("\r\n") > LINE_OCTETS_MAX || !line_is_sound(line))
        return false;
    if (!status_parse(line, &stated, &end) || !status_equal(stated, status))
        return false;
    return line[3] == (last ? ' ' : '-') && (status.class_digit == 0 || *end == ' ');
}

bool reply_is_sound(const char *text, enum status_class status_class) {
    struct status status;
    const char *end;
    if (!status_parse(text, &status, &end) || status.basic / 100 != (unsigned)status_class ||
        (status.class_digit != 0 && status.class_digit != (unsigned)status_class))
        return false;
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", LINES_MAX + 1);
    guint count = g_strv_length(lines);
    for (guint i = 0; i < count; i++)
        if (!is_reply_line(lines[i], status, i + 1 == count))
            return false;
    return count <= LINES_MAX;
}

bool template_is_sound(const char *text) {
    for (const char *dollar = strchr(text, '$'); dollar != NULL; dollar = strchr(dollar + 2, '$'))
        if (dollar[1] != '$')
            return false;
    return line_is_sound(text);
}
