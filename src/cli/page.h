/* SPDX-License-Identifier: ISC */
/* Text for people: wrapped to the terminal, in colour only on a terminal. */
#ifndef DRAGOMAN_PAGE_H
#define DRAGOMAN_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct page {
    size_t columns;
    bool colour;
};

/* Standard output: as wide as the terminal (80 columns where it is none, at most 100). */
struct page page_open(void);

/* A line of its own, emphasised. */
void page_heading(const struct page *page, const char *text);

/* A paragraph, wrapped at blanks and indented; `label` (or NULL) stands in front of it. Texts are
 * shown harmlessly: control characters become '?'. */
void page_paragraph(const struct page *page, size_t indent, const char *label, const char *text);

void page_blank(const struct page *page);

#endif
