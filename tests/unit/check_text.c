/* SPDX-License-Identifier: ISC */
#include "dragoman/text.h"

#include <string.h>

#include "suites.h"

/* ---- harmless ---- */

static const struct {
    const char *text, *ascii, *utf8;
} hostile[] = {
    {"", "", ""},
    {"plain ~ text!", "plain ~ text!", "plain ~ text!"},
    {"100 % $sure {a} \\ \"b\"", "100 % $sure {a} \\ \"b\"", "100 % $sure {a} \\ \"b\""},
    {"a\r\n550 5.1.1 b", "a??550 5.1.1 b", "a??550 5.1.1 b"},
    {"\x1b[31mred\x07", "?[31mred?", "?[31mred?"},
    {"tab\tand\x7f", "tab?and?", "tab?and?"},
    {"\x01", "?", "?"},          /* the hard blank of templates */
    {"\xc2\x85x", "??x", "??x"}, /* NEL, a C1 control */
    {"\xc2\x9b"
     "31m",
     "??31m", "??31m"},                               /* CSI, a C1 control */
    {"g\xc3\xbcl", "g??l", "g\xc3\xbcl"},             /* gül */
    {"\xc5\x9f\xc4\xb1", "????", "\xc5\x9f\xc4\xb1"}, /* şı */
    {"\xe6\xbc\xa2", "???", "\xe6\xbc\xa2"},          /* a Chinese character */
    {"\xf0\x9f\x93\xa7", "????", "\xf0\x9f\x93\xa7"}, /* an envelope */
    {"a\xe2\x80\xae"
     "b",
     "a???b", "a???b"}, /* right-to-left override */
    {"a\xe2\x80\x8f"
     "b",
     "a???b", "a???b"}, /* right-to-left mark */
    {"a\xe2\x81\xa6"
     "b",
     "a???b", "a???b"}, /* left-to-right isolate */
    {"a\xe2\x80\x8b"
     "b",
     "a???b", "a???b"}, /* zero-width space */
    {"a\xef\xbb\xbf"
     "b",
     "a???b", "a???b"}, /* byte-order mark */
    {"a\xe2\x80\xa8"
     "b",
     "a???b", "a???b"}, /* line separator */
    {"a\xe2\x80\xa9"
     "b",
     "a???b", "a???b"},                   /* paragraph separator */
    {"\xff\xfe", "??", "??"},             /* never UTF-8 */
    {"\x80", "?", "?"},                   /* a lone continuation */
    {"a\xc3", "a?", "a?"},                /* ends inside a character */
    {"\xc3(", "?(", "?("},                /* not continued */
    {"\xc0\xaf", "??", "??"},             /* an overlong slash */
    {"\xc0\x8a", "??", "??"},             /* an overlong line feed */
    {"\xed\xa0\x80", "???", "???"},       /* half of a surrogate pair */
    {"\xf4\x90\x80\x80", "????", "????"}, /* beyond Unicode */
};

static void check_harmless(const char *text, enum charset charset, size_t max,
                           const char *expected) {
    g_autoptr(GString) out = g_string_new("before ");

    text_append_harmless(out, text, charset, max);
    ck_assert(g_str_has_prefix(out->str, "before "));
    ck_assert_str_eq(out->str + strlen("before "), expected);
}

START_TEST(texts_are_made_harmless) {
    check_harmless(hostile[_i].text, CHARSET_ASCII, PARAMETER_OCTETS_MAX, hostile[_i].ascii);
    check_harmless(hostile[_i].text, CHARSET_UTF8, PARAMETER_OCTETS_MAX, hostile[_i].utf8);
}
END_TEST

START_TEST(no_octet_is_harmful) {
    for (unsigned octet = 1; octet < 256; octet++) {
        const char text[] = {(char)octet, '\0'};
        const char *expected = octet >= ' ' && octet < 0x7f ? text : "?";
        check_harmless(text, CHARSET_ASCII, PARAMETER_OCTETS_MAX, expected);
        check_harmless(text, CHARSET_UTF8, PARAMETER_OCTETS_MAX, expected);
    }
}
END_TEST

static const struct {
    const char *text;
    size_t max;
    const char *ascii, *utf8;
} long_ones[] = {
    {"123456789", 9, "123456789", "123456789"},
    {"1234567890", 9, "123456...", "123456..."},
    {"1234567890", 3, "...", "..."},
    {"12345\xc3\xbc"
     "789",
     9, "12345?...", "12345..."}, /* ü would not fit whole */
    {"1234\xc3\xbc"
     "6789",
     9, "1234??...", "1234\xc3\xbc..."},
    {"123\xf0\x9f\x93\xa7"
     "4567",
     9, "123???...", "123..."},
    {"1234567\xc3\xbc", 9, "1234567??", "1234567\xc3\xbc"},
    {"\r\n\r\n\r\n\r\n\r\n", 9, "??????...", "??????..."},
};

START_TEST(long_texts_are_cut) {
    check_harmless(long_ones[_i].text, CHARSET_ASCII, long_ones[_i].max, long_ones[_i].ascii);
    check_harmless(long_ones[_i].text, CHARSET_UTF8, long_ones[_i].max, long_ones[_i].utf8);
}
END_TEST

/* ---- fields ---- */

static const struct {
    const char *value, *field;
} fields[] = {
    {"value", "key=value"},
    {"a@b.example", "key=a@b.example"},
    {"", "key=\"\""},
    {"two words", "key=\"two words\""},
    {"a=b", "key=\"a=b\""},
    {"say \"hi\"", "key=\"say \\\"hi\\\"\""},
    {"\"", "key=\"\\\"\""},
    {"back\\slash", "key=\"back\\\\slash\""},
    {"a\nforged=1", "key=\"a?forged=1\""},
    {"g\xc3\xbcl", "key=g\xc3\xbcl"},
    {"\xff", "key=?"},
};

START_TEST(fields_are_quoted) {
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) second = g_string_new("a=b");
    g_autofree char *joined = g_strconcat("a=b ", fields[_i].field, NULL);

    text_append_field(first, "key", fields[_i].value);
    ck_assert_str_eq(first->str, fields[_i].field);
    text_append_field(second, "key", fields[_i].value);
    ck_assert_str_eq(second->str, joined);
}
END_TEST

START_TEST(long_fields_are_cut) {
    g_autofree char *value = g_strnfill(10000, 'x');
    g_autoptr(GString) out = g_string_new(NULL);

    text_append_field(out, "key", value);
    ck_assert_uint_eq(out->len, strlen("key=") + PARAMETER_OCTETS_MAX);
    ck_assert(g_str_has_suffix(out->str, "x..."));
}
END_TEST

/* ---- near words ---- */

static const char *word_at(const void *known, size_t index) {
    return ((const char *const *)known)[index];
}

static const struct {
    const char *word, *nearest;
} words[] = {
    {"reject", "reject"}, {"rejct", "reject"},    {"rejeect", "reject"},
    {"REJECT", "reject"}, {"erject", "reject"},   {"defre", "defer"},
    {"acept", "accept"},  {"discrad", "discard"}, {"hodl", "hold"},
    {"if", "if"},         {"fi", NULL},           {"quarantine", NULL},
    {"", NULL},           {"zzzzzz", NULL},       {"x", NULL},
    {"hlod", "hold"},     {"rejectrejec", NULL},
};

START_TEST(the_nearest_word_is_found) {
    static const char *const known[] = {"reject", "defer", "accept", "discard", "hold", "if"};
    const char *nearest = text_nearest(words[_i].word, known, G_N_ELEMENTS(known), word_at);

    ck_assert_pstr_eq(nearest, words[_i].nearest);
    ck_assert_ptr_null(text_nearest(words[_i].word, known, 0, word_at));
}
END_TEST

START_TEST(the_nearer_word_wins) {
    static const char *const known[] = {"recipients", "recipient", "recipienty"};

    ck_assert_str_eq(text_nearest("recipiend", known, G_N_ELEMENTS(known), word_at), "recipient");
}
END_TEST

/* Neither side may write past the rows of the distance. */
START_TEST(long_words_are_never_near) {
    g_autofree char *longest = g_strnfill(64, 'x');
    g_autofree char *longer = g_strnfill(65, 'x');
    const char *const known[] = {longer, longest};

    ck_assert_ptr_eq(text_nearest(longest, known, 2, word_at), longest);
    ck_assert_ptr_null(text_nearest(longer, known, 2, word_at));
    ck_assert_ptr_null(text_nearest(longest, known, 1, word_at));
}
END_TEST

START_TEST(one_asks_politely) {
    g_autofree char *question = text_did_you_mean("reject");
    g_autofree char *nothing = text_did_you_mean(NULL);

    ck_assert_str_eq(question, "; did you mean \"reject\"?");
    ck_assert_str_eq(nothing, "");
}
END_TEST

/* ---- sizes ---- */

static const struct {
    const char *text;
    guint64 octets;
} sizes[] = {
    {"0", 0},
    {"4096", 4096},
    {"4096B", 4096},
    {"10 MB", 10 * 1000 * 1000},
    {"10MB", 10 * 1000 * 1000},
    {"10   mb", 10 * 1000 * 1000},
    {"512kB", 512 * 1000},
    {"512KB", 512 * 1000},
    {"1 KiB", 1024},
    {"1 MiB", 1024 * 1024},
    {"2 GB", G_GUINT64_CONSTANT(2000000000)},
    {"2 GiB", G_GUINT64_CONSTANT(2147483648)},
    {"007", 7},
    {"18446744073709551615", G_MAXUINT64},
    {"99999999999999999999", G_MAXUINT64}, /* more than that is still very much */
};

START_TEST(sizes_are_read) {
    guint64 octets = 1;

    ck_assert(text_parse_size(sizes[_i].text, &octets));
    ck_assert_uint_eq(octets, sizes[_i].octets);
}
END_TEST

START_TEST(other_sizes_are_not_read) {
    static const char *const none[] = {
        "",    " 1",     "-1",  "+1",   "MB",    "x",   "1 k",   "1.5MB",
        "1,5", "1 MB x", "1 2", "0x10", "10 TB", "1\t", "1 MB ", "18446744073709551615 kB"};
    guint64 octets;

    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        ck_assert_msg(!text_parse_size(none[i], &octets), "%s", none[i]);
}
END_TEST

Suite *text_suite(void) {
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");

    tcase_add_loop_test(tests, texts_are_made_harmless, 0, G_N_ELEMENTS(hostile));
    tcase_add_test(tests, no_octet_is_harmful);
    tcase_add_loop_test(tests, long_texts_are_cut, 0, G_N_ELEMENTS(long_ones));
    tcase_add_loop_test(tests, fields_are_quoted, 0, G_N_ELEMENTS(fields));
    tcase_add_test(tests, long_fields_are_cut);
    tcase_add_loop_test(tests, the_nearest_word_is_found, 0, G_N_ELEMENTS(words));
    tcase_add_test(tests, the_nearer_word_wins);
    tcase_add_test(tests, long_words_are_never_near);
    tcase_add_test(tests, one_asks_politely);
    tcase_add_loop_test(tests, sizes_are_read, 0, G_N_ELEMENTS(sizes));
    tcase_add_test(tests, other_sizes_are_not_read);
    suite_add_tcase(suite, tests);
    return suite;
}
