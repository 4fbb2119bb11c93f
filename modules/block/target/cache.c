/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/cache.h"

#include "block/target/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define WINDOW (UINT64_C(1) << 28) /* mapped at a time; a multiple of every page size */
#define ATTEMPTS 5

static int look_at_window(int fd, uint64_t offset, uint64_t length, uint64_t page, unsigned char *marks,
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

/* What systems answer that lack the call or forbid it: gVisor, WSL, seccomp filters, some file systems. */
static bool is_refusal(int status) {
    return status == -ENOSYS || status == -EPERM || status == -EACCES || status == -EINVAL ||
           status == -EOPNOTSUPP || status == -ENODEV;
}

int cache_look(const struct job *job, const struct target *target, struct cache_count *ret,
               struct vms_error *error) {
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    struct cache_count count = {.pages = (job->bytes + page - 1) / page};
    unsigned char *marks = malloc(WINDOW / page);
    int status = marks ? 0 : -ENOMEM;

    for (uint64_t offset = 0; status == 0 && offset < job->bytes; offset += WINDOW)
        status =
            look_at_window(target->fd, offset, job->bytes - offset < WINDOW ? job->bytes - offset : WINDOW,
                           page, marks, &count.resident);
    free(marks);
    if (is_refusal(status)) {
        count.refusal = status;
        status = 0;
    }
    if (status < 0)
        return failure_io(error, status, "counting the cached pages of", target->path, 0);
    *ret = count;
    return 0;
}

int cache_drop(const struct job *job, const struct target *target, struct cache_count *ret,
               struct vms_error *error) {
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    struct cache_count count = {.resident = 1};
    int status = target_flush(job, target, error);

    for (int attempt = 0; status == 0 && count.resident > 0 && count.refusal == 0 && attempt < ATTEMPTS;
         attempt++) {
        if (attempt > 0)
            (void)nanosleep(&pause, NULL); /* pages on their way between the kernel's lists are passed over */
        (void)posix_fadvise(target->fd, 0, 0, POSIX_FADV_DONTNEED); /* advice: the count is what holds */
        status = cache_look(job, target, &count, error);
    }
    if (status == 0)
        *ret = count;
    return status;
}

bool cache_is_cold(const struct cache_count *count) {
    return count->refusal == 0 && count->resident <= count->pages / 100;
}
