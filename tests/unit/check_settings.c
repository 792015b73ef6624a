/* SPDX-License-Identifier: ISC */
#include "dragoman/settings.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "dragoman/evaluate.h"
#include "suites.h"

/* Each test writes its files into a folder of its own, which is the current one. */
static char *folder, *home;
static struct complaints *complaints;
static struct settings *settings;

static void set_up(void) {
    home = g_get_current_dir();
    folder = g_dir_make_tmp("dragoman-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
    ck_assert_int_eq(chdir(folder), 0);
    complaints = complaints_new();
    settings = NULL;
}

static void remove_folder(const char *name) {
    GDir *files = g_dir_open(name, 0, NULL);
    const char *file;

    while (files != NULL && (file = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(name, file, NULL);
        if (g_remove(path) != 0)
            remove_folder(path);
    }
    g_clear_pointer(&files, g_dir_close);
    g_rmdir(name);
}

static void tear_down(void) {
    settings_free(settings);
    complaints_free(complaints);
    ck_assert_int_eq(chdir(home), 0);
    remove_folder(folder);
    g_free(folder);
    g_free(home);
}

static void write_file(const char *name, const char *text) {
    g_autofree char *parent = g_path_get_dirname(name);

    ck_assert_int_eq(g_mkdir_with_parents(parent, 0700), 0);
    ck_assert(g_file_set_contents(name, text, -1, NULL));
}

static void load(const char *text) {
    write_file("main.conf", text);
    settings = settings_load("main.conf", SETTINGS_POLICY, complaints);
    ck_assert_ptr_nonnull(settings);
}

static char *all_complaints(void) {
    GString *all = g_string_new(NULL);
    const struct complaint *complaint;

    for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL; i++) {
        g_autofree char *print = complaint_print(complaint);
        g_string_append_printf(all, "%s\n", print);
    }
    return g_string_free(all, FALSE);
}

static void load_well(const char *text) {
    load(text);
    g_autofree char *all = all_complaints();
    ck_assert_msg(*all == '\0', "%s", all);
    ck_assert_ptr_nonnull(settings->snapshot);
}

/* Each line of `expected` ("12: error: part of the text", or "FILE:12: …" for another file) must
 * be in one complaint, and there must be no others. */
static void check_complaints(const char *expected) {
    g_auto(GStrv) lines = g_strsplit(expected, "\n", -1);
    g_autofree char *all = all_complaints();
    size_t count = 0;

    for (; lines[count] != NULL && *lines[count] != '\0'; count++) {
        bool main_file = g_ascii_isdigit(*lines[count]);
        g_autofree char *whole = g_strconcat(main_file ? "main.conf:" : "", lines[count], NULL);
        const char *text = strstr(strstr(whole, ": ") + 2, ": ") + strlen(": ");
        g_autofree char *place = g_strndup(whole, (size_t)(text - whole));
        const struct complaint *complaint;
        bool found = false;
        for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL && !found; i++) {
            g_autofree char *print = complaint_print(complaint);
            found = g_str_has_prefix(print, place) && strstr(print, text) != NULL;
        }
        ck_assert_msg(found, "no \"%s\" in:\n%s", whole, all);
    }
    ck_assert_msg(complaints_at(complaints, count) == NULL, "only %zu expected:\n%s", count, all);
    ck_assert_int_eq(settings->snapshot == NULL, complaints_count(complaints, SEVERITY_ERROR) > 0);
}

/* ---- complaints ---- */

static const struct {
    const char *text, *complaints;
} faults[] = {
    /* unknown words */
    {"langauges = { \"en\" }", "1: error: there is no option \"langauges\" in the file; did you "
                               "mean \"languages\"?"},
    {"\nrul \"x\" { accept = yes }", "2: error: there is no option \"rul\" in the file; did you "
                                     "mean \"rule\"?"},
    {"rul \"x\" { a = 1\n if { b = 2 }\n}\nrule { reject = site-policy }\nfoo = { \"a\" }\n"
     "rule \"seen\" { reject = nosuch }",
     "1: error: there is no option \"rul\"\n4: error: this rule has no name\n"
     "5: error: there is no option \"foo\"\n6: error: there is no reason \"nosuch\""},
    {"log { tarmac = syslog }", "1: error: there is no option \"tarmac\" in log"},
    {"rule \"a\" {\n  acept = yes\n}",
     "2: error: there is no option \"acept\" in rule; did you mean \"accept\"?\n"
     "1: error: rule \"a\" has no verb; write reject, defer, accept, discard, hold or restate"},
    {"rule \"a\" {\n  accept = yes\n  if { clint-ip = \"192.0.2.1\" }\n}",
     "3: error: there is no fact \"clint-ip\" in if; did you mean \"client-ip\"?"},
    {"rule \"a\" { accept = yes unless {\n hedaer:Subject = x } }",
     "2: error: there is no fact \"hedaer:Subject\"; only header:NAME, macro:NAME"},
    {"rule \"a\" { accept = yes if { header = x } }",
     "1: error: there is no fact \"header\" in if"},
    {"rule \"a\" { accept = yes if { sender:x = x } }", "1: error: there is no fact \"sender:x\""},
    {"rule \"a\" {\n reject = mailbox-unknwon }",
     "2: error: there is no reason \"mailbox-unknwon\"; did you mean \"mailbox-unknown\"?"},
    {"rule \"a\" { stage = rctp\n accept = yes }",
     "1: error: there is no stage \"rctp\"; did you mean \"rcpt\"?"},
    {"table \"users\" { values = { a@b }\n type = adress }",
     "2: error: table \"users\" has no valid `type`; write address, domain, cidr, string or "
     "regex; did you mean \"address\"?"},
    {"table \"users\" { type = address values = { a@b } }\n"
     "rule \"a\" { accept = yes\n if { sender = {\n \"@user\" } } }",
     "4: error: there is no table \"user\"; did you mean \"users\"?"},
    {"rule \"a\" { accept = yes if { sender = \"!@other\" } }",
     "1: error: there is no table \"other\""},
    {"languages = { \"en\",\n \"xx\" }", "2: error: there is no text file for the language "
                                         "\"xx\" (texts/xx.conf beside this file); shipped are "},
    {"help-url = \"https://x.example/{language}\"",
     "1: error: `help-url` uses the unknown parameter {language}; it can use {lang}, {reason}"},
    {"fallback = acept", "1: error: `fallback` is \"acept\"; write one of accept, defer; did you "
                         "mean \"accept\"?"},
    {"rule \"a\" { accept = yes\n shadow = ja }", "2: error: `shadow` is \"ja\"; write one of no, "
                                                  "yes"},
    {"rule \"a\" { reject = mailbox-full stage = rcpt\n with = { \"x\" } }",
     "2: error: \"x\" sets no parameter; write it like \"limit=10 MB\""},
    {"rule \"a\" { reject = message-too-big stage = mail\n with = { \"limt=1 MB\" } }",
     "2: error: the reason \"message-too-big\" has no parameter \"limt\"; did you mean \"limit\"?"},
    /* verbs */
    {"rule \"a\" { accept = yes\n discard = yes }",
     "2: error: rule \"a\" has two verbs, `accept` and `discard`; leave one"},
    {"rule \"a\" { }", "1: error: rule \"a\" has no verb"},
    {"rule \"a\" { reject = yes }", "1: error: `reject` says no reason; write one, like reject = "
                                    "site-policy"},
    {"rule \"a\" { accept = nonsense-reason }", "1: error: there is no reason \"nonsense-reason\""},
    {"rule \"a\" { restate = site-policy }", "1: error: rule \"a\" has the verb restate at stage "
                                             "connect; at stage reply, and only there, write"},
    {"rule \"a\" { reject = site-policy stage = reply }",
     "1: error: rule \"a\" has the verb reject at stage reply\n"
     "1: error: the reason \"site-policy\" cannot be given at stage reply"},
    {"rule \"a\" { accept = yes stage = unknown }", "1: error: rule \"a\" cannot accept an unknown "
                                                    "command; write reject or defer"},
    /* stages */
    {"rule \"a\" { stage = mail accept = yes\n if { recipient = a@b } }",
     "2: error: recipient is not known at stage mail; write stage = rcpt or a later one"},
    {"rule \"a\" { stage = connect accept = yes unless { client-name = x\n helo = x } }",
     "2: error: helo is not known at stage connect"},
    {"rule \"a\" { stage = helo accept = yes if { macro:i = x } }",
     "1: error: macro is not known at stage helo; write stage = data"},
    {"rule \"a\" { stage = unknown reject = site-policy if { sender = x@y } }",
     "1: error: sender is not known at stage unknown"},
    {"rule \"a\" { accept = yes if { command = x sender = x@y } }",
     "1: error: no stage knows all the facts of rule \"a\": `command` is known at stage unknown"},
    /* codes */
    {"rule \"a\" { reject = site-policy\n code = \"550 4.7.1\" stage = rcpt }",
     "2: error: the first digits of 550 4.7.1 disagree"},
    {"rule \"a\" { reject = site-policy stage = rcpt\n code = \"450 4.7.1\" }",
     "2: error: 450 4.7.1 is "},
    {"rule \"a\" { reject = site-policy stage = mail\n code = \"556 5.1.10\" }",
     "2: error: 556 is not a reply to MAIL\n2: warning: "},
    {"rule \"a\" { reject = site-policy stage = rcpt\n code = \"550 5.1.99\" }",
     "2: error: enhanced code 5.1.99 is not in the IANA registry"},
    {"rule \"a\" { reject = site-policy stage = rcpt\n code = \"571 5.7.1\" }",
     "2: error: 571 cannot be a reply code: its digits are 2-5, 0-5, 0-9"},
    {"rule \"a\" { reject = site-policy stage = rcpt code = \"5.7.1\" }",
     "1: error: \"5.7.1\" is no code pair; write one like \"550 5.7.1\""},
    {"rule \"a\" { reject = site-policy stage = rcpt code = \"550 5.7.1 no\" }",
     "1: error: \"550 5.7.1 no\" is no code pair"},
    {"rule \"a\" { accept = yes code = \"550 5.7.1\" }",
     "1: error: `code` belongs to reject and defer only; leave it out"},
    {"rule \"a\" { stage = rcpt\n defer = virus-found }",
     "2: error: the reason \"virus-found\" has no temporary code pair; write `reject` instead"},
    {"rule \"a\" { stage = rcpt\n reject = greylisted }",
     "2: error: the reason \"greylisted\" has no permanent code pair; write `defer` instead"},
    {"rule \"a\" { stage = rcpt\n reject = virus-found }",
     "2: error: the reason \"virus-found\" cannot be given at stage rcpt; write one of the stages "
     "header, eoh, body, eom, or another reason"},
    /* values */
    {"rule \"a\" { accept = yes if { client-ip = { \"10.0.0.0/8\",\n \"10.0.0.1/8\",\n"
     "\"1.2.3.4/33\", \"x\" } } }",
     "2: error: the network \"10.0.0.1/8\" has host bits set; write 10.0.0.0/8\n"
     "3: error: \"1.2.3.4/33\" has no valid prefix length\n"
     "3: error: \"x\" is no IP address or network"},
    {"rule \"a\" { accept = yes if { helo = {\n\n \"~foo(bar\" } } }",
     "3: error: the regular expression \"foo(bar\" is wrong at character 7: missing closing"},
    {"rule \"a\" { accept = yes if { size = \">10 XB\" } }", "1: error: \">10 XB\" is no number"},
    {"rule \"a\" { accept = yes if { authenticated = true } }",
     "1: error: \"true\" is neither yes nor no"},
    {"rule \"a\" { accept = yes if { helo = { } } }", "1: error: the list of `helo` is empty"},
    {"rule \"a\" { accept = yes\n if { } }", "2: error: the `if` of rule \"a\" is empty; write a "
                                             "fact into it"},
    {"rule \"a\" { accept = yes\n unless { } }", "2: error: the `unless` of rule \"a\" is empty"},
    /* tables */
    {"table \"t\" { type = cidr }", "1: error: table \"t\" has neither `file` nor `values`"},
    {"table \"t\" { values = { x } }", "1: error: table \"t\" has no valid `type`"},
    {"table \"t\" { type = cidr values = {\n \"x\" } }", "2: error: \"x\" is no IP address"},
    {"table \"t\" { type = address\n file = \"none\" }",
     "2: error: the file \"none\" cannot be read: there is no such file; check its name"},
    {"table \"t\" { type = address\n file = \".\" }", "2: error: the file \".\" cannot be read: "},
    {"table \"t\" { type = cidr values = { \"10.0.0.0/8\" } }\n"
     "rule \"a\" { accept = yes if { sender = \"@t\" } }",
     "2: error: table \"t\" is of type cidr, which this fact cannot be compared with; use one of "
     "type address"},
    {"table \"t\" { type = address values = { a@b } }\n"
     "rule \"a\" { accept = yes if { client-ip = \"@t\" } }",
     "2: error: table \"t\" is of type address"},
    /* names */
    {"rule \"a\" { accept = yes if { helo = x } }\nrule \"a\" { accept = yes if { helo = y } }",
     "2: error: rule \"a\" stands here a second time, first on line 1; give it another name"},
    {"contact = x\ncontact = y", "2: error: contact stands here a second time, first on line 1"},
    {"table \"t\" { type = string values = { x } }\ntable \"t\" { type = string values = { y } }",
     "2: error: table \"t\" stands here a second time"},
    {"rule { accept = yes }", "1: error: this rule has no name; write rule \"name\" { … }"},
    {"log \"x\" { target = stderr }", "1: error: log takes no name; write log { … }"},
    {"reason \"mailbox-unknown\" { who = sender permanent = { \"rcpt=550 5.1.1\" } }",
     "1: error: there is a reason \"mailbox-unknown\" already; give this one an id of its own"},
    /* rules that never match */
    {"rule \"a\" { accept = yes }\nrule \"b\" { reject = site-policy }",
     "2: error: rule \"b\" can never match, because \"a\" (main.conf:1) takes all that comes "
     "before it"},
    /* tests */
    {"test \"t\" { sender = a@b }", "1: error: test \"t\" does not say what it expects"},
    {"test \"t\" { sender = a@b\n expect = acept }",
     "2: error: \"acept\" is no code pair, no verb and no reason; did you mean \"accept\"?"},
    {"test \"t\" { sendr = a@b expect = accept }",
     "1: error: there is no fact \"sendr\" in test; did you mean \"sender\"?"},
    /* the site and the service */
    {"help-url = \"x.example\"", "1: error: `help-url` is \"x.example\"; write one without blanks"},
    {"help-url = \"https://x.example/ y\"", "1: error: `help-url` is "},
    {"contact = \"şu@x.example\"", "1: error: `contact` must be printable ASCII"},
    {"reply-octets = 10", "1: error: `reply-octets` is \"10\"; write a number of at least 200"},
    {"utf8-replies = maybe", "1: error: `utf8-replies` is \"maybe\""},
    {"limits { headers = none\n body = -1 }", "1: error: `headers` is \"none\"; write a number\n"
                                              "2: error: `body` is \"-1\""},
    {"listen \"miltre\" { socket = \"inet:1@x\" }", "1: error: there is no protocol \"miltre\""},
    {"listen \"milter\" { socket = \"inet:0@x\" }", "1: error: listen \"milter\" has no valid "
                                                    "`socket`; write unix:/path"},
    {"listen \"milter\" { socket = \"unix:relative\" }",
     "1: error: listen \"milter\" has no valid"},
    {"listen \"milter\" { socket = \"inet:8893@localhost\"\n mode = 0999 }",
     "2: error: `mode` is \"0999\"; write octal permissions"},
    {"listen \"socketmap\" { socket = \"inet:1@x\"\n deadline = \"200\" }",
     "2: error: `deadline` is \"200\"; write a time of at most a minute, like \"200 ms\" or \"2 "
     "s\""},
    {"listen \"socketmap\" { socket = \"inet:1@x\"\n deadline = \"0 ms\" }",
     "2: error: `deadline` is \"0 ms\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n deadline = \"-1 s\" }",
     "2: error: `deadline` is \"-1 s\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n deadline = \"61 s\" }",
     "2: error: `deadline` is \"61 s\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n deadline = \"18446744073709551615 s\" }",
     "2: error: `deadline` is \"18446744073709551615 s\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n deadline = \"2 min\" }",
     "2: error: `deadline` is \"2 min\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n connections = 0 }",
     "2: error: `connections` is \"0\"; write a number of at least 1"},
    {"listen \"policy\" { socket = \"inet:1@x\"\n connections = many }",
     "2: error: `connections` is \"many\""},
    {"listen \"policy\" { socket = \"inet:1@x\"\n ask = \"10023\" }",
     "2: error: listen \"policy\" has no valid `ask`; write unix:/path, inet:port@127.0.0.1"},
    {"listen \"policy\" { socket = \"inet:1@x\"\n ask = \"inet:127.0.0.1:10023\" }",
     "2: error: listen \"policy\" has no valid `ask`"},
    {"listen \"socketmap\" { socket = \"inet:1@x\"\n ask = \"inet:1@y\" }",
     "2: error: listen \"socketmap\" has no `ask`; leave it out"},
    {"listen \"milter\" { socket = \"inet:1@x\"\n deadline = \"2 s\"\n connections = 9\n"
     "ask = \"inet:1@y\" }",
     "2: error: listen \"milter\" has no `deadline`; leave it out\n"
     "3: error: listen \"milter\" has no `connections`\n4: error: listen \"milter\" has no `ask`"},
    {"listen \"socketmap\" { deadline = \"2 s\" }",
     "1: error: listen \"socketmap\" has no valid `socket`"},
    {"listen \"socketmap\" { socket = \"inet:1@x\"\n dedline = \"2 s\" }",
     "2: error: there is no option \"dedline\" in listen; did you mean \"deadline\"?"},
    {"restate-codes = corect",
     "1: error: `restate-codes` is \"corect\"; write one of keep, correct; did you mean "
     "\"correct\"?"},
    {"rule \"a\" { if { helo = x } accept = yes\n answers = rcpt }",
     "2: error: `answers` belongs to restate only; leave it out"},
    {"rule \"a\" { if { reply-text = x } restate = site-policy\n answers = rctp }",
     "2: error: `answers` is \"rctp\"; write one of connect, helo, mail, rcpt, data, eom"},
    {"rule \"a\" { if { reply-text = x } restate = site-policy\n restate-codes = yes }",
     "2: error: `restate-codes` is \"yes\"; write one of keep, correct"},
    {"log { facility = post }", "1: error: `facility` is \"post\""},
    {"languages = { \"en\", \"en\" }",
     "1: error: the language \"en\" stands here twice; leave one"},
    /* form */
    {"rule \"a\" {\n accept = yes\n", "1: error: the file ends inside rule \"a\", which begins "
                                      "here; close it with }"},
    {"include(\"none.conf\")", "1: error: the file \"none.conf\" cannot be read: there is no such"},
    {"include()", "1: error: include names no file; write include(\"FILE\")"},
    {"include(\"main.conf\")", "1: error: the file \"main.conf\" is included already"},
    /* reasons of the site */
    {"reason \"own\" { who = sendr permanent = { \"rcpt=550 5.7.1\" } }",
     "1: error: reason \"own\" does not say who has to act; write who = sender, sender-admin, "
     "recipient, recipient-admin or nobody; did you mean \"sender\"?\n"
     "1: error: reason \"own\" has no text in language \"en\"\n"
     "1: error: reason \"own\" has no text in language \"tr\""},
};

START_TEST(faults_are_complained_of) {
    load(faults[_i].text);
    check_complaints(faults[_i].complaints);
}
END_TEST

/* What can be said in one load is said in one load: all faults of the table, one behind the other,
 * except of those that stop the reading or hide others. */
START_TEST(all_faults_are_found_in_one_load) {
    load("langauges = { \"en\" }\n"
         "contact = \"\x7f\"\n"
         "fallback = maybe\n"
         "table \"users\" { type = adress values = { x } }\n"
         "table \"nets\" { type = cidr values = { \"10.0.0.1/8\" } }\n"
         "rule \"a\" { if { clint-ip = \"1.2.3.4\" }\n"
         "  reject = mailbox-unknwon }\n"
         "rule \"b\" { if { helo = \"~(foo\"\n"
         "    sender = \"@usres\" }\n"
         "  stage = connect\n"
         "  reject = site-policy }\n"
         "rule \"c\" { if { }\n"
         "  defer = site-policy code = \"550 5.7.1\" }\n"
         "rule \"d\" { stage = rcpt defer = virus-found with = { \"limt=3\" } }\n"
         "test \"t\" { sender = a@b }\n"
         "rule \"e\" { if { helo = x } accept = yes\n");
    check_complaints("1: error: there is no option \"langauges\"\n"
                     "2: error: `contact` must be printable\n"
                     "3: error: `fallback` is \"maybe\"\n"
                     "4: error: table \"users\" has no valid `type`\n"
                     "5: error: the network \"10.0.0.1/8\" has host bits set\n"
                     "6: error: there is no fact \"clint-ip\"\n"
                     "7: error: there is no reason \"mailbox-unknwon\"\n"
                     "8: error: the regular expression \"(foo\" is wrong\n"
                     "8: error: helo is not known at stage connect\n"
                     "9: error: there is no table \"usres\"; did you mean \"users\"?\n"
                     "9: error: sender is not known at stage connect\n"
                     "12: error: the `if` of rule \"c\" is empty\n"
                     "13: error: 550 is not a reply to CONNECT\n"
                     "13: error: 550 5.7.1 is permanent and the verdict is temporary\n"
                     "14: error: the reason \"virus-found\" has no temporary code pair\n"
                     "14: error: the reason \"virus-found\" has no parameter \"limt\"\n"
                     "15: error: test \"t\" does not say what it expects\n"
                     "16: error: the file ends inside rule \"e\"");
}
END_TEST

START_TEST(complaints_are_in_order) {
    unsigned line = 0;
    const struct complaint *complaint;

    load("rule \"a\" { reject = nothing }\nfallback = x\ntable \"t\" { type = x }\nfoo = bar\n");
    for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL; i++) {
        ck_assert_uint_ge(complaint->place.line, line);
        line = complaint->place.line;
    }
    ck_assert_uint_eq(line, 4);
}
END_TEST

/* ---- strings ---- */

static const struct {
    const char *written, *read;
} strings[] = {
    {"postmaster@x.example", "postmaster@x.example"},
    {"\"two words\"", "two words"},
    {"'single \"quoted\"'", "single \"quoted\""},
    {"\"with \\\"quotes\\\"\"", "with \"quotes\""},
    {"\"\\d+\\.\\w\"", "\\d+\\.\\w"},
    {"'\\d'", "\\d"},
    {"\"a\\\\b\"", "a\\b"},
    {"\"~a\\\\.b\\d\"", "~a\\\\.b\\d"}, /* an expression is left as it is */
    {"\"~\\\"\"", "~\""},
    {"\"\\n\\t\\x41\\e\"", "\\n\\t\\x41\\e"},
    {"\"${HOME} $HOME ${NONE:-x}\"", "${HOME} $HOME ${NONE:-x}"},
    {"'${HOME}'", "${HOME}"},
    {"\"# // /* no comment */\"", "# // /* no comment */"},
    {"\"con\\\ntinued\"", "continued"},
    {"\"{a} = (b), +c\"", "{a} = (b), +c"},
};

START_TEST(strings_mean_what_they_say) {
    g_autofree char *text =
        g_strdup_printf("contact = %s\nfallback = defer\n", strings[_i].written);

    load_well(text);
    ck_assert_str_eq(settings->snapshot->site.contact, strings[_i].read);
    ck_assert_int_eq(settings->snapshot->site.fallback, FALLBACK_DEFER);
}
END_TEST

START_TEST(octets_that_are_no_text_are_refused) {
    load("contact = x\nhelp-url = \"https://x.example/\xfe\"\n");
    check_complaints("2: error: the octet 0xfe is not UTF-8 text; save the file in UTF-8");
}
END_TEST

/* ---- what is read ---- */

START_TEST(the_site_is_read) {
    load_well("languages = { \"de\", \"tr\" }\n"
              "help-url = \"https://x.example/{lang}/{reason}?ref={ref}&c={code}\"\n"
              "contact = postmaster@x.example\nutf8-replies = yes\nreply-octets = 900\n"
              "fallback = defer\n"
              "limits { headers = 100 header-octets = \"64 kB\" recipients = 7 body = 0 }\n");
    const struct site *site = &settings->snapshot->site;
    const struct catalogue *catalogue = settings->snapshot->catalogue;

    ck_assert_str_eq(site->help_url, "https://x.example/{lang}/{reason}?ref={ref}&c={code}");
    ck_assert_str_eq(site->contact, "postmaster@x.example");
    ck_assert(site->utf8);
    ck_assert_uint_eq(site->reply_octets, 900);
    ck_assert_int_eq(site->fallback, FALLBACK_DEFER);
    ck_assert_str_eq(site->fallback_reason->id, "internal-error");
    ck_assert_uint_eq(site->limits.header_fields, 100);
    ck_assert_uint_eq(site->limits.header_octets, 64000);
    ck_assert_uint_eq(site->limits.recipients, 7);
    ck_assert_uint_eq(site->limits.body_octets, 0);
    ck_assert_uint_eq(catalogue_language_count(catalogue), 2);
    ck_assert_str_eq(catalogue_language(catalogue, 0)->tag, "de");
    ck_assert_str_eq(catalogue_language(catalogue, 0)->name, "Deutsch");
    ck_assert_str_eq(catalogue_language(catalogue, 1)->tag, "tr");
}
END_TEST

START_TEST(an_empty_file_is_a_site) {
    load_well("");
    const struct snapshot *snapshot = settings->snapshot;

    ck_assert_str_eq(catalogue_language(snapshot->catalogue, 0)->tag, "en");
    ck_assert_str_eq(catalogue_language(snapshot->catalogue, 1)->tag, "tr");
    ck_assert_ptr_null(snapshot->site.help_url);
    ck_assert_ptr_null(snapshot->site.contact);
    ck_assert(!snapshot->site.utf8);
    ck_assert_uint_eq(snapshot->site.reply_octets, 700);
    ck_assert_int_eq(snapshot->site.fallback, FALLBACK_ACCEPT);
    ck_assert_uint_eq(snapshot->site.limits.header_fields, limits_default.header_fields);
    ck_assert_uint_eq(settings->service.listeners->len, 0);
    ck_assert_uint_eq(settings->tests->len, 0);
    ck_assert_int_eq(settings->service.log.target, LOG_TARGET_SYSLOG);
    ck_assert_str_eq(settings->service.log.facility, "mail");
    ck_assert_str_eq(settings->service.log.ident, "dragomand");
    ck_assert_str_eq(settings->file, "main.conf");
}
END_TEST

START_TEST(the_service_is_read) {
    load_well(
        "user = dragoman\ngroup = mail\npid-file = \"/run/x.pid\"\n"
        "log { target = stderr facility = local3 ident = house }\n"
        "listen \"milter\" { socket = \"unix:/run/x.sock\" mode = \"0666\" group = postfix }\n");
    const struct service_settings *service = &settings->service;
    const struct listener *listener = service->listeners->pdata[0];

    ck_assert_str_eq(service->user, "dragoman");
    ck_assert_str_eq(service->group, "mail");
    ck_assert_str_eq(service->pid_file, "/run/x.pid");
    ck_assert_int_eq(service->log.target, LOG_TARGET_STDERR);
    ck_assert_str_eq(service->log.facility, "local3");
    ck_assert_str_eq(service->log.ident, "house");
    ck_assert_int_eq(listener->protocol, PROTOCOL_MILTER);
    ck_assert_str_eq(listener->socket, "unix:/run/x.sock");
    ck_assert_str_eq(listener->group, "postfix");
    ck_assert_uint_eq(listener->mode, 0666);
    ck_assert_uint_eq(listener->place.line, 5);
}
END_TEST

START_TEST(listeners_are_read) {
    load_well("listen \"socketmap\" { socket = \"inet:8894@127.0.0.1\" }\n"
              "listen \"socketmap\" { socket = \"unix:/run/m.sock\" mode = \"0666\"\n"
              "  deadline = \"2 s\" connections = 100 }\n"
              "listen \"policy\" { socket = \"inet6:8895@::1\" deadline = \"60000ms\" }\n"
              "listen \"policy\" { socket = \"inet:8896@127.0.0.1\"\n"
              "  ask = \"inet:10023@127.0.0.1\" }\n"
              "listen \"policy\" { socket = \"inet:8897@127.0.0.1\" deadline = \"500 ms\"\n"
              "  ask = \"unix:/run/postgrey\" }\n");
    static const struct {
        enum protocol protocol;
        const char *socket, *ask;
        unsigned deadline_ms;
        size_t connections;
    } expected[] = {
        {PROTOCOL_SOCKETMAP, "inet:8894@127.0.0.1", NULL, 200, 2000},
        {PROTOCOL_SOCKETMAP, "unix:/run/m.sock", NULL, 2000, 100},
        {PROTOCOL_POLICY, "inet6:8895@::1", NULL, 60000, 2000},
        {PROTOCOL_POLICY, "inet:8896@127.0.0.1", "inet:10023@127.0.0.1", 3000, 2000},
        {PROTOCOL_POLICY, "inet:8897@127.0.0.1", "unix:/run/postgrey", 500, 2000},
    };

    ck_assert_uint_eq(settings->service.listeners->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const struct listener *listener = settings->service.listeners->pdata[i];
        ck_assert_int_eq(listener->protocol, expected[i].protocol);
        ck_assert_str_eq(listener->socket, expected[i].socket);
        ck_assert_pstr_eq(listener->ask, expected[i].ask);
        ck_assert_uint_eq(listener->deadline_ms, expected[i].deadline_ms);
        ck_assert_uint_eq(listener->connections, expected[i].connections);
    }
}
END_TEST

/* Those who ask for maps need the shipped rules; a milter alone need not load them. */
START_TEST(restating_rules_are_for_those_who_ask) {
    load_well("listen \"milter\" { socket = \"inet:8893@127.0.0.1\" }\n");
    ck_assert_uint_eq(settings->snapshot->policy->rules[STAGE_REPLY]->len, 0);
    settings_free(settings);
    load_well("listen \"socketmap\" { socket = \"inet:8894@127.0.0.1\" }\n");
    ck_assert_uint_gt(settings->snapshot->policy->rules[STAGE_REPLY]->len, 100);
}
END_TEST

START_TEST(a_site_may_take_all_replies) {
    load_well("listen \"socketmap\" { socket = \"inet:8894@127.0.0.1\" }\n"
              "rule \"all\" { if { reply-text = \"*\" } restate = site-policy }\n");
    ck_assert_uint_gt(settings->snapshot->policy->rules[STAGE_REPLY]->len, 100);
}
END_TEST

START_TEST(restating_is_read) {
    load_well("restate-codes = keep\n"
              "listen \"socketmap\" { socket = \"inet:8894@127.0.0.1\" }\n"
              "rule \"a\" { if { reply-text = x } restate = site-policy answers = data\n"
              "  restate-codes = correct }\n"
              "rule \"b\" { if { reply-text = y } restate = site-policy }\n");
    const struct rule *const *rules =
        (const struct rule *const *)settings->snapshot->policy->rules[STAGE_REPLY]->pdata;

    ck_assert_int_eq(settings->snapshot->site.restate_codes, RESTATE_CODES_KEEP);
    ck_assert_str_eq(rules[0]->name, "a"); /* in front of those that are shipped */
    ck_assert_int_eq(rules[0]->answers, COMMAND_DATA);
    ck_assert_int_eq(rules[0]->codes, RESTATE_CODES_CORRECT);
    ck_assert_int_eq(rules[1]->answers, COMMAND_NONE);
    ck_assert_int_eq(rules[1]->codes, RESTATE_CODES_OF_SITE);
}
END_TEST

static const char rules_text[] =
    "table \"nets\" { type = cidr values = { \"10.0.0.0/8\" } }\n"
    "rule \"one\" {\n"
    "  if { client-name = { \"unknown\", \"*.dyn.example\" } helo = \"~^(?<host>\\w+)\\.\" }\n"
    "  unless { client-ip = { \"@nets\", \"none\" } }\n"
    "  unless { authenticated = yes }\n"
    "  stage = rcpt\n"
    "  reject = message-too-big code = \"552 5.2.3\" with = { \" limit = 10 MB \" }\n"
    "}\n"
    "rule \"two\" { if { header:Subject = x } discard = site-policy shadow = yes }\n"
    "rule \"three\" { if { reply-text = x } restate = mailbox-unknown certain = no }\n";

START_TEST(rules_are_read) {
    load_well(rules_text);
    const struct policy *policy = settings->snapshot->policy;
    ck_assert_uint_eq(policy->rules[STAGE_RCPT]->len, 1);
    ck_assert_uint_eq(policy->rules[STAGE_EOH]->len, 1);
    ck_assert_uint_eq(policy->rules[STAGE_REPLY]->len, 1);
    const struct rule *one = policy->rules[STAGE_RCPT]->pdata[0];
    const struct rule *two = policy->rules[STAGE_EOH]->pdata[0];
    const struct rule *three = policy->rules[STAGE_REPLY]->pdata[0];

    ck_assert_str_eq(one->name, "one");
    ck_assert_uint_eq(one->place.line, 2);
    ck_assert_int_eq(one->verb, VERB_REJECT);
    ck_assert_str_eq(one->reason->id, "message-too-big");
    ck_assert(status_equal(one->code, (struct status){552, 5, 2, 3}));
    ck_assert_uint_eq(one->settings->len, 1);
    ck_assert_str_eq(g_array_index(one->settings, struct setting, 0).name, "limit");
    ck_assert_str_eq(g_array_index(one->settings, struct setting, 0).value, "10 MB");
    ck_assert_uint_eq(one->clauses->len, 3);
    const struct clause *first = one->clauses->pdata[0], *second = one->clauses->pdata[1];
    ck_assert(!first->negated);
    ck_assert(second->negated);
    ck_assert_uint_eq(first->conditions->len, 2);
    ck_assert_uint_eq(g_array_index(first->conditions, struct condition, 1).place.line, 3);
    ck_assert(!one->shadow);
    ck_assert(two->shadow);
    ck_assert_int_eq(two->verb, VERB_DISCARD);
    ck_assert(!one->uncertain && three->uncertain);
    ck_assert_int_eq(three->verb, VERB_RESTATE);
    ck_assert(policy->plan[STAGE_RCPT].answered);
}
END_TEST

START_TEST(expressions_mean_what_they_say) {
    load_well("rule \"r\" { stage = rcpt reject = site-policy\n"
              "  if { helo = \"~^(?<host>\\w+)\\.\\\"x\\\\y${HOME}?\" } }");
    struct transaction *transaction = transaction_new(&limits_default);
    transaction_helo(transaction, "mx.\"x\\y$");
    struct verdict verdict =
        policy_evaluate(settings->snapshot->policy, STAGE_RCPT, transaction, NULL);

    /* $ is an anchor, and {HOME} is itself */
    ck_assert_int_eq(verdict.verb, VERB_NONE);
    verdict_clear(&verdict);
    transaction_free(transaction);
    g_clear_pointer(&settings, settings_free);
    load_well("rule \"r\" { stage = rcpt reject = site-policy\n"
              "  if { helo = \"~^(?<host>\\w+)\\.\\\"x\\\\y\\$$\" } }");
    transaction = transaction_new(&limits_default);
    transaction_helo(transaction, "mx.\"x\\y$");
    verdict = policy_evaluate(settings->snapshot->policy, STAGE_RCPT, transaction, NULL);
    ck_assert_int_eq(verdict.verb, VERB_REJECT);
    ck_assert_str_eq(captures_find(&verdict.captures, "host"), "mx");
    verdict_clear(&verdict);
    transaction_free(transaction);
}
END_TEST

START_TEST(tests_are_read) {
    load_well("test \"t\" {\n  sender = a@b  recipient = { c@d, e@f }\n  header:X = y\n"
              "  expect = \"550 5.1.1\" }\n"
              "test \"u\" { reply = \"550 5.1.1 no\" expect = mailbox-unknown }\n");
    const struct policy_test *t = settings->tests->pdata[0], *u = settings->tests->pdata[1];
    const struct test_fact *facts = (const struct test_fact *)(void *)t->facts->data;

    ck_assert_str_eq(t->name, "t");
    ck_assert_str_eq(t->expect, "550 5.1.1");
    ck_assert_uint_eq(t->expected_at.line, 4);
    ck_assert_ptr_null(t->reply);
    ck_assert_uint_eq(t->facts->len, 4);
    ck_assert_int_eq(facts[0].fact, FACT_SENDER);
    ck_assert_str_eq(facts[2].value, "e@f");
    ck_assert_int_eq(facts[3].fact, FACT_HEADER);
    ck_assert_str_eq(facts[3].key, "X");
    ck_assert_str_eq(u->reply, "550 5.1.1 no");
}
END_TEST

/* ---- files ---- */

START_TEST(files_are_included) {
    write_file("conf.d/rules.conf", "rule \"b\" { if { helo = b } accept = yes }\n"
                                    "include(\"deeper.conf\")\n");
    write_file("conf.d/deeper.conf", "rule \"c\" { if { helo = c } accept = yes }\n"
                                     "contact = deeper\n");
    load_well("rule \"a\" { if { helo = a } accept = yes }\n"
              "include(\"conf.d/rules.conf\")\n"
              "rule \"d\" { if { helo = d } accept = yes }\n");
    const GPtrArray *rules = settings->snapshot->policy->rules[STAGE_HELO];
    static const char *const names[] = {"a", "b", "c", "d"};

    ck_assert_uint_eq(rules->len, G_N_ELEMENTS(names));
    for (guint i = 0; i < rules->len; i++)
        ck_assert_str_eq(((const struct rule *)rules->pdata[i])->name, names[i]);
    ck_assert_str_eq(((const struct rule *)rules->pdata[2])->place.file, "conf.d/deeper.conf");
    ck_assert_str_eq(settings->snapshot->site.contact, "deeper");
}
END_TEST

START_TEST(no_file_is_included_twice) {
    write_file("a.conf", "include(\"b.conf\")\n");
    write_file("b.conf", "include(\"a.conf\")\n");
    load("include(\"a.conf\")\n\ninclude(\"b.conf\")\n");
    check_complaints("3: error: the file \"b.conf\" is included already; leave one of the two out\n"
                     "b.conf:1: error: the file \"a.conf\" is included already");
}
END_TEST

static enum table_match look_up(const struct table *table, const char *value,
                                const struct ip_address *address) {
    struct probe probe;

    probe_set(&probe, value, address);
    return table_match(table, &probe, NULL);
}

START_TEST(tables_of_files_are_read) {
    struct ip_address address;

    write_file("lists/nets", "# our networks\n10.0.0.0/8   # inside\n\n  192.0.2.1\n");
    write_file("lists/users", "ayse@example.com\r\nali#x@example.com\n<>\n");
    write_file("sub.conf", "table \"nets\" { type = cidr file = \"lists/nets\" }\n"
                           "table \"users\" { type = address file = \"lists/users\" }\n");
    load_well("include(\"sub.conf\")\n");
    const struct table *nets = policy_find_table(settings->snapshot->policy, "nets");
    const struct table *users = policy_find_table(settings->snapshot->policy, "users");

    ck_assert(ip_address_parse("10.1.2.3", &address));
    ck_assert_int_eq(look_up(nets, "10.1.2.3", &address), TABLE_YES);
    ck_assert(ip_address_parse("192.0.2.2", &address));
    ck_assert_int_eq(look_up(nets, "192.0.2.2", &address), TABLE_NO);
    ck_assert_int_eq(look_up(users, "Ayse@example.com", NULL), TABLE_YES);
    ck_assert_int_eq(look_up(users, "ali#x@example.com", NULL), TABLE_YES);
    ck_assert_int_eq(look_up(users, "", NULL), TABLE_YES);
    ck_assert_int_eq(look_up(users, "ali@example.com", NULL), TABLE_NO);
}
END_TEST

START_TEST(bad_lines_of_tables_are_complained_of) {
    write_file("nets", "10.0.0.0/8\nnonsense\n10.0.0.1/8\n\xff\n");
    load("table \"nets\" { type = cidr file = nets }\n");
    check_complaints("nets:2: error: \"nonsense\" is no IP address or network\n"
                     "nets:3: error: the network \"10.0.0.1/8\" has host bits set\n"
                     "nets:4: error: the line is not UTF-8 text");
}
END_TEST

START_TEST(many_bad_lines_are_counted) {
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < 50; i++)
        g_string_append(text, "nonsense\n");
    write_file("nets", text->str);
    load("table \"nets\" { type = cidr file = nets }\n");
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 21);
    g_autofree char *all = all_complaints();
    ck_assert(strstr(all, "30 more lines of this table are wrong; is its `type` right?") != NULL);
}
END_TEST

START_TEST(a_file_must_be_readable) {
    bool root = geteuid() == 0; /* to whom nothing is forbidden */

    write_file("secret", "x\n");
    write_file("main.conf", "table \"t\" { type = string\n file = secret }\n");
    ck_assert_int_eq(g_chmod("secret", 0), 0);
    ck_assert_int_eq(g_chmod("main.conf", 0644), 0);
    ck_assert_int_eq(g_chmod(".", 0755), 0);
    if (root)
        ck_assert_int_eq(seteuid(65534), 0);
    settings = settings_load("main.conf", SETTINGS_POLICY, complaints);
    if (root)
        ck_assert_int_eq(seteuid(0), 0);
    check_complaints("2: error: the file \"secret\" cannot be read: reading it is not permitted");
}
END_TEST

START_TEST(there_must_be_a_main_file) {
    settings = settings_load("none.conf", SETTINGS_POLICY, complaints);
    g_autofree char *all = all_complaints();

    ck_assert_ptr_null(settings->snapshot);
    ck_assert(strstr(all, "the file \"none.conf\" cannot be read: there is no such file") != NULL);
}
END_TEST

/* ---- words of the site ---- */

static const char own_reason[] =
    "reason \"own-reason\" { who = sender permanent = { \"rcpt=550 5.7.1\" }\n"
    "  parameters = { \"day\" } }\n";

START_TEST(a_site_has_its_own_words) {
    write_file("own/en.conf", "language = en\n"
                              "text \"own-reason\" { short = \"Closed\" says = \"Closed[[ on "
                              "{day}]].\" remedy = \"Wait.\" }\n"
                              "text \"mailbox-unknown\" { short = \"Nobody\" says = \"Nobody[[ "
                              "{recipient}]].\" remedy = \"Look.\" }\n");
    write_file("own/tr.conf", "language = tr\n"
                              "text \"own-reason\" { short = \"Kapalı\" says = \"Kapalı[[ "
                              "({day})]].\" remedy = \"Bekleyin.\" }\n");
    g_autofree char *text =
        g_strconcat(own_reason,
                    "text-files = { \"own/en.conf\", \"own/tr.conf\" }\n"
                    "rule \"r\" { stage = rcpt reject = own-reason with = { \"day=Friday\" } }\n",
                    NULL);
    load_well(text);
    const struct reason *own = catalogue_find(settings->snapshot->catalogue, "own-reason");
    const struct reason *unknown = catalogue_find(settings->snapshot->catalogue, "mailbox-unknown");

    ck_assert_int_eq(own->who, ACTOR_SENDER);
    ck_assert_uint_eq(template_length(own->texts[0].brief, 0), strlen("Closed"));
    ck_assert_str_eq(own->texts[1].place.file, "own/tr.conf");
    ck_assert_str_eq(unknown->texts[0].place.file, "own/en.conf");
    ck_assert_uint_eq(unknown->texts[0].place.line, 3);
    ck_assert_uint_eq(template_length(unknown->texts[0].brief, 0), strlen("Nobody"));
}
END_TEST

static const struct {
    const char *text; /* of own.conf */
    const char *complaint;
} texts[] = {
    {"text \"mailbox-unknown\" { short = a says = b remedy = c }",
     "own.conf: error: the file does not say its language; write language = \"en\" on top"},
    {"language = en\ntext \"mailbox-unknwon\" { short = a says = b remedy = c }",
     "own.conf:2: error: there is no reason \"mailbox-unknwon\" for this text; did you mean"},
    {"language = en\ntext \"mailbox-unknown\" {\n short = a\n says = \"{recipent}\" remedy = c }",
     "own.conf:2: error: `says` of \"mailbox-unknown\" uses the unknown parameter {recipent}; did "
     "you mean \"recipient\"?"},
    {"language = en\ntext \"mailbox-full\" {\n short = a\n says = \"{recipient\" remedy = c }",
     "own.conf:4: error: a brace is open at \"{recipient\""},
    {"language = en\ntext \"mailbox-full\" {\n short = a says = \"[[{recipient}\" remedy = c }",
     "own.conf:3: error: \"[[\" is never closed"},
    {"language = en\ntext \"relay-denied\" { short = a says = \"b\nc\" remedy = c }",
     "own.conf:2: error: the text has a line end, a tab or another control character"},
    {"language = en\ntext \"relay-denied\" { short = a says = \"Москва\" remedy = c }",
     "own.conf:2: error: the character \"М\" has no ASCII form; name one in the `ascii` list"},
    {"language = en\nascii = { \"a=b\",\n \"ab=c\" }",
     "own.conf:3: error: \"ab=c\" is no letter with its ASCII form; write it like \"ä=ae\""},
    {"language = en\ntext \"relay-denied\" { shrt = a says = b remedy = c }",
     "own.conf:2: error: there is no option \"shrt\" in text; did you mean \"short\"?"},
    {"language = en\nrule \"x\" { accept = yes }",
     "own.conf:2: error: there is no option \"rule\" in the file"},
    {"language = en\ntext \"relay-denied\" { short = a says = b }",
     "own.conf:2: error: the text \"relay-denied\" has no `remedy`; write one"},
};

START_TEST(faults_of_texts_are_complained_of) {
    write_file("own.conf", texts[_i].text);
    load("text-files = { \"own.conf\" }\n");
    g_autofree char *all = all_complaints();
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    bool found = false;

    for (char **line = lines; *line != NULL; line++)
        found = found || g_str_has_prefix(*line, texts[_i].complaint);
    ck_assert_msg(found, "%s", all);
    ck_assert_ptr_null(settings->snapshot);
}
END_TEST

START_TEST(a_site_may_replace_the_shipped_files) {
    g_autofree char *all = NULL;

    write_file("texts/xx.conf", "language = xx\nname = \"X\"\n");
    load("languages = { \"xx\" }\n");
    all = all_complaints();
    ck_assert(strstr(all, "reason \"mailbox-unknown\" has no text in language \"xx\"") != NULL);
    ck_assert_ptr_null(strstr(all, "there is no text file"));
}
END_TEST

static TCase *new_case(const char *name) {
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    return tests;
}

static TCase *complaint_case(void) {
    TCase *tests = new_case("complaints");

    tcase_add_loop_test(tests, faults_are_complained_of, 0, G_N_ELEMENTS(faults));
    tcase_add_test(tests, all_faults_are_found_in_one_load);
    tcase_add_test(tests, complaints_are_in_order);
    tcase_add_test(tests, octets_that_are_no_text_are_refused);
    return tests;
}

static TCase *reading_case(void) {
    TCase *tests = new_case("reading");

    tcase_add_loop_test(tests, strings_mean_what_they_say, 0, G_N_ELEMENTS(strings));
    tcase_add_test(tests, the_site_is_read);
    tcase_add_test(tests, an_empty_file_is_a_site);
    tcase_add_test(tests, the_service_is_read);
    tcase_add_test(tests, listeners_are_read);
    tcase_add_test(tests, restating_rules_are_for_those_who_ask);
    tcase_add_test(tests, a_site_may_take_all_replies);
    tcase_add_test(tests, restating_is_read);
    tcase_add_test(tests, rules_are_read);
    tcase_add_test(tests, expressions_mean_what_they_say);
    tcase_add_test(tests, tests_are_read);
    return tests;
}

static TCase *file_case(void) {
    TCase *tests = new_case("files");

    tcase_add_test(tests, files_are_included);
    tcase_add_test(tests, no_file_is_included_twice);
    tcase_add_test(tests, tables_of_files_are_read);
    tcase_add_test(tests, bad_lines_of_tables_are_complained_of);
    tcase_add_test(tests, many_bad_lines_are_counted);
    tcase_add_test(tests, a_file_must_be_readable);
    tcase_add_test(tests, there_must_be_a_main_file);
    tcase_add_test(tests, a_site_has_its_own_words);
    tcase_add_loop_test(tests, faults_of_texts_are_complained_of, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tests, a_site_may_replace_the_shipped_files);
    return tests;
}

Suite *settings_suite(void) {
    Suite *suite = suite_create("settings");

    suite_add_tcase(suite, complaint_case());
    suite_add_tcase(suite, reading_case());
    suite_add_tcase(suite, file_case());
    return suite;
}
