/* SPDX-License-Identifier: ISC */
/*
 * A small site, built by hand and without any settings: English and Turkish, a few reasons, and
 * rules as short lines of text.
 */
#ifndef DRAGOMAN_TESTS_SAMPLE_H
#define DRAGOMAN_TESTS_SAMPLE_H

#include "dragoman/snapshot.h"

/* A snapshot that speaks these languages ("en", "tr"), a NULL-terminated list, without reasons. */
struct snapshot *sample_site(const char *const *tags);

/* The texts of a reason in one language: short, says, remedy, internal (may be NULL). */
struct sample_text {
    const char *brief, *says, *remedy, *internal;
};

/* Adds a reason; rows of pairs are separated by ";", parameters by ",", and there is one text for
 * each language. */
struct reason *sample_reason(struct snapshot *snapshot, const char *id, const char *permanent,
                             const char *temporary, const char *parameters,
                             const struct sample_text *texts);

/* English and Turkish with the reasons mailbox-unknown (RCPT and EOM), site-policy (everywhere),
 * too-big (MAIL and EOM, with {limit}) and internal-error, which is the fallback reason. */
struct snapshot *sample_snapshot(void);

/*
 * Adds rules to the policy, one for each line of `text`:
 *
 *   "rcpt reject site-policy if client-name=unknown,*.example if helo=x unless
 * client-ip=10.0.0.0/8"
 *
 * The stage may be "natural"; "shadow" may stand behind the verb, "and" joins conditions to the
 * clause before. Values are separated by commas, "!" excludes, "@name" is a table; a blank in a
 * value is written "_". Names of the rules are "1", "2" …
 */
void sample_rules(struct snapshot *snapshot, const char *text);

/* The snapshot with these rules, frozen. */
struct snapshot *sample_with_rules(const char *text);

#endif
