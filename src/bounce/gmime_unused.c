/* SPDX-License-Identifier: ISC */
/*
 * What g_mime_init() makes known and nothing here uses: GMime's cryptography and its streams of
 * GIO. A program that holds GMime in itself (configure --enable-static-tool) is linked with these
 * instead, and so without GPGME, GIO and the ten libraries behind them: they cost it half of its
 * start. No signature is ever verified here and nothing is decrypted.
 */
#include <gmime/gmime.h>

GType g_mime_gpg_context_get_type(void) {
    return G_TYPE_NONE;
}

GType g_mime_pkcs7_context_get_type(void) {
    return G_TYPE_NONE;
}

GType g_mime_stream_gio_get_type(void) {
    return G_TYPE_NONE;
}

GMimeCryptoContext *g_mime_gpg_context_new(void) {
    return NULL;
}

GMimeCryptoContext *g_mime_pkcs7_context_new(void) {
    return NULL;
}

/* What gpgme_check_version() is in the headers of GPGME. */
const char *gpgme_check_version_internal(const char *wanted, size_t offset);

const char *gpgme_check_version_internal(const char *wanted, size_t offset) {
    (void)wanted;
    (void)offset;
    return NULL;
}
