/* SPDX-License-Identifier: ISC */
#ifndef DRAGOMAN_BOUNCE_HTML_H
#define DRAGOMAN_BOUNCE_HTML_H

#include <glib.h>

/* What a reader sees of an HTML text: tags are left out, those that break a line do so, and the
 * common character references are resolved. */
GString *html_to_text(const char *html, size_t length);

#endif
