/* SPDX-License-Identifier: ISC */
#include "milter_negotiation.h"

#include <string.h>

#include <libmilter/mfdef.h>

struct milter_stage {
    unsigned long unheard;   /* SMFIP_NO…: the MTA does not call us */
    unsigned long no_answer; /* SMFIP_NR_…: it does not wait for us */
    int macros;              /* SMFIM_…, or SMFIM_NOMACROS */
};

static const struct milter_stage milter_stages[STAGE_COUNT] = {
    [STAGE_CONNECT] = {SMFIP_NOCONNECT, SMFIP_NR_CONN, SMFIM_CONNECT},
    [STAGE_HELO] = {SMFIP_NOHELO, SMFIP_NR_HELO, SMFIM_HELO},
    [STAGE_MAIL] = {SMFIP_NOMAIL, SMFIP_NR_MAIL, SMFIM_ENVFROM},
    [STAGE_RCPT] = {SMFIP_NORCPT, SMFIP_NR_RCPT, SMFIM_ENVRCPT},
    [STAGE_DATA] = {SMFIP_NODATA, SMFIP_NR_DATA, SMFIM_DATA},
    [STAGE_HEADER] = {SMFIP_NOHDRS, SMFIP_NR_HDR, SMFIM_NOMACROS},
    [STAGE_EOH] = {SMFIP_NOEOH, SMFIP_NR_EOH, SMFIM_EOH},
    [STAGE_BODY] = {SMFIP_NOBODY, SMFIP_NR_BODY, SMFIM_NOMACROS},
    [STAGE_EOM] = {0, 0, SMFIM_EOM},
    [STAGE_UNKNOWN] = {SMFIP_NOUNKNOWN, SMFIP_NR_UNKN, SMFIM_NOMACROS},
    [STAGE_REPLY] = {0, 0, SMFIM_NOMACROS}, /* no stage of a milter */
};

unsigned long negotiated_silence(enum stage stage) {
    return milter_stages[stage].no_answer;
}

unsigned long negotiated_actions(const struct snapshot *snapshot, unsigned long offered) {
    unsigned long actions = SMFIF_SETSYMLIST;
    if (snapshot->policy->holds)
        actions |= SMFIF_QUARANTINE;
    if (snapshot->site.bounces.enrich)
        actions |= SMFIF_ADDHDRS | SMFIF_CHGBODY;
    return actions & offered;
}

/* This is done for every command, so it takes no memory. */
char *macro_symbol(const char *name, char symbol[static SYMBOL_SIZE]) {
    bool braces = strlen(name) > 1;
    symbol[0] = '{';
    gsize length = g_strlcpy(symbol + braces, name, SYMBOL_SIZE - 2);
    if (braces && length < SYMBOL_SIZE - 2)
        memcpy(symbol + 1 + length, "}", sizeof "}");
    return symbol;
}

/* What has to be known to enrich a bounce, whatever the policy asks for. */
static bool tells_of_bounce(enum stage stage) {
    return stage == STAGE_HEADER || stage == STAGE_BODY;
}

unsigned long negotiated_steps(const struct snapshot *snapshot, unsigned long offered) {
    const struct policy *policy = snapshot->policy;
    bool enrich = snapshot->site.bounces.enrich;
    unsigned long steps = SMFIP_SKIP;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        bool told = enrich && tells_of_bounce(stage);
        if (!policy->plan[stage].heard && !told)
            steps |= milter_stages[stage].unheard;
        else if (!policy->plan[stage].answered)
            steps |= milter_stages[stage].no_answer;
    }
    /* To stop a long body early, we have to answer to its chunks. */
    if (!policy->counts_size && (offered & SMFIP_SKIP) != 0)
        steps &= ~(unsigned long)SMFIP_NR_BODY;
    if (policy->refused_recipients)
        steps |= SMFIP_RCPT_REJ;
    return steps & offered;
}

/* Whether the recipient of a bounce is one of this server. */
static const char *macro_of_bounce(const struct snapshot *snapshot, enum stage stage) {
    return snapshot->site.bounces.enrich && stage == STAGE_RCPT ? " {rcpt_mailer}" : "";
}

void negotiate_macros(SMFICTX *context, const struct snapshot *snapshot) {
    const struct policy *policy = snapshot->policy;
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        const GPtrArray *names = policy->plan[stage].macros;
        g_autoptr(GString) list = g_string_new(NULL);
        if (!policy->plan[stage].heard || milter_stages[stage].macros == SMFIM_NOMACROS)
            continue;
        for (guint i = 0; i < names->len; i++) {
            char symbol[SYMBOL_SIZE];
            g_string_append(list, i > 0 ? " " : "");
            g_string_append(list, macro_symbol(names->pdata[i], symbol));
        }
        if (list->len > 0)
            g_string_append(list, macro_of_bounce(snapshot, stage));
        if (list->len > 0)
            smfi_setsymlist(context, milter_stages[stage].macros, list->str);
    }
}
