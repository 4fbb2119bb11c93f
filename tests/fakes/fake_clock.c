/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wall clock that is set while a program runs: stands before the C library's clock_gettime, gettimeofday
 * and time, preloaded as a library. The monotonic clocks, which nobody sets, stay as they are.
 *
 * VMSUITE_FAKE_CLOCK=SECONDS[:SECONDS...]: what is added to the wall clock; with several, each reading takes
 * the next of them, in turn. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int fake_gettimeofday(struct timeval *ret, void *zone) __asm__("gettimeofday");
EXPORT time_t fake_time(time_t *ret) __asm__("time");

static long next_shift(void) {
    static unsigned n_read;
    const char *at = getenv("VMSUITE_FAKE_CLOCK");
    unsigned n = 0;
    char *end;
    long first, shift;

    if (!at)
        return 0;
    first = shift = strtol(at, &end, 10);
    for (unsigned wanted = n_read++; *end == ':' && n < wanted; n++)
        shift = strtol(end + 1, &end, 10);
    if (n < n_read - 1) { /* past the last: from the first on again */
        n_read = 1;
        shift = first;
    }
    return shift;
}

static int is_wall_clock(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    int status = (int)syscall(SYS_clock_gettime, clock, ret);

    if (status == 0 && is_wall_clock(clock))
        ret->tv_sec += next_shift();
    return status;
}

int fake_gettimeofday(struct timeval *ret, void *zone) {
    struct timespec now;
    int status = fake_clock_gettime(CLOCK_REALTIME, &now);

    (void)zone;
    if (status == 0 && ret)
        *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return status;
}

time_t fake_time(time_t *ret) {
    struct timespec now = {0};

    (void)fake_clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
