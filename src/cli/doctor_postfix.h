/* SPDX-License-Identifier: ISC */
/* The hooks of a Postfix as `dragoman doctor` finds them. */
#ifndef DRAGOMAN_DOCTOR_POSTFIX_H
#define DRAGOMAN_DOCTOR_POSTFIX_H

#include "doctor.h"

enum hook {
#define POSTFIX_HOOK(enumerator, ...) HOOK_##enumerator,
#include "dragoman/postfix_hooks.def"
#undef POSTFIX_HOOK
    HOOK_NONE
};

enum hook_kind { KIND_MILTER, KIND_MAP, KIND_CLOSED_MAP, KIND_ACCESS, KIND_POLICY };
enum service { SERVICE_SMTPD, SERVICE_POSTSCREEN, SERVICE_CLEANUP, SERVICE_SMTP };

/* A row of postfix_hooks.def. */
struct hook_row {
    const char *name, *map;
    unsigned major, minor;
    enum hook_kind kind;
    enum service service;
    enum hook instead;
    const char *purpose;
};

extern const struct hook_row hook_rows[];

struct examination {
    struct checkup *checkup;
    const struct main_cf *cf;
    struct mta_version version;
};

/* Where Postfix is told to ask dragoman. */
struct mention {
    const struct parameter *parameter;
    struct endpoint asked;
    char *map;     /* of a socketmap; else NULL */
    GStrv options; /* "default_action=accept", from the braces */
};

enum protocol hook_protocol(const struct hook_row *row);

/* The directory of the parameter queue_directory; the caller frees it. */
char *queue_directory(const struct examination *examination);

/* The files that a path can be: below the queue directory, where the program that asks is chrooted
 * or the path is relative, and as it is written. */
GStrv paths_of(const struct examination *examination, const char *path);

/* Whether mail goes on where dragomand does not; complains if not. */
bool hook_is_safe(const struct examination *examination, enum hook hook,
                  const struct mention *mention);

#endif
