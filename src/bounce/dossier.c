/* SPDX-License-Identifier: ISC */
#include "dossier.h"

#include <string.h>

#include "dragoman/foreign_reply.h"

/* One recipient, explained. */
struct file {
    const struct report_recipient *recipient;
    struct transaction *transaction;
    struct explanation explanation;
    char *domain, *reporter, *remote; /* harmless host names, or NULL */
    const char *server, *receiver;
    char code[STATUS_TEXT_SIZE];
};

/* --- names of servers ------------------------------------------------------------------------- */

/* A host name or an address, and nothing else: it will stand in our own sentences. */
static char *host_name(const char *text) {
    bool dot = false;
    if (text == NULL || strlen(text) > 255)
        return NULL;
    for (const char *at = text; *at != '\0'; at++) {
        dot = dot || *at == '.' || *at == ':';
        if (!g_ascii_isalnum(*at) && strchr(".-_:[]", *at) == NULL && (unsigned char)*at < 0x80)
            return NULL;
    }
    return dot && g_utf8_validate(text, -1, NULL) ? g_strdup(text) : NULL;
}

static char *domain_of(const char *mailbox) {
    struct slice whole = {mailbox, mailbox != NULL ? strlen(mailbox) : 0};
    struct slice domain = mailbox_domain(whole);
    g_autofree char *text = g_strndup(domain.text, domain.length);
    return domain.length > 0 ? host_name(text) : NULL;
}

static bool is_within(const char *host, const char *domain) {
    size_t host_length = strlen(host), length = strlen(domain);
    return host_length >= length && g_ascii_strcasecmp(host + host_length - length, domain) == 0 &&
           (host_length == length || host[host_length - length - 1] == '.');
}

/* The name by which a sender knows the server: the domain of the recipient where it belongs to
 * that, or is only known by its address. */
static const char *known_name(const struct file *file, const char *host) {
    struct ip_address address;
    if (host == NULL)
        return file->domain;
    if (file->domain == NULL)
        return host;
    return is_within(host, file->domain) || ip_address_parse(host, &address) ? file->domain : host;
}

/* Whether these are the words of an SMTP reply, and not of whoever reports. */
static bool is_answer(const struct report_recipient *recipient) {
    const char *text = recipient->diagnostic;
    return text != NULL && strspn(text, "0123456789") == 3;
}

static void name_servers(struct file *file, const char *reporting_mta) {
    const struct report_recipient *recipient = file->recipient;
    file->domain = domain_of(recipient->recipient);
    file->reporter = host_name(reporting_mta);
    file->remote = host_name(recipient->remote_mta);
    /* Where a reply is told without its server, it is that of the recipient's. */
    bool answered = is_answer(recipient) || recipient->status.basic >= 400;
    file->receiver = known_name(file, file->remote);
    file->server = answered ? file->receiver : known_name(file, file->reporter);
    if (file->server == NULL)
        file->server = file->receiver;
}

/* --- explaining ------------------------------------------------------------------------------- */

static void explain(const struct snapshot *snapshot, struct file *file) {
    const struct report_recipient *recipient = file->recipient;
    struct foreign_reply *reply =
        foreign_reply_parse(recipient->diagnostic != NULL ? recipient->diagnostic : "");
    file->transaction = transaction_new(&snapshot->site.limits);
    if (recipient->recipient != NULL)
        transaction_rcpt(file->transaction, recipient->recipient, NULL);
    transaction_reply(file->transaction, recipient->status, reply->text);
    if (recipient->remote_mta != NULL)
        transaction_reply_server(file->transaction, recipient->remote_mta);
    file->explanation = explanation_of(snapshot, file->transaction);
    foreign_reply_free(reply);
}

/* The enhanced code, where the words do not have it. */
static void find_code(struct file *file) {
    struct status status = file->recipient->status;
    status.basic = 0;
    if (status.class_digit == 0)
        return;
    status_print(status, file->code);
    if (file->recipient->diagnostic != NULL &&
        strstr(file->recipient->diagnostic, file->code) != NULL)
        *file->code = '\0';
}

static void file_free(void *data) {
    struct file *file = data;
    explanation_clear(&file->explanation);
    transaction_free(file->transaction);
    g_free(file->domain);
    g_free(file->reporter);
    g_free(file->remote);
    g_free(file);
}

static struct file *file_new(const struct snapshot *snapshot,
                             const struct report_recipient *recipient, const char *reporting_mta) {
    struct file *file = g_new0(struct file, 1);
    file->recipient = recipient;
    name_servers(file, reporting_mta);
    explain(snapshot, file);
    find_code(file);
    return file;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void block_free(void *data) {
    struct letter_block *block = data;
    g_ptr_array_unref(block->recipients);
    g_array_unref(block->answers);
    g_free(block);
}

/* The same class of failure: a trouble that was tried again until time was up. */
static bool gave_up(const struct file *file) {
    const struct reason *reason = file->explanation.reason;
    return file->recipient->action == REPORT_FAILED && file->recipient->class == STATUS_TEMPORARY &&
           file->reporter != NULL &&
           (reason == NULL || strcmp(reason->id, "delivery-expired") != 0);
}

static struct letter_block *block_new(const struct file *file) {
    struct letter_block *block = g_new0(struct letter_block, 1);
    struct report_date until = file->recipient->retry_until;
    block->delayed = file->recipient->action == REPORT_DELAYED;
    block->gave_up = gave_up(file);
    block->certain = file->explanation.certain && file->recipient->certain;
    block->explanation = &file->explanation;
    block->transaction = file->transaction;
    block->server = file->server;
    block->receiver = file->receiver;
    block->reporter = file->reporter;
    block->domain = file->domain != NULL ? file->domain : file->server;
    block->limit = captures_find(&file->explanation.captures, g_intern_static_string("limit"));
    block->size = captures_find(&file->explanation.captures, g_intern_static_string("size"));
    block->until = (struct letter_date){until.day, until.month, until.year};
    block->recipients = g_ptr_array_new();
    block->answers = g_array_new(FALSE, TRUE, sizeof(struct letter_answer));
    return block;
}

static bool same_date(struct letter_date a, struct letter_date b) {
    return a.day == b.day && a.month == b.month && a.year == b.year;
}

/* Whether a value is the same, or is not told. Where the reason is only inferred, the server is. */
static bool same_value(const struct letter_book *book, const struct letter_block *block,
                       const char *name, const char *a, const char *b) {
    const struct reason *reason = block->explanation->reason;
    return g_strcmp0(a, b) == 0 ||
           (reason != NULL && block->certain && !letter_book_names(book, reason->id, name));
}

/* Whether one block can speak of both: the reporting server is always the same. */
static bool same_fate(const struct letter_book *book, const struct letter_block *a,
                      const struct letter_block *b) {
    return a->delayed == b->delayed && a->gave_up == b->gave_up && a->certain == b->certain &&
           a->explanation->reason == b->explanation->reason && same_date(a->until, b->until) &&
           same_value(book, a, "server", a->server, b->server) &&
           same_value(book, a, "receiver", a->receiver, b->receiver) &&
           same_value(book, a, "domain", a->domain, b->domain) &&
           same_value(book, a, "limit", a->limit, b->limit) &&
           same_value(book, a, "size", a->size, b->size);
}

static struct letter_block *find_block(const struct letter_book *book, GPtrArray *blocks,
                                       const struct file *file) {
    struct letter_block *block = block_new(file);
    for (guint i = 0; i < blocks->len; i++)
        if (same_fate(book, blocks->pdata[i], block)) {
            block_free(block);
            return blocks->pdata[i];
        }
    g_ptr_array_add(blocks, block);
    return block;
}

static bool same_answer(const struct letter_answer *a, const struct letter_answer *b) {
    return g_strcmp0(a->server, b->server) == 0 && g_strcmp0(a->reply, b->reply) == 0 &&
           g_strcmp0(a->code, b->code) == 0;
}

static void add_answer(struct letter_block *block, const struct file *file) {
    struct letter_answer answer = {
        .server = !is_answer(file->recipient) ? NULL
                  : file->remote != NULL      ? file->remote
                                              : file->domain,
        .reply = file->recipient->diagnostic,
        .code = *file->code != '\0' ? file->code : NULL,
    };
    if (answer.reply == NULL && answer.code == NULL)
        return;
    for (guint i = 0; i < block->answers->len; i++)
        if (same_answer(&g_array_index(block->answers, struct letter_answer, i), &answer))
            return;
    g_array_append_val(block->answers, answer);
}

static void add_to_blocks(const struct letter_book *book, GPtrArray *blocks,
                          const struct file *file) {
    struct letter_block *block = find_block(book, blocks, file);
    g_ptr_array_add(block->recipients, file->recipient->recipient);
    add_answer(block, file);
}

struct dossier *dossier_new(const struct snapshot *snapshot, struct report *report) {
    struct dossier *dossier = g_new0(struct dossier, 1);
    dossier->report = report;
    dossier->cases = g_ptr_array_new_with_free_func(file_free);
    dossier->blocks = g_ptr_array_new_with_free_func(block_free);
    for (guint i = 0; i < report->recipients->len; i++) {
        const struct report_recipient *recipient = report->recipients->pdata[i];
        if (recipient->action != REPORT_FAILED && recipient->action != REPORT_DELAYED)
            continue;
        struct file *file = file_new(snapshot, recipient, report->reporting_mta);
        g_ptr_array_add(dossier->cases, file);
        add_to_blocks(snapshot->site.bounces.letters, dossier->blocks, file);
    }
    return dossier;
}

void dossier_free(struct dossier *dossier) {
    g_ptr_array_unref(dossier->blocks);
    g_ptr_array_unref(dossier->cases);
    report_free(dossier->report);
    g_free(dossier);
}
