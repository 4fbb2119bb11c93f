/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local variables that release what they own at the end of their scope: `cleanup_free char *text = NULL;`.
 * Ownership is handed on with TAKE(text). */
#ifndef VMSUITE_CORE_BASE_CLEANUP_H
#define VMSUITE_CORE_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_(void *pointer) {
    free(*(void **)pointer);
}

static inline void cleanup_close_(int *fd) {
    int saved = errno;

    if (*fd >= 0)
        (void)close(*fd);
    errno = saved;
}

static inline void cleanup_fclose_(FILE **file) {
    if (*file)
        (void)fclose(*file);
}

static inline void cleanup_closedir_(DIR **directory) {
    if (*directory)
        (void)closedir(*directory);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_)))
#define cleanup_close __attribute__((cleanup(cleanup_close_))) /* an int, -1 when it holds nothing */
#define cleanup_fclose __attribute__((cleanup(cleanup_fclose_)))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedir_)))

/* The pointer's value; the pointer itself becomes NULL. */
#define TAKE(pointer)                                                                                        \
    __extension__({                                                                                          \
        __typeof__(pointer) taken_ = (pointer);                                                              \
        (pointer) = NULL;                                                                                    \
        taken_;                                                                                              \
    })
/* The same for a descriptor, which becomes -1. */
#define TAKE_FD(fd)                                                                                          \
    __extension__({                                                                                          \
        int taken_ = (fd);                                                                                   \
        (fd) = -1;                                                                                           \
        taken_;                                                                                              \
    })

#endif
