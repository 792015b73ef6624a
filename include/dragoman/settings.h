/* SPDX-License-Identifier: ISC */
/*
 * Settings are what an operator has written, read with libconfuse: the main file, the files that
 * it includes, the catalogue of reasons, the texts of its languages and the tables. From them a
 * snapshot is built, and what the daemon needs to know of itself.
 */
#ifndef DRAGOMAN_SETTINGS_H
#define DRAGOMAN_SETTINGS_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/complaint.h"
#include "dragoman/snapshot.h"

/* What is spoken on a socket. */
enum protocol {
    PROTOCOL_MILTER,    /* to smtpd_milters, INPUT_MAIL_FILTER */
    PROTOCOL_SOCKETMAP, /* to Postfix's maps, and to Sendmail's */
    PROTOCOL_POLICY,    /* to check_policy_service */
    PROTOCOL_COUNT
};

/* "milter" … */
const char *protocol_name(enum protocol protocol);

/* A `listen`: where the MTA finds us. */
struct listener {
    struct place place;
    enum protocol protocol;
    char *socket;         /* "unix:/path", "inet:port@host" or "inet6:port@host" */
    char *group;          /* of a unix socket; NULL: the daemon's */
    unsigned mode;        /* of a unix socket */
    unsigned deadline_ms; /* an answer comes within it, of socketmap and policy */
    size_t connections;   /* so many at once, of socketmap and policy; for more the idlest go */
    char *ask; /* of policy: the socket of another service that is asked first; or NULL */
};

enum log_target { LOG_TARGET_SYSLOG, LOG_TARGET_STDERR };

struct log_settings {
    enum log_target target;
    char *facility; /* "mail" */
    char *ident;    /* "dragomand" */
};

/* What the program is, beside the policy. Changes of it need a restart. */
struct service_settings {
    GPtrArray *listeners; /* struct listener */
    struct log_settings log;
    char *user;     /* the user that the daemon runs as, where it is started by root */
    char *group;    /* NULL: the user's own */
    char *pid_file; /* NULL: none */
};

/* A `test` of the policy: facts, and what is to come of them. */
struct policy_test {
    char *name;
    struct place place;
    GArray *facts; /* struct test_fact */
    char *reply;   /* for rules of stage reply: a whole reply, with its codes; or NULL */
    char *expect;  /* "550 5.7.25", "accept", "discard", "hold", or the id of a reason */
    struct place expected_at;
};

struct test_fact {
    enum fact fact;
    const char *key; /* interned; of a keyed fact */
    char *value;
};

struct loader;

struct settings {
    struct snapshot *snapshot; /* NULL if there was an error */
    struct service_settings service;
    GPtrArray *tests;      /* struct policy_test */
    char *file;            /* the main file */
    struct loader *loader; /* of settings for explaining, which reads on; else NULL */
};

/* What is read beside the policy, for those who need it. */
enum settings_parts {
    SETTINGS_POLICY,    /* and the shipped rules that restate other servers' replies, where a
                           `listen` or `bounces` of the configuration needs them */
    SETTINGS_RESTATING, /* and these rules in any case */
    SETTINGS_LETTERS    /* and the letters of bounces: see settings_load_for_enriching() */
};

/*
 * Reads `file` (NULL: the installed file if there is one, else the default that is compiled in) and
 * everything it names. All complaints go to `complaints`; settings are returned all the same, but
 * without a snapshot if one of them is an error. The caller frees them.
 */
struct settings *settings_load(const char *file, enum settings_parts parts,
                               struct complaints *complaints);

/* The same for whoever only explains (compose_report()) what others refuse: the restating rules,
 * with what reasons say of that in these languages (tags, NULL at the end). */
struct settings *settings_load_for_explaining(const char *file, const char *const *languages,
                                              struct complaints *complaints);

/* The same for whoever enriches bounces, whatever the site does with them: the restating rules and
 * the letters in these languages (tags, NULL at the end; NULL: as the site says). */
struct settings *settings_load_for_enriching(const char *file, const char *const *languages,
                                             struct complaints *complaints);

/* Such settings read what a reason says when it is needed: to be called before it is used. From any
 * thread. */
void settings_need_reason(struct settings *settings, const struct reason *reason);

void settings_free(struct settings *settings);

/* The path of the installed main file, for messages. */
extern const char *const settings_default_file;

#endif
