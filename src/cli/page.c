/* SPDX-License-Identifier: ISC */
#include "page.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dragoman/text.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_LEAST = 40, COLUMNS_MOST = 100 };

struct page page_open(void) {
    struct page page = {COLUMNS_DEFAULT, false};
    struct winsize size;
    if (isatty(STDOUT_FILENO) == 0)
        return page;
    page.colour = getenv("NO_COLOR") == NULL;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        page.columns = CLAMP(size.ws_col, COLUMNS_LEAST, COLUMNS_MOST);
    return page;
}

static void print_emphasised(const struct page *page, const char *text) {
    printf("%s%s%s", page->colour ? "\033[1m" : "", text, page->colour ? "\033[0m" : "");
}

static GString *harmless(const char *text) {
    GString *out = g_string_new(NULL);
    text_append_harmless(out, text, CHARSET_UTF8, strlen(text) + 1);
    return out;
}

void page_heading(const struct page *page, const char *text) {
    g_autoptr(GString) shown = harmless(text);
    print_emphasised(page, shown->str);
    putchar('\n');
}

static void begin_line(size_t indent) {
    putchar('\n');
    for (size_t i = 0; i < indent; i++)
        putchar(' ');
}

void page_paragraph(const struct page *page, size_t indent, const char *label, const char *text) {
    g_autoptr(GString) shown = harmless(text);
    g_auto(GStrv) words = g_strsplit(shown->str, " ", -1);
    size_t column = indent, hanging = label != NULL ? indent + 2 : indent;
    printf("%*s", (int)indent, "");
    if (label != NULL) {
        g_autofree char *marked = g_strconcat(label, ": ", NULL);
        print_emphasised(page, marked);
        column += (size_t)g_utf8_strlen(marked, -1);
    }
    bool first = true;
    for (char **word = words; *word != NULL; word++) {
        size_t length = (size_t)g_utf8_strlen(*word, -1);
        if (length == 0)
            continue;
        if (!first && column + 1 + length > page->columns) {
            begin_line(hanging);
            column = hanging;
        } else if (!first) {
            putchar(' ');
            column++;
        }
        fputs(*word, stdout);
        column += length;
        first = false;
    }
    putchar('\n');
}

void page_blank(const struct page *page) {
    (void)page;
    putchar('\n');
}
