/* SPDX-License-Identifier: ISC */
/* The daemon's log: syslog, or standard error. From any thread. */
#ifndef DRAGOMAN_LOG_H
#define DRAGOMAN_LOG_H

#include <glib.h>
#include <syslog.h>

#include "dragoman/settings.h"

/* Before this, lines go to standard error. `log` is copied. */
void log_open(const struct log_settings *log);

/* One line; `priority` is syslog's (LOG_INFO …). Texts from outside must have been made harmless.
 */
void log_write(int priority, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Every complaint, one line each, by its severity. */
void log_complaints(const struct complaints *complaints);

#endif
