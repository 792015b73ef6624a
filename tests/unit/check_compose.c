/* SPDX-License-Identifier: ISC */
#include "dragoman/compose.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

static struct snapshot *snapshot;
static struct transaction *transaction;
static GArray *settings;
static struct captures captures;

static void setting_clear(void *setting) {
    g_free(((struct setting *)setting)->value);
}

static void set_up(void) {
    snapshot = sample_snapshot();
    transaction = transaction_new(&limits_default);
    transaction_connect(transaction, "mx.example.net", "192.0.2.7", 4711);
    transaction_mail(transaction, "<a@b.example>", NULL);
    transaction_rcpt(transaction, "<ayse@example.com>", NULL);
    settings = g_array_new(FALSE, FALSE, sizeof(struct setting));
    g_array_set_clear_func(settings, setting_clear);
}

static void tear_down(void) {
    g_array_unref(settings);
    transaction_free(transaction);
    snapshot_release(snapshot);
}

static void set(const char *name, const char *value) {
    struct setting setting = {g_intern_string(name), g_strdup(value)};

    g_array_append_val(settings, setting);
}

static struct reply *composed_as(const char *id, struct status status, const struct shape *shape) {
    struct subject subject = {
        .reason = catalogue_find(snapshot->catalogue, id),
        .status = status,
        .transaction = transaction,
        .settings = settings,
        .captures = &captures,
        .ref = "7F3K-2QXD",
    };

    ck_assert_ptr_nonnull(subject.reason);
    return compose(snapshot, &subject, shape);
}

static struct reply *composed(const char *id) {
    return composed_as(id, (struct status){550, 5, 7, 1}, &shape_milter);
}

static const char *line(const struct reply *reply, guint index) {
    return index < reply->lines->len ? reply->lines->pdata[index] : "(none)";
}

static const char *last_line(const struct reply *reply) {
    return line(reply, reply->lines->len - 1);
}

static void check_lines(const struct reply *reply, const char *expected) {
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < reply->lines->len; i++)
        g_string_append_printf(all, "%s\n", line(reply, i));
    ck_assert_str_eq(all->str, expected);
}

/* What holds of every reply, whatever is in it. */
static void check_form(const struct reply *reply, const char *last_end) {
    g_autofree char *wire = reply_print(reply);
    g_auto(GStrv) lines = g_strsplit(wire, "\r\n", -1);
    guint count = g_strv_length(lines) - 1;
    char pair[STATUS_TEXT_SIZE];

    status_print(reply->status, pair);
    ck_assert_uint_ge(reply->lines->len, 2);
    ck_assert_uint_le(reply->lines->len, 32);
    ck_assert_uint_eq(count, reply->lines->len);
    ck_assert_str_eq(lines[count], "");
    for (guint i = 0; i < count; i++) {
        struct status status;
        const char *rest;
        ck_assert_uint_le(strlen(lines[i]) + strlen("\r\n"), 512);
        ck_assert_int_eq(lines[i][3], i + 1 < count ? '-' : ' ');
        ck_assert(status_parse(lines[i], &status, &rest));
        ck_assert_msg(status_equal(status, reply->status), "%s", lines[i]);
        ck_assert_uint_gt(strlen(rest), 1);
        ck_assert_ptr_null(strpbrk(lines[i], "\r\n\x01\x1b"));
        ck_assert(g_utf8_validate(lines[i], -1, NULL));
    }
    ck_assert_msg(g_str_has_suffix(last_line(reply), last_end), "%s", last_line(reply));
}

/* ---- the form of a reply ---- */

START_TEST(a_reply_says_it_in_two_languages) {
    struct reply *reply =
        composed_as("mailbox-unknown", (struct status){550, 5, 1, 1}, &shape_milter);
    g_autofree char *wire = reply_print(reply);

    ck_assert_str_eq(wire,
                     "550-5.1.1 There is no mailbox ayse@example.com here.\r\n"
                     "550-5.1.1 Please check the address.\r\n"
                     "550-5.1.1 Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok.\r\n"
                     "550-5.1.1 Lutfen adresi kontrol edin.\r\n"
                     "550 5.1.1 No such mailbox / Posta kutusu yok [ref 7F3K-2QXD]\r\n");
    check_form(reply, " [ref 7F3K-2QXD]");
    reply_free(reply);
    reply_free(NULL);
}
END_TEST

START_TEST(a_basic_code_may_stand_alone) {
    struct reply *reply = composed_as("site-policy", (struct status){550, 0, 0, 0}, &shape_milter);
    g_autofree char *wire = reply_print(reply);

    ck_assert(g_str_has_prefix(wire, "550-This mail is against our policy.\r\n550-Please"));
    ck_assert(strstr(wire, "\r\n550 Against our policy / Ilkelerimize aykiri [ref ") != NULL);
    reply_free(reply);
}
END_TEST

/* ---- the last line ---- */

static const struct {
    const char *url, *contact;
    struct status status;
    const char *end;
} ends[] = {
    {NULL, NULL, {550, 5, 7, 1}, " aykiri [ref 7F3K-2QXD]"},
    {"https://x.example/", NULL, {550, 5, 7, 1}, " aykiri - https://x.example/ [ref 7F3K-2QXD]"},
    {"https://x.example/{lang}/{reason}?r={ref}&c={code}",
     NULL,
     {550, 5, 7, 26},
     " - https://x.example/en/site-policy?r=7F3K-2QXD&c=5.7.26 [ref 7F3K-2QXD]"},
    {"https://x.example/{code}/{code}",
     NULL,
     {550, 0, 0, 0},
     " - https://x.example/550/550 [ref 7F3K-2QXD]"},
    {NULL, "postmaster@x.example", {550, 5, 7, 1}, " - postmaster@x.example [ref 7F3K-2QXD]"},
    {"https://x.example/",
     "postmaster@x.example",
     {550, 5, 7, 1},
     " aykiri - https://x.example/ [ref 7F3K-2QXD]"},
};

START_TEST(the_last_line_tells_where_help_is) {
    snapshot->site.help_url = g_strdup(ends[_i].url);
    snapshot->site.contact = g_strdup(ends[_i].contact);
    struct reply *reply = composed_as("site-policy", ends[_i].status, &shape_milter);

    ck_assert(g_str_has_prefix(last_line(reply), "Against our policy / Ilkelerimize aykiri"));
    check_form(reply, ends[_i].end);
    reply_free(reply);
}
END_TEST

/* ---- parameters ---- */

START_TEST(the_rule_comes_before_what_it_read_and_what_is_known) {
    static const struct sample_text texts[] = {
        {"s", "{recipient} [[{limit}]][[{contact}]]", "r", NULL}, {"s", "x", "r", NULL}};

    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, "limit", texts);
    struct reply *reply = composed("r");
    ck_assert_str_eq(line(reply, 0), "ayse@example.com ");
    reply_free(reply);
    captures = (struct captures){.count = 1, .each = g_new(struct capture, 1)};
    captures.each[0] = (struct capture){"recipient", g_strdup("read@example.org")};
    snapshot->site.contact = g_strdup("postmaster@x.example");
    reply = composed("r");
    ck_assert_str_eq(line(reply, 0), "read@example.org postmaster@x.example");
    reply_free(reply);
    set("recipient", "set@example.net");
    set("limit", "10 MB");
    reply = composed("r");
    ck_assert_str_eq(line(reply, 0), "set@example.net 10 MBpostmaster@x.example");
    reply_free(reply);
    captures_clear(&captures);
}
END_TEST

START_TEST(sizes_are_written_for_people) {
    static const struct sample_text texts[] = {{"s", "size {declared-size}.", "r", NULL},
                                               {"s", "x", "r", NULL}};
    static const struct {
        const char *parameter, *says;
    } sizes[] = {
        {"SIZE=31000000", "size 31.0 MB."},
        {"SIZE=999", "size 999 bytes."},
        {"SIZE=x", "size -."},
        {"BODY=8BITMIME", "size -."},
    };

    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const char *parameters[] = {sizes[i].parameter, NULL};
        transaction_mail(transaction, "<>", parameters);
        struct reply *reply = composed("r");
        ck_assert_str_eq(line(reply, 0), sizes[i].says);
        reply_free(reply);
    }
}
END_TEST

START_TEST(the_null_sender_is_shown) {
    static const struct sample_text texts[] = {{"s", "from {sender} ({sender-domain})", "r", NULL},
                                               {"s", "x", "r", NULL}};

    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    transaction_mail(transaction, "<>", NULL);
    struct reply *reply = composed("r");
    ck_assert_str_eq(line(reply, 0), "from <> (-)");
    reply_free(reply);
}
END_TEST

START_TEST(of_several_recipients_none_is_meant) {
    transaction_keep_recipient(transaction);
    struct reply *reply = composed("mailbox-unknown");
    ck_assert_str_eq(line(reply, 0), "There is no mailbox ayse@example.com here.");
    reply_free(reply);
    transaction_rcpt(transaction, "<ali@example.com>", NULL);
    transaction_keep_recipient(transaction);
    reply = composed("mailbox-unknown");
    ck_assert_str_eq(line(reply, 0), "There is no mailbox here.");
    ck_assert_str_eq(line(reply, 2), "Bu sunucuda boyle bir posta kutusu yok.");
    reply_free(reply);
}
END_TEST

START_TEST(our_own_people_are_spoken_to_otherwise) {
    set("limit", "10 MB");
    struct reply *reply = composed("too-big");
    ck_assert_str_eq(line(reply, 0), "The message is too big (at most 10 MB).");
    reply_free(reply);
    transaction_macro(transaction, STAGE_MAIL, "auth_authen", "ayse");
    reply = composed("too-big");
    ck_assert_str_eq(line(reply, 0), "Your message is too big (at most 10 MB).");
    ck_assert_str_eq(line(reply, 2), "Iletiniz cok buyuk (en cok 10 MB).");
    reply_free(reply);
    reply = composed("site-policy"); /* which has no such words */
    ck_assert_str_eq(line(reply, 0), "This mail is against our policy.");
    reply_free(reply);
}
END_TEST

static const struct {
    const char *recipient, *shown;
} hostile[] = {
    {"<a\r\n250 2.0.0 OK@b>", "a??250 2.0.0 OK@b"},
    {"<a\x1b[2J@b>", "a?[2J@b"},
    {"<100%s%n@b>", "100%s%n@b"},
    {"<$(id)`id`@b>", "$(id)`id`@b"},
    {"<ay\xc5\x9f"
     "e@b>",
     "ay??e@b"},
    {"<\xff\xfe@b>", "??@b"},
    {"<{contact}[[x]]@b>", "{contact}[[x]]@b"},
    {"<\x01@b>", "?@b"},
    {"<\xe2\x80\xae@b>", "???@b"},
};

START_TEST(hostile_parameters_do_no_harm) {
    g_autofree char *expected = g_strdup_printf("There is no mailbox %s here.", hostile[_i].shown);

    transaction_rcpt(transaction, hostile[_i].recipient, NULL);
    struct reply *reply = composed("mailbox-unknown");
    ck_assert_str_eq(line(reply, 0), expected);
    ck_assert_uint_eq(reply->lines->len, 5);
    check_form(reply, "[ref 7F3K-2QXD]");
    reply_free(reply);
}
END_TEST

START_TEST(long_parameters_are_bounded) {
    static const char *const fillings[] = {"x", " ", "x ", "\r\n", "\xc5\x9f", "%", "a.b@"};

    for (int utf8 = 0; utf8 < 2; utf8++)
        for (size_t i = 0; i < G_N_ELEMENTS(fillings); i++) {
            const char *parameters[] = {"SMTPUTF8", NULL};
            g_autoptr(GString) path = g_string_new(NULL);
            while (path->len < 5000)
                g_string_append(path, fillings[i]);
            snapshot->site.utf8 = utf8;
            transaction_mail(transaction, "<>", parameters);
            transaction_rcpt(transaction, path->str, NULL);
            struct reply *reply = composed("mailbox-unknown");
            g_autofree char *wire = reply_print(reply);
            ck_assert(strstr(wire, "...") != NULL);
            ck_assert_uint_le(strlen(wire), 700);
            check_form(reply, "No such mailbox / Posta kutusu yok [ref 7F3K-2QXD]");
            reply_free(reply);
        }
}
END_TEST

/* Many long parameters in one sentence: the line ends before it is too long, the reply is whole. */
START_TEST(no_line_is_longer_than_the_protocol_allows) {
    static const struct sample_text texts[] = {
        {"s {helo}{recipient}{sender}", "{helo}{recipient}{sender} and {helo}", "r", NULL},
        {"s {helo}{recipient}{sender}", "{helo}{recipient}{sender} and {helo}", "r", NULL}};
    g_autofree char *value = g_strnfill(1000, 'x');
    g_autoptr(GString) letters = g_string_new(NULL);
    const char *parameters[] = {"SMTPUTF8", NULL};

    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    while (letters->len < 1000)
        g_string_append(letters, "ş");
    snapshot->site.utf8 = true;
    for (int i = 0; i < 2; i++) {
        transaction_helo(transaction, i == 0 ? value : letters->str);
        transaction_mail(transaction, i == 0 ? value : letters->str, parameters);
        transaction_rcpt(transaction, i == 0 ? value : letters->str, NULL);
        struct reply *reply = composed("r");
        check_form(reply, "");
        reply_free(reply);
    }
}
END_TEST

/* ---- lines ---- */

static const struct {
    const char *says;
    const char *first, *second; /* of the lines */
} wraps[] = {
    /* 68 columns are left beside the codes */
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12", "r"},
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 123",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890", "123"},
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12 x",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12", "x"},
    {"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890    x   y",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890   ", "x   y"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890 x",
     "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "x"},
    {"a b c [[{limit}]] d", "a b c",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 d"},
    {"12345678901234567890 [[{limit}]] d", "12345678901234567890",
     "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 d"},
    {"[[{none}]] 123456789012345678901234567890123456789012345678901234567890123456789 x",
     "123456789012345678901234567890123456789012345678901234567890123456789", "x"},
    {"[[{none}]] leading", "leading", "r"},
};

START_TEST(lines_are_wrapped_at_words) {
    const struct sample_text texts[] = {{"s", wraps[_i].says, "r", NULL}, {"s", "t", "r", NULL}};

    set("limit", "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890");
    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, "limit,none", texts);
    struct reply *reply = composed("r");
    g_autofree char *first = g_strchomp(g_strdup(line(reply, 0)));
    g_autofree char *expected = g_strchomp(g_strdup(wraps[_i].first));
    ck_assert_str_eq(first, expected);
    ck_assert_str_eq(line(reply, 1), wraps[_i].second);
    check_form(reply, "[ref 7F3K-2QXD]");
    reply_free(reply);
}
END_TEST

START_TEST(all_words_arrive) {
    g_autoptr(GString) says = g_string_new("w0");
    g_autoptr(GString) arrived = g_string_new(NULL);

    for (int i = 1; i < 60; i++)
        g_string_append_printf(says, " w%d", i);
    const struct sample_text texts[] = {{"s", says->str, "r", NULL}, {"s", "t", "r", NULL}};
    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    struct reply *reply = composed("r");
    for (guint i = 0; strcmp(line(reply, i), "r") != 0; i++) {
        g_string_append_printf(arrived, "%s%s", i > 0 ? " " : "", line(reply, i));
        ck_assert_uint_le(strlen("550-5.7.1 ") + strlen(line(reply, i)), 78);
    }
    ck_assert_str_eq(arrived->str, says->str);
    reply_free(reply);
}
END_TEST

/* ---- what is left out ---- */

/* Each sentence has 50 octets with its codes and CRLF, the last line 43: 243 in all. */
static const struct {
    size_t octets;
    const char *lines; /* the first letter of each */
} sizes[] = {
    {700, "AaBbS"}, {243, "AaBbS"}, {242, "AaBS"}, {193, "AaBS"}, {192, "ABS"},
    {143, "ABS"},   {142, "AS"},    {93, "AS"},    {1, "AS"},
};

START_TEST(the_least_important_is_left_out_first) {
    static const struct sample_text texts[] = {{"S", "A.....................................",
                                                "a.....................................", NULL},
                                               {"T", "B.....................................",
                                                "b.....................................", NULL}};
    g_autoptr(GString) letters = g_string_new(NULL);

    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    snapshot->site.reply_octets = sizes[_i].octets;
    snapshot->site.contact = g_strdup("1234567");
    struct reply *reply = composed("r");
    g_autofree char *wire = reply_print(reply);
    for (guint i = 0; i < reply->lines->len; i++)
        g_string_append_c(letters, *line(reply, i));
    ck_assert_str_eq(letters->str, sizes[_i].lines);
    ck_assert_str_eq(last_line(reply), "S / T - 1234567 [ref 7F3K-2QXD]");
    if (sizes[_i].octets >= 93)
        ck_assert_uint_le(strlen(wire), sizes[_i].octets);
    reply_free(reply);
}
END_TEST

START_TEST(lines_are_counted_too) {
    g_autofree char *many = g_strnfill(60 * 20, 'x');
    struct shape shape = shape_milter;

    for (size_t i = 59; i < strlen(many); i += 60)
        many[i] = ' ';
    const struct sample_text texts[] = {{"s", many, many, NULL}, {"s", many, many, NULL}};
    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    snapshot->site.reply_octets = 100000;
    struct reply *reply = composed("r");
    ck_assert_uint_eq(reply->lines->len, 21); /* with the second sentence it would be 41 */
    reply_free(reply);
    shape.lines_max = 41;
    reply = composed_as("r", (struct status){550, 5, 7, 1}, &shape);
    ck_assert_uint_eq(reply->lines->len, 41);
    reply_free(reply);
}
END_TEST

/* ---- charsets ---- */

static const struct {
    bool site, client;
    const char *says, *brief;
} charsets[] = {
    {false, false, "Lutfen yoneticinize sorun.", "Ilkelerimize"},
    {true, false, "Lutfen yoneticinize sorun.", "Ilkelerimize"},
    {false, true, "Lutfen yoneticinize sorun.", "Ilkelerimize"},
    {true, true, "Lütfen yöneticinize sorun.", "İlkelerimize"},
};

START_TEST(utf8_needs_both_sides) {
    const char *parameters[] = {charsets[_i].client ? "SMTPUTF8" : "BODY=8BITMIME", NULL};

    snapshot->site.utf8 = charsets[_i].site;
    transaction_mail(transaction, "<>", parameters);
    transaction_rcpt(transaction, "<ayşe@b>", NULL);
    struct reply *reply = composed("site-policy");
    ck_assert_str_eq(line(reply, 3), charsets[_i].says);
    ck_assert(strstr(last_line(reply), charsets[_i].brief) != NULL);
    check_form(reply, "[ref 7F3K-2QXD]");
    reply_free(reply);
    reply = composed("mailbox-unknown");
    bool utf8 = charsets[_i].site && charsets[_i].client;
    ck_assert_str_eq(line(reply, 0), utf8 ? "There is no mailbox ayşe@b here."
                                          : "There is no mailbox ay??e@b here.");
    reply_free(reply);
}
END_TEST

/* ---- reports of other servers' refusals ---- */

START_TEST(another_server_is_reported) {
    static const char *const tags[] = {"en", "tr", NULL};
    static const struct sample_text texts[] = {
        {"s", "Gone[[: {recipient}]].", "Ask.", "Ours"},
        {"k", "Yok[[: {recipient}]].", "Şuna sorun.", "Bizde"}};

    snapshot_release(snapshot);
    snapshot = sample_site(tags);
    struct reason *reason = sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    struct subject subject = {.reason = reason, .transaction = transaction, .ref = ""};
    struct complaints *complaints = complaints_new();
    transaction_rcpt(transaction, "<ayşe\r\n@b c>", NULL);
    g_autofree char *says = compose_report(snapshot, &subject, 1, true);
    ck_assert_str_eq(says, "Yok: ayşe??@b c. Şuna sorun.");
    reason->texts[0].reported = template_compile(
        "It says that[[ {recipient}]] is gone.",
        catalogue_language(snapshot->catalogue, 0)->folding, (struct place){"x", 1}, complaints);
    g_autofree char *reported = compose_report(snapshot, &subject, 0, false);
    ck_assert_str_eq(reported, "It says that ayşe??@b c is gone.");
    complaints_free(complaints);
}
END_TEST

START_TEST(a_site_may_speak_one_language) {
    static const char *const tags[] = {"tr", NULL};
    static const struct sample_text texts[] = {{"Yok", "Şu yok.", "Sorun.", NULL}};

    snapshot_release(snapshot);
    snapshot = sample_site(tags);
    sample_reason(snapshot, "r", "rcpt=550 5.7.1", NULL, NULL, texts);
    struct reply *reply = composed("r");
    check_lines(reply, "Su yok.\nSorun.\nYok [ref 7F3K-2QXD]\n");
    reply_free(reply);
}
END_TEST

Suite *compose_suite(void) {
    Suite *suite = suite_create("compose");
    TCase *tests = tcase_create("compose");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_reply_says_it_in_two_languages);
    tcase_add_test(tests, a_basic_code_may_stand_alone);
    tcase_add_loop_test(tests, the_last_line_tells_where_help_is, 0, G_N_ELEMENTS(ends));
    tcase_add_test(tests, the_rule_comes_before_what_it_read_and_what_is_known);
    tcase_add_test(tests, sizes_are_written_for_people);
    tcase_add_test(tests, the_null_sender_is_shown);
    tcase_add_test(tests, of_several_recipients_none_is_meant);
    tcase_add_test(tests, our_own_people_are_spoken_to_otherwise);
    tcase_add_loop_test(tests, hostile_parameters_do_no_harm, 0, G_N_ELEMENTS(hostile));
    tcase_add_test(tests, long_parameters_are_bounded);
    tcase_add_test(tests, no_line_is_longer_than_the_protocol_allows);
    tcase_add_loop_test(tests, lines_are_wrapped_at_words, 0, G_N_ELEMENTS(wraps));
    tcase_add_test(tests, all_words_arrive);
    tcase_add_loop_test(tests, the_least_important_is_left_out_first, 0, G_N_ELEMENTS(sizes));
    tcase_add_test(tests, lines_are_counted_too);
    tcase_add_loop_test(tests, utf8_needs_both_sides, 0, G_N_ELEMENTS(charsets));
    tcase_add_test(tests, another_server_is_reported);
    tcase_add_test(tests, a_site_may_speak_one_language);
    suite_add_tcase(suite, tests);
    return suite;
}
