/* SPDX-License-Identifier: ISC */
#include "dragoman/snapshot.h"

#include <malloc.h>

/* Programs that show a reply to a person cut longer ones (Exim's bounces near 1,024 octets). */
enum { REPLY_OCTETS_DEFAULT = 700 };

struct snapshot *snapshot_new(void) {
    struct snapshot *snapshot = g_new0(struct snapshot, 1);
    g_atomic_ref_count_init(&snapshot->references);
    snapshot->catalogue = catalogue_new();
    snapshot->policy = policy_new();
    snapshot->site.reply_octets = REPLY_OCTETS_DEFAULT;
    snapshot->site.limits = limits_default;
    return snapshot;
}

struct snapshot *snapshot_hold(struct snapshot *snapshot) {
    g_atomic_ref_count_inc(&snapshot->references);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot) {
    if (snapshot == NULL || !g_atomic_ref_count_dec(&snapshot->references))
        return;
    policy_free(snapshot->policy);
    catalogue_free(snapshot->catalogue);
    g_free(snapshot->site.help_url);
    g_free(snapshot->site.contact);
    g_free(snapshot);
    malloc_trim(0); /* else what large tables leave behind would stay with the process */
}
