/* SPDX-License-Identifier: ISC */
/*
 * Postfix's policy delegation protocol (SMTPD_POLICY_README): a request is lines "name=value" and
 * an empty line, an answer is "action=WORD text" and an empty line. A connection carries one
 * request after another.
 */
#ifndef DRAGOMAN_POLICY_SERVICE_H
#define DRAGOMAN_POLICY_SERVICE_H

#include "dragoman/evaluate.h"
#include "dragoman/socketmap.h"

/* A longer request, or one of more lines, is broken; Postfix 3.11 sends some 30 lines. */
enum { POLICY_OCTETS_MAX = 65536, POLICY_LINES_MAX = 200 };

/* Finds the end of the request (or of the answer of another service) that begins at `octets`;
 * `*whole` gets its length with the empty line. */
enum framing policy_read(const char *octets, size_t length, size_t *whole);

/* Where Postfix asks (protocol_state), as a stage: VRFY and ETRN are commands of their own, asked
 * like RCPT and like MAIL. STAGE_NONE where the request names none that is known. */
struct policy_request {
    enum stage stage;
    enum smtp_command command; /* that the answer is a reply to */
    struct known_facts known;
};

/* What a request tells: of the sender and of the recipient only where they are told, and of several
 * recipients none is. */
void policy_known_facts(bool sender, bool recipient, struct known_facts *known);

/* Reads the attributes of a request and teaches them to a new transaction. False where it is no
 * request of smtpd's access policy. */
bool policy_learn(const char *octets, size_t length, struct policy_request *request,
                  struct transaction *transaction);

/* An answer: access(5)'s action word and what stands behind it, within the text it was read from.
 */
struct policy_answer {
    struct slice word; /* "DUNNO", "REJECT", "550" … */
    struct slice text;
};

/* Reads "action=…"; false where there is none. */
bool policy_answer_read(const char *octets, size_t length, struct policy_answer *answer);

/* Whether the action refuses: a code of class 4 or 5, REJECT, DEFER, DEFER_IF_PERMIT or
 * DEFER_IF_REJECT. Then `*status` is the pair of the refusal as the client would read it. */
bool policy_answer_refuses(const struct policy_answer *answer, struct status *status);

#endif
