/* SPDX-License-Identifier: ISC */
#include "dragoman/session.h"

#include <string.h>

struct session {
    struct snapshot *snapshot;
    struct transaction *transaction;
    const struct observer *observer;
    struct verdict standing; /* about the connection: decided at connect or helo */
    struct verdict pending;  /* about the message under way */
    struct verdict spoken;   /* the last one that was answered at once */
    struct verdict hold;     /* the message shall go into quarantine; those of the connection if
                                it was decided at connect or helo */
    struct reply *reply;
    char fixed_ref[REF_SIZE];
};

struct session *session_new(struct snapshot *snapshot, const struct observer *observer) {
    struct session *session = g_new0(struct session, 1);
    session->snapshot = snapshot_hold(snapshot);
    session->transaction = transaction_new(&snapshot->site.limits);
    session->observer = observer;
    session->standing = session->pending = session->spoken = session->hold = verdict_none;
    return session;
}

void session_free(struct session *session) {
    if (session == NULL)
        return;
    session_end_message(session);
    verdict_clear(&session->standing);
    verdict_clear(&session->hold);
    transaction_free(session->transaction);
    snapshot_release(session->snapshot);
    g_free(session);
}

struct transaction *session_transaction(struct session *session) {
    return session->transaction;
}

const struct snapshot *session_snapshot(const struct session *session) {
    return session->snapshot;
}

void session_set_ref(struct session *session, const char *ref) {
    g_strlcpy(session->fixed_ref, ref, sizeof session->fixed_ref);
}

static bool is_about_connection(enum stage stage) {
    return stage == STAGE_CONNECT || stage == STAGE_HELO;
}

static bool holds_connection(const struct session *session) {
    return session->hold.verb == VERB_HOLD && is_about_connection(session->hold.stage);
}

/* What was decided for the message under way. */
static void forget_decisions(struct session *session) {
    verdict_clear(&session->pending);
    if (!holds_connection(session))
        verdict_clear(&session->hold);
}

void session_end_message(struct session *session) {
    forget_decisions(session);
    verdict_clear(&session->spoken);
    g_clear_pointer(&session->reply, reply_free);
    transaction_forget_message(session->transaction);
}

/* --- deciding --------------------------------------------------------------------------------- */

/* Whether what was decided can be said now. At connect and helo no MTA takes a discard; to an
 * unknown command only a refusal is an answer (Postfix 3.7 panics on an accept). */
static bool can_speak(const struct session *session, const struct verdict *verdict,
                      enum stage stage) {
    if (!session->snapshot->policy->plan[stage].answered)
        return false;
    if (stage == STAGE_UNKNOWN)
        return verb_class(verdict->verb) != STATUS_ANY;
    return verdict->verb != VERB_DISCARD || !is_about_connection(stage);
}

/* Takes over a verdict; its captures move with it. */
static void keep(struct verdict *kept, struct verdict *verdict) {
    verdict_clear(kept);
    *kept = *verdict;
    *verdict = verdict_none;
}

/* Most stages have no rules: they are told what they are told and ask nothing. */
static bool has_no_question(const struct session *session, enum stage stage) {
    return session->snapshot->policy->rules[stage]->len == 0 &&
           transaction_overflow(session->transaction) == NULL;
}

/* The verdict that counts at this stage: what already stands or waits, else what the rules of the
 * stage say. An unknown command is judged by itself. */
static const struct verdict *decide(struct session *session, enum stage stage) {
    if (stage == STAGE_MAIL)
        forget_decisions(session);
    if (stage != STAGE_UNKNOWN && session->standing.verb != VERB_NONE)
        return &session->standing;
    if (stage != STAGE_UNKNOWN && session->pending.verb != VERB_NONE)
        return &session->pending;
    if (has_no_question(session, stage)) {
        verdict_clear(&session->spoken);
        return &verdict_none;
    }
    struct verdict verdict =
        interpret(session->snapshot, session->transaction, stage, session->observer);
    struct verdict *place = &session->spoken;
    if (verdict.verb == VERB_HOLD && stage != STAGE_UNKNOWN)
        place = holds_connection(session) ? &session->spoken : &session->hold;
    else if (is_about_connection(stage) && verdict.verb != VERB_NONE)
        place = &session->standing;
    else if (verdict.verb != VERB_NONE && stage != STAGE_UNKNOWN &&
             !can_speak(session, &verdict, stage))
        place = &session->pending;
    keep(place, &verdict);
    return place->verb == VERB_HOLD ? &verdict_none : place;
}

static enum action action_of(enum verb verb) {
    static const enum action actions[VERB_COUNT] = {
        [VERB_REJECT] = ACTION_REFUSE, [VERB_DEFER] = ACTION_REFUSE,
        [VERB_ACCEPT] = ACTION_ACCEPT, [VERB_DISCARD] = ACTION_DISCARD,
        [VERB_HOLD] = ACTION_CONTINUE, [VERB_RESTATE] = ACTION_CONTINUE,
    };
    return verb < VERB_COUNT ? actions[verb] : ACTION_CONTINUE;
}

static void refuse(struct session *session, struct answer *answer) {
    ref_take(session->fixed_ref[0] != '\0' ? session->fixed_ref : NULL, answer->ref);
    reply_free(session->reply);
    session->reply = interpret_reply(session->snapshot, session->transaction, answer->verdict,
                                     answer->stage, answer->ref, &shape_milter);
    answer->reply = session->reply;
}

struct answer session_at(struct session *session, enum stage stage) {
    struct answer answer = {.action = ACTION_CONTINUE, .stage = stage};
    if (stage > STAGE_RCPT && stage <= STAGE_EOM) /* the last one may have been refused */
        transaction_drop_recipient(session->transaction);
    if (stage == STAGE_EOM && session->snapshot->policy->counts_size) /* else we saw a part of it */
        transaction_end_of_message(session->transaction);
    answer.verdict = decide(session, stage);
    if (can_speak(session, answer.verdict, stage))
        answer.action = action_of(answer.verdict->verb);
    if (answer.action == ACTION_REFUSE)
        refuse(session, &answer);
    if (stage == STAGE_RCPT && answer.action != ACTION_REFUSE)
        transaction_keep_recipient(session->transaction);
    if (stage == STAGE_EOM && session->hold.verb == VERB_HOLD)
        answer.hold = &session->hold;
    return answer;
}
