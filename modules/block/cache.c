/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cache.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define WINDOW (UINT64_C(1) << 28) /* mapped at a time; a multiple of every page size */
#define ATTEMPTS 5

static int count_window(int fd, uint64_t offset, uint64_t length, uint64_t page, unsigned char *marks,
                        uint64_t *resident) {
    void *window = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, (off_t)offset);
    int status;

    if (window == MAP_FAILED)
        return -errno;
    status = mincore(window, length, marks) < 0 ? -errno : 0;
    (void)munmap(window, length);
    for (uint64_t i = 0; status == 0 && i < (length + page - 1) / page; i++)
        *resident += marks[i] & 1;
    return status;
}

static int count_resident(int fd, uint64_t bytes, uint64_t page, uint64_t *ret_resident) {
    unsigned char *marks = malloc(WINDOW / page);
    uint64_t resident = 0;
    int status = marks ? 0 : -ENOMEM;

    for (uint64_t offset = 0; status == 0 && offset < bytes; offset += WINDOW)
        status = count_window(fd, offset, bytes - offset < WINDOW ? bytes - offset : WINDOW, page, marks,
                              &resident);
    free(marks);
    if (status == 0)
        *ret_resident = resident;
    return status;
}

bool cache_is_cold(uint64_t resident, uint64_t pages) {
    return resident <= pages / 100;
}

int cache_drop(const struct job *job, const struct target *target, uint64_t *ret_resident,
               uint64_t *ret_pages, struct vms_error *error) {
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t resident = 0;
    int status;

    if (fdatasync(target->fd) < 0)
        return failure_io(error, -errno, "flushing", target->path, 0);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0)
            (void)nanosleep(&pause, NULL); /* pages on their way between the kernel's lists are passed over */
        (void)posix_fadvise(target->fd, 0, 0,
                            POSIX_FADV_DONTNEED); /* advice: the count below is what holds */
        status = count_resident(target->fd, job->bytes, page, &resident);
        if (status < 0)
            return failure_io(error, status, "counting the cached pages of", target->path, 0);
        if (resident == 0)
            break;
    }
    *ret_resident = resident;
    *ret_pages = (job->bytes + page - 1) / page;
    return 0;
}

int cache_drop_all(const struct job *job, const struct target *target, struct vms_error *error) {
    uint64_t resident, pages;
    int status = cache_drop(job, target, &resident, &pages, error);

    if (status < 0)
        return status;
    if (!cache_is_cold(resident, pages))
        return failure_set(error, -ENOTSUP,
                           "%" PRIu64 " of %" PRIu64
                           " pages of %s stay in memory: nothing read from there is cold",
                           resident, pages, target->path);
    return 0;
}
