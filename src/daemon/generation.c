/* SPDX-License-Identifier: ISC */
#include "generation.h"

static GMutex lock;
static struct snapshot *current;

void generation_set(struct snapshot *snapshot) {
    g_mutex_lock(&lock);
    struct snapshot *before = current;
    current = snapshot;
    g_mutex_unlock(&lock);
    snapshot_release(before);
}

struct snapshot *generation_hold(void) {
    g_mutex_lock(&lock);
    struct snapshot *snapshot = snapshot_hold(current);
    g_mutex_unlock(&lock);
    return snapshot;
}
