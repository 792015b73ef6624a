/* SPDX-License-Identifier: ISC */
#include "dragoman/snapshot.h"

/* Programs that show a reply to a person cut longer ones (Exim's bounces near 1,024 octets). */
enum { REPLY_OCTETS_DEFAULT = 700 };

/* Postfix cuts its own near 50,000 octets; most others return whole messages. */
enum { BOUNCE_OCTETS_DEFAULT = 1024 * 1024 };

struct snapshot *snapshot_new(void) {
    struct snapshot *snapshot = g_new0(struct snapshot, 1);
    atomic_init(&snapshot->references, 1);
    snapshot->catalogue = catalogue_new();
    snapshot->policy = policy_new();
    snapshot->site.reply_octets = REPLY_OCTETS_DEFAULT;
    snapshot->site.restate_codes = RESTATE_CODES_CORRECT;
    snapshot->site.limits = limits_default;
    snapshot->site.bounces.octets_max = BOUNCE_OCTETS_DEFAULT;
    return snapshot;
}

struct snapshot *snapshot_hold(struct snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

/* Not with GLib's reference count: ThreadSanitizer has to see it. */
void snapshot_release(struct snapshot *snapshot) {
    if (snapshot == NULL ||
        atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    policy_free(snapshot->policy);
    catalogue_free(snapshot->catalogue);
    g_free(snapshot->site.help_url);
    g_free(snapshot->site.contact);
    g_free(snapshot->site.bounces.host);
    letter_book_free(snapshot->site.bounces.letters);
    g_free(snapshot);
}
