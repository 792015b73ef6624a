/* SPDX-License-Identifier: ISC */
/*
 * The policy: the rules of each stage in the order in which the operator wrote them, and what the
 * MTA has to tell us so that they can be asked.
 */
#ifndef DRAGOMAN_POLICY_H
#define DRAGOMAN_POLICY_H

#include <glib.h>
#include <stdbool.h>

#include "dragoman/complaint.h"
#include "dragoman/fact.h"
#include "dragoman/reasons.h"
#include "dragoman/rule_index.h"
#include "dragoman/table.h"
#include "dragoman/transaction.h"

/* What a rule does with what it matches. */
enum verb {
    VERB_REJECT,  /* permanent refusal */
    VERB_DEFER,   /* temporary refusal */
    VERB_ACCEPT,  /* ends the policy for this message */
    VERB_DISCARD, /* takes the message and throws it away */
    VERB_HOLD,    /* lets the message into the MTA's quarantine */
    VERB_RESTATE, /* says what somebody else's reply means (stage reply) */
    VERB_COUNT,
    VERB_NONE = VERB_COUNT
};

/* "reject", "defer" …; "none". */
const char *verb_name(enum verb verb);

/* The class of the reply that a verb gives; STATUS_ANY where it gives none. */
enum status_class verb_class(enum verb verb);

/* One option of an `if`: this fact has a value that is in this table. */
struct condition {
    enum fact fact;
    const char *key; /* interned; of a keyed fact, else NULL */
    struct place place;
    struct table *table;
};

/* An `if` or an `unless`. */
struct clause {
    bool negated;       /* an `unless`: the rule holds where not all conditions do */
    bool incomplete;    /* a condition could not be read, which has been complained about */
    GArray *conditions; /* struct condition */
};

/* A parameter that a rule sets: with = { "limit=10 MB" }. */
struct setting {
    const char *name; /* interned */
    char *value;
};

/* Whether a reply that is restated keeps the code pair that it has, or gets the one of its reason.
 */
enum restate_codes { RESTATE_CODES_KEEP, RESTATE_CODES_CORRECT, RESTATE_CODES_OF_SITE };

struct rule {
    const char *name; /* interned */
    struct place place;
    enum stage stage;
    enum verb verb;
    bool shadow;                 /* only logs what it would do */
    bool uncertain;              /* of restate: the reply does not say so, it is inferred */
    bool shipped;                /* its file is as it was shipped */
    const struct reason *reason; /* never NULL for reject and defer */
    struct status code;          /* what `code` says; basic is 0 without */
    enum restate_codes codes;    /* of restate */
    enum smtp_command answers;   /* of restate: what the reply answered; COMMAND_NONE: it varies */
    GPtrArray *clauses;          /* struct clause; all of them must hold */
    GArray *settings;            /* struct setting; NULL without any */
};

/*
 * Makes rules when they are first needed: for whoever asks a few questions and ends, and so needs
 * few of many rules.
 */
struct rule_maker {
    /* The rule at `position` of `stage`, which the policy owns then; NULL if it cannot match the
     * transaction, as far as can be told without making it, or cannot be made. Several threads may
     * call it at a time. The probe is scratch room of the caller's. Both may be NULL: the rule is
     * made in any case. */
    struct rule *(*make)(void *context, enum stage stage, guint position,
                         const struct transaction *transaction, struct probe *probe);
    void *context;
};

/* What the MTA has to tell, by stage. */
struct stage_plan {
    bool heard;        /* the MTA calls us */
    bool answered;     /* the MTA waits for what we say; else we are told only (SMFIP_NR_*) */
    GPtrArray *macros; /* bare names (interned) of the milter macros wanted with it */
};

struct policy {
    GPtrArray *rules[STAGE_COUNT]; /* struct rule, in the order of the files; NULL: not made yet */
    struct rule_maker maker;
    struct rule_index *indexes[STAGE_COUNT]; /* of the rules, once the policy is frozen */
    GArray *passes[STAGE_COUNT]; /* guint: which rules let mail pass, once it is frozen */
    GHashTable *tables;          /* by name: struct table */
    struct stage_plan plan[STAGE_COUNT];
    bool refused_recipients; /* recipients that the MTA refused are wanted as well */
    bool counts_size;        /* a rule asks for the real size, so all of the body is wanted */
    bool holds;              /* a rule puts messages into quarantine */
    bool accelerated;        /* policy_accelerate() was called */
};

struct policy *policy_new(void);
void policy_free(struct policy *policy);

/* Adds a table under its name, or frees it and returns false if there is one. */
bool policy_add_table(struct policy *policy, struct table *table);
/* The table of that name, or NULL; and the known name nearest to it. */
struct table *policy_find_table(const struct policy *policy, const char *name);
const char *policy_nearest_table(const struct policy *policy, const char *name);

/* A new rule, which belongs to whoever made it until policy_add_rule(). */
struct rule *rule_new(const char *name, struct place place);
void rule_free(struct rule *rule);

/* Adds a setting, whose value belongs to the rule then. */
void rule_add_setting(struct rule *rule, struct setting setting);

/* A new `if` (or `unless`) of a rule. */
struct clause *rule_add_clause(struct rule *rule, bool negated);

/* Calls `visit` for each condition of a rule, in the order in which they are asked. */
typedef void visit_condition(const struct condition *condition, void *context);
void rule_visit(const struct rule *rule, visit_condition *visit, void *context);

/* The earliest stage that knows all facts of the rule, settled; CONNECT for a rule without
 * conditions. STAGE_NONE if no stage knows all of them. */
enum stage rule_natural_stage(const struct rule *rule);

/* Whether the rule asks only for facts for which `facts` is true. */
bool rule_asks_only(const struct rule *rule, const bool facts[static FACT_COUNT]);

/* Whether mail passes, or is taken, where the rule decides: what comes behind it is not asked. */
bool rule_lets_pass(const struct rule *rule);

/* Appends the rule to those of its stage. */
void policy_add_rule(struct policy *policy, struct rule *rule);

/* Appends a rule to those of the stage that policy->maker makes when it is needed; its position.
 * Nothing below that goes through the rules sees it before. */
guint policy_add_unmade(struct policy *policy, enum stage stage);

/* The rule at that position, which is made if need be; NULL as of rule_maker. */
const struct rule *policy_rule(const struct policy *policy, enum stage stage, guint position,
                               const struct transaction *transaction, struct probe *probe);

/* Complains about rules that can never match because an earlier one takes all that they would. A
 * site may put its own rule in front of all that are shipped. */
void policy_check(const struct policy *policy, struct complaints *complaints);

/* Lets regular expressions be compiled to machine code, each when it is first matched, and makes
 * the rules that wait: for whoever matches many values. To be called before others read the policy.
 */
void policy_accelerate(struct policy *policy);

/* Does for all regular expressions what is put off until they are first matched, so that a daemon
 * is as fast with the first message as with the next. */
void policy_prepare(struct policy *policy);

/* Freezes all tables, makes the indexes and the plan; from here on the policy is const. */
void policy_freeze(struct policy *policy);

#endif
