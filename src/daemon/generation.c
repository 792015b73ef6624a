/* SPDX-License-Identifier: ISC */
#include "generation.h"

#include <pthread.h>

/* Not a GMutex: ThreadSanitizer has to see it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct snapshot *current;

void generation_set(struct snapshot *snapshot) {
    pthread_mutex_lock(&lock);
    struct snapshot *before = current;
    current = snapshot;
    pthread_mutex_unlock(&lock);
    snapshot_release(before);
}

struct snapshot *generation_hold(void) {
    pthread_mutex_lock(&lock);
    struct snapshot *snapshot = snapshot_hold(current);
    pthread_mutex_unlock(&lock);
    return snapshot;
}
