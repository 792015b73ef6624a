/* SPDX-License-Identifier: ISC */
/*
 * Addresses as they stand in SMTP: mailboxes of MAIL and RCPT (RFC 5321 §4.1.2) and the network
 * address of the client.
 */
#ifndef DRAGOMAN_ADDRESS_H
#define DRAGOMAN_ADDRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of somebody else's text; not NUL-terminated. */
struct slice {
    const char *text;
    size_t length;
};

/*
 * The mailbox of a path: without the angle brackets and without the source route, both of which
 * may be missing. "<@a,@b:user@c>" gives "user@c", "<>" and "" give "". Nothing is copied.
 */
struct slice path_mailbox(const char *path);

/* The part behind the last '@' ("" where there is none) and the part before it. An '@' inside a
 * quoted local part is never the last one, since a domain follows. */
struct slice mailbox_domain(struct slice mailbox);
struct slice mailbox_local_part(struct slice mailbox);

/* An IPv4 or IPv6 address; IPv4 is kept in its v4-mapped form (RFC 4291 §2.5.5.2), so that both
 * compare alike. */
struct ip_address {
    bool known;
    uint8_t octets[16];
};

/* Reads "192.0.2.1", "2001:db8::1", "IPv6:2001:db8::1" or "[192.0.2.1]". False if it is none. */
bool ip_address_parse(const char *text, struct ip_address *address);

/* A range of addresses, both ends included. */
struct ip_range {
    uint8_t first[16];
    uint8_t last[16];
};

/*
 * Reads an address or a network in CIDR notation ("192.0.2.0/24", "2001:db8::/32"). On failure
 * returns false and sets `*why` to a sentence "what is wrong; what to write instead", which the
 * caller frees: also for a network with host bits set, since it hides a typing error.
 */
bool ip_range_parse(const char *text, struct ip_range *range, char **why);

#endif
