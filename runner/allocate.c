/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's allocator: the C library's, except that a failure ends the process (process/memory.h). It
 * stands here, before the C library's, because most of what allocates is not ours: Jansson, GSL, hwloc, the C
 * library itself, not all of which survive a NULL. */
#include "common/exit_status.h"
#include "process/memory.h"

#include <dlfcn.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

/* The compiler knows these names: they keep the standard's declarations. */
EXPORT void *malloc(size_t size);
EXPORT void *calloc(size_t n, size_t size);
EXPORT void *realloc(void *old, size_t size);

/* The definition behind ours; glibc's dlsym allocates nothing when it succeeds. */
static void find_next(const char *name, void *ret_function) {
    *(void **)ret_function = dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size) {
    static void *(*next)(size_t);
    void *place;

    if (!next)
        find_next("malloc", &next);
    for (unsigned attempt = 0; !(place = next(size)); attempt++)
        if (!memory_failed(attempt, EXIT_FAILED))
            break;
    return place;
}

void *calloc(size_t n, size_t size) {
    static void *(*next)(size_t, size_t);
    void *place;

    if (!next)
        find_next("calloc", &next);
    for (unsigned attempt = 0; !(place = next(n, size)); attempt++)
        if (!memory_failed(attempt, EXIT_FAILED))
            break;
    return place;
}

void *realloc(void *old, size_t size) {
    static void *(*next)(void *, size_t);
    void *place;

    if (!next)
        find_next("realloc", &next);
    /* Of no bytes, NULL is what was asked for. */
    for (unsigned attempt = 0; !(place = next(old, size)) && size > 0; attempt++)
        if (!memory_failed(attempt, EXIT_FAILED))
            break;
    return place;
}
