/* SPDX-License-Identifier: ISC */
#include "dragoman/session.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

/*
 * A session is written as its steps: STAGE:ANSWER. The answer is "-" (continue), "accept",
 * "discard" or the pair of a refusal with "_" for its blank; "+hold" stands behind it where the
 * message is held. Before a stage its facts are learned: the client is unnamed, helo is "h",
 * "mail2" and so on number the senders s2@example.net, and likewise recipients r2@example.com;
 * "header2" has X: 2. "end" is the end of a message.
 */
static const struct {
    const char *rules;
    const char *steps;
} sessions[] = {
    /* nothing */
    {"", "connect:- helo:- mail:- rcpt:- data:- header:- eoh:- body:- eom:-"},
    /* what is decided at connect is spoken at HELO and stands */
    {"connect reject site-policy", "connect:- helo:550_5.7.1 mail:550_5.7.1"},
    {"connect reject site-policy", "connect:- mail:550_5.7.1"},
    {"connect reject site-policy", "connect:- helo:550_5.7.1 end:- helo:550_5.7.1 mail:550_5.7.1"},
    {"connect defer site-policy", "connect:- helo:421_4.7.1 mail:451_4.7.1"},
    {"connect accept\nrcpt reject site-policy if recipient=r9@",
     "connect:- helo:accept mail:accept end:- mail2:accept"},
    {"connect discard", "connect:- helo:- mail:discard end:- mail2:discard"},
    {"connect discard", "connect:- mail:discard"},
    {"helo reject site-policy if helo=h", "connect:- helo:550_5.7.1 mail:550_5.7.1"},
    {"helo reject site-policy if helo=other", "connect:- helo:- mail:-"},
    {"helo discard if helo=h", "connect:- helo:- mail:discard"},
    {"helo accept if helo=h\nmail reject site-policy", "connect:- helo:accept mail:accept"},
    /* an unknown command is judged by itself */
    {"unknown reject site-policy if command=XFOO", "connect:- unknown:502_5.7.1 helo:- mail:-"},
    {"unknown defer site-policy if command=XFOO", "connect:- unknown:421_4.7.1"},
    {"unknown reject site-policy if command=XBAR", "connect:- unknown:-"},
    {"unknown accept", "connect:- unknown:- mail:-"},
    {"unknown discard", "connect:- unknown:- mail:-"},
    {"unknown hold", "connect:- unknown:- mail:- eom:-"},
    {"connect reject site-policy\nunknown accept", "connect:- unknown:- helo:550_5.7.1"},
    /* at the envelope */
    {"mail reject site-policy if sender=s2@", "mail:- end:- mail2:550_5.7.1 end:- mail:-"},
    {"mail accept if sender=s2@\nrcpt reject site-policy", "mail2:accept"},
    {"mail discard if sender=s2@", "mail2:discard"},
    {"rcpt reject mailbox-unknown if recipient=r2@", "mail:- rcpt:- rcpt2:550_5.1.1 rcpt3:- eom:-"},
    {"rcpt defer mailbox-unknown if recipient=r2@", "mail:- rcpt2:450_4.1.1 rcpt:-"},
    {"rcpt reject site-policy if recipient-count=>2", "mail:- rcpt:- rcpt2:- rcpt3:550_5.7.1"},
    {"rcpt reject site-policy if recipient-count=>2\nrcpt reject site-policy if recipient=r2@",
     "mail:- rcpt:- rcpt2:550_5.7.1 rcpt3:- rcpt4:550_5.7.1"},
    {"data reject site-policy", "mail:- rcpt:- data:554_5.7.1"},
    /* at the message: all is spoken at its end */
    {"header reject site-policy if header:X=2",
     "mail:- header:- header2:- eoh:- body:- eom:550_5.7.1"},
    {"header reject site-policy if header:X=2", "mail:- header:- header3:- eom:-"},
    {"eoh defer site-policy if header:X=2", "mail:- header2:- eoh:- eom:451_4.7.1"},
    {"header accept if header:X=2\neom reject site-policy", "mail:- header2:- eom:accept"},
    {"header discard if header:X=2\neom reject site-policy", "mail:- header2:- eom:discard"},
    {"eom reject site-policy if body=~viagra", "mail:- body:- eom:550_5.7.1"},
    /* a message is forgotten, whether it ended or not */
    {"header reject site-policy if header:X=2",
     "mail:- header2:- eom:550_5.7.1 end:- mail:- header:- eom:-"},
    {"header reject site-policy if header:X=2", "mail:- header2:- mail:- header:- eom:-"},
    {"header reject site-policy if header:X=2", "mail:- header2:- end:- header:- eom:-"},
    {"eom reject site-policy if header:X=2", "mail:- header2:- mail:- header:- eom:-"},
    /* quarantine */
    {"rcpt hold if recipient=r2@", "mail:- rcpt:- rcpt2:- data:- eom:-+hold"},
    {"rcpt hold if recipient=r2@", "mail:- rcpt2:- eom:-+hold end:- mail:- rcpt:- eom:-"},
    {"rcpt hold if recipient=r2@", "mail:- rcpt2:- mail:- rcpt:- eom:-"},
    {"eom hold if header:X=2", "mail:- header2:- eom:-+hold"},
    {"rcpt hold if recipient=r2@\neom reject site-policy if header:X=2",
     "mail:- rcpt2:- header2:- eom:550_5.7.1+hold"},
    {"connect hold", "connect:- helo:- mail:- rcpt:- eom:-+hold end:- mail2:- eom:-+hold"},
    {"helo hold if helo=h\nrcpt reject site-policy if recipient=r2@",
     "connect:- helo:- mail:- rcpt2:550_5.7.1 rcpt:- eom:-+hold"},
    /* shadows */
    {"rcpt reject shadow site-policy", "mail:- rcpt:- eom:-"},
    {"connect reject shadow site-policy", "connect:- helo:- mail:-"},
};

static void learn(struct session *session, enum stage stage, const char *number) {
    struct transaction *transaction = session_transaction(session);
    g_autofree char *sender = g_strdup_printf("<s%s@example.net>", number);
    g_autofree char *recipient = g_strdup_printf("<r%s@example.com>", number);

    if (stage == STAGE_CONNECT)
        transaction_connect(transaction, NULL, "192.0.2.7", 4711);
    else if (stage == STAGE_HELO)
        transaction_helo(transaction, "h");
    else if (stage == STAGE_MAIL)
        transaction_mail(transaction, sender, NULL);
    else if (stage == STAGE_RCPT)
        transaction_rcpt(transaction, recipient, NULL);
    else if (stage == STAGE_HEADER)
        transaction_header(transaction, "X", number);
    else if (stage == STAGE_BODY)
        transaction_body(transaction, "viagra", strlen("viagra"));
    else if (stage == STAGE_UNKNOWN)
        transaction_unknown_command(transaction, "XFOO");
}

static char *answer_text(const struct answer *answer) {
    static const char *const words[] = {
        [ACTION_CONTINUE] = "-", [ACTION_ACCEPT] = "accept", [ACTION_DISCARD] = "discard"};
    const char *hold = answer->hold != NULL ? "+hold" : "";
    char text[STATUS_TEXT_SIZE];

    if (answer->action != ACTION_REFUSE) {
        ck_assert_ptr_null(answer->reply);
        ck_assert_str_eq(answer->ref, "");
        return g_strconcat(words[answer->action], hold, NULL);
    }
    ck_assert_uint_eq(strlen(answer->ref), REF_SIZE - 1);
    ck_assert(strstr(answer->reply->lines->pdata[answer->reply->lines->len - 1], answer->ref));
    g_strdelimit(status_print(answer->reply->status, text), " ", '_');
    return g_strconcat(text, hold, NULL);
}

static void take_step(struct session *session, const char *step) {
    g_auto(GStrv) halves = g_strsplit(step, ":", 2);
    size_t length = strcspn(halves[0], "123456789");
    g_autofree char *name = g_strndup(halves[0], length);
    enum stage stage = stage_from_name(name);

    if (stage == STAGE_NONE) {
        ck_assert_str_eq(name, "end");
        session_end_message(session);
        return;
    }
    learn(session, stage, halves[0][length] != '\0' ? halves[0] + length : "1");
    struct answer answer = session_at(session, stage);
    g_autofree char *text = answer_text(&answer);
    ck_assert_msg(strcmp(text, halves[1]) == 0, "%s gave %s", step, text);
    ck_assert_int_eq(answer.stage, stage);
}

START_TEST(sessions_are_answered) {
    struct snapshot *snapshot = sample_with_rules(sessions[_i].rules);
    struct session *session = session_new(snapshot, NULL);
    g_auto(GStrv) steps = g_strsplit(sessions[_i].steps, " ", -1);

    snapshot_release(snapshot);
    for (char **step = steps; *step != NULL; step++)
        take_step(session, *step);
    session_free(session);
}
END_TEST

/* ---- recipients ---- */

START_TEST(refused_recipients_are_not_kept) {
    struct snapshot *snapshot = sample_with_rules("rcpt reject mailbox-unknown if recipient=r2@\n"
                                                  "rcpt hold if recipient=r3@");
    struct session *session = session_new(snapshot, NULL);
    struct transaction *transaction = session_transaction(session);

    take_step(session, "mail:-");
    take_step(session, "rcpt1:-");
    take_step(session, "rcpt3:-");
    take_step(session, "rcpt2:550_5.1.1");
    ck_assert_str_eq(transaction_value(transaction, FACT_RECIPIENT), "r2@example.com");
    take_step(session, "data:-");
    struct fact_values values = transaction_values(transaction, FACT_RECIPIENT, NULL);
    ck_assert_uint_eq(values.count, 2);
    ck_assert_str_eq(values.texts[0], "r1@example.com");
    ck_assert_str_eq(values.texts[1], "r3@example.com");
    session_end_message(session);
    ck_assert_ptr_null(transaction_value(transaction, FACT_RECIPIENT));
    session_free(session);
    snapshot_release(snapshot);
}
END_TEST

/* ---- limits ---- */

static const struct {
    enum fallback fallback;
    const char *steps;
} overflows[] = {
    {FALLBACK_ACCEPT, "mail:- header:- header2:- header3:- eom:accept end:- mail:- eom:-"},
    {FALLBACK_DEFER, "mail:- header:- header2:- header3:- eom:451_4.3.0 end:- mail:- eom:-"},
};

START_TEST(a_limit_is_spoken_at_the_end) {
    struct snapshot *snapshot = sample_with_rules("header reject site-policy if header:X=3");
    snapshot->site.limits.header_fields = 2;
    snapshot->site.fallback = overflows[_i].fallback;
    struct session *session = session_new(snapshot, NULL);
    g_auto(GStrv) steps = g_strsplit(overflows[_i].steps, " ", -1);

    for (char **step = steps; *step != NULL; step++)
        take_step(session, *step);
    session_free(session);
    snapshot_release(snapshot);
}
END_TEST

/* ---- refs and observers ---- */

START_TEST(refs_are_of_chance) {
    struct snapshot *snapshot = sample_with_rules("mail reject site-policy");
    struct session *session = session_new(snapshot, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int i = 0; i < 100; i++) {
        learn(session, STAGE_MAIL, "1");
        struct answer answer = session_at(session, STAGE_MAIL);
        ck_assert_uint_eq(strspn(answer.ref, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
        ck_assert_int_eq(answer.ref[4], '-');
        ck_assert_uint_eq(strspn(answer.ref + 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
        ck_assert_int_eq(answer.ref[9], '\0');
        ck_assert(g_hash_table_add(seen, g_strdup(answer.ref)));
    }
    session_set_ref(session, "7F3K-2QXD");
    learn(session, STAGE_MAIL, "1");
    ck_assert_str_eq(session_at(session, STAGE_MAIL).ref, "7F3K-2QXD");
    session_free(session);
    snapshot_release(snapshot);
    session_free(NULL);
}
END_TEST

static void count(const struct rule *rule, enum rule_answer answer,
                  const struct condition *decisive, void *context) {
    (void)rule;
    (void)answer;
    (void)decisive;
    ++*(int *)context;
}

START_TEST(the_observer_sees_rules_once) {
    int asked = 0;
    struct observer observer = {.asked = count, .context = &asked};
    struct snapshot *snapshot = sample_with_rules("connect reject site-policy if client-name=x\n"
                                                  "connect reject site-policy\n"
                                                  "mail reject site-policy if sender=a@b");
    struct session *session = session_new(snapshot, &observer);

    take_step(session, "connect:-");
    ck_assert_int_eq(asked, 2);
    take_step(session, "helo:550_5.7.1");
    take_step(session, "mail:550_5.7.1");
    ck_assert_int_eq(asked, 2); /* what stands is not asked again */
    session_free(session);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(the_verdict_is_told) {
    struct snapshot *snapshot = sample_with_rules("header reject site-policy if header:X=1");
    struct session *session = session_new(snapshot, NULL);

    take_step(session, "mail:-");
    learn(session, STAGE_HEADER, "1");
    session_at(session, STAGE_HEADER);
    struct answer answer = session_at(session, STAGE_EOM);
    ck_assert_int_eq(answer.stage, STAGE_EOM);
    ck_assert_int_eq(answer.verdict->stage, STAGE_HEADER);
    ck_assert_str_eq(answer.verdict->rule->name, "1");
    ck_assert_ptr_eq(session_snapshot(session), snapshot);
    session_end_message(session);
    answer = session_at(session, STAGE_EOM);
    ck_assert_int_eq(answer.verdict->verb, VERB_NONE);
    session_free(session);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(the_session_holds_the_snapshot) {
    struct snapshot *snapshot = sample_with_rules("mail reject site-policy");
    struct session *first = session_new(snapshot, NULL), *second = session_new(snapshot, NULL);

    snapshot_release(snapshot);
    session_free(first);
    take_step(second, "mail:550_5.7.1");
    session_free(second);
    snapshot_release(NULL);
}
END_TEST

Suite *session_suite(void) {
    Suite *suite = suite_create("session");
    TCase *tests = tcase_create("session");

    tcase_add_loop_test(tests, sessions_are_answered, 0, G_N_ELEMENTS(sessions));
    tcase_add_test(tests, refused_recipients_are_not_kept);
    tcase_add_loop_test(tests, a_limit_is_spoken_at_the_end, 0, G_N_ELEMENTS(overflows));
    tcase_add_test(tests, refs_are_of_chance);
    tcase_add_test(tests, the_observer_sees_rules_once);
    tcase_add_test(tests, the_verdict_is_told);
    tcase_add_test(tests, the_session_holds_the_snapshot);
    suite_add_tcase(suite, tests);
    return suite;
}
