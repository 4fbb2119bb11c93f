/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/other.h"

#include "shared/case/report.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct other {
    pthread_t thread;
    const struct place *place;
    const volatile char *page;
    unsigned turns; /* atomic */
    bool over;      /* atomic */
    int status;     /* atomic; of binding it: 1 until that is done */
    double began_s, ran_s;
};

static double seconds_of(clockid_t clock) {
    struct timespec time = {0, 0};

    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void *keep_busy(void *argument) {
    struct other *other = argument;
    int status = place_bind(other->place, 1);
    double before_s = seconds_of(CLOCK_THREAD_CPUTIME_ID);

    __atomic_store_n(&other->status, status, __ATOMIC_RELEASE);
    while (status == 0 && !__atomic_load_n(&other->over, __ATOMIC_RELAXED)) {
        if (other->page)
            (void)__atomic_load_n(other->page, __ATOMIC_RELAXED);
        (void)__atomic_add_fetch(&other->turns, 1, __ATOMIC_RELAXED);
    }
    other->ran_s = seconds_of(CLOCK_THREAD_CPUTIME_ID) - before_s;
    return NULL;
}

int other_start(const struct place *place, const volatile char *page, struct other **ret_other,
                struct vms_error *error) {
    struct other *other = calloc(1, sizeof(*other));
    int number, status;

    if (!other)
        return report_error(error, -ENOMEM, "no memory for the second thread");
    other->place = place;
    other->page = page;
    other->status = 1;
    number = pthread_create(&other->thread, NULL, keep_busy, other);
    if (number) {
        free(other);
        return report_error(error, -number, "starting the second thread: %s", strerror(number));
    }
    while ((status = __atomic_load_n(&other->status, __ATOMIC_ACQUIRE)) == 1)
        (void)sched_yield();
    if (status < 0) {
        double ignored;

        other_stop(other, &ignored);
        return report_error(error, status, "binding to processor %d: %s", place->cpus[1], strerror(-status));
    }
    other->began_s = seconds_of(CLOCK_MONOTONIC);
    *ret_other = other;
    return 0;
}

void other_stop(struct other *other, double *ret_share) {
    double wall_s = seconds_of(CLOCK_MONOTONIC) - other->began_s;

    __atomic_store_n(&other->over, true, __ATOMIC_RELAXED);
    (void)pthread_join(other->thread, NULL);
    *ret_share = wall_s > 0 ? other->ran_s / wall_s : 0;
    free(other);
}
