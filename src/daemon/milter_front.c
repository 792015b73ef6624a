/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "bounce_copy.h"
#include "counters.h"
#include "dragoman/session.h"
#include "front.h"
#include "generation.h"
#include "log.h"
#include "milter_negotiation.h"
#include "refusal_log.h"

/* One connection of the MTA. libmilter never calls two of its callbacks at once. */
struct connection {
    struct session *session;
    struct bounce_copy *copy; /* NULL where bounces are not enriched */
    unsigned long steps;      /* SMFIP_*, as negotiated */
    bool local;               /* the MTA made it: nobody has connected */
    bool spared;              /* a bounce of the MTA itself, which must never be refused */
    bool accepted;            /* a rule has accepted the message; it is only copied on */
    struct observer observer;
};

static atomic_int running;    /* callbacks that are at work */
static atomic_ulong finished; /* callbacks that have come to their end */

/* --- connections ------------------------------------------------------------------------------ */

static void log_shadow(const struct rule *rule, enum rule_answer answer,
                       const struct condition *decisive, void *context) {
    const struct connection *connection = context;
    (void)decisive;
    if (rule->shadow && answer == RULE_MATCHED)
        refusal_log_shadow(session_transaction(connection->session), rule);
}

static struct connection *connection_new(void) {
    struct connection *connection = g_new0(struct connection, 1);
    struct snapshot *snapshot = generation_hold();
    connection->observer = (struct observer){.asked = log_shadow, .context = connection};
    connection->session = session_new(snapshot, &connection->observer);
    connection->copy = bounce_copy_new(snapshot);
    snapshot_release(snapshot);
    return connection;
}

/* libmilter lets commands in that come before the negotiation, or behind a connection's end. */
static struct connection *connection_of(SMFICTX *context) {
    struct connection *connection = smfi_getpriv(context);
    if (connection == NULL) {
        connection = connection_new();
        smfi_setpriv(context, connection);
    }
    return connection;
}

static struct transaction *transaction_of(SMFICTX *context) {
    return session_transaction(connection_of(context)->session);
}

static void connection_free(struct connection *connection) {
    if (connection == NULL)
        return;
    bounce_copy_free(connection->copy);
    session_free(connection->session);
    g_free(connection);
}

/* --- speaking --------------------------------------------------------------------------------- */

/* libmilter takes the lines as arguments, and hands them to the MTA as a format: % is doubled. */
static bool set_reply(SMFICTX *context, const struct reply *reply) {
    enum { LINES = 32 };
    char *lines[LINES] = {NULL};
    char code[STATUS_TEXT_SIZE];
    status_print(reply->status, code);
    char *enhanced = strlen(code) > 4 ? code + 4 : NULL;
    code[3] = '\0';
    for (guint i = 0; i < MIN(reply->lines->len, LINES); i++) {
        g_autoptr(GString) line = g_string_new(reply->lines->pdata[i]);
        g_string_replace(line, "%", "%%", 0);
        lines[i] = g_string_free(g_steal_pointer(&line), FALSE);
    }
#define FOUR(i) lines[i], lines[(i) + 1], lines[(i) + 2], lines[(i) + 3]
    int result = smfi_setmlreply(context, code, enhanced, FOUR(0), FOUR(4), FOUR(8), FOUR(12),
                                 FOUR(16), FOUR(20), FOUR(24), FOUR(28), NULL);
#undef FOUR
    for (size_t i = 0; i < LINES; i++)
        g_free(lines[i]);
    return result == MI_SUCCESS;
}

static sfsistat refuse(SMFICTX *context, const struct reply *reply) {
    if (!set_reply(context, reply))
        counter_add(COUNTER_FAILED_REPLIES);
    return status_class_of(reply->status) == STATUS_TEMPORARY ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

static sfsistat verdict_of(SMFICTX *context, const struct answer *answer) {
    switch (answer->action) {
    case ACTION_REFUSE:
        return refuse(context, answer->reply);
    case ACTION_ACCEPT:
        return SMFIS_ACCEPT;
    case ACTION_DISCARD:
        return SMFIS_DISCARD;
    default:
        return SMFIS_CONTINUE;
    }
}

/* Into the MTA's quarantine, for the reason that the rule gives. */
static void quarantine(SMFICTX *context, const struct verdict *hold) {
    g_autofree char *why = g_strdup_printf(
        "dragoman: %s", hold->rule->reason != NULL ? hold->rule->reason->id : hold->rule->name);
    g_autoptr(GString) harmless = g_string_new(NULL);
    text_append_harmless(harmless, why, CHARSET_ASCII, PARAMETER_OCTETS_MAX);
    if (smfi_quarantine(context, harmless->str) != MI_SUCCESS)
        log_write(LOG_WARNING, "the MTA does not let a milter hold messages; one was let pass");
}

static sfsistat continue_at(const struct connection *connection, enum stage stage) {
    return (connection->steps & negotiated_silence(stage)) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* Whether the policy wants to know of the stage; for a bounce more is heard than it asks for. */
static bool is_asked(const struct connection *connection, enum stage stage) {
    return session_snapshot(connection->session)->policy->plan[stage].heard;
}

/* Postfix cannot send a bounce that is refused: it tries again and again, and the message that came
 * back stays in its queue. Until MAIL everything that it made itself may be one. */
static bool may_be_spared(const struct connection *connection, enum stage stage) {
    return connection->local && (stage == STAGE_CONNECT || stage == STAGE_HELO);
}

/* An accept would end our part in a message that is still to be enriched. */
static bool goes_on(struct connection *connection, enum stage stage, enum action action) {
    if (action != ACTION_ACCEPT || connection->copy == NULL)
        return false;
    if (stage == STAGE_CONNECT || stage == STAGE_HELO)
        return true;
    connection->accepted = bounce_copy_is_made(connection->copy);
    return connection->accepted;
}

static sfsistat ask(SMFICTX *context, enum stage stage) {
    struct connection *connection = connection_of(context);
    if (!is_asked(connection, stage) || connection->spared || connection->accepted)
        return continue_at(connection, stage);
    struct answer answer = session_at(connection->session, stage);
    if (may_be_spared(connection, stage) || goes_on(connection, stage, answer.action))
        return continue_at(connection, stage);
    refusal_log(transaction_of(context), session_snapshot(connection->session), &answer);
    if (answer.hold != NULL && answer.action == ACTION_CONTINUE)
        quarantine(context, answer.hold);
    if (answer.action == ACTION_CONTINUE)
        return continue_at(connection, stage);
    return verdict_of(context, &answer);
}

/* --- learning --------------------------------------------------------------------------------- */

static const char *macro_value(SMFICTX *context, const char *name) {
    char symbol[SYMBOL_SIZE];
    return smfi_getsymval(context, macro_symbol(name, symbol));
}

static void learn_macros(SMFICTX *context, enum stage stage) {
    const struct snapshot *snapshot = session_snapshot(connection_of(context)->session);
    const GPtrArray *names = snapshot->policy->plan[stage].macros;
    for (guint i = 0; i < names->len; i++) {
        const char *value = macro_value(context, names->pdata[i]);
        if (value != NULL)
            transaction_macro(transaction_of(context), stage, names->pdata[i], value);
    }
}

static const char *client_ip(const _SOCK_ADDR *address, char text[INET6_ADDRSTRLEN],
                             unsigned *port) {
    *port = 0;
    if (address == NULL)
        return NULL;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        *port = ntohs(v4->sin_port);
        return inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN);
    }
    if (address->sa_family != AF_INET6)
        return NULL;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    *port = ntohs(v6->sin6_port);
    return inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
}

/* --- libmilter's callbacks -------------------------------------------------------------------- */

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
                             unsigned long unused_2, unsigned long unused_3,
                             unsigned long *our_actions, unsigned long *our_steps,
                             unsigned long *our_2, unsigned long *our_3) {
    (void)unused_2;
    (void)unused_3;
    struct connection *connection = connection_new();
    const struct snapshot *snapshot = session_snapshot(connection->session);
    connection_free(smfi_getpriv(context));
    smfi_setpriv(context, connection);
    counter_add(COUNTER_CONNECTIONS);
    connection->steps = negotiated_steps(snapshot, steps);
    *our_actions = negotiated_actions(snapshot, actions);
    *our_steps = connection->steps;
    *our_2 = *our_3 = 0;
    if ((actions & SMFIF_SETSYMLIST) != 0)
        negotiate_macros(context, snapshot);
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address) {
    char text[INET6_ADDRSTRLEN];
    unsigned port;
    const char *ip = client_ip(address, text, &port);
    connection_of(context)->local = port == 0;
    transaction_connect(transaction_of(context), name, ip, port);
    learn_macros(context, STAGE_CONNECT);
    return ask(context, STAGE_CONNECT);
}

static sfsistat on_helo(SMFICTX *context, char *name) {
    transaction_helo(transaction_of(context), name);
    learn_macros(context, STAGE_HELO);
    return ask(context, STAGE_HELO);
}

static sfsistat on_mail(SMFICTX *context, char **arguments) {
    struct connection *connection = connection_of(context);
    connection->spared = connection->local && path_mailbox(arguments[0]).length == 0;
    connection->accepted = false;
    bounce_copy_begin(connection->copy, arguments[0]);
    transaction_mail(transaction_of(context), arguments[0], (const char *const *)(arguments + 1));
    learn_macros(context, STAGE_MAIL);
    return ask(context, STAGE_MAIL);
}

/* With SMFIP_RCPT_REJ the MTA also tells the recipients that it has refused itself. Both MTAs
 * ignore what we say of them, and an accept or discard would end our part in the message. */
static bool is_refused_by_mta(SMFICTX *context) {
    const char *mailer = macro_value(context, "rcpt_mailer");
    return (connection_of(context)->steps & SMFIP_RCPT_REJ) != 0 && mailer != NULL &&
           strcmp(mailer, "error") == 0;
}

static sfsistat on_rcpt(SMFICTX *context, char **arguments) {
    struct transaction *transaction = transaction_of(context);
    bounce_copy_recipient(connection_of(context)->copy, macro_value(context, "rcpt_mailer"));
    transaction_rcpt(transaction, arguments[0], (const char *const *)(arguments + 1));
    if (is_refused_by_mta(context)) {
        transaction_recipient_refused_by_mta(transaction);
        return continue_at(connection_of(context), STAGE_RCPT);
    }
    learn_macros(context, STAGE_RCPT);
    return ask(context, STAGE_RCPT);
}

static sfsistat on_data(SMFICTX *context) {
    learn_macros(context, STAGE_DATA);
    return ask(context, STAGE_DATA);
}

static sfsistat on_unknown(SMFICTX *context, const char *command) {
    transaction_unknown_command(transaction_of(context), command);
    return ask(context, STAGE_UNKNOWN);
}

static sfsistat on_header(SMFICTX *context, char *name, char *value) {
    bounce_copy_header(connection_of(context)->copy, name, value);
    if (is_asked(connection_of(context), STAGE_HEADER))
        transaction_header(transaction_of(context), name, value);
    return ask(context, STAGE_HEADER);
}

static sfsistat on_end_of_headers(SMFICTX *context) {
    learn_macros(context, STAGE_EOH);
    return ask(context, STAGE_EOH);
}

static sfsistat on_body(SMFICTX *context, unsigned char *octets, size_t length) {
    const struct connection *connection = connection_of(context);
    struct transaction *transaction = transaction_of(context);
    bool asked = is_asked(connection, STAGE_BODY);
    bounce_copy_body(connection->copy, (const char *)octets, length);
    if (asked)
        transaction_body(transaction, (const char *)octets, length);
    sfsistat status = ask(context, STAGE_BODY);
    bool enough = (connection->steps & SMFIP_SKIP) != 0 && !bounce_copy_is_made(connection->copy) &&
                  (!asked || transaction_body_is_full(transaction)) &&
                  !session_snapshot(connection->session)->policy->counts_size;
    return status == SMFIS_CONTINUE && enough ? SMFIS_SKIP : status;
}

/* The body goes out in one call, which libmilter cuts into chunks that follow one another: Postfix
 * wants it so. */
static void enrich_bounce(SMFICTX *context) {
    const struct bounce_copy *copy = connection_of(context)->copy;
    struct enriched *enriched =
        bounce_copy_enrich(copy, macro_value(context, "j"), macro_value(context, "i"));
    if (enriched == NULL)
        return;
    g_autofree char *name = g_strdup(enrich_mark);
    if (smfi_addheader(context, name, enriched->mark) == MI_SUCCESS &&
        smfi_replacebody(context, (unsigned char *)enriched->body->str, (int)enriched->body->len) ==
            MI_SUCCESS)
        counter_add(COUNTER_ENRICHED);
    else
        log_write(LOG_WARNING, "the MTA does not let a milter change bounces; one was let pass");
    enriched_free(enriched);
}

static sfsistat on_end_of_message(SMFICTX *context) {
    struct connection *connection = connection_of(context);
    learn_macros(context, STAGE_EOM);
    sfsistat status = ask(context, STAGE_EOM);
    if (status == SMFIS_CONTINUE)
        enrich_bounce(context);
    bounce_copy_forget(connection->copy);
    session_end_message(connection->session);
    return status;
}

static sfsistat on_abort(SMFICTX *context) {
    bounce_copy_forget(connection_of(context)->copy);
    session_end_message(connection_of(context)->session);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context) {
    connection_free(smfi_getpriv(context));
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

/* Each callback counts as running while it is at work, so that a stop can wait for it. */
#define COUNTED(name, parameters, ...)                                                             \
    static sfsistat counted_##name parameters {                                                    \
        atomic_fetch_add(&running, 1);                                                             \
        sfsistat status = name(__VA_ARGS__);                                                       \
        atomic_fetch_add(&finished, 1);                                                            \
        atomic_fetch_sub(&running, 1);                                                             \
        return status;                                                                             \
    }

COUNTED(on_connect, (SMFICTX * context, char *name, _SOCK_ADDR *address), context, name, address)
COUNTED(on_helo, (SMFICTX * context, char *name), context, name)
COUNTED(on_mail, (SMFICTX * context, char **arguments), context, arguments)
COUNTED(on_rcpt, (SMFICTX * context, char **arguments), context, arguments)
COUNTED(on_data, (SMFICTX * context), context)
COUNTED(on_unknown, (SMFICTX * context, const char *command), context, command)
COUNTED(on_header, (SMFICTX * context, char *name, char *value), context, name, value)
COUNTED(on_end_of_headers, (SMFICTX * context), context)
COUNTED(on_body, (SMFICTX * context, unsigned char *octets, size_t length), context, octets, length)
COUNTED(on_end_of_message, (SMFICTX * context), context)

/* --- the process ------------------------------------------------------------------------------ */

static bool register_callbacks(void) {
    struct smfiDesc description = {
        .xxfi_name = "dragoman",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_QUARANTINE | SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_CHGBODY,
        .xxfi_connect = counted_on_connect,
        .xxfi_helo = counted_on_helo,
        .xxfi_envfrom = counted_on_mail,
        .xxfi_envrcpt = counted_on_rcpt,
        .xxfi_header = counted_on_header,
        .xxfi_eoh = counted_on_end_of_headers,
        .xxfi_body = counted_on_body,
        .xxfi_eom = counted_on_end_of_message,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
        .xxfi_unknown = counted_on_unknown,
        .xxfi_data = counted_on_data,
        .xxfi_negotiate = on_negotiate,
    };
    return smfi_register(description) == MI_SUCCESS;
}

/* Small stacks, since a thread may be needed for each SMTP session. */
static void limit_stacks(void) {
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) == 0) {
        stack.rlim_cur = MIN(stack.rlim_max, (rlim_t)1024 * 1024);
        setrlimit(RLIMIT_STACK, &stack);
    }
}

static int run(const struct endpoint *endpoints, size_t count) {
    g_autofree char *socket = g_strdup_printf("fd:%d", endpoints[0].socket);
    (void)count; /* libmilter serves one socket */
    limit_stacks();
    if (!register_callbacks() || smfi_setconn(socket) != MI_SUCCESS) {
        log_write(LOG_ERR,
                  "libmilter refuses to serve an open socket (%s); Debian's libmilter is "
                  "needed",
                  socket);
        return 1;
    }
    if (smfi_main() == MI_SUCCESS)
        return 0;
    log_write(LOG_ERR, "libmilter ended: %s", strerror(errno));
    return 1;
}

static bool is_alive(void) {
    static unsigned long before;
    unsigned long now = atomic_load(&finished);
    bool alive = atomic_load(&running) == 0 || now != before;
    before = now;
    return alive;
}

/* Not by smfi_stop(): it waits for the thread that accepts, which looks up every five seconds. What
 * a callback has returned is still on its way to the MTA for a moment. */
static void stop(void) {
    enum { STEP_US = 10000, STEPS = 200 };
    for (int i = 0; i < STEPS && atomic_load(&running) > 0; i++)
        g_usleep(STEP_US);
    g_usleep(STEP_US);
    _exit(0);
}

const struct front milter_front = {run, is_alive, stop, 60};
