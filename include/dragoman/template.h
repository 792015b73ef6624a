/* SPDX-License-Identifier: ISC */
/*
 * A template is a text with parameters: "There is no mailbox {recipient} here." A part in double
 * square brackets is left out where a parameter in it has no value: "too large[[ ({limit})]]".
 * It is compiled when texts are loaded, in its own letters and in ASCII.
 */
#ifndef DRAGOMAN_TEMPLATE_H
#define DRAGOMAN_TEMPLATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/complaint.h"
#include "dragoman/fact.h"
#include "dragoman/fold.h"
#include "dragoman/text.h"

struct template;

/* A parameter that a template uses. */
struct template_parameter {
    const char *name; /* interned */
    enum fact fact;   /* the fact of that name, or FACT_NONE */
    bool optional;    /* stands only inside [[ ]] */
};

/*
 * Compiles `text` (valid UTF-8). Without a `folding` (NULL) it has no ASCII form. Complaints about
 * its form (an open brace or bracket, a character without ASCII form) go to `complaints` at
 * `place`, and NULL is returned. The caller owns it.
 */
struct template *template_compile(const char *text, const struct folding *folding,
                                  struct place place, struct complaints *complaints);
void template_free(struct template *template);

/* The parameters, each once, in the order of their first use; NULL past the end. */
const struct template_parameter *template_parameter(const struct template *template, size_t index);

/* Length in characters of the longest outcome, each parameter counted as `parameter_length`. */
size_t template_length(const struct template *template, size_t parameter_length);

/* Where values come from: returns the value of a parameter, or NULL if it has none. */
typedef const char *template_value(const struct template_parameter *parameter, void *context);

/* A blank inside a parameter, at which no line may be broken. Values cannot hold it themselves:
 * they are made harmless on the way. */
#define HARD_BLANK '\x01'

/* Appends the text with its parameters, in `charset`. A parameter without a value outside [[ ]]
 * becomes "-". */
void template_render(const struct template *template, enum charset charset,
                     template_value *value_of, void *context, GString *out);

#endif
