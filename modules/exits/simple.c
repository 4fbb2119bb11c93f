/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes on in one thread: the system call that is every figure's floor, a fresh page, and setting a
 * timer. */
#include "exits/probes.h"
#include "shared/case/report.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Sooner than the kernel's own next timer, so that setting it sets the processor's. */
#define AHEAD_NS 1000000

static int begin_timer(struct bench *bench, struct vms_error *error) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

    bench->state = (void *)(intptr_t)fd;
    return fd < 0 ? report_error(error, -errno, "making a timer: %s", strerror(errno)) : 0;
}

static int set_timer(struct bench *bench, size_t n, struct vms_error *error) {
    const struct itimerspec ahead = {.it_value = {.tv_nsec = AHEAD_NS}};
    int fd = (int)(intptr_t)bench->state, failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= timerfd_settime(fd, 0, &ahead, NULL);
    return failed ? report_error(error, -errno, "setting a timer: %s", strerror(errno)) : 0;
}

/* The timer that was set last is on its way, or it has expired. */
static int end_timer(struct bench *bench, struct vms_error *error) {
    int fd = (int)(intptr_t)bench->state;
    struct itimerspec left;
    uint64_t expired = 0;
    bool is_set = timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0 &&
                  left.it_value.tv_nsec <= AHEAD_NS;

    if (!is_set && read(fd, &expired, sizeof(expired)) == (ssize_t)sizeof(expired))
        is_set = expired == 1;
    (void)close(fd);
    return is_set ? 0 : report_error(error, -EBADMSG, "verification failed: the timer was not set");
}

static const struct probe system_call = PROBE_SYSTEM_CALL(METRIC_SYSTEM_CALL);
static const struct probe page_fault = PROBE_PAGE_FAULT(METRIC_PAGE_FAULT);
static const struct probe timer_arm = {
    .metric = METRIC_TIMER_ARM, .per_operation = 1, .begin = begin_timer, .run = set_timer, .end = end_timer};

int simple_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    return timing_measure(bench,
                          metric == METRIC_SYSTEM_CALL  ? &system_call
                          : metric == METRIC_PAGE_FAULT ? &page_fault
                                                        : &timer_arm,
                          error);
}
