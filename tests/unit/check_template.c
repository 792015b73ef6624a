/* SPDX-License-Identifier: ISC */
#include "dragoman/template.h"

#include <string.h>

#include "suites.h"

static const struct place here = {"texts/xx.conf", 12};

static struct folding *folding;
static struct complaints *complaints;

static void set_up(void) {
    folding = folding_new();
    complaints = complaints_new();
    ck_assert(folding_add(folding, "ş=s"));
    ck_assert(folding_add(folding, "ä=ae"));
}

static void tear_down(void) {
    complaints_free(complaints);
    folding_free(folding);
}

/* {a} is "one", {b} "two words", {recipient} "ş@x", {long} has 1,000 octets, the others nothing. */
static const char *value_of(const struct template_parameter *parameter, void *context) {
    static char long_value[1001];

    ck_assert_str_eq(context, "context");
    memset(long_value, 'x', sizeof long_value - 1);
    return strcmp(parameter->name, "a") == 0           ? "one"
           : strcmp(parameter->name, "b") == 0         ? "two words"
           : strcmp(parameter->name, "empty") == 0     ? ""
           : strcmp(parameter->name, "hostile") == 0   ? "x\r\n\x01{a}[[%"
           : strcmp(parameter->name, "recipient") == 0 ? "ş@x"
           : strcmp(parameter->name, "long") == 0      ? long_value
                                                       : NULL;
}

/* Hard blanks are shown as "_". */
static char *rendered(const struct template *template, enum charset charset) {
    GString *out = g_string_new(">");

    template_render(template, charset, value_of, "context", out);
    for (char *at = out->str; *at != '\0'; at++)
        *at = *at == HARD_BLANK ? '_' : *at;
    return g_string_free(out, FALSE);
}

static const struct {
    const char *text, *ascii, *utf8;
} renderings[] = {
    {"", ">", ">"},
    {"No parameter.", ">No parameter.", ">No parameter."},
    {"{a}", ">one", ">one"},
    {"a {a} b {b} c", ">a one b two_words c", ">a one b two_words c"},
    {"{a}{a}", ">oneone", ">oneone"},
    {"şaka ä", ">saka ae", ">şaka ä"},
    {"<{recipient}>", "><??@x>", "><ş@x>"},
    {"no {value} here", ">no - here", ">no - here"},
    {"is {empty}.", ">is .", ">is ."},
    {"{hostile}!", ">x???{a}[[%!", ">x???{a}[[%!"},
    {"x[[ ({a})]] y", ">x (one) y", ">x (one) y"},
    {"x[[ ({value})]] y", ">x y", ">x y"},
    {"x[[ ({a}, {value})]] y", ">x y", ">x y"},
    {"[[{value} ]]x[[ {a}]]", ">x one", ">x one"},
    {"[[{value}]][[{a}]][[{value}]]", ">one", ">one"},
    {"[[always]]", ">always", ">always"},
    {"x[[]]y", ">xy", ">xy"},
    {"a [b] ] [ } c", ">a [b] ] [ } c", ">a [b] ] [ } c"},
};

START_TEST(templates_are_rendered) {
    struct template *template = template_compile(renderings[_i].text, folding, here, complaints);
    ck_assert_ptr_nonnull(template);
    g_autofree char *ascii = rendered(template, CHARSET_ASCII);
    g_autofree char *utf8 = rendered(template, CHARSET_UTF8);

    ck_assert_str_eq(ascii, renderings[_i].ascii);
    ck_assert_str_eq(utf8, renderings[_i].utf8);
    ck_assert_ptr_null(complaints_at(complaints, 0));
    template_free(template);
}
END_TEST

START_TEST(long_values_are_cut) {
    struct template *template = template_compile("{long}", folding, here, complaints);
    g_autofree char *ascii = rendered(template, CHARSET_ASCII);

    ck_assert_uint_eq(strlen(ascii), strlen(">") + PARAMETER_OCTETS_MAX);
    ck_assert(g_str_has_suffix(ascii, "x..."));
    template_free(template);
    template_free(NULL);
}
END_TEST

START_TEST(parameters_are_listed) {
    struct template *template = template_compile(
        "{limit} {sender}[[ {a} {limit}]][[ {b}]] {b}[[ {reply-text}]]", folding, here, complaints);
    static const struct template_parameter expected[] = {
        {"limit", FACT_NONE, false}, {"sender", FACT_SENDER, false},        {"a", FACT_NONE, true},
        {"b", FACT_NONE, false},     {"reply-text", FACT_REPLY_TEXT, true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        const struct template_parameter *parameter = template_parameter(template, i);
        ck_assert_ptr_nonnull(parameter);
        ck_assert_str_eq(parameter->name, expected[i].name);
        ck_assert_ptr_eq(parameter->name, g_intern_string(expected[i].name));
        ck_assert_int_eq(parameter->fact, expected[i].fact);
        ck_assert_msg(parameter->optional == expected[i].optional, "%s", parameter->name);
    }
    ck_assert_ptr_null(template_parameter(template, G_N_ELEMENTS(expected)));
    template_free(template);
}
END_TEST

static const struct {
    const char *text;
    size_t parameter_length, length;
} lengths[] = {
    {"", 10, 0}, {"abc", 10, 3}, {"şşş", 10, 3}, {"a{a}b", 10, 12}, {"a{a}[[ {b}]]", 0, 2},
};

START_TEST(lengths_are_in_characters) {
    struct template *template = template_compile(lengths[_i].text, folding, here, complaints);

    ck_assert_uint_eq(template_length(template, lengths[_i].parameter_length), lengths[_i].length);
    template_free(template);
}
END_TEST

static const struct {
    const char *text, *complaint;
} wrong[] = {
    {"a {b", "a brace is open at \"{b\"; write a parameter as {recipient}"},
    {"a {} b", "a brace is open at \"{} b\""},
    {"{", "a brace is open"},
    {"a [[b", "\"[[\" is never closed; end the optional part with \"]]\""},
    {"[[", "\"[[\" is never closed"},
    {"a ]] b", "\"]]\" closes nothing at \"]] b\"; open the part with \"[[\""},
    {"[[a]] ]]", "\"]]\" closes nothing"},
    {"a [[b [[c]] d]]", "\"[[\" stands inside \"[[ ]]\" at \"[[c]] d]]\""},
    {"漢", "the character \"漢\" has no ASCII form; name one in the `ascii` list"},
    {"[[ı {a}]]", "the character \"ı\" has no ASCII form"},
    {"two\nlines", "control character"},
    {"two\r\nlines", "control character"},
    {"tab\there", "control character"},
    {"hard\x01"
     "blank",
     "control character"},
    {"del\x7f", "control character"},
};

START_TEST(other_texts_are_complained_of) {
    ck_assert_ptr_null(template_compile(wrong[_i].text, folding, here, complaints));
    const struct complaint *complaint = complaints_at(complaints, 0);

    ck_assert_ptr_nonnull(complaint);
    ck_assert_int_eq(complaint->severity, SEVERITY_ERROR);
    ck_assert_str_eq(complaint->place.file, here.file);
    ck_assert_uint_eq(complaint->place.line, here.line);
    ck_assert_msg(strstr(complaint->text, wrong[_i].complaint) != NULL, "%s", complaint->text);
}
END_TEST

START_TEST(all_faults_are_found_at_once) {
    ck_assert_ptr_null(template_compile("漢 ]] [[{a} ı {", folding, here, complaints));
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 5);
}
END_TEST

Suite *template_suite(void) {
    Suite *suite = suite_create("template");
    TCase *tests = tcase_create("template");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, templates_are_rendered, 0, G_N_ELEMENTS(renderings));
    tcase_add_test(tests, long_values_are_cut);
    tcase_add_test(tests, parameters_are_listed);
    tcase_add_loop_test(tests, lengths_are_in_characters, 0, G_N_ELEMENTS(lengths));
    tcase_add_loop_test(tests, other_texts_are_complained_of, 0, G_N_ELEMENTS(wrong));
    tcase_add_test(tests, all_faults_are_found_at_once);
    suite_add_tcase(suite, tests);
    return suite;
}
