/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dragoman/text.h"
#include "loader.h"

static void load_test_fact(const struct section *section, const struct section *option,
                           struct policy_test *test) {
    struct test_fact fact;
    if (strcmp(section_name(option), "expect") == 0 || strcmp(section_name(option), "reply") == 0)
        return;
    fact.fact = load_fact(option, &fact.key);
    if (fact.fact == FACT_NONE || !section_is_read(section))
        return;
    for (size_t i = 0; i < section_count(section, section_name(option)); i++) {
        fact.value = g_strdup(section_item(section, section_name(option), i));
        g_array_append_val(test->facts, fact);
    }
}

static const char *outcome_at(const void *known, size_t index) {
    return ((const char *const *)known)[index];
}

static bool is_outcome(const struct loader *loader, const char *expect) {
    struct status status;
    if (status_parse(expect, &status, NULL))
        return true;
    for (enum verb verb = 0; verb < VERB_COUNT; verb++)
        if (strcmp(verb_name(verb), expect) == 0)
            return true;
    return catalogue_find(loader->settings->snapshot->catalogue, expect) != NULL;
}

static void check_expect(struct loader *loader, const struct policy_test *test) {
    static const char *const outcomes[] = {"reject", "defer", "accept", "discard", "hold"};
    if (test->expect == NULL) {
        loader_error(loader, test->place,
                     "test \"%s\" does not say what it expects; write expect = \"550 5.7.1\", a "
                     "verb or a reason",
                     test->name);
        return;
    }
    if (is_outcome(loader, test->expect))
        return;
    const char *near = text_nearest(test->expect, outcomes, G_N_ELEMENTS(outcomes), outcome_at);
    if (near == NULL)
        near = catalogue_nearest(loader->settings->snapshot->catalogue, test->expect);
    g_autofree char *hint = text_did_you_mean(near);
    loader_error(loader, test->expected_at, "\"%s\" is no code pair, no verb and no reason%s",
                 test->expect, hint);
}

static void load_test(struct loader *loader, const struct item *item) {
    const struct section *section = &item->section;
    if (section_title(section) == NULL)
        return;
    struct policy_test *test = g_new0(struct policy_test, 1);
    test->name = g_strdup(section_title(section));
    test->place = section->place;
    test->facts = g_array_new(FALSE, FALSE, sizeof(struct test_fact));
    test->reply = g_strdup(section_text(section, "reply"));
    test->expect = g_strdup(section_text(section, "expect"));
    test->expected_at = section_place(section, "expect");
    for (unsigned i = 0; i < section->node->node_count; i++) {
        struct section option = section_part(section, i);
        load_test_fact(section, &option, test);
    }
    check_expect(loader, test);
    g_ptr_array_add(loader->settings->tests, test);
}

void load_tests(struct loader *loader) {
    loader_each(loader, "test", load_test);
}
