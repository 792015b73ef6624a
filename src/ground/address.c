/* SPDX-License-Identifier: ISC */
#include "dragoman/address.h"

#include <arpa/inet.h>
#include <string.h>

static struct slice slice_of(const char *text, size_t length) {
    return (struct slice){text, length};
}

struct slice path_mailbox(const char *path) {
    size_t length = strlen(path);
    if (length >= 2 && path[0] == '<' && path[length - 1] == '>') {
        path++;
        length -= 2;
    }
    if (length > 0 && path[0] == '@') {
        const char *colon = memchr(path, ':', length);
        if (colon != NULL)
            return slice_of(colon + 1, length - (size_t)(colon + 1 - path));
    }
    return slice_of(path, length);
}

static const char *last_at(struct slice mailbox) {
    return mailbox.length == 0 ? NULL : memrchr(mailbox.text, '@', mailbox.length);
}

struct slice mailbox_domain(struct slice mailbox) {
    const char *at = last_at(mailbox);
    if (at == NULL)
        return slice_of("", 0);
    return slice_of(at + 1, mailbox.length - (size_t)(at + 1 - mailbox.text));
}

struct slice mailbox_local_part(struct slice mailbox) {
    const char *at = last_at(mailbox);
    return at == NULL ? mailbox : slice_of(mailbox.text, (size_t)(at - mailbox.text));
}

static const uint8_t v4_mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool parse_octets(const char *text, uint8_t octets[16], unsigned *bits) {
    if (inet_pton(AF_INET, text, octets + 12) == 1) {
        memcpy(octets, v4_mapped_prefix, sizeof v4_mapped_prefix);
        *bits = 32;
        return true;
    }
    *bits = 128;
    return inet_pton(AF_INET6, text, octets) == 1;
}

bool ip_address_parse(const char *text, struct ip_address *address) {
    char copy[INET6_ADDRSTRLEN + 8];
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length > 5 && g_ascii_strncasecmp(text, "IPv6:", 5) == 0) {
        text += 5;
        length -= 5;
    }
    unsigned bits;
    address->known = false;
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    address->known = parse_octets(copy, address->octets, &bits);
    return address->known;
}

static uint8_t host_bits(unsigned index, unsigned prefix) {
    unsigned first_bit = index * 8;
    if (prefix <= first_bit)
        return 0xff;
    return prefix >= first_bit + 8 ? 0 : (uint8_t)(0xff >> (prefix - first_bit));
}

static bool parse_prefix(const char *text, unsigned bits, unsigned *prefix) {
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 0, bits, &number, NULL))
        return false;
    *prefix = (unsigned)number + (128 - bits);
    return true;
}

static char *network_of(const struct ip_range *range, unsigned bits, const char *prefix) {
    char text[INET6_ADDRSTRLEN];
    bool v4 = bits == 32;
    inet_ntop(v4 ? AF_INET : AF_INET6, range->first + (v4 ? 12 : 0), text, sizeof text);
    return g_strdup_printf("%s/%s", text, prefix);
}

bool ip_range_parse(const char *text, struct ip_range *range, char **why) {
    g_autofree char *address = g_strdup(text);
    char *slash = strchr(address, '/');
    unsigned bits, prefix = 128;
    uint8_t octets[16];
    if (slash != NULL)
        *slash++ = '\0';
    if (!parse_octets(address, octets, &bits)) {
        *why = g_strdup_printf("\"%s\" is no IP address or network; write one like 192.0.2.7, "
                               "192.0.2.0/24 or 2001:db8::/32",
                               text);
        return false;
    }
    if (slash != NULL && !parse_prefix(slash, bits, &prefix)) {
        *why = g_strdup_printf("\"%s\" has no valid prefix length; write a number from 0 to %u "
                               "behind the slash",
                               text, bits);
        return false;
    }
    bool exact = true;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t host = host_bits(i, prefix);
        exact = exact && (octets[i] & host) == 0;
        range->first[i] = octets[i] & (uint8_t)~host;
        range->last[i] = octets[i] | host;
    }
    if (exact)
        return true;
    g_autofree char *network = network_of(range, bits, slash != NULL ? slash : "");
    *why = g_strdup_printf("the network \"%s\" has host bits set; write %s for the network, or "
                           "%s for the one address",
                           text, network, address);
    return false;
}
