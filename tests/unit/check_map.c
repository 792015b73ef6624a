/* SPDX-License-Identifier: ISC */
#include "dragoman/map.h"

#include <string.h>

#include "sample.h"
#include "soundness.h"
#include "suites.h"

#define REF "7F3K-2QXD"

static struct snapshot *snapshot;
static struct reply_memory *memory;
static struct map_answer answer;

static void set_up(void) {
    snapshot = sample_snapshot();
    snapshot->site.restate_codes = RESTATE_CODES_CORRECT;
    memory = reply_memory_new(8);
}

static void tear_down(void) {
    map_answer_clear(&answer);
    reply_memory_free(memory);
    snapshot_release(snapshot);
}

static void rules(const char *text) {
    sample_rules(snapshot, text);
    policy_freeze(snapshot->policy);
}

/* The value, or NULL for "not found". */
static const char *ask_octets(enum map map, const char *key, size_t length) {
    struct map_question question = {.snapshot = snapshot, .memory = memory, .ref = REF};

    map_answer_clear(&answer);
    answer = map_ask(&question, map, (struct slice){key, length});
    ck_assert(!answer.unsound);
    return answer.value != NULL ? answer.value->str : NULL;
}

static const char *ask(enum map map, const char *key) {
    return ask_octets(map, key, strlen(key));
}

static const char restating[] =
    "reply restate mailbox-unknown if reply-text=~^<(?<recipient>[^>]*)>:_.*User_unknown\n"
    "reply restate mailbox-unknown if reply-text=~User_unknown\n"
    "reply restate site-policy if reply-text=~blocked_using_(?<list>[^_]+)\n"
    "reply restate site-policy if reply-enhanced=5.7.1,4.7.1";

START_TEST(maps_have_names) {
    for (enum map map = 0; map < MAP_COUNT; map++) {
        const char *name = map_name(map);
        ck_assert_int_eq(map_from_name((struct slice){name, strlen(name)}), map);
        ck_assert_int_eq(map_from_name((struct slice){name, strlen(name) - 1}), MAP_NONE);
    }
    ck_assert_int_eq(map_from_name((struct slice){"", 0}), MAP_NONE);
    ck_assert_int_eq(map_from_name((struct slice){"REPLY", 5}), MAP_NONE);
    ck_assert_int_eq(map_from_name((struct slice){"reply\0", 6}), MAP_NONE);
}
END_TEST

/* ---- reply ---- */

#define UNKNOWN_TEXT                                                                               \
    "There is no mailbox ayse@example.com here.\r\n550-5.1.1 Please check the address.\r\n"        \
    "550-5.1.1 Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok.\r\n"                     \
    "550-5.1.1 Lutfen adresi kontrol edin.\r\n"                                                    \
    "550 5.1.1 No such mailbox / Posta kutusu yok [ref " REF "]"

static const struct {
    const char *key;
    const char *begins; /* the value does; NULL: not found */
} replies[] = {
    {"550 5.1.1 <ayse@example.com>: Recipient address rejected: User unknown",
     "550-5.1.1 " UNKNOWN_TEXT},
    {"554 5.7.1 <ayse@example.com>: User unknown", "550-5.1.1 " UNKNOWN_TEXT}, /* corrected */
    {"450 4.1.1 <ayse@example.com>: User unknown", "450-4.1.1 There is no mailbox"},
    {"421 4.3.2 <ayse@example.com>: User unknown", "421-4.1.1 There is no mailbox"},
    {"550 <ayse@example.com>: User unknown", "550-5.1.1 There is no mailbox"},
    /* of several lines */
    {"550-5.1.1 <ayse@example.com>:\r\n550 5.1.1 User unknown", "550-5.1.1 " UNKNOWN_TEXT},
    {"550-5.1.1 <ayse@example.com>:\r\n550 5.1.1 User unknown\r\n", "550-5.1.1 " UNKNOWN_TEXT},
    {"550-<ayse@example.com>:\n550 User unknown", "550-5.1.1 " UNKNOWN_TEXT},
    /* what no rule knows */
    {"550 5.1.0 something else", NULL},
    {"550", NULL},
    /* what is no refusal */
    {"250 2.1.5 User unknown", NULL},
    {"354 User unknown", NULL},
    {"220 User unknown", NULL},
    {"650 5.1.1 User unknown", NULL},
    /* what is no reply */
    {"", NULL},
    {" ", NULL},
    {"5", NULL},
    {"User unknown", NULL},
    {"5.1.1 User unknown", NULL},
    {" 550 5.1.1 User unknown", NULL},
    {"said: 550 5.1.1 User unknown", NULL},
    {"\xff\xfe\x1b", NULL},
    {"\r\n\r\n", NULL},
    /* one of ours that nobody remembers, and one with somebody else's ref */
    {"550 5.1.1 User unknown [ref AAAA-AAAA]", NULL},
    {"550-5.1.1 User unknown\r\n550 5.1.1 x [ref AAAA-AAAA]", NULL},
};

START_TEST(replies_are_told) {
    rules(restating);
    const char *value = ask(MAP_REPLY, replies[_i].key);

    ck_assert_int_eq(value != NULL, replies[_i].begins != NULL);
    if (value == NULL)
        return;
    ck_assert_msg(g_str_has_prefix(value, replies[_i].begins), "%s", value);
    ck_assert(reply_is_sound(value, (enum status_class)(replies[_i].key[0] - '0')));
    ck_assert_str_eq(answer.ref, REF);
    ck_assert_ptr_nonnull(answer.rule);
}
END_TEST

/* As Postfix's greeting, and with it all that it sends in several lines. */
START_TEST(a_reply_without_enhanced_code_keeps_its_code) {
    rules("reply restate site-policy if reply-text=~not_accepting");
    snapshot->site.restate_codes = RESTATE_CODES_KEEP;
    ck_assert_str_eq(ask(MAP_REPLY, "554 mx.example.com ESMTP not accepting connections"),
                     "554-This mail is against our policy.\r\n"
                     "554-Please ask your administrator.\r\n"
                     "554-Bu ileti ilkelerimize aykiri.\r\n"
                     "554-Lutfen yoneticinize sorun.\r\n"
                     "554-\"mx.example.com ESMTP not accepting connections\"\r\n"
                     "554 Against our policy / Ilkelerimize aykiri [ref " REF "]");
}
END_TEST

START_TEST(a_nul_is_not_found) {
    rules("reply restate site-policy if reply-text=~.");
    ck_assert_ptr_nonnull(ask(MAP_REPLY, "550 5.7.1 no"));
    ck_assert_ptr_null(ask_octets(MAP_REPLY, "550 5.7.1 n\0o", 13));
    ck_assert_ptr_null(ask_octets(MAP_REPLY, "\0", 1));
    ck_assert_ptr_null(ask_octets(MAP_ACCESS, "192.0.2.7\0", 10));
}
END_TEST

/* Parameters in which any syntax could hide that stands around them. */
static const char *const nasty[] = {
    "a$b",
    "$$",
    "${recipient}",
    "$(x)",
    "a\\nb",
    "a\\cb",
    "\\",
    "%s%n",
    "100%",
    "\"",
    "a\"b",
    "'",
    "a\tb",
    "\x1b[2J",
    "a\r\nb",
    "x\rx",
    "{recipient}",
    "[[",
    "<",
    "\xff\xfe",
    "\xc5\x9f\xc4\x9f",
    "a/b",
    "`id`",
    ";",
    "550 5.1.1 ok",
    "250 ok",
    "a, b",
    "\xe2\x80\xae",
    "$helo_name",
    "\x7f",
};

/* Whether the value is well formed, whatever stands in the key. */
static void check_sound(enum map map, const char *value) {
    if (map == MAP_REPLY) {
        ck_assert_msg(reply_is_sound(value, STATUS_PERMANENT), "%s", value);
        return;
    }
    ck_assert_msg(line_is_sound(value), "%s", value);
    if (map == MAP_FOOTER)
        ck_assert_msg(template_is_sound(value), "%s", value);
    for (const char *slash = strchr(value, '\\'); map == MAP_FOOTER && slash != NULL;
         slash = strchr(slash + 1, '\\'))
        ck_assert_msg(slash[1] == 'n', "%s", value);
}

START_TEST(nothing_gets_out_of_a_parameter) {
    static const enum map maps[] = {MAP_REPLY, MAP_FOOTER};
    static const char *const forms[] = {
        "550 5.1.1 <%s@example.com>: User unknown", "550 5.1.1 <>: User unknown %s",
        "550-5.1.1 <%s>:\r\n550 5.1.1 User unknown", "550 5.1.1 %s User unknown",
        "554 5.7.1 Client blocked using %s"};

    rules(restating);
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(GString) key = g_string_new(forms[i]);
        g_string_replace(key, "%s", nasty[_i], 0);
        for (size_t j = 0; j < G_N_ELEMENTS(maps); j++) {
            const char *value = ask(maps[j], key->str);
            ck_assert_msg(value != NULL, "%s", key->str);
            check_sound(maps[j], value);
        }
    }
}
END_TEST

START_TEST(a_long_parameter_is_cut) {
    g_autoptr(GString) key = g_string_new("550 5.1.1 <");

    rules(restating);
    for (int i = 0; i < 60000; i++)
        g_string_append_c(key, 'x');
    g_string_append(key, "@example.com>: User unknown");
    const char *value = ask(MAP_REPLY, key->str);
    ck_assert(value == NULL || strlen(value) < 2000);
}
END_TEST

/* ---- footer ---- */

START_TEST(a_footer_stands_beside_the_reply) {
    rules(restating);
    ck_assert_str_eq(ask(MAP_FOOTER, "550 5.1.1 <ayse@example.com>: User unknown"),
                     "There is no mailbox ayse@example.com here.\\nPlease check the address.\\n"
                     "Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok.\\n"
                     "Lutfen adresi kontrol edin.\\n"
                     "No such mailbox / Posta kutusu yok [ref " REF "]");
    ck_assert_int_eq(answer.status.basic, 550);
    ck_assert_str_eq(ask(MAP_FOOTER, "554 5.7.1 <a$b\\c@x.example>: User unknown"),
                     "There is no mailbox a$$b/c@x.example here.\\nPlease check the address.\\n"
                     "Bu sunucuda boyle bir posta kutusu (a$$b/c@x.example) yok.\\n"
                     "Lutfen adresi kontrol edin.\\n"
                     "No such mailbox / Posta kutusu yok [ref " REF "]");
    ck_assert_int_eq(answer.status.basic, 554); /* which Postfix writes in front */
    ck_assert_ptr_null(ask(MAP_FOOTER, "250 2.0.0 User unknown"));
    ck_assert_ptr_null(ask(MAP_FOOTER, "550 5.1.0 something else"));
    ck_assert_ptr_null(ask(MAP_FOOTER, "550-5.7.1 ours\r\n550 5.7.1 x [ref AAAA-AAAA]"));
}
END_TEST

/* ---- our own reply ---- */

/* An answer in one line as Postfix repeats it: with the recipient in front, and perhaps another
 * code. */
static char *own_line(const char *code) {
    g_autofree char *action = g_strdup(ask(MAP_RECIPIENT_ACCESS, "ayse@example.com"));
    const char *words;
    struct status status;

    ck_assert(status_parse(action, &status, &words));
    return g_strdup_printf("%s <ayse@example.com>: Recipient address rejected:%s", code, words);
}

START_TEST(our_own_line_is_told_in_full) {
    rules("rcpt reject mailbox-unknown\nreply restate site-policy if reply-text=~mailbox");
    g_autofree char *key = own_line("550 5.1.1");

    ck_assert_str_eq(ask(MAP_REPLY, key), "550-5.1.1 " UNKNOWN_TEXT);
    ck_assert_str_eq(answer.ref, REF); /* by which the log finds the decision */
    ck_assert_str_eq(ask(MAP_FOOTER, key),
                     "There is no mailbox ayse@example.com here.\\nPlease check the address.\\n"
                     "Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok.\\n"
                     "Lutfen adresi kontrol edin.");
}
END_TEST

/* soft_bounce and the like: what we said does not fit to what the client is told. */
START_TEST(our_own_line_of_another_class_is_left_alone) {
    rules("rcpt reject mailbox-unknown\nreply restate site-policy if reply-text=~mailbox");
    g_autofree char *key = own_line("450 4.1.1");

    ck_assert_ptr_null(ask(MAP_REPLY, key));
    ck_assert_ptr_null(ask(MAP_FOOTER, key));
}
END_TEST

START_TEST(our_own_lines_are_left_alone) {
    rules("rcpt reject mailbox-unknown\nreply restate site-policy if reply-text=~mailbox");
    g_autofree char *line = own_line("550 5.1.1");
    g_autofree char *full = g_strdup(ask(MAP_REPLY, line));

    ck_assert_ptr_null(ask(MAP_REPLY, full));
    ck_assert_ptr_null(ask(MAP_FOOTER, full));
}
END_TEST

START_TEST(nobody_need_remember) {
    g_clear_pointer(&memory, reply_memory_free);
    rules("rcpt reject mailbox-unknown");
    g_autofree char *key = own_line("550 5.1.1");
    ck_assert_ptr_null(ask(MAP_REPLY, key));
}
END_TEST

/* ---- rbl ---- */

#define RBL_TEXT                                                                                   \
    "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using "                         \
    "$rbl_domain${rbl_reason?; $rbl_reason} - "

START_TEST(lists_are_known) {
    static const char *const keys[] = {"zen.example.org", "zen.example.org=127.0.0.[2..11]",
                                       "a-b.example.org", "x_y.example", "a.b"};

    rules(restating);
    ck_assert_str_eq(ask(MAP_RBL, keys[_i]), RBL_TEXT "Against our policy / Ilkelerimize aykiri");
}
END_TEST

START_TEST(other_keys_are_no_lists) {
    static const char *const keys[] = {"",
                                       "zen",
                                       "a b.example",
                                       "a$b.example",
                                       "a.example\n",
                                       "a;b",
                                       "\xc5\x9f.example",
                                       "a.example$$",
                                       "\"a.b\"",
                                       "a.b/c"};

    rules(restating);
    ck_assert_ptr_null(ask(MAP_RBL, keys[_i]));
}
END_TEST

START_TEST(a_list_that_no_rule_knows_is_not_found) {
    rules("reply restate site-policy if reply-text=~using_other");
    ck_assert_ptr_null(ask(MAP_RBL, "zen.example.org"));
}
END_TEST

/* ---- delivery ---- */

static const struct {
    const char *key;
    const char *value; /* NULL: not found */
} deliveries[] = {
    {"5.1.1 host mx.example.net[192.0.2.1] said: 550 5.1.1 <ayse@example.com>: User unknown (in "
     "reply to RCPT TO command)",
     "5.1.1 No such mailbox / Posta kutusu yok: There is no mailbox ayse@example.com here. Please "
     "check the address. Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok. Lutfen adresi "
     "kontrol edin. (host mx.example.net[192.0.2.1] said: 550 5.1.1 <ayse@example.com>: User "
     "unknown (in reply to RCPT TO command))"},
    /* corrected, but never to another class: whether it is tried again is decided */
    {"5.0.0 host mx.example.net[192.0.2.1] said: 550 User unknown (in reply to RCPT TO command)",
     "5.1.1 No such mailbox"},
    {"4.0.0 host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO "
     "command)",
     "4.0.0 No such mailbox"},
    {"5.1.1 host mx.example.net[192.0.2.1] said: 450 4.1.1 User unknown (in reply to RCPT TO "
     "command)",
     "5.1.1 No such mailbox"},
    {"5.1.1 User unknown", "5.1.1 No such mailbox"},
    {"5.4.4 unable to look up host", NULL},
    {"2.0.0 250 2.0.0 stored, User unknown", NULL},
    {"550 5.1.1 User unknown", NULL}, /* a basic code is in no key */
    {"User unknown", NULL},
    {"5.1.1", NULL},
    {"5.1.1 ", NULL},
    {"9.1.1 User unknown", NULL},
    {"", NULL},
    /* a server that speaks two languages already */
    {"5.1.1 host mx.example.net[192.0.2.1] said: 550-5.1.1 User unknown 550 5.1.1 x [ref "
     "AAAA-AAAA] "
     "(in reply to RCPT TO command)",
     NULL},
};

START_TEST(deliveries_are_told) {
    rules(restating);
    const char *value = ask(MAP_DELIVERY, deliveries[_i].key);

    ck_assert_msg((value != NULL) == (deliveries[_i].value != NULL), "%s", value);
    if (value == NULL)
        return;
    ck_assert_msg(g_str_has_prefix(value, deliveries[_i].value), "%s", value);
    ck_assert_msg(strstr(value, deliveries[_i].key + strlen("5.1.1 ")) != NULL, "%s", value);
    ck_assert(line_is_sound(value));
}
END_TEST

START_TEST(nothing_gets_out_of_a_delivery) {
    g_autofree char *key = g_strdup_printf("5.1.1 host mx[192.0.2.1] said: 550 5.1.1 <%s>: User "
                                           "unknown (in reply to RCPT TO command)",
                                           nasty[_i]);

    rules(restating);
    const char *value = ask(MAP_DELIVERY, key);
    ck_assert_msg(value != NULL, "%s", key);
    check_sound(MAP_DELIVERY, value);
}
END_TEST

/* ---- access ---- */

static const char policy[] = "connect reject site-policy if client-ip=192.0.2.0/24\n"
                             "connect defer site-policy if client-name=*.bad.example,bad.example\n"
                             "helo reject site-policy if helo=bad.example\n"
                             "mail reject site-policy if sender=<>\n"
                             "mail hold if sender-domain=hold.example\n"
                             "rcpt reject mailbox-unknown if recipient=ayse@example.com\n"
                             "rcpt discard if recipient=void@example.com";

#define POLICY_WORDS " Against our policy / Ilkelerimize aykiri [ref " REF "]"

static const struct {
    enum map map;
    const char *key;
    const char *value; /* NULL: not found */
} accesses[] = {
    {MAP_CLIENT_ACCESS, "192.0.2.7", "554 5.7.1" POLICY_WORDS},
    {MAP_CLIENT_ACCESS, "203.0.113.1", "DUNNO"},
    {MAP_CLIENT_ACCESS, "2001:db8::1", "DUNNO"},
    {MAP_CLIENT_ACCESS, "mx.bad.example", "421 4.7.1" POLICY_WORDS},
    {MAP_CLIENT_ACCESS, "mx.good.example", "DUNNO"},
    /* behind these Postfix has to ask about the address */
    {MAP_CLIENT_ACCESS, "unknown", NULL},
    {MAP_CLIENT_ACCESS, "localhost", NULL},
    /* parts */
    {MAP_CLIENT_ACCESS, "192.0.2", NULL},
    {MAP_CLIENT_ACCESS, "192", NULL},
    {MAP_CLIENT_ACCESS, "2001:db8", NULL},
    {MAP_CLIENT_ACCESS, "", NULL},
    {MAP_HELO_ACCESS, "bad.example", "550 5.7.1" POLICY_WORDS},
    {MAP_HELO_ACCESS, "good.example", "DUNNO"},
    {MAP_HELO_ACCESS, "", NULL},
    {MAP_SENDER_ACCESS, "<>", "550 5.7.1" POLICY_WORDS},
    {MAP_SENDER_ACCESS, "a@hold.example", "HOLD"},
    {MAP_SENDER_ACCESS, "a@b.example", "DUNNO"},
    {MAP_SENDER_ACCESS, "hold.example", NULL},
    {MAP_SENDER_ACCESS, "a@", NULL},
    {MAP_SENDER_ACCESS, "@hold.example", NULL},
    {MAP_SENDER_ACCESS, "", NULL},
    {MAP_RECIPIENT_ACCESS, "ayse@example.com",
     "550 5.1.1 No such mailbox / Posta kutusu yok [ref " REF "]"},
    {MAP_RECIPIENT_ACCESS, "void@example.com", "DISCARD"},
    {MAP_RECIPIENT_ACCESS, "mehmet@example.com", "DUNNO"},
    {MAP_RECIPIENT_ACCESS, "example.com", NULL},
    {MAP_RECIPIENT_ACCESS, "ayse@", NULL},
    {MAP_RECIPIENT_ACCESS, "<>", NULL},
    {MAP_ACCESS, "192.0.2.7", "554 5.7.1" POLICY_WORDS},
    {MAP_ACCESS, "ayse@example.com", "550 5.1.1 No such mailbox / Posta kutusu yok [ref " REF "]"},
    {MAP_ACCESS, "mx.bad.example", NULL},
    {MAP_ACCESS, "example.com", NULL},
    {MAP_ACCESS, "", NULL},
    {MAP_SENDMAIL, "client:192.0.2.7", "\"554 5.7.1" POLICY_WORDS "\""},
    {MAP_SENDMAIL, "client:mx.bad.example", "\"421 4.7.1" POLICY_WORDS "\""},
    {MAP_SENDMAIL, "client:203.0.113.1", NULL},
    {MAP_SENDMAIL, "helo:bad.example", "\"550 5.7.1" POLICY_WORDS "\""},
    {MAP_SENDMAIL, "mail:<>", "\"550 5.7.1" POLICY_WORDS "\""},
    {MAP_SENDMAIL, "rcpt:<ayse@example.com>",
     "\"550 5.1.1 No such mailbox / Posta kutusu yok [ref " REF "]\""},
    {MAP_SENDMAIL, "mail:<a@hold.example>", NULL}, /* a ruleset cannot */
    {MAP_SENDMAIL, "rcpt:", NULL},
    {MAP_SENDMAIL, "client:", NULL},
    {MAP_SENDMAIL, "data:x", NULL},
    {MAP_SENDMAIL, "192.0.2.7", NULL},
    {MAP_SENDMAIL, "", NULL},
};

START_TEST(the_policy_is_asked) {
    rules(policy);
    ck_assert_pstr_eq(ask(accesses[_i].map, accesses[_i].key), accesses[_i].value);
    bool idle = accesses[_i].value == NULL || strcmp(accesses[_i].value, "DUNNO") == 0;
    ck_assert(answer.value == NULL || answer.idle == idle);
    ck_assert(idle || answer.rule != NULL);
}
END_TEST

/* Postfix would go on to ask about "partner.example" and refuse by it, or about fe80::1. */
START_TEST(parts_of_a_name_are_not_judged) {
    rules("connect reject site-policy unless client-name=*.partner.example unless client-ip=fe80::/"
          "16\nhelo reject site-policy unless helo=*.partner.example\n"
          "rcpt reject mailbox-unknown if recipient=ayse@example.com");
    ck_assert_str_eq(ask(MAP_HELO_ACCESS, "mx.partner.example"), "DUNNO");
    ck_assert_str_eq(ask(MAP_CLIENT_ACCESS, "mx.partner.example"), "DUNNO");
    ck_assert_str_eq(ask(MAP_CLIENT_ACCESS, "fe80::1:2"), "DUNNO");
    ck_assert_str_eq(ask(MAP_RECIPIENT_ACCESS, "ayse+list@example.com"), "DUNNO");
}
END_TEST

START_TEST(hostile_keys_of_access_are_harmless) {
    static const enum map maps[] = {MAP_ACCESS,        MAP_CLIENT_ACCESS,    MAP_HELO_ACCESS,
                                    MAP_SENDER_ACCESS, MAP_RECIPIENT_ACCESS, MAP_SENDMAIL};
    static const char *const forms[] = {"%s", "%s@example.com", "a@%s", "helo:%s", "rcpt:<%s>"};

    rules("helo reject mailbox-unknown if helo=*\nmail reject mailbox-unknown if sender=*\n"
          "rcpt reject mailbox-unknown if recipient=*");
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(GString) key = g_string_new(forms[i]);
        g_string_replace(key, "%s", nasty[_i], 0);
        for (size_t j = 0; j < G_N_ELEMENTS(maps); j++) {
            const char *value = ask(maps[j], key->str);
            if (value != NULL)
                check_sound(maps[j], value);
        }
    }
}
END_TEST

Suite *map_suite(void) {
    Suite *suite = suite_create("map");
    TCase *tests = tcase_create("map");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, maps_have_names);
    tcase_add_loop_test(tests, replies_are_told, 0, G_N_ELEMENTS(replies));
    tcase_add_test(tests, a_reply_without_enhanced_code_keeps_its_code);
    tcase_add_test(tests, a_nul_is_not_found);
    tcase_add_loop_test(tests, nothing_gets_out_of_a_parameter, 0, G_N_ELEMENTS(nasty));
    tcase_add_test(tests, a_long_parameter_is_cut);
    tcase_add_test(tests, a_footer_stands_beside_the_reply);
    tcase_add_test(tests, our_own_line_is_told_in_full);
    tcase_add_test(tests, our_own_line_of_another_class_is_left_alone);
    tcase_add_test(tests, our_own_lines_are_left_alone);
    tcase_add_test(tests, nobody_need_remember);
    tcase_add_loop_test(tests, lists_are_known, 0, 5);
    tcase_add_loop_test(tests, other_keys_are_no_lists, 0, 10);
    tcase_add_test(tests, a_list_that_no_rule_knows_is_not_found);
    tcase_add_loop_test(tests, deliveries_are_told, 0, G_N_ELEMENTS(deliveries));
    tcase_add_loop_test(tests, nothing_gets_out_of_a_delivery, 0, G_N_ELEMENTS(nasty));
    tcase_add_loop_test(tests, the_policy_is_asked, 0, G_N_ELEMENTS(accesses));
    tcase_add_test(tests, parts_of_a_name_are_not_judged);
    tcase_add_loop_test(tests, hostile_keys_of_access_are_harmless, 0, G_N_ELEMENTS(nasty));
    suite_add_tcase(suite, tests);
    return suite;
}
