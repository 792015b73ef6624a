/* SPDX-License-Identifier: ISC */
/*
 * A status is the code pair of an SMTP reply: the basic code (RFC 5321 section 4.2) and the
 * enhanced code (RFC 3463), e.g. 550 5.1.1. It is a plain value; this header also holds what is
 * known of all codes, and a linter that tells whether a status is right for a moment of the
 * session.
 *
 * The tables are the .def files next to this header. Everything returned by a find, at or name
 * function is constant, lives as long as the program and belongs to nobody.
 */
#ifndef DRAGOMAN_STATUS_H
#define DRAGOMAN_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dragoman/complaint.h"

/* The first digit of both codes. An enhanced code is never INTERMEDIATE. */
enum status_class {
    STATUS_ANY = 0, /* no class in particular */
    STATUS_SUCCESS = 2,
    STATUS_INTERMEDIATE = 3,
    STATUS_TEMPORARY = 4,
    STATUS_PERMANENT = 5
};

struct status {
    uint16_t basic;      /* 550; 0: no basic code */
    uint8_t class_digit; /* 2, 4 or 5, of the enhanced code; 0: no enhanced code */
    uint16_t subject;    /* 0-999 */
    uint16_t detail;     /* 0-999 */
};

/* Room for any status as text with its NUL. */
#define STATUS_TEXT_SIZE 24

/* Reads "550 5.1.1", "550-5.1.1", "550" or "5.1.1" from the start of `text`. Since other people's
 * replies are read as well, 100 to 999 are taken for a basic code; whether RFC 5321's grammar has
 * it is for status_basic_is_grammatical to say. Numbers of the enhanced code have one to three
 * digits and no leading zero (RFC 3463 section 2); what does not read as one ("550 5.1.1.9") is
 * left to the text. `end` gets the first character after the codes; with `end` NULL the text must
 * end there. False where there is no code, with `out` and `end` as they were. */
bool status_parse(const char *text, struct status *out, const char **end);

/* Writes "550 5.1.1", "550", "5.1.1" or "" into `buffer` and returns it. */
char *status_print(struct status status, char buffer[static STATUS_TEXT_SIZE]);

/* Whether both print the same. */
bool status_equal(struct status a, struct status b);

/* Whether the code is [2-5][0-5][0-9], the Reply-code of RFC 5321 section 4.2. */
bool status_basic_is_grammatical(unsigned basic);

/* ---- what is known of the codes ---- */

enum code_origin {
    ORIGIN_STANDARD,
    ORIGIN_REGISTRY,
    ORIGIN_VENDOR,
    ORIGIN_DRAFT,
    ORIGIN_EXPERIMENT,
    ORIGIN_FOREIGN,
    ORIGIN_CLIENT,
    ORIGIN_NONE
};

/* A row of basic_codes.def, where the columns are explained. */
struct basic_code {
    uint16_t code;
    const char *label;
    enum code_origin origin;
    bool sendable;
    const char *source;
    const char *send_instead; /* or NULL */
    const char *why_not;      /* or NULL */
};

/* NULL: nobody is known to have used the code. */
const struct basic_code *basic_code_find(unsigned code);

/* All rows by ascending code; `index` is below the count. */
size_t basic_code_count(void);
const struct basic_code *basic_code_at(size_t index);

/* Bits for the classes that an enhanced code can have. */
enum { CLASS_2 = 1 << 2, CLASS_4 = 1 << 4, CLASS_5 = 1 << 5 };

enum code_state { CODE_REGISTERED, CODE_OBSOLETE, CODE_UNREGISTERED };

/* A row of enhanced_codes.def, where the columns are explained. */
struct enhanced_code {
    uint16_t subject;
    uint16_t detail;
    const char *label;
    uint8_t classes;  /* CLASS_* bits that the defining text permits */
    uint8_t practice; /* CLASS_* bits that are seen */
    enum code_state state;
    const char *rfc;
    const char *iana_basic; /* "451 550", also "5xx" and "any", or NULL */
    uint16_t basic_2;       /* the basic code to send it with, by class; 0: none */
    uint16_t basic_4;
    uint16_t basic_5;
    const char *note; /* or NULL */
};

/* NULL: neither registered nor known to be in use. */
const struct enhanced_code *enhanced_code_find(unsigned subject, unsigned detail);

/* All rows by ascending subject and detail; `index` is below the count. */
size_t enhanced_code_count(void);
const struct enhanced_code *enhanced_code_at(size_t index);

/* The basic code to send it with in this class, 0 if there is none. */
unsigned enhanced_code_basic(const struct enhanced_code *code, enum status_class class);

/* Whether IANA's list names the basic code or its whole class. */
bool enhanced_code_iana_names(const struct enhanced_code *code, unsigned basic);

/* Whether the basic code goes with it: it is one of basic_2, basic_4, basic_5 or in IANA's list,
 * the enhanced code is as general as X.1.0, or the pair is a known one (551 5.1.6). */
bool enhanced_code_goes_with(const struct enhanced_code *code, unsigned basic);

/* ---- which reply may answer what ---- */

enum smtp_command {
#define COMMAND(id, name) COMMAND_##id,
#include "dragoman/commands.def"
#undef COMMAND
    COMMAND_COUNT,
    COMMAND_NONE = COMMAND_COUNT /* no command in particular */
};

/* "RCPT", "CONNECT", "received-data"; "none" for COMMAND_NONE. */
const char *command_name(enum smtp_command command);

/* Case does not matter. COMMAND_NONE if there is no such command. */
enum smtp_command command_from_name(const char *name);

enum reply_kind { REPLY_SUCCESS, REPLY_INTERMEDIATE, REPLY_ERROR };

enum reply_state { REPLY_ALLOWED, REPLY_OLD_RFC, REPLY_OBSOLETE_CODE, REPLY_OBSOLETE_COMMAND };

/* A row of command_replies.def, where the columns are explained. */
struct command_reply {
    enum smtp_command command;
    uint16_t code;
    enum reply_kind kind;
    enum reply_state state;
    const char *source;
};

/* NULL: no document has this reply to this command. */
const struct command_reply *command_reply_find(enum smtp_command command, unsigned code);

/* All rows by command, in the order of the enumeration, and code; `index` is below the count. */
size_t command_reply_count(void);
const struct command_reply *command_reply_at(size_t index);

/* ---- the linter ---- */

enum status_fault {
#define STATUS_FAULT(id, name, severity, format) FAULT_##id,
#include "dragoman/status_faults.def"
#undef STATUS_FAULT
    FAULT_COUNT
};

/* A row of status_faults.def, where the columns are explained. */
struct fault {
    enum status_fault fault;
    const char *id;
    enum severity severity;
    const char *format;
};

/* All rows, indexed by enum status_fault; `index` is below FAULT_COUNT. */
const struct fault *fault_at(size_t index);

struct status_finding {
    const struct fault *fault;
    char text[256]; /* "what is wrong; what to write instead" */
};

/* Looks for faults of `status` as an answer to `command`, most severe first. With COMMAND_NONE
 * nothing is asked about the command. `wanted` is the class that the verdict needs (libmilter drops
 * a reply of another one), or STATUS_ANY. A status without a basic code is judged by its enhanced
 * code alone. Writes the first `max` findings to `out` and returns how many there are, which can be
 * more; 0: the status is right. What the codes do not show (that 550 5.7.1 hides an unknown user,
 * that a public server insists on TLS) is not found. */
size_t status_check(struct status status, enum smtp_command command, enum status_class wanted,
                    struct status_finding *out, size_t max);

#endif
