/* SPDX-License-Identifier: ISC */
#include "mta_words.h"

#include "mta.h"

const struct mta_words mta_words[] = {
    [MTA_POSTFIX] =
        {
            .greeting = "220 %s ESMTP Postfix",
            .ehlo = "%s|PIPELINING|SIZE 10240000|VRFY|ETRN|ENHANCEDSTATUSCODES|8BITMIME|DSN|"
                    "SMTPUTF8|CHUNKING",
            .ehlo_refused = "%s|ENHANCEDSTATUSCODES",
            .helo = "250 %s",
            .helo_without_name = "501 Syntax: EHLO hostname",
            .mail = "250 2.1.0 Ok",
            .rcpt = "250 2.1.5 Ok",
            .data = "354 End data with <CR><LF>.<CR><LF>",
            .queued = "250 2.0.0 Ok: queued as " MTA_QUEUE_ID,
            .rset = "250 2.0.0 Ok",
            .noop = "250 2.0.0 Ok",
            .quit = "221 2.0.0 Bye",
            .unknown = "500 5.5.2 Error: command not recognized",
            .vrfy = "252 2.0.0 %s",
            .nested_mail = "503 5.5.1 Error: nested MAIL command",
            .rcpt_without_mail = "503 5.5.1 Error: need MAIL command",
            .data_without_mail = "503 5.5.1 Error: need RCPT command",
            .data_without_rcpt = "554 5.5.1 Error: no valid recipients",
            .syntax = "501 5.5.4 Syntax: %s <address>",
        },
    [MTA_SENDMAIL] =
        {
            .greeting = "220 %s ESMTP Sendmail 8.17.1.9/8.17.1.9; Sun, 22 Nov 2026 12:00:00 GMT",
            .ehlo = "%s Hello localhost [127.0.0.1], pleased to meet you|ENHANCEDSTATUSCODES|"
                    "PIPELINING|EXPN|VERB|8BITMIME|SIZE|DSN|ETRN|DELIVERBY|HELP",
            .ehlo_refused = "%s Hello localhost [127.0.0.1], pleased to meet you|"
                            "ENHANCEDSTATUSCODES",
            .helo = "250 %s Hello localhost [127.0.0.1], pleased to meet you",
            .helo_without_name = "501 5.0.0 EHLO requires domain address",
            .mail = "250 2.1.0 %s... Sender ok",
            .rcpt = "250 2.1.5 %s... Recipient ok",
            .data = "354 End data with <CR><LF>.<CR><LF>",
            .queued = "250 2.0.0 " MTA_QUEUE_ID " Message accepted for delivery",
            .rset = "250 2.0.0 Reset state",
            .noop = "250 2.0.0 OK",
            .quit = "221 2.0.0 %s closing connection",
            .unknown = "500 5.5.1 Command unrecognized: \"%s\"",
            .vrfy = "250 2.1.5 <%s>",
            .nested_mail = "503 5.5.0 Sender already specified",
            .rcpt_without_mail = "503 5.0.0 Need MAIL before RCPT",
            .data_without_mail = "503 5.0.0 Need MAIL command",
            .data_without_rcpt = "503 5.0.0 Need RCPT (recipient)",
            .syntax = "501 5.5.2 Syntax error in parameters scanning \"%s\"",
        },
};
