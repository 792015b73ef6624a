/* SPDX-License-Identifier: ISC */
/* The parts of `dragoman doctor` that know a mail server. */
#ifndef DRAGOMAN_DOCTOR_H
#define DRAGOMAN_DOCTOR_H

#include "checkup.h"
#include "main_cf.h"

/* Looks for dragoman in the configuration of a Postfix of this version. */
void doctor_postfix(struct checkup *checkup, const struct main_cf *cf, struct mta_version version);

/* Whether this text is a sendmail.mc or sendmail.cf, and not a main.cf. */
bool doctor_is_sendmail(const char *text);

/* Looks for dragoman in a sendmail.mc or sendmail.cf. */
void doctor_sendmail(struct checkup *checkup, const char *text, const char *file);

#endif
