/* SPDX-License-Identifier: ISC */
#include "dragoman/fold.h"

#include <glib.h>

#include "suites.h"

static const char *const turkish[] = {"ı=i", "İ=I", "ş=s", "Ş=S", "ğ=g", "Ğ=G", "ç=c", NULL};
static const char *const german[] = {"ä=ae", "Ä=Ae", "ö=oe", "ü=ue", "ß=ss", NULL};
static const char *const odd[] = {"漢=han", "x=", "%=(percent)", "==equals", NULL};
static const char *const none[] = {NULL};

static struct folding *folding_of(const char *const *letters) {
    struct folding *folding = folding_new();

    for (; *letters != NULL; letters++)
        ck_assert_msg(folding_add(folding, *letters), "%s", *letters);
    return folding;
}

static const struct {
    const char *const *letters;
    const char *text, *ascii;
} texts[] = {
    {none, "", ""},
    {none, "plain ~ text 100%", "plain ~ text 100%"},
    {turkish, "Işık söndü; İstanbul’da değil", "Isik sondu; Istanbul'da degil"},
    {turkish, "ŞİİR ağaç", "SIIR agac"},
    {german, "Äpfel, Größe, Übel, schön", "Aepfel, Groesse, Ubel, schoen"},
    {none, "Größe", "Grosse"},
    {none, "“quoted” – dash… ‘x’", "\"quoted\" - dash... 'x'"},
    {none, "café naïve Ångström", "cafe naive Angstrom"},
    {odd, "漢x%=", "han(percent)equals"},
};

START_TEST(texts_are_folded) {
    struct folding *folding = folding_of(texts[_i].letters);
    char unknown[8];
    g_autofree char *ascii = fold_text(folding, texts[_i].text, unknown);

    ck_assert_pstr_eq(ascii, texts[_i].ascii);
    folding_free(folding);
}
END_TEST

static const struct {
    const char *const *letters;
    const char *text, *unknown;
} foreign[] = {
    {none, "ab漢c", "漢"}, {none, "ısı", "ı"},    {german, "ısı", "ı"},
    {none, "x📧", "📧"},     {none, "Привет", "П"},
};

START_TEST(characters_without_ascii_form_are_named) {
    struct folding *folding = folding_of(foreign[_i].letters);
    char unknown[8] = "";

    ck_assert_ptr_null(fold_text(folding, foreign[_i].text, unknown));
    ck_assert_str_eq(unknown, foreign[_i].unknown);
    folding_free(folding);
}
END_TEST

START_TEST(the_last_word_on_a_letter_counts) {
    const char *const letters[] = {"ä=a", "ä=ae", NULL};
    struct folding *folding = folding_of(letters);
    char unknown[8];
    g_autofree char *ascii = fold_text(folding, "ä", unknown);

    ck_assert_str_eq(ascii, "ae");
    folding_free(folding);
    folding_free(NULL);
}
END_TEST

START_TEST(other_rules_are_refused) {
    static const char *const rules[] = {"",    "ä",    "äe",     "ae=ae",  "ää=a",   "=a",
                                        "ä=é", "ä=\n", "ä=a\tb", "ä=\x7f", "\xff=a", "ä=\xc3"};
    struct folding *folding = folding_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        ck_assert_msg(!folding_add(folding, rules[i]), "%s", rules[i]);
    folding_free(folding);
}
END_TEST

Suite *fold_suite(void) {
    Suite *suite = suite_create("fold");
    TCase *tests = tcase_create("fold");

    tcase_add_loop_test(tests, texts_are_folded, 0, G_N_ELEMENTS(texts));
    tcase_add_loop_test(tests, characters_without_ascii_form_are_named, 0, G_N_ELEMENTS(foreign));
    tcase_add_test(tests, the_last_word_on_a_letter_counts);
    tcase_add_test(tests, other_rules_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
