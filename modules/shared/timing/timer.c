/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How late a sleeping thread runs again: cyclic sleeps to absolute points of time, as cyclictest makes
 * them. */
#include "shared/timing/probe.h"

#include "shared/case/report.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define NS_PER_S 1000000000

static int64_t nanoseconds(const struct timespec *time) {
    return (int64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

static int sleep_cycles(struct bench *bench, struct vms_error *error) {
    const struct vms_host *host = bench->host;
    int64_t interval_ns = (int64_t)(bench->interval * NS_PER_S), due_ns;
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    due_ns = nanoseconds(&time);
    for (uint64_t i = 0; i < bench->samples; i++) {
        struct timespec due;
        int64_t late_ns;
        int failed;

        do /* points that have passed already are left out */
            due_ns += interval_ns;
        while (due_ns <= nanoseconds(&time));
        due = (struct timespec){.tv_sec = due_ns / NS_PER_S, .tv_nsec = due_ns % NS_PER_S};
        failed = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        (void)clock_gettime(CLOCK_MONOTONIC, &time);
        late_ns = nanoseconds(&time) - due_ns;
        if (host->should_stop(host->context))
            return report_error(error, -ECANCELED, "stopped at timer %zu", (size_t)i);
        if (failed || late_ns < 0)
            return report_error(error, -EBADMSG, "verification failed: a sleep ended %lld ns early: %s",
                                (long long)-late_ns, strerror(failed));
        bench->values[i] = 1e-9 * (double)late_ns;
    }
    return 0;
}

int timer_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    int slack = prctl(PR_GET_TIMERSLACK), status;

    /* Without it the kernel may put wake-ups together that lie up to 50 us apart. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    status = sleep_cycles(bench, error);
    (void)prctl(PR_SET_TIMERSLACK, (unsigned long)(slack > 0 ? slack : 0));
    if (status < 0)
        return status;
    return report_distribution(bench->host, error, metric, bench->values, bench->samples);
}
