/* SPDX-License-Identifier: ISC */
#include "dragoman/transaction.h"

#include <stdarg.h>
#include <string.h>

/*
 * What is learned lives as long as the command it was learned from. A command that comes again
 * takes the place of its predecessor, so that no client can fill our memory by repeating one.
 */
enum level {
    LEVEL_CONNECTION,
    LEVEL_GREETING,
    LEVEL_MESSAGE,
    LEVEL_RECIPIENT,
    LEVEL_COMMAND,
    LEVEL_COUNT
};

struct value_list {
    unsigned count;
    unsigned room;
    const char **texts;
};

struct fact_slot {
    enum level level;
    struct value_list values;
};

/* The values of a keyed fact; see same_key(). */
struct keyed_values {
    struct keyed_values *next;
    enum fact fact;
    const char *key;
    struct value_list values;
};

struct memory {
    struct arena *arena;
    struct keyed_values **buckets; /* in the arena, once there is a keyed value */
};

/* A message has many header fields; the other levels have a few macros and parameters, and idle
 * connections keep them. */
static const unsigned bucket_counts[LEVEL_COUNT] = {
    [LEVEL_CONNECTION] = 8, [LEVEL_GREETING] = 8, [LEVEL_MESSAGE] = 64,
    [LEVEL_RECIPIENT] = 8,  [LEVEL_COMMAND] = 8,
};

struct transaction {
    const struct limits *limits;
    struct memory levels[LEVEL_COUNT];
    struct fact_slot facts[FACT_COUNT];
    struct ip_address client_address;
    struct value_list kept_recipients; /* in the memory of the message */
    struct value_list kept_domains;
    GString *body;
    size_t header_octets;
    size_t header_fields;
    size_t message_octets;
    unsigned refused_recipients;
    const char *overflow;
};

const struct limits limits_default = {
    .header_fields = 1000,
    .header_octets = 256 * 1024,
    .recipients = 5000,
    .body_octets = 64 * 1024,
};

static enum level level_of(enum stage stage) {
    switch (stage) {
    case STAGE_CONNECT:
        return LEVEL_CONNECTION;
    case STAGE_HELO:
        return LEVEL_GREETING;
    case STAGE_RCPT:
        return LEVEL_RECIPIENT;
    case STAGE_UNKNOWN:
        return LEVEL_COMMAND;
    default:
        return LEVEL_MESSAGE;
    }
}

struct transaction *transaction_new(const struct limits *limits) {
    struct transaction *transaction = g_new0(struct transaction, 1);
    transaction->limits = limits;
    for (enum level level = 0; level < LEVEL_COUNT; level++)
        transaction->levels[level].arena = arena_new();
    transaction->body = g_string_new(NULL);
    return transaction;
}

void transaction_free(struct transaction *transaction) {
    if (transaction == NULL)
        return;
    for (enum level level = 0; level < LEVEL_COUNT; level++)
        arena_free(transaction->levels[level].arena);
    g_string_free(transaction->body, TRUE);
    g_free(transaction);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void forget(struct transaction *transaction, enum level level) {
    if (arena_is_empty(transaction->levels[level].arena))
        return;
    arena_reset(transaction->levels[level].arena);
    transaction->levels[level].buckets = NULL;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (transaction->facts[fact].level == level)
            transaction->facts[fact].values = (struct value_list){0};
}

static void list_append(struct arena *arena, struct value_list *list, const char *text) {
    if (list->count == list->room) {
        unsigned room = list->room == 0 ? 1 : list->room * 2;
        const char **texts = arena_take(arena, room * sizeof *texts);
        if (list->count > 0)
            memcpy(texts, list->texts, list->count * sizeof *texts);
        list->texts = texts;
        list->room = room;
    }
    list->texts[list->count++] = text;
}

/* Puts '?' in the place of every octet that is not UTF-8. */
static void make_valid(char *text, size_t length) {
    const char *wrong;
    while (!g_utf8_validate(text, (gssize)length, &wrong)) {
        length -= (size_t)(wrong + 1 - text);
        text += wrong + 1 - text;
        text[-1] = '?';
    }
}

static const char *copy_valid(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_copy_octets(arena, text, length);
    make_valid(copy, length);
    return copy;
}

static void append_value(struct transaction *transaction, enum level level, enum fact fact,
                         const char *text, size_t length) {
    struct fact_slot *slot = &transaction->facts[fact];
    struct arena *arena = transaction->levels[level].arena;
    slot->level = level;
    list_append(arena, &slot->values, copy_valid(arena, text, length));
}

static void set_slice(struct transaction *transaction, enum level level, enum fact fact,
                      struct slice slice) {
    transaction->facts[fact].values = (struct value_list){0};
    append_value(transaction, level, fact, slice.text, slice.length);
}

static void set_value(struct transaction *transaction, enum level level, enum fact fact,
                      const char *text) {
    set_slice(transaction, level, fact, (struct slice){text, strlen(text)});
}

static void set_number(struct transaction *transaction, enum level level, enum fact fact,
                       size_t number) {
    char text[24], *start = text + sizeof text - 1; /* each recipient sets some: no printf */
    *start = '\0';
    do
        *--start = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    set_value(transaction, level, fact, start);
}

static guint hash_name(const char *name) {
    guint hash = 5381;
    for (; *name != '\0'; name++)
        hash = hash * 33 + (guchar)g_ascii_tolower(*name);
    return hash;
}

/* Header fields and ESMTP parameters ignore case; the macros s and S are two. */
static bool same_key(enum fact fact, const char *one, const char *other) {
    return fact == FACT_MACRO ? strcmp(one, other) == 0 : g_ascii_strcasecmp(one, other) == 0;
}

static struct keyed_values *find_keyed(const struct transaction *transaction, enum level level,
                                       enum fact fact, const char *key) {
    const struct memory *memory = &transaction->levels[level];
    if (memory->buckets == NULL)
        return NULL;
    struct keyed_values *keyed = memory->buckets[hash_name(key) % bucket_counts[level]];
    while (keyed != NULL && (keyed->fact != fact || !same_key(fact, keyed->key, key)))
        keyed = keyed->next;
    return keyed;
}

static struct keyed_values *need_keyed(struct transaction *transaction, enum level level,
                                       enum fact fact, const char *key) {
    struct memory *memory = &transaction->levels[level];
    struct keyed_values *keyed = find_keyed(transaction, level, fact, key);
    if (keyed != NULL)
        return keyed;
    if (memory->buckets == NULL)
        memory->buckets =
            arena_take(memory->arena, bucket_counts[level] * sizeof(struct keyed_values *));
    struct keyed_values **bucket = &memory->buckets[hash_name(key) % bucket_counts[level]];
    keyed = arena_take(memory->arena, sizeof *keyed);
    keyed->fact = fact;
    keyed->key = arena_copy(memory->arena, key);
    keyed->next = *bucket;
    *bucket = keyed;
    return keyed;
}

static void append_keyed(struct transaction *transaction, enum level level, enum fact fact,
                         const char *key, const char *value) {
    struct memory *memory = &transaction->levels[level];
    struct keyed_values *keyed = need_keyed(transaction, level, fact, key);
    list_append(memory->arena, &keyed->values, copy_valid(memory->arena, value, strlen(value)));
}

/* --- learning -------------------------------------------------------------------------------- */

static void forget_recipient(struct transaction *transaction) {
    forget(transaction, LEVEL_RECIPIENT);
}

/* What is known of a message beside the facts. */
static void forget_sums(struct transaction *transaction) {
    transaction->kept_recipients = (struct value_list){0};
    transaction->kept_domains = (struct value_list){0};
    g_string_truncate(transaction->body, 0);
    transaction->header_octets = 0;
    transaction->header_fields = 0;
    transaction->message_octets = 0;
    transaction->overflow = NULL;
}

void transaction_forget_message(struct transaction *transaction) {
    forget_recipient(transaction);
    forget(transaction, LEVEL_MESSAGE);
    forget_sums(transaction);
}

static bool is_host_name(const char *name) {
    return name != NULL && *name != '\0' && *name != '[';
}

static void forget_everything(struct transaction *transaction) {
    forget_sums(transaction);
    for (enum level level = 0; level < LEVEL_COUNT; level++) {
        arena_reset(transaction->levels[level].arena);
        transaction->levels[level].buckets = NULL;
    }
    memset(transaction->facts, 0, sizeof transaction->facts);
    transaction->refused_recipients = 0;
    transaction->client_address.known = false;
}

void transaction_renew(struct transaction *transaction, const struct limits *limits) {
    forget_everything(transaction);
    transaction->limits = limits;
}

void transaction_connect(struct transaction *transaction, const char *name, const char *ip,
                         unsigned port) {
    forget_everything(transaction);
    if (ip != NULL)
        ip_address_parse(ip, &transaction->client_address);
    set_value(transaction, LEVEL_CONNECTION, FACT_CLIENT_NAME,
              is_host_name(name) ? name : "unknown");
    set_value(transaction, LEVEL_CONNECTION, FACT_CLIENT_IP, ip != NULL ? ip : "none");
    set_number(transaction, LEVEL_CONNECTION, FACT_CLIENT_PORT, port);
}

void transaction_helo(struct transaction *transaction, const char *name) {
    forget(transaction, LEVEL_GREETING);
    set_value(transaction, LEVEL_GREETING, FACT_HELO, name);
}

static void learn_parameters(struct transaction *transaction, enum level level, enum fact fact,
                             const char *const *parameters) {
    for (size_t i = 0; parameters != NULL && parameters[i] != NULL; i++) {
        const char *equals = strchr(parameters[i], '=');
        size_t length = equals != NULL ? (size_t)(equals - parameters[i]) : strlen(parameters[i]);
        g_autofree char *key = g_strndup(parameters[i], length);
        append_keyed(transaction, level, fact, key, equals != NULL ? equals + 1 : "");
    }
}

static struct fact_values keyed_values(const struct transaction *transaction, enum fact fact,
                                       const char *key) {
    for (enum level level = LEVEL_COUNT; level-- > 0;) {
        const struct keyed_values *keyed = find_keyed(transaction, level, fact, key);
        if (keyed != NULL)
            return (struct fact_values){keyed->values.count, keyed->values.texts};
    }
    return (struct fact_values){0, NULL};
}

static void learn_mailbox(struct transaction *transaction, enum level level, enum fact mailbox,
                          enum fact domain, const char *path) {
    struct slice address = path_mailbox(path);
    set_slice(transaction, level, mailbox, address);
    set_slice(transaction, level, domain, mailbox_domain(address));
}

void transaction_mail(struct transaction *transaction, const char *path,
                      const char *const *parameters) {
    transaction_forget_message(transaction);
    learn_mailbox(transaction, LEVEL_MESSAGE, FACT_SENDER, FACT_SENDER_DOMAIN, path);
    learn_parameters(transaction, LEVEL_MESSAGE, FACT_MAIL_PARAMETER, parameters);
    struct fact_values size = keyed_values(transaction, FACT_MAIL_PARAMETER, "SIZE");
    if (size.count > 0) {
        set_value(transaction, LEVEL_MESSAGE, FACT_DECLARED_SIZE, size.texts[0]);
        set_value(transaction, LEVEL_MESSAGE, FACT_SIZE, size.texts[0]);
    }
    bool utf8 = keyed_values(transaction, FACT_MAIL_PARAMETER, "SMTPUTF8").count > 0;
    set_value(transaction, LEVEL_MESSAGE, FACT_SMTPUTF8, utf8 ? "yes" : "no");
    set_value(transaction, LEVEL_MESSAGE, FACT_AUTHENTICATED, "no");
}

static bool has_recipient_in_question(const struct transaction *transaction) {
    const struct fact_slot *slot = &transaction->facts[FACT_RECIPIENT];
    return slot->level == LEVEL_RECIPIENT && slot->values.count > 0;
}

static void set_recipient_counts(struct transaction *transaction, size_t recipients) {
    set_number(transaction, LEVEL_RECIPIENT, FACT_RECIPIENT_COUNT, recipients);
    set_number(transaction, LEVEL_RECIPIENT, FACT_REFUSED_RECIPIENTS,
               transaction->refused_recipients);
}

static void restore(struct transaction *transaction, enum fact fact, struct value_list kept) {
    transaction->facts[fact].level = LEVEL_MESSAGE;
    transaction->facts[fact].values = kept;
}

void transaction_rcpt(struct transaction *transaction, const char *path,
                      const char *const *parameters) {
    forget_recipient(transaction);
    learn_mailbox(transaction, LEVEL_RECIPIENT, FACT_RECIPIENT, FACT_RECIPIENT_DOMAIN, path);
    learn_parameters(transaction, LEVEL_RECIPIENT, FACT_RCPT_PARAMETER, parameters);
    set_recipient_counts(transaction, transaction->kept_recipients.count + 1);
}

void transaction_keep_recipient(struct transaction *transaction) {
    const char *mailbox = transaction_value(transaction, FACT_RECIPIENT);
    const char *domain = transaction_value(transaction, FACT_RECIPIENT_DOMAIN);
    struct arena *arena = transaction->levels[LEVEL_MESSAGE].arena;
    if (!has_recipient_in_question(transaction))
        return;
    if (transaction->kept_recipients.count >= transaction->limits->recipients) {
        transaction->overflow = "recipients";
    } else {
        list_append(arena, &transaction->kept_recipients, arena_copy(arena, mailbox));
        list_append(arena, &transaction->kept_domains, arena_copy(arena, domain));
    }
    transaction_drop_recipient(transaction);
}

void transaction_drop_recipient(struct transaction *transaction) {
    if (!has_recipient_in_question(transaction))
        return;
    forget_recipient(transaction);
    restore(transaction, FACT_RECIPIENT, transaction->kept_recipients);
    restore(transaction, FACT_RECIPIENT_DOMAIN, transaction->kept_domains);
    set_recipient_counts(transaction, transaction->kept_recipients.count);
}

void transaction_recipient_refused_by_mta(struct transaction *transaction) {
    if (transaction->refused_recipients < G_MAXINT)
        transaction->refused_recipients++;
    transaction_drop_recipient(transaction);
}

void transaction_header(struct transaction *transaction, const char *name, const char *value) {
    size_t octets = strlen(name) + strlen(value);
    transaction->message_octets += octets + strlen(": \r\n");
    if (transaction->header_fields >= transaction->limits->header_fields ||
        transaction->header_octets + octets > transaction->limits->header_octets) {
        transaction->overflow = "headers";
        return;
    }
    transaction->header_octets += octets;
    transaction->header_fields++;
    append_keyed(transaction, LEVEL_MESSAGE, FACT_HEADER, name, value);
    append_value(transaction, LEVEL_MESSAGE, FACT_HEADER_NAME, name, strlen(name));
    set_number(transaction, LEVEL_MESSAGE, FACT_HEADER_COUNT, transaction->header_fields);
}

bool transaction_body_is_full(const struct transaction *transaction) {
    return transaction->body->len >= transaction->limits->body_octets;
}

void transaction_body(struct transaction *transaction, const char *octets, size_t length) {
    GString *body = transaction->body;
    transaction->message_octets += length;
    if (transaction_body_is_full(transaction))
        return;
    size_t start = body->len;
    g_string_append_len(body, octets,
                        (gssize)MIN(transaction->limits->body_octets - start, length));
    /* A NUL would end the text for the rules: what stands behind it must be seen as well. */
    for (size_t i = start; i < body->len; i++)
        if (body->str[i] == '\0')
            body->str[i] = '?';
    make_valid(body->str, body->len);
}

void transaction_end_of_message(struct transaction *transaction) {
    set_number(transaction, LEVEL_MESSAGE, FACT_SIZE, transaction->message_octets);
}

void transaction_unknown_command(struct transaction *transaction, const char *command) {
    forget(transaction, LEVEL_COMMAND);
    set_value(transaction, LEVEL_COMMAND, FACT_COMMAND, command);
}

void transaction_reply(struct transaction *transaction, struct status status, const char *text) {
    char code[STATUS_TEXT_SIZE];
    struct status enhanced = status;
    enhanced.basic = 0;
    forget(transaction, LEVEL_COMMAND);
    if (status.basic != 0)
        set_number(transaction, LEVEL_COMMAND, FACT_REPLY_BASIC, status.basic);
    if (status.class_digit != 0)
        set_value(transaction, LEVEL_COMMAND, FACT_REPLY_ENHANCED, status_print(enhanced, code));
    set_value(transaction, LEVEL_COMMAND, FACT_REPLY_TEXT, text);
}

void transaction_reply_server(struct transaction *transaction, const char *server) {
    set_value(transaction, LEVEL_COMMAND, FACT_REPLY_SERVER, server);
}

/* Whether `name` stands in the list `names`, blanks between. */
static bool names_contain(const char *names, const char *name) {
    if (*names == '\0')
        return false;
    size_t length = strlen(name);
    for (const char *at = strstr(names, name); at != NULL; at = strstr(at + 1, name))
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

void transaction_macro(struct transaction *transaction, enum stage stage, const char *name,
                       const char *value) {
    enum level level = level_of(stage);
    struct fact_values before = keyed_values(transaction, FACT_MACRO, name);
    if (before.count > 0 && strcmp(before.texts[0], value) == 0)
        return;
    struct memory *memory = &transaction->levels[level];
    struct keyed_values *keyed = need_keyed(transaction, level, FACT_MACRO, name);
    keyed->values = (struct value_list){0};
    list_append(memory->arena, &keyed->values, copy_valid(memory->arena, value, strlen(value)));
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (fact != FACT_REFUSED_RECIPIENTS && fact != FACT_AUTHENTICATED &&
            names_contain(fact_row(fact)->macros, name))
            set_value(transaction, level, fact, value);
    if (strcmp(name, "auth_authen") == 0)
        set_value(transaction, level, FACT_AUTHENTICATED, *value != '\0' ? "yes" : "no");
}

void transaction_tell(struct transaction *transaction, enum stage stage, enum fact fact,
                      const char *value) {
    set_value(transaction, level_of(stage), fact, value);
}

/* --- asking ---------------------------------------------------------------------------------- */

struct fact_values transaction_values(const struct transaction *transaction, enum fact fact,
                                      const char *key) {
    if (key != NULL)
        return keyed_values(transaction, fact, key);
    if (fact == FACT_BODY)
        return (struct fact_values){1, (const char *const *)&transaction->body->str};
    const struct value_list *values = &transaction->facts[fact].values;
    return (struct fact_values){values->count, values->texts};
}

const char *transaction_value(const struct transaction *transaction, enum fact fact) {
    struct fact_values values = transaction_values(transaction, fact, NULL);
    return values.count > 0 ? values.texts[0] : NULL;
}

const struct ip_address *transaction_client_address(const struct transaction *transaction) {
    return &transaction->client_address;
}

static bool is_yes(const struct transaction *transaction, enum fact fact) {
    const char *value = transaction_value(transaction, fact);
    return value != NULL && strcmp(value, "yes") == 0;
}

bool transaction_is_authenticated(const struct transaction *transaction) {
    return is_yes(transaction, FACT_AUTHENTICATED);
}

bool transaction_is_smtputf8(const struct transaction *transaction) {
    return is_yes(transaction, FACT_SMTPUTF8);
}

const char *transaction_overflow(const struct transaction *transaction) {
    return transaction->overflow;
}
