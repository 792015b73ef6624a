/* SPDX-License-Identifier: ISC */
/*
 * The floor of the benchmark: a libmilter milter that does nothing. What dragomand costs is told as
 * a ratio to it, since most of what a milter costs is libmilter and the wake-ups of the machine.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

enum { BACKLOG = 4096 }; /* as dragomand's; each connection that waits longer would be an error */

static const unsigned long no_waiting = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL |
                                        SMFIP_NR_DATA | SMFIP_NR_HDR | SMFIP_NR_EOH |
                                        SMFIP_NR_BODY | SMFIP_NR_UNKN;
static const unsigned long rcpt_and_eom = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL |
                                          SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
                                          SMFIP_NOUNKNOWN;

static unsigned long wanted_steps;

static sfsistat answer(SMFICTX *context, unsigned long no_reply) {
    const unsigned long *steps = smfi_getpriv(context);
    return steps != NULL && (*steps & no_reply) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
                             unsigned long unused_2, unsigned long unused_3,
                             unsigned long *our_actions, unsigned long *our_steps,
                             unsigned long *our_2, unsigned long *our_3) {
    (void)actions;
    (void)unused_2;
    (void)unused_3;
    static unsigned long granted; /* the same for all, since all are offered the same */
    granted = wanted_steps & steps;
    smfi_setpriv(context, &granted);
    *our_actions = 0;
    *our_steps = granted;
    *our_2 = *our_3 = 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address) {
    (void)name;
    (void)address;
    return answer(context, SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *context, char *name) {
    (void)name;
    return answer(context, SMFIP_NR_HELO);
}

static sfsistat on_mail(SMFICTX *context, char **arguments) {
    (void)arguments;
    return answer(context, SMFIP_NR_MAIL);
}

static sfsistat on_rcpt(SMFICTX *context, char **arguments) {
    (void)arguments;
    return answer(context, SMFIP_NR_RCPT);
}

static sfsistat on_data(SMFICTX *context) {
    return answer(context, SMFIP_NR_DATA);
}

static sfsistat on_unknown(SMFICTX *context, const char *command) {
    (void)command;
    return answer(context, SMFIP_NR_UNKN);
}

static sfsistat on_header(SMFICTX *context, char *name, char *value) {
    (void)name;
    (void)value;
    return answer(context, SMFIP_NR_HDR);
}

static sfsistat on_end_of_headers(SMFICTX *context) {
    return answer(context, SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *context, unsigned char *octets, size_t length) {
    (void)octets;
    (void)length;
    return answer(context, SMFIP_NR_BODY);
}

static sfsistat on_end_of_message(SMFICTX *context) {
    (void)context;
    return SMFIS_CONTINUE;
}

static sfsistat on_abort(SMFICTX *context) {
    (void)context;
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context) {
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

static bool register_callbacks(void) {
    struct smfiDesc description = {
        .xxfi_name = "null",
        .xxfi_version = SMFI_VERSION,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_helo,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_rcpt,
        .xxfi_header = on_header,
        .xxfi_eoh = on_end_of_headers,
        .xxfi_body = on_body,
        .xxfi_eom = on_end_of_message,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
        .xxfi_unknown = on_unknown,
        .xxfi_data = on_data,
        .xxfi_negotiate = on_negotiate,
    };
    return smfi_register(description) == MI_SUCCESS;
}

int main(int count, char **arguments) {
    gboolean no_reply = FALSE, few = FALSE;
    g_autofree char *steps = NULL;
    const GOptionEntry entries[] = {
        {"no-reply", 'n', 0, G_OPTION_ARG_NONE, &no_reply, "no reply to what can wait", NULL},
        {"few", 'r', 0, G_OPTION_ARG_NONE, &few, "ask for RCPT and the end only", NULL},
        {"steps", 's', 0, G_OPTION_ARG_STRING, &steps, "ask for exactly these SMFIP_*", "0xN"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) options = g_option_context_new("SOCKET - a milter that does nothing");
    g_option_context_add_main_entries(options, entries, NULL);
    if (!g_option_context_parse(options, &count, &arguments, NULL) || count != 2) {
        fprintf(stderr, "usage: null_milter [-n | -r | -s STEPS] unix:/PATH\n");
        return 2;
    }
    wanted_steps = steps != NULL ? strtoul(steps, NULL, 0)
                   : few         ? rcpt_and_eom
                   : no_reply    ? no_waiting
                                 : 0;
    umask(0);
    if (!register_callbacks() || smfi_setconn(arguments[1]) != MI_SUCCESS ||
        smfi_setbacklog(BACKLOG) != MI_SUCCESS || smfi_opensocket(TRUE) != MI_SUCCESS) {
        fprintf(stderr, "null_milter: cannot serve %s\n", arguments[1]);
        return 1;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
