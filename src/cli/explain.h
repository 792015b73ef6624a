/* SPDX-License-Identifier: ISC */
/* What the parts of `dragoman explain` share. */
#ifndef DRAGOMAN_EXPLAIN_H
#define DRAGOMAN_EXPLAIN_H

#include <jansson.h>

#include "dragoman/code_book.h"
#include "dragoman/settings.h"
#include "page.h"

/* What an explanation is made from, and where it goes. */
struct explainer {
    char **languages; /* tags, NULL at the end */
    size_t language_count;
    struct code_book *book;
    struct settings *settings; /* with the restating rules; NULL where only codes are explained */
    struct page page;
    bool json;
};

/* Prints an object on one line, and drops it. */
void explain_print_json(json_t *object);

/* A text for JSON, or null. */
json_t *explain_json_text(const char *text);

/* Says on standard error that a file cannot be read, and why (an errno). From any thread. */
void explain_file_error(const char *file, const char *why);

/* --- codes (explain_code.c) --- */

/* Whether `text` is a code pair, a code, or an enhanced code with X for its class ("X.2.2"). */
bool explain_is_code(const char *text);
/* Each returns the exit status of the program. */
int explain_code(const struct explainer *explainer, const char *text);
int explain_all_codes(const struct explainer *explainer);
int explain_command(const struct explainer *explainer, const char *command);

/* --- replies (explain_reply.c) --- */

/* A reply, or the line of a log that tells of one. */
int explain_reply(const struct explainer *explainer, const char *text);

/* The same as an object; `*explained` says whether there is a reason. From any thread. */
json_t *reply_json(const struct explainer *explainer, const char *text, bool *explained);

/* --- logs (explain_log.c) --- */

/* A whole mail log; `file` is NULL or "-" for standard input. */
int explain_log(const struct explainer *explainer, const char *file);

/* --- bounces (explain_bounce.c) --- */

/* A message as an object; `*explained` says whether it tells of a delivery. From any thread. */
json_t *bounce_json(const struct explainer *explainer, const GString *message, bool *explained);

/* A message for people; its `file` (or NULL) stands above it. Whether it tells of a delivery. */
bool bounce_print(const struct explainer *explainer, const char *file, const GString *message);

/* --- files (explain_files.c) --- */

/* Files ("-": standard input) and folders, each a message or a reply. EXIT_GOOD if there was
 * something to explain in one of them. */
int explain_files(const struct explainer *explainer, char *const *files, int count);

#endif
