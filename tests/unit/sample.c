/* SPDX-License-Identifier: ISC */
#include "sample.h"

#include <check.h>
#include <string.h>

static const struct place here = {"sample", 1};

struct snapshot *sample_site(const char *const *tags) {
    static const char *const letters[] = {"ı=i", "İ=I", "ş=s", "Ş=S", "ğ=g", "Ğ=G",
                                          "ç=c", "Ç=C", "ö=o", "Ö=O", "ü=u", "Ü=U"};
    struct snapshot *snapshot = snapshot_new();

    for (; *tags != NULL; tags++) {
        size_t index = catalogue_add_language(snapshot->catalogue, *tags);
        struct language *language = catalogue_language(snapshot->catalogue, index);
        for (size_t i = 0; i < G_N_ELEMENTS(letters) && strcmp(*tags, "tr") == 0; i++)
            ck_assert(folding_add(language->folding, letters[i]));
    }
    return snapshot;
}

static void add_pairs(struct reason *reason, enum status_class status_class, const char *rows) {
    g_auto(GStrv) list = g_strsplit(rows, ";", -1);

    for (char **row = list; *row != NULL; row++) {
        char *why = reason_add_pairs(reason, status_class, *row);
        ck_assert_msg(why == NULL, "%s", why);
    }
}

static struct template *compile(const char *text, const struct folding *folding) {
    struct complaints *complaints = complaints_new();
    struct template *template =
        text != NULL ? template_compile(text, folding, here, complaints) : NULL;
    const struct complaint *complaint = complaints_at(complaints, 0);

    ck_assert_msg(complaint == NULL, "%s", complaint->text);
    complaints_free(complaints);
    return template;
}

struct reason *sample_reason(struct snapshot *snapshot, const char *id, const char *permanent,
                             const char *temporary, const char *parameters,
                             const struct sample_text *texts) {
    struct reason *reason = catalogue_add_reason(snapshot->catalogue, id, here);

    ck_assert_ptr_nonnull(reason);
    if (permanent != NULL)
        add_pairs(reason, STATUS_PERMANENT, permanent);
    if (temporary != NULL)
        add_pairs(reason, STATUS_TEMPORARY, temporary);
    g_auto(GStrv) names = g_strsplit(parameters != NULL ? parameters : "", ",", -1);
    for (char **name = names; *name != NULL; name++)
        g_ptr_array_add(reason->parameters, g_strdup(*name));
    for (size_t i = 0; i < catalogue_language_count(snapshot->catalogue); i++) {
        const struct folding *folding = catalogue_language(snapshot->catalogue, i)->folding;
        reason->texts[i].place = here;
        reason->texts[i].brief = compile(texts[i].brief, folding);
        reason->texts[i].says = compile(texts[i].says, folding);
        reason->texts[i].remedy = compile(texts[i].remedy, folding);
        reason->texts[i].internal = compile(texts[i].internal, folding);
    }
    return reason;
}

struct snapshot *sample_snapshot(void) {
    static const char *const tags[] = {"en", "tr", NULL};
    static const struct sample_text unknown[] = {
        {"No such mailbox", "There is no mailbox[[ {recipient}]] here.",
         "Please check the address.", NULL},
        {"Posta kutusu yok", "Bu sunucuda böyle bir posta kutusu[[ ({recipient})]] yok.",
         "Lütfen adresi kontrol edin.", NULL},
    };
    static const struct sample_text policy[] = {
        {"Against our policy", "This mail is against our policy.", "Please ask your administrator.",
         NULL},
        {"İlkelerimize aykırı", "Bu ileti ilkelerimize aykırı.", "Lütfen yöneticinize sorun.",
         NULL},
    };
    static const struct sample_text big[] = {
        {"Too big", "The message is too big[[ (at most {limit})]].", "Please send less.",
         "Your message is too big[[ (at most {limit})]]."},
        {"Çok büyük", "İleti çok büyük[[ (en çok {limit})]].", "Lütfen daha az gönderin.",
         "İletiniz çok büyük[[ (en çok {limit})]]."},
    };
    static const struct sample_text internal[] = {
        {"Internal error", "Something went wrong here.", "Please try again later.", NULL},
        {"İç hata", "Burada bir şeyler ters gitti.", "Lütfen sonra yeniden deneyin.", NULL},
    };
    struct snapshot *snapshot = sample_site(tags);

    sample_reason(snapshot, "mailbox-unknown", "rcpt,eom=550 5.1.1", "rcpt=450 4.1.1", NULL,
                  unknown);
    sample_reason(snapshot, "site-policy",
                  "connect,data=554 5.7.1;helo,mail,rcpt,eom=550 5.7.1;unknown=502 5.7.1",
                  "connect,helo,unknown=421 4.7.1;rcpt=450 4.7.1;mail,data,eom=451 4.7.1", NULL,
                  policy);
    sample_reason(snapshot, "too-big", "mail,eom=552 5.3.4", NULL, "limit", big);
    snapshot->site.fallback_reason = sample_reason(snapshot, "internal-error", NULL,
                                                   "connect,helo,any=421 4.3.0;"
                                                   "mail,rcpt,data,eom=451 4.3.0",
                                                   NULL, internal);
    return snapshot;
}

/* ---- rules ---- */

static enum verb verb_from_name(const char *name) {
    for (enum verb verb = 0; verb < VERB_COUNT; verb++)
        if (strcmp(verb_name(verb), name) == 0)
            return verb;
    ck_abort_msg("no verb: %s", name);
    return VERB_NONE;
}

static void add_value(struct snapshot *snapshot, struct table *table, const char *value) {
    bool excluded = *value == '!';
    char *why = NULL;

    value += excluded;
    if (*value == '@') {
        struct table *named = policy_find_table(snapshot->policy, value + 1);
        ck_assert_msg(named != NULL, "%s", value);
        if (excluded)
            table_exclude_table(table, named);
        else
            table_include(table, named);
        return;
    }
    why = excluded ? table_exclude(table, value) : table_add(table, value);
    ck_assert_msg(why == NULL, "%s", why);
}

static void add_condition(struct snapshot *snapshot, struct clause *clause, const char *text) {
    g_auto(GStrv) halves = g_strsplit(text, "=", 2);
    g_auto(GStrv) values = g_strsplit(halves[1], ",", -1);
    struct condition condition = {.place = here};
    const char *key;

    condition.fact = fact_from_name(halves[0], &key);
    ck_assert_msg(condition.fact != FACT_NONE, "%s", text);
    condition.key = key != NULL ? g_intern_string(key) : NULL;
    condition.table = table_new(NULL, table_type_of_kind(fact_row(condition.fact)->kind));
    for (char **value = values; *value != NULL; value++)
        add_value(snapshot, condition.table, g_strdelimit(*value, "_", ' '));
    if (*values == NULL) /* "fact=" is the empty text */
        add_value(snapshot, condition.table, "");
    g_array_append_val(clause->conditions, condition);
}

static void add_rule(struct snapshot *snapshot, const char *line, unsigned number) {
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char *name = g_strdup_printf("%u", number);
    struct rule *rule = rule_new(name, (struct place){"rules", number});
    struct clause *clause = NULL;
    char **word = words + 2;

    rule->verb = verb_from_name(words[1]);
    if (*word != NULL && strcmp(*word, "shadow") == 0) {
        rule->shadow = true;
        word++;
    }
    if (*word != NULL && (rule->reason = catalogue_find(snapshot->catalogue, *word)) != NULL)
        word++;
    ck_assert_msg(rule->reason != NULL || verb_class(rule->verb) == STATUS_ANY, "%s", line);
    for (; *word != NULL; word += 2) {
        ck_assert_msg(word[1] != NULL, "%s", line);
        if (strcmp(*word, "and") != 0)
            clause = rule_add_clause(rule, strcmp(*word, "unless") == 0);
        add_condition(snapshot, clause, word[1]);
    }
    rule->stage =
        strcmp(words[0], "natural") == 0 ? rule_natural_stage(rule) : stage_from_name(words[0]);
    ck_assert_msg(rule->stage != STAGE_NONE, "%s", line);
    policy_add_rule(snapshot->policy, rule);
}

void sample_rules(struct snapshot *snapshot, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
        add_rule(snapshot, lines[i], i + 1);
}

struct snapshot *sample_with_rules(const char *text) {
    struct snapshot *snapshot = sample_snapshot();

    sample_rules(snapshot, text);
    policy_freeze(snapshot->policy);
    return snapshot;
}
