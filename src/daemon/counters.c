/* SPDX-License-Identifier: ISC */
#include "counters.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

static atomic_ulong *counters;

static const char *const names[COUNTER_COUNT] = {
#define COUNTER(id, name, help) [COUNTER_##id] = name,
#include "dragoman/counters.def"
#undef COUNTER
};

bool counters_open(void) {
    void *memory = mmap(NULL, COUNTER_COUNT * sizeof *counters, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    counters = memory;
    return true;
}

void counter_add(enum counter counter) {
    if (counters != NULL)
        atomic_fetch_add_explicit(&counters[counter], 1, memory_order_relaxed);
}

unsigned long counter_value(enum counter counter) {
    return counters != NULL ? atomic_load_explicit(&counters[counter], memory_order_relaxed) : 0;
}

const char *counter_name(enum counter counter) {
    return names[counter];
}
