/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process/confine.h"

#include "base/cleanup.h"
#include "files/listing.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 4096 /* data sockets of one session */

static void lower(int resource, rlim_t wanted) {
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted)
        limit.rlim_max = wanted;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(resource, &limit);
}

int confine_to_parent(pid_t parent) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGALRM, SIGCHLD};
    sigset_t none;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return -errno;
    if (getppid() != parent) /* it died before we asked */
        return -ESRCH;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    return 0;
}

int confine_program(pid_t parent, bool gains) {
    int status = confine_to_parent(parent);

    if (status < 0)
        return status;
    if (!gains || geteuid() == 0)
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    lower(RLIMIT_CORE, 0);
    return 0;
}

int confine_child(pid_t parent) {
    return confine_program(parent, false);
}

void confine_peer(void) {
    lower(RLIMIT_FSIZE, 0);
    lower(RLIMIT_NOFILE, DESCRIPTORS_MAX);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Bytes of address space that the process has; 0: unknown. */
static uint64_t address_space(void) {
    cleanup_fclose FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (!file || fscanf(file, "%lu", &pages) != 1)
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void confine_memory(uint64_t more) {
    uint64_t now = address_space();

#ifdef SANITIZED
    return;
#endif
    if (now > 0 && more < UINT64_MAX - now)
        lower(RLIMIT_AS, now + more);
}

/* Where the kernel, or what stands in for it, has no close_range: the list of those that are open, else all
 * that there may be. */
static void each_open(int first, void (*act)(int fd)) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open("/proc/self/fd", &directory);
    long end = sysconf(_SC_OPEN_MAX);
    const char *name;

    while ((name = listing_next(directory, &status))) {
        long fd = strtol(name, NULL, 10);

        if (fd >= first && fd != dirfd(directory))
            act((int)fd);
    }
    for (long fd = first; status < 0 && fd < (end > 0 ? end : DESCRIPTORS_MAX); fd++)
        if (!directory || fd != dirfd(directory))
            act((int)fd);
}

static void close_now(int fd) {
    (void)close(fd);
}

static void close_at_exec(int fd) {
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void confine_descriptors(int first) {
    if (close_range((unsigned)first, ~0U, 0) < 0)
        each_open(first, close_now);
}

void confine_exec(const int *kept, size_t n_kept) {
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        each_open(STDERR_FILENO + 1, close_at_exec);
    for (size_t i = 0; i < n_kept; i++)
        if (kept[i] > STDERR_FILENO)
            (void)fcntl(kept[i], F_SETFD, 0);
}
