/* SPDX-License-Identifier: ISC */
#include "schema.h"

#include <string.h>

#include "dragoman/fact.h"
#include "dragoman/text.h"

#define TEXT(name) CFG_STR(name, NULL, CFGF_NODEFAULT)
#define LIST(name) CFG_STR_LIST(name, NULL, CFGF_NODEFAULT)

/* libconfuse calls it for include("file"); the outline has seen it, and settings reads the file. */
static int ignore_include(cfg_t *cfg, cfg_opt_t *option, int count, const char **arguments) {
    (void)cfg;
    (void)option;
    (void)count;
    (void)arguments;
    return 0;
}

static cfg_opt_t limits_options[] = {
    TEXT("headers"), TEXT("header-octets"), TEXT("recipients"), TEXT("body"), CFG_END(),
};

static cfg_opt_t log_options[] = {TEXT("target"), TEXT("facility"), TEXT("ident"), CFG_END()};

static cfg_opt_t listen_options[] = {TEXT("socket"),   TEXT("mode"),        TEXT("group"),
                                     TEXT("deadline"), TEXT("connections"), TEXT("ask"),
                                     CFG_END()};

static cfg_opt_t table_options[] = {TEXT("type"), TEXT("file"), LIST("values"), CFG_END()};

static cfg_opt_t reason_options[] = {
    TEXT("who"),     TEXT("hard"),   LIST("permanent"),  LIST("temporary"),
    LIST("success"), TEXT("source"), LIST("parameters"), CFG_END(),
};

static cfg_opt_t text_options[] = {TEXT("short"),    TEXT("says"),     TEXT("remedy"),
                                   TEXT("internal"), TEXT("reported"), CFG_END()};

static cfg_opt_t code_options[] = {
    TEXT("title"), TEXT("means"), TEXT("remedy"), TEXT("wrong"),
    TEXT("used"),  TEXT("who"),   TEXT("reason"), CFG_END(),
};

static cfg_opt_t frame_options[] = {
#define LETTER_PHRASE(id, option, help) TEXT(option),
#include "dragoman/letter_phrases.def"
#undef LETTER_PHRASE
    CFG_END(),
};

static cfg_opt_t letter_options[] = {LIST("also"),     LIST("why"),  LIST("steps"),
                                     TEXT("inferred"), TEXT("note"), CFG_END()};

static cfg_opt_t bounces_options[] = {
    TEXT("enrich"),     LIST("languages"), LIST("letter-files"),   TEXT("order"), TEXT("signed"),
    TEXT("recipients"), TEXT("host"),      TEXT("message-octets"), CFG_END(),
};

static cfg_opt_t digit_options[] = {TEXT("means"), CFG_END()};

/* What schema_new() makes for one file. */
struct schema {
    GPtrArray *facts;   /* char *: names of the facts that the file uses, with their keys */
    GArray *conditions; /* cfg_opt_t, of `if` and `unless` */
    GArray *test;       /* cfg_opt_t */
    GArray *rule;       /* cfg_opt_t */
    GArray *top;        /* cfg_opt_t */
};

static void append(GArray *options, cfg_opt_t option) {
    g_array_append_val(options, option);
}

static GArray *options_new(void) {
    return g_array_new(FALSE, FALSE, sizeof(cfg_opt_t));
}

/* libconfuse copies all options for each section: so it is told of the facts in use only. */
static void collect_facts(struct schema *schema, const GPtrArray *entries) {
    const char *key;
    for (guint i = 0; i < entries->len; i++) {
        const struct outline_entry *entry = entries->pdata[i];
        if (fact_from_name(entry->name, &key) != FACT_NONE &&
            !g_ptr_array_find_with_equal_func(schema->facts, entry->name, g_str_equal, NULL))
            g_ptr_array_add(schema->facts, g_strdup(entry->name));
        collect_facts(schema, entry->entries);
    }
}

static void append_facts(const struct schema *schema, GArray *options) {
    for (guint i = 0; i < schema->facts->len; i++)
        append(options, (cfg_opt_t)LIST(schema->facts->pdata[i]));
}

static cfg_opt_t *first(GArray *options) {
    return (cfg_opt_t *)(void *)options->data;
}

static GArray *rule_options(struct schema *schema) {
    static const char *const texts[] = {"stage",   "shadow",  "code",    "reject",
                                        "defer",   "accept",  "discard", "hold",
                                        "restate", "certain", "answers", "restate-codes"};
    GArray *options = options_new();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        append(options, (cfg_opt_t)TEXT(texts[i]));
    append(options, (cfg_opt_t)LIST("with"));
    append(options, (cfg_opt_t)CFG_SEC("if", first(schema->conditions), CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_SEC("unless", first(schema->conditions), CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_END());
    return options;
}

static void append_texts(GArray *options, const char *const *names) {
    for (; *names != NULL; names++)
        append(options, (cfg_opt_t)TEXT(*names));
}

static void append_lists(GArray *options, const char *const *names) {
    for (; *names != NULL; names++)
        append(options, (cfg_opt_t)LIST(*names));
}

static const int titled = CFGF_MULTI | CFGF_TITLE;

static void append_policy(struct schema *schema, GArray *options) {
    static const char *const texts[] = {"help-url",      "contact", "utf8-replies", "reply-octets",
                                        "fallback",      "user",    "group",        "pid-file",
                                        "restate-codes", NULL};
    static const char *const lists[] = {"languages", "text-files", NULL};
    append_texts(options, texts);
    append_lists(options, lists);
    append(options, (cfg_opt_t)CFG_SEC("limits", limits_options, CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_SEC("log", log_options, CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_SEC("listen", listen_options, titled));
    append(options, (cfg_opt_t)CFG_SEC("bounces", bounces_options, CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_SEC("table", table_options, titled));
    append(options, (cfg_opt_t)CFG_SEC("rule", first(schema->rule), titled));
    append(options, (cfg_opt_t)CFG_SEC("test", first(schema->test), titled));
    append(options, (cfg_opt_t)CFG_SEC("reason", reason_options, titled));
    append(options, (cfg_opt_t)CFG_FUNC("include", ignore_include));
}

static void append_language(GArray *options) {
    static const char *const texts[] = {"language", "name", NULL};
    static const char *const lists[] = {"ascii", NULL};
    append_texts(options, texts);
    append_lists(options, lists);
}

static void append_letters(GArray *options) {
    static const char *const lists[] = {"months", "charsets", "domains", NULL};
    append_language(options);
    append_lists(options, lists);
    append(options, (cfg_opt_t)CFG_SEC("frame", frame_options, CFGF_MULTI));
    append(options, (cfg_opt_t)CFG_SEC("advice", letter_options, titled));
    append(options, (cfg_opt_t)CFG_SEC("explanation", letter_options, titled));
}

static GArray *top_options(struct schema *schema, enum file_kind kind) {
    GArray *options = options_new();
    switch (kind) {
    case FILE_POLICY:
    case FILE_RULES:
        append_policy(schema, options);
        break;
    case FILE_TEXTS:
        append_language(options);
        append(options, (cfg_opt_t)CFG_SEC("text", text_options, titled));
        break;
    case FILE_LETTERS:
        append_letters(options);
        break;
    case FILE_CODES:
        append_language(options);
        append(options, (cfg_opt_t)CFG_SEC("code", code_options, titled));
        append(options, (cfg_opt_t)CFG_SEC("class", digit_options, titled));
        append(options, (cfg_opt_t)CFG_SEC("category", digit_options, titled));
        append(options, (cfg_opt_t)CFG_SEC("subject", digit_options, titled));
        append(options, (cfg_opt_t)CFG_SEC("label", digit_options, titled));
        break;
    }
    append(options, (cfg_opt_t)CFG_END());
    return options;
}

struct schema *schema_new(const struct outline *outline, enum file_kind kind) {
    struct schema *schema = g_new0(struct schema, 1);
    schema->facts = g_ptr_array_new_with_free_func(g_free);
    collect_facts(schema, outline->entries);
    schema->conditions = options_new();
    append_facts(schema, schema->conditions);
    append(schema->conditions, (cfg_opt_t)CFG_END());
    schema->test = options_new();
    append_facts(schema, schema->test);
    append(schema->test, (cfg_opt_t)TEXT("expect"));
    append(schema->test, (cfg_opt_t)TEXT("reply"));
    append(schema->test, (cfg_opt_t)CFG_END());
    schema->rule = rule_options(schema);
    schema->top = top_options(schema, kind);
    return schema;
}

void schema_free(struct schema *schema) {
    if (schema == NULL)
        return;
    g_ptr_array_unref(schema->facts);
    g_array_unref(schema->conditions);
    g_array_unref(schema->test);
    g_array_unref(schema->rule);
    g_array_unref(schema->top);
    g_free(schema);
}

cfg_opt_t *schema_options(struct schema *schema) {
    return first(schema->top);
}

/* --- checking --------------------------------------------------------------------------------- */

static const cfg_opt_t *find_option(const cfg_opt_t *options, const char *name) {
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static const char *option_name(const void *known, size_t index) {
    return ((const cfg_opt_t *)known)[index].name;
}

static size_t count_options(const cfg_opt_t *options) {
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    return count;
}

static bool takes_facts(const struct outline_entry *section) {
    return section != NULL &&
           (strcmp(section->name, "if") == 0 || strcmp(section->name, "unless") == 0 ||
            strcmp(section->name, "test") == 0);
}

static void complain_unknown(const cfg_opt_t *options, const struct outline_entry *entry,
                             const struct outline_entry *section, struct complaints *complaints) {
    bool facts = takes_facts(section);
    const char *near =
        facts ? fact_nearest(entry->name)
              : text_nearest(entry->name, options, count_options(options), option_name);
    g_autofree char *hint = text_did_you_mean(near);
    if (facts && strchr(entry->name, ':') != NULL)
        complain(complaints, SEVERITY_ERROR, entry->place,
                 "there is no fact \"%s\"; only header:NAME, macro:NAME, mail-parameter:NAME and "
                 "rcpt-parameter:NAME have a name behind a colon",
                 entry->name);
    else
        complain(complaints, SEVERITY_ERROR, entry->place, "there is no %s \"%s\" in %s%s",
                 facts ? "fact" : "option", entry->name,
                 section != NULL ? section->name : "the file", hint);
}

/* Whether it has a title where it needs one, and only there. */
static bool check_form(const cfg_opt_t *option, const struct outline_entry *entry,
                       struct complaints *complaints) {
    bool named = (option->flags & CFGF_TITLE) != 0;
    if (option->type != CFGT_SEC || entry->kind != OUTLINE_SECTION ||
        named == (entry->title != NULL))
        return true;
    complain(complaints, SEVERITY_ERROR, entry->place,
             named ? "this %s has no name; write %s \"name\" { … }"
                   : "%s takes no name; write %s { … }",
             entry->name, entry->name);
    return false;
}

/* Two `if` are one more condition, two rules of one name are a slip; the title of a `listen` is no
 * name, but a protocol. */
static bool may_repeat(const cfg_opt_t *option) {
    return option->type == CFGT_FUNC || strcmp(option->name, "if") == 0 ||
           strcmp(option->name, "unless") == 0 || strcmp(option->name, "listen") == 0;
}

static void complain_twice(const struct outline_entry *entry, const struct outline_entry *earlier,
                           struct complaints *complaints) {
    if (entry->title != NULL)
        complain(complaints, SEVERITY_ERROR, entry->place,
                 "%s \"%s\" stands here a second time, first on line %u; give it another name",
                 entry->name, entry->title, earlier->place.line);
    else
        complain(complaints, SEVERITY_ERROR, entry->place,
                 "%s stands here a second time, first on line %u; join the two", entry->name,
                 earlier->place.line);
}

/* `seen` holds the entries so far, by name and title. */
static void check_twice(GHashTable *seen, struct outline_entry *entry,
                        struct complaints *complaints) {
    char *key = g_strdup_printf("%s\n%s", entry->name, entry->title != NULL ? entry->title : "");
    struct outline_entry *earlier = g_hash_table_lookup(seen, key);
    if (earlier != NULL) {
        earlier->replaced = true;
        complain_twice(entry, earlier, complaints);
    }
    g_hash_table_replace(seen, key, entry);
}

struct check {
    struct outline *outline;
    struct complaints *complaints;
};

static void check_entries(const struct check *check, const cfg_opt_t *options,
                          const GPtrArray *entries, const struct outline_entry *section);

/* What libconfuse would give up at is taken out of its sight, so that it reads what follows. */
static void check_entry(const struct check *check, const cfg_opt_t *options, GHashTable *seen,
                        struct outline_entry *entry, const struct outline_entry *section) {
    const cfg_opt_t *option = find_option(options, entry->name);
    if (option == NULL) {
        complain_unknown(options, entry, section, check->complaints);
        outline_blank(check->outline, entry);
        return;
    }
    if (!may_repeat(option))
        check_twice(seen, entry, check->complaints);
    if (option->type == CFGT_SEC)
        check_entries(check, option->subopts, entry->entries, entry);
    if (!check_form(option, entry, check->complaints))
        outline_blank(check->outline, entry);
}

static void check_entries(const struct check *check, const cfg_opt_t *options,
                          const GPtrArray *entries, const struct outline_entry *section) {
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < entries->len; i++)
        check_entry(check, options, seen, entries->pdata[i], section);
}

void schema_check(struct schema *schema, struct outline *outline, struct complaints *complaints) {
    struct check check = {outline, complaints};
    check_entries(&check, schema_options(schema), outline->entries, NULL);
}
