/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets a test reach the memory that a module measures, to spoil it: this mmap stands before the C library's
 * and remembers the last mapping of at least MAPPED_LEAST bytes. To be included by one file of a program. */
#ifndef VMSUITE_TESTS_MODULES_MAPPED_H
#define VMSUITE_TESTS_MODULES_MAPPED_H

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAPPED_LEAST (UINT64_C(4) << 20) /* the modules' mappings are larger: 2 MiB are for alignment */

static void *mapped_last;
static int
    mapped_left_out; /* flags that the kernel does not get to see, as if there were a pool of huge pages */

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    void *map = (void *)syscall(SYS_mmap, address, length, protection, flags & ~mapped_left_out, fd, offset);

    if (length >= MAPPED_LEAST && fd < 0)
        mapped_last = map;
    return map;
}

/* The start of the arrays in the last mapping: modules align them to 2 MiB. */
static inline void *mapped_start(void) {
    uintptr_t page = UINT64_C(2) << 20;

    return (void *)(((uintptr_t)mapped_last + page - 1) & ~(page - 1));
}

#endif
