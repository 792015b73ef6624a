/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of reasons as it is shipped: its pairs, and what becomes of its texts in each pair
 * of languages.
 */
#include <string.h>
#include <unistd.h>

#include "dragoman/interpret.h"
#include "dragoman/settings.h"
#include "suites.h"

enum { REASONS_LEAST = 102 };

static const char *const languages[][3] = {
    {"en", "tr", NULL}, {"tr", "en", NULL}, {"de", "tr", NULL}, {"de", NULL, NULL}};

static struct settings *load(const char *const *tags) {
    struct complaints *complaints = complaints_new();
    g_autofree char *folder = g_dir_make_tmp("dragoman-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "main.conf", NULL);
    g_autoptr(GString) text = g_string_new("languages = {");

    for (size_t i = 0; tags[i] != NULL; i++)
        g_string_append_printf(text, "%s \"%s\"", i > 0 ? "," : "", tags[i]);
    g_string_append(text, " }\nhelp-url = \"https://postmaster.example.com/{reason}?ref={ref}\"\n"
                          "contact = \"postmaster@example.com\"\n");
    ck_assert(g_file_set_contents(file, text->str, -1, NULL));
    struct settings *settings = settings_load(file, SETTINGS_POLICY, complaints);
    const struct complaint *complaint = complaints_at(complaints, 0);
    g_autofree char *print = complaint != NULL ? complaint_print(complaint) : NULL;
    ck_assert_msg(complaint == NULL, "%s", print);
    complaints_free(complaints);
    unlink(file);
    rmdir(folder);
    return settings;
}

/* ---- pairs ---- */

static enum smtp_command command_of(const char *name) {
    enum stage stage = stage_from_name(name);

    if (stage != STAGE_NONE)
        return stage_command(stage);
    enum smtp_command command = command_from_name(name);
    ck_assert_msg(command != COMMAND_NONE || strcmp(name, "any") == 0, "%s", name);
    return command;
}

static enum status_class class_of(const char *name) {
    static const enum status_class classes[] = {STATUS_PERMANENT, STATUS_TEMPORARY, STATUS_SUCCESS};

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (strcmp(status_class_name(classes[i]), name) == 0)
            return classes[i];
    ck_abort_msg("%s", name);
    return STATUS_ANY;
}

static void check_row(const struct catalogue *catalogue, const char *row) {
    g_auto(GStrv) fields = g_strsplit(row, "\t", -1);
    char text[STATUS_TEXT_SIZE];

    ck_assert_msg(g_strv_length(fields) >= 5, "%s", row);
    const struct reason *reason = catalogue_find(catalogue, fields[0]);
    ck_assert_msg(reason != NULL, "%s", fields[0]);
    status_print(reason_pair(reason, class_of(fields[1]), command_of(fields[2])), text);
    g_autofree char *expected = *fields[4] != '\0' && strcmp(fields[4], "-") != 0
                                    ? g_strconcat(fields[3], " ", fields[4], NULL)
                                    : g_strdup(fields[3]);
    ck_assert_msg(strcmp(text, expected) == 0, "%s at %s: %s, not %s", fields[0], fields[2], text,
                  expected);
}

START_TEST(every_pair_of_the_list_comes_out) {
    struct settings *settings = load(languages[0]);
    g_autofree char *content = NULL;
    size_t rows = 0;

    ck_assert(g_file_get_contents(TEST_DATA "/pairs.tsv", &content, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    ck_assert(g_str_has_prefix(lines[0], "id\tclass\tstage\tbasic\tenhanced"));
    for (char **line = lines + 1; *line != NULL; line++)
        if (**line != '\0') {
            check_row(settings->snapshot->catalogue, *line);
            rows++;
        }
    ck_assert_uint_ge(rows, 140);
    settings_free(settings);
}
END_TEST

START_TEST(there_are_enough_reasons) {
    struct settings *settings = load(languages[0]);
    size_t count = 0;
    const struct reason *reason;

    for (; (reason = catalogue_at(settings->snapshot->catalogue, count)) != NULL; count++) {
        ck_assert_uint_lt(reason->who, ACTOR_COUNT);
        ck_assert_msg(reason->source != NULL, "%s", reason->id);
    }
    ck_assert_uint_ge(count, REASONS_LEAST);
    settings_free(settings);
}
END_TEST

/* ---- texts ---- */

static void setting_clear(void *setting) {
    g_free(((struct setting *)setting)->value);
}

/* What a rule may add, as long as it usually is. */
static GArray *typical_settings(const struct reason *reason) {
    static const struct {
        const char *name, *value;
    } typical[] = {
        {"limit", "10 MB"},
        {"address", "ayse.yilmaz@example.com"},
        {"option", "NOTIFY=NEVER"},
        {"list", "zen.blocklist.example"},
        {"list-url", "https://check.blocklist.example/q/192.0.2.17"},
        {"new-address", "ayse.yilmaz@example.com"},
        {"mechanism", "CRAM-MD5"},
        {"virus-name", "Eicar-Test-Signature"},
        {"purpose", "sales newsletters"},
        {"file-name", "invoice-2026.exe"},
        {"header-name", "Message-ID"},
    };
    GArray *settings = g_array_new(FALSE, FALSE, sizeof(struct setting));

    g_array_set_clear_func(settings, setting_clear);
    for (guint i = 0; i < reason->parameters->len; i++) {
        const char *name = reason->parameters->pdata[i], *value = NULL;
        for (size_t j = 0; j < G_N_ELEMENTS(typical); j++)
            if (strcmp(typical[j].name, name) == 0)
                value = typical[j].value;
        ck_assert_msg(value != NULL, "no value is typical of {%s}; add one above", name);
        struct setting setting = {g_intern_string(name), g_strdup(value)};
        g_array_append_val(settings, setting);
    }
    return settings;
}

static struct transaction *typical_transaction(bool authenticated) {
    static const char *const parameters[] = {"SIZE=31457280", NULL};
    struct transaction *transaction = transaction_new(&limits_default);

    transaction_connect(transaction, "mail-out-17.provider.example", "192.0.2.117", 45123);
    transaction_macro(transaction, STAGE_CONNECT, "j", "mx1.example.com");
    transaction_helo(transaction, "mail-out-17.provider.example");
    transaction_mail(transaction, "<mehmet.ozturk@provider.example>", parameters);
    if (authenticated)
        transaction_macro(transaction, STAGE_MAIL, "auth_authen", "mehmet.ozturk");
    transaction_rcpt(transaction, "<ayse.yilmaz@example.com>", NULL);
    return transaction;
}

static void check_lines(const struct snapshot *snapshot, const struct subject *subject,
                        const struct reply *reply) {
    const char *last = reply->lines->pdata[reply->lines->len - 1];
    g_autofree char *wire = reply_print(reply);

    ck_assert_uint_le(reply->lines->len, 32);
    ck_assert_msg(strlen(wire) <= 700, "%s: %zu octets\n%s", subject->reason->id, strlen(wire),
                  wire);
    for (const char *at = wire; *at != '\0'; at++)
        ck_assert_msg(g_ascii_isprint(*at) || *at == '\r' || *at == '\n', "%s", wire);
    for (guint i = 0; i < reply->lines->len; i++)
        ck_assert_msg(*(const char *)reply->lines->pdata[i] != ' ' &&
                          *(const char *)reply->lines->pdata[i] != '\0',
                      "%s", wire);
    g_auto(GStrv) shorts = g_strsplit(last, " - https://", 2);
    g_auto(GStrv) words = g_strsplit(shorts[0], " / ", -1);
    ck_assert_msg(g_strv_length(words) == catalogue_language_count(snapshot->catalogue), "%s",
                  last);
    for (char **word = words; *word != NULL; word++)
        ck_assert_uint_gt(strlen(*word), 3);
    ck_assert_msg(g_str_has_suffix(last, " [ref 7F3K-2QXD]"), "%s", last);
    ck_assert_msg(strstr(last, subject->reason->id) != NULL, "%s", last);
}

static void check_composition(struct snapshot *snapshot, struct subject *subject) {
    struct reply *reply = compose(snapshot, subject, &shape_milter);
    size_t octets = snapshot->site.reply_octets;

    check_lines(snapshot, subject, reply);
    snapshot->site.reply_octets = 1000000;
    struct reply *whole = compose(snapshot, subject, &shape_milter);
    snapshot->site.reply_octets = octets;
    g_autofree char *wire = reply_print(whole);
    ck_assert_msg(whole->lines->len == reply->lines->len,
                  "%s leaves something out, %zu octets are too many:\n%s", subject->reason->id,
                  strlen(wire), wire);
    reply_free(whole);
    reply_free(reply);
}

static void check_reason(struct snapshot *snapshot, const struct reason *reason,
                         const struct transaction *transaction) {
    static const enum status_class classes[] = {STATUS_PERMANENT, STATUS_TEMPORARY, STATUS_SUCCESS};
    GArray *settings = typical_settings(reason);

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        for (enum smtp_command command = 0;
             reason->pairs[classes[i]] != NULL && command <= COMMAND_COUNT; command++) {
            struct subject subject = {.reason = reason,
                                      .status = reason->pairs[classes[i]][command],
                                      .transaction = transaction,
                                      .settings = settings,
                                      .ref = "7F3K-2QXD"};
            if (subject.status.basic != 0)
                check_composition(snapshot, &subject);
        }
    g_array_unref(settings);
}

START_TEST(every_reason_can_be_said) {
    struct settings *settings = load(languages[_i / 2]);
    struct transaction *transaction = typical_transaction(_i % 2 == 1);
    const struct reason *reason;

    for (size_t i = 0; (reason = catalogue_at(settings->snapshot->catalogue, i)) != NULL; i++)
        check_reason(settings->snapshot, reason, transaction);
    transaction_free(transaction);
    settings_free(settings);
}
END_TEST

/* ---- the shipped configuration ---- */

START_TEST(the_shipped_files_are_in_order) {
    struct complaints *complaints = complaints_new();
    struct settings *settings =
        settings_load("builtin:dragoman.conf", (enum settings_parts)_i, complaints);
    const struct complaint *complaint = complaints_at(complaints, 0);

    ck_assert_msg(complaint == NULL, "%s", complaint->text);
    ck_assert_ptr_nonnull(settings->snapshot);
    ck_assert_uint_ge(settings->tests->len, 1);
    ck_assert_uint_eq(settings->service.listeners->len, 1);
    ck_assert_int_eq(settings->snapshot->policy->rules[STAGE_REPLY]->len > 0,
                     _i == SETTINGS_RESTATING);
    complaints_free(complaints);
    settings_free(settings);
}
END_TEST

Suite *catalogue_suite(void) {
    Suite *suite = suite_create("catalogue");
    TCase *tests = tcase_create("catalogue");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_pair_of_the_list_comes_out);
    tcase_add_test(tests, there_are_enough_reasons);
    tcase_add_loop_test(tests, every_reason_can_be_said, 0, 2 * G_N_ELEMENTS(languages));
    tcase_add_loop_test(tests, the_shipped_files_are_in_order, SETTINGS_POLICY,
                        SETTINGS_RESTATING + 1);
    suite_add_tcase(suite, tests);
    return suite;
}
