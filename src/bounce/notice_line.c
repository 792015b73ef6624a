/* SPDX-License-Identifier: ISC */
#include "notice_line.h"

#include <string.h>

#include "phrases.h"

enum { BARE_NAME_OCTETS_MAX = 64, MARKS_OF_HEADING = 3, MARKS_WITHOUT_END = 4 };

bool line_may_have_codes(struct slice line) {
    for (size_t i = 0; i + 2 < line.length; i++) {
        const char *at = line.text + i;
        if ((*at == '4' || *at == '5') &&
            (at[1] == '.' || (g_ascii_isdigit(at[1]) && g_ascii_isdigit(at[2]))))
            return true;
    }
    return false;
}

bool line_is_rule(struct slice line) {
    size_t dashes = 0;
    while (dashes < line.length && strchr("-=_*", line.text[dashes]) != NULL)
        dashes++;
    if (dashes == line.length)
        return dashes >= 2;
    return dashes >= 2 && (line.text[0] == '-' || line.text[0] == '=') &&
           memchr(line.text, ' ', line.length) == NULL;
}

static bool is_mark(char c) {
    return c != '\0' && strchr("-=_*#", c) != NULL;
}

bool line_is_heading(struct slice line) {
    static const char *const titles[] = {"technical details", "error detail",
                                         "additional information", "diagnostic information"};
    size_t before = 0, behind = 0;
    while (before < line.length && is_mark(line.text[before]))
        before++;
    while (behind < line.length && is_mark(line.text[line.length - 1 - behind]))
        behind++;
    bool dashes = line.length > before && line.text[0] == '-' && line.text[before] == ' ';
    if (before >= MARKS_WITHOUT_END || (before >= MARKS_OF_HEADING && dashes) ||
        (before >= MARKS_OF_HEADING && behind >= MARKS_OF_HEADING))
        return !line_may_have_codes(line);
    if (line.length == 0 || line.text[line.length - 1] != ':')
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        if (slice_starts(line, titles[i]))
            return true;
    return slice_find(line, "following reason") != NULL;
}

bool line_describes_original(struct slice line) {
    static const char *const fields[] = {"Subject:",
                                         "To:",
                                         "Cc:",
                                         "Sent:",
                                         "Date:",
                                         "The subject of the message",
                                         "The date of the message",
                                         "The message identifier"};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (slice_starts(line, fields[i]))
            return true;
    return false;
}

bool line_announces_list(struct slice line, unsigned phrases) {
    static const char *const words[] = {"following", "address", "recipient"};
    if (line.length < 4 || (phrases & (PHRASE_FAILURE | PHRASE_DELAY)) == 0)
        return false;
    if (memcmp(line.text + line.length - 3, " to", 3) == 0)
        return true;
    if (line.text[line.length - 1] == ':')
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
            if (slice_find(line, words[i]) != NULL)
                return true;
    return false;
}

bool line_is_time(struct slice line) {
    for (size_t i = 0; i < line.length; i++)
        if (!g_ascii_isdigit(line.text[i]) && strchr(":+- ", line.text[i]) == NULL)
            return false;
    return line.length >= 8 && line.text[2] == ':' && line.text[5] == ':';
}

bool line_is_bare_name(struct slice line) {
    size_t length = 0;
    if (memchr(line.text, '@', line.length) != NULL)
        return false;
    if (slice_starts(line, "c=") && memchr(line.text, ';', line.length) != NULL)
        return true;
    while (length < line.length &&
           (g_ascii_isalnum(line.text[length]) || strchr("._+-", line.text[length]) != NULL))
        length++;
    struct slice rest = slice_from(line, line.text + length);
    return length > 0 && length <= BARE_NAME_OCTETS_MAX &&
           (rest.length == 0 || slice_starts(rest, "  ") || rest.text[0] == '\t' ||
            slice_starts(rest, " \"") || slice_starts(rest, " ("));
}

bool line_is_quoted(struct slice line) {
    return line.length > 0 && line.text[0] == '>' && line.text[line.length > 1] != '>';
}

struct slice line_without_dashes(struct slice line) {
    return slice_starts(line, "-- ") ? slice_trim(slice_from(line, line.text + 3)) : line;
}
