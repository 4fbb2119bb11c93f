/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/libpq.h"

#include "base/error.h"

#include <dlfcn.h>
#include <errno.h>

#define LIBPQ_NAME "libpq.so.5"

/* POSIX lets a function's address be read through a pointer to an object. */
static bool find(void *library, const char *name, void *ret_function) {
    void *found = dlsym(library, name);

    *(void **)ret_function = found;
    return found != NULL;
}

const struct libpq *libpq_load(struct vms_error *error) {
    static struct libpq functions;
    static void *library;
    bool complete = true;

    if (library)
        return &functions;
    library = dlopen(LIBPQ_NAME, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        (void)error_set(error, -ENOENT,
                        "PostgreSQL's library is missing (%s): install Debian's package libpq5", dlerror());
        return NULL;
    }
#define FIND(name) complete = complete && find(library, #name, &functions.name);
    LIBPQ_FUNCTIONS(FIND)
    if (complete)
        return &functions;
    (void)error_set(error, -ENOTSUP, "%s is older than version 14", LIBPQ_NAME);
    (void)dlclose(library);
    library = NULL;
    return NULL;
}
