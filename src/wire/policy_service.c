/* SPDX-License-Identifier: ISC */
#include "dragoman/policy_service.h"

#include <string.h>

/* Where the empty line ends that ends the request; 0: it has not come within `length`. `*lines`
 * gets how many lines come before. */
static size_t find_end(const char *octets, size_t length, size_t *lines) {
    const char *end, *line = octets;
    *lines = 0;
    while ((end = memchr(line, '\n', length - (size_t)(line - octets))) != NULL) {
        if (end == line)
            return (size_t)(end + 1 - octets);
        (*lines)++;
        line = end + 1;
    }
    return 0;
}

enum framing policy_read(const char *octets, size_t length, size_t *whole) {
    size_t lines, most = MIN(length, POLICY_OCTETS_MAX);
    size_t end = find_end(octets, most, &lines);
    bool broken = lines > POLICY_LINES_MAX || (end > 0 && lines == 0) ||
                  (end == 0 && length >= POLICY_OCTETS_MAX) ||
                  memchr(octets, '\0', end > 0 ? end : most) != NULL;
    if (broken)
        return FRAMING_BROKEN;
    *whole = end;
    return end > 0 ? FRAMING_WHOLE : FRAMING_PARTIAL;
}

/* --- attributes ------------------------------------------------------------------------------- */

/* What we use of a request. */
enum attribute {
    ATTRIBUTE_REQUEST,
    ATTRIBUTE_PROTOCOL_STATE,
    ATTRIBUTE_CLIENT_ADDRESS,
    ATTRIBUTE_CLIENT_NAME,
    ATTRIBUTE_CLIENT_PORT,
    ATTRIBUTE_REVERSE_CLIENT_NAME,
    ATTRIBUTE_HELO_NAME,
    ATTRIBUTE_SENDER,
    ATTRIBUTE_RECIPIENT,
    ATTRIBUTE_QUEUE_ID,
    ATTRIBUTE_SIZE,
    ATTRIBUTE_SASL_METHOD,
    ATTRIBUTE_SASL_USERNAME,
    ATTRIBUTE_ENCRYPTION_PROTOCOL,
    ATTRIBUTE_ENCRYPTION_CIPHER,
    ATTRIBUTE_COUNT
};

/* The fact that an attribute tells, if it is a fact and no more, and from which stage on. */
struct attribute_row {
    const char *name;
    size_t length; /* of the name */
    enum fact fact;
    enum stage stage;
};

#define NAME(text) text, sizeof text - 1

static const struct attribute_row rows[ATTRIBUTE_COUNT] = {
    [ATTRIBUTE_REQUEST] = {NAME("request"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_PROTOCOL_STATE] = {NAME("protocol_state"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_CLIENT_ADDRESS] = {NAME("client_address"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_CLIENT_NAME] = {NAME("client_name"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_CLIENT_PORT] = {NAME("client_port"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_REVERSE_CLIENT_NAME] = {NAME("reverse_client_name"), FACT_CLIENT_PTR, STAGE_CONNECT},
    [ATTRIBUTE_HELO_NAME] = {NAME("helo_name"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_SENDER] = {NAME("sender"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_RECIPIENT] = {NAME("recipient"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_QUEUE_ID] = {NAME("queue_id"), FACT_QUEUE_ID, STAGE_MAIL},
    [ATTRIBUTE_SIZE] = {NAME("size"), FACT_NONE, STAGE_NONE},
    [ATTRIBUTE_SASL_METHOD] = {NAME("sasl_method"), FACT_AUTH_TYPE, STAGE_MAIL},
    [ATTRIBUTE_SASL_USERNAME] = {NAME("sasl_username"), FACT_AUTH_USER, STAGE_MAIL},
    [ATTRIBUTE_ENCRYPTION_PROTOCOL] = {NAME("encryption_protocol"), FACT_TLS_VERSION, STAGE_HELO},
    [ATTRIBUTE_ENCRYPTION_CIPHER] = {NAME("encryption_cipher"), FACT_TLS_CIPHER, STAGE_HELO},
};

/* The values of one request, NULL where it has none or an empty one. */
struct attributes {
    char *text; /* in which they stand: the request, each line a string of its own */
    const char *values[ATTRIBUTE_COUNT];
};

static void keep_line(struct attributes *attributes, const char *line, size_t length) {
    const char *equals = memchr(line, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - line) : 0;
    if (name == 0 || name + 1 == length)
        return;
    for (enum attribute i = 0; i < ATTRIBUTE_COUNT; i++)
        if (rows[i].length == name && memcmp(rows[i].name, line, name) == 0)
            attributes->values[i] = equals + 1;
}

static void read_attributes(struct attributes *attributes, const char *octets, size_t length) {
    attributes->text = g_strndup(octets, length);
    char *line = attributes->text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        keep_line(attributes, line, (size_t)(end - line));
    }
}

static void attributes_clear(struct attributes *attributes) {
    g_free(attributes->text);
}

/* --- states ----------------------------------------------------------------------------------- */

struct protocol_state {
    const char *name;
    enum stage stage;
    enum smtp_command command;
};

static const struct protocol_state states[] = {
    {"CONNECT", STAGE_CONNECT, COMMAND_CONNECT},
    {"HELO", STAGE_HELO, COMMAND_HELO},
    {"EHLO", STAGE_HELO, COMMAND_EHLO},
    {"MAIL", STAGE_MAIL, COMMAND_MAIL},
    {"RCPT", STAGE_RCPT, COMMAND_RCPT},
    {"DATA", STAGE_DATA, COMMAND_DATA},
    {"BDAT", STAGE_DATA, COMMAND_BDAT},
    {"END-OF-MESSAGE", STAGE_EOM, COMMAND_RECEIVED_DATA},
    {"VRFY", STAGE_RCPT, COMMAND_VRFY},
    {"ETRN", STAGE_MAIL, COMMAND_ETRN},
};

static const struct protocol_state *find_state(const char *name) {
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(states); i++)
        if (strcmp(states[i].name, name) == 0)
            return &states[i];
    return NULL;
}

/* --- learning --------------------------------------------------------------------------------- */

/* Whether an empty sender is the null sender: VRFY and ETRN may come before MAIL. */
static bool knows_sender(const struct attributes *attributes, enum smtp_command command) {
    return attributes->values[ATTRIBUTE_SENDER] != NULL ||
           (command != COMMAND_VRFY && command != COMMAND_ETRN);
}

static void note(struct known_facts *known, const enum fact *facts, size_t count, bool is_known) {
    for (size_t i = 0; i < count; i++)
        known->known[facts[i]] = is_known;
}

void policy_known_facts(bool sender, bool recipient, struct known_facts *known) {
    static const enum fact always[] = {
        FACT_CLIENT_IP,     FACT_CLIENT_NAME, FACT_CLIENT_PTR, FACT_CLIENT_PORT,   FACT_HELO,
        FACT_TLS_VERSION,   FACT_TLS_CIPHER,  FACT_AUTH_USER,  FACT_AUTHENTICATED, FACT_AUTH_TYPE,
        FACT_DECLARED_SIZE, FACT_SIZE,        FACT_QUEUE_ID};
    static const enum fact of_sender[] = {FACT_SENDER, FACT_SENDER_DOMAIN};
    static const enum fact of_recipient[] = {FACT_RECIPIENT, FACT_RECIPIENT_DOMAIN};
    note(known, always, G_N_ELEMENTS(always), true);
    note(known, of_sender, G_N_ELEMENTS(of_sender), sender);
    note(known, of_recipient, G_N_ELEMENTS(of_recipient), recipient);
}

static void learn_envelope(struct transaction *transaction, const struct attributes *attributes,
                           enum stage stage) {
    const char *sender = attributes->values[ATTRIBUTE_SENDER];
    const char *size = attributes->values[ATTRIBUTE_SIZE];
    if (stage < STAGE_MAIL)
        return;
    transaction_mail(transaction, sender != NULL ? sender : "<>", NULL);
    if (size != NULL && strcmp(size, "0") != 0) { /* which says that none is declared */
        transaction_tell(transaction, STAGE_MAIL, FACT_DECLARED_SIZE, size);
        transaction_tell(transaction, STAGE_MAIL, FACT_SIZE, size);
    }
    if (attributes->values[ATTRIBUTE_SASL_USERNAME] != NULL)
        transaction_tell(transaction, STAGE_MAIL, FACT_AUTHENTICATED, "yes");
    if (attributes->values[ATTRIBUTE_RECIPIENT] != NULL)
        transaction_rcpt(transaction, attributes->values[ATTRIBUTE_RECIPIENT], NULL);
    if (stage > STAGE_RCPT)
        transaction_keep_recipient(transaction);
}

static void learn_facts(struct transaction *transaction, const struct attributes *attributes,
                        enum stage up_to) {
    for (enum attribute i = 0; i < ATTRIBUTE_COUNT; i++)
        if (rows[i].fact != FACT_NONE && rows[i].stage <= up_to && attributes->values[i] != NULL)
            transaction_tell(transaction, rows[i].stage, rows[i].fact, attributes->values[i]);
}

static void learn(struct transaction *transaction, const struct attributes *attributes,
                  enum stage stage) {
    const char *port = attributes->values[ATTRIBUTE_CLIENT_PORT];
    const char *helo = attributes->values[ATTRIBUTE_HELO_NAME];
    transaction_connect(transaction, attributes->values[ATTRIBUTE_CLIENT_NAME],
                        attributes->values[ATTRIBUTE_CLIENT_ADDRESS],
                        port != NULL ? (unsigned)g_ascii_strtoull(port, NULL, 10) : 0);
    if (helo != NULL)
        transaction_helo(transaction, helo);
    learn_envelope(transaction, attributes, stage);
    learn_facts(transaction, attributes, stage);
}

bool policy_learn(const char *octets, size_t length, struct policy_request *request,
                  struct transaction *transaction) {
    struct attributes attributes = {0};
    *request = (struct policy_request){.stage = STAGE_NONE, .command = COMMAND_NONE};
    read_attributes(&attributes, octets, length);
    const char *kind = attributes.values[ATTRIBUTE_REQUEST];
    const struct protocol_state *state = find_state(attributes.values[ATTRIBUTE_PROTOCOL_STATE]);
    bool good = kind != NULL && strcmp(kind, "smtpd_access_policy") == 0;
    if (good && state != NULL) {
        request->stage = state->stage;
        request->command = state->command;
        policy_known_facts(knows_sender(&attributes, state->command),
                           attributes.values[ATTRIBUTE_RECIPIENT] != NULL, &request->known);
        learn(transaction, &attributes, state->stage);
    }
    attributes_clear(&attributes);
    return good;
}

/* --- answers ---------------------------------------------------------------------------------- */

bool policy_answer_read(const char *octets, size_t length, struct policy_answer *answer) {
    static const char action[] = "action=";
    size_t start = strlen(action);
    if (length < start || memcmp(octets, action, start) != 0)
        return false;
    const char *end = memchr(octets, '\n', length);
    const char *text = octets + start;
    size_t octets_left = (size_t)((end != NULL ? end : octets + length) - text);
    size_t word = 0;
    while (word < octets_left && text[word] != ' ' && text[word] != '\t')
        word++;
    answer->word = (struct slice){text, word};
    while (word < octets_left && (text[word] == ' ' || text[word] == '\t'))
        word++;
    answer->text = (struct slice){text + word, octets_left - word};
    return answer->word.length > 0;
}

/* What the client reads where the action has no code of its own (access(5), postconf(5)). */
static const struct {
    const char *word;
    struct status status;
} refusals[] = {
    {"REJECT", {554, 5, 7, 1}},
    {"DEFER", {450, 4, 7, 1}},
    {"DEFER_IF_PERMIT", {450, 4, 7, 1}},
    {"DEFER_IF_REJECT", {450, 4, 7, 1}},
};

static bool word_is(struct slice word, const char *name) {
    return word.length == strlen(name) && g_ascii_strncasecmp(word.text, name, word.length) == 0;
}

/* The enhanced code that the text of an action may begin with takes the place of its own. */
static void read_enhanced(struct slice text, struct status *status) {
    struct status stated;
    g_autofree char *copy = g_strndup(text.text, text.length);
    const char *end;
    if (!status_parse(copy, &stated, &end) || stated.basic != 0)
        return;
    stated.basic = status->basic;
    *status = stated;
}

bool policy_answer_refuses(const struct policy_answer *answer, struct status *status) {
    const char *word = answer->word.text;
    if (answer->word.length == 3 && (word[0] == '4' || word[0] == '5') &&
        g_ascii_isdigit(word[1]) && g_ascii_isdigit(word[2])) {
        *status = (struct status){.basic = (uint16_t)g_ascii_strtoull(word, NULL, 10)};
        read_enhanced(answer->text, status);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++)
        if (word_is(answer->word, refusals[i].word)) {
            *status = refusals[i].status;
            read_enhanced(answer->text, status);
            return true;
        }
    return false;
}
