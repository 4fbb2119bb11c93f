/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From waking a thread that sleeps on the second processor, by a futex, to its first look at the clock: the
 * way there only, for what wakes stays awake. */
#include "exits/probes.h"
#include "shared/case/report.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ASLEEP_NS 30000    /* it takes less from saying that one will sleep to sleeping */
#define POLL_NS 50000000   /* how often should_stop is asked */
#define TRIES_PER_SAMPLE 4 /* a thread that had not yet slept was not woken: it is tried again */
#define OVER UINT32_MAX

struct sleeper {
    pthread_t thread;
    const struct vms_host *host;
    const struct place *place;
    uint32_t call;     /* atomic: the number of the last wake-up, or OVER; what it sleeps on */
    uint32_t sleeping; /* atomic: the number that it is going to sleep for */
    uint32_t woken;    /* atomic: the number that it has woken for */
    uint64_t woken_ns; /* when, by its own look */
    int status;        /* of binding it */
};

static long futex(uint32_t *word, int operation, uint32_t value) {
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void *sleep_and_wake(void *argument) {
    struct sleeper *sleeper = argument;

    sleeper->status = place_bind(sleeper->place, 1);
    for (uint32_t number = 1;; number++) {
        uint32_t call;

        __atomic_store_n(&sleeper->sleeping, number, __ATOMIC_RELEASE);
        while ((call = __atomic_load_n(&sleeper->call, __ATOMIC_ACQUIRE)) == number - 1)
            (void)futex(&sleeper->call, FUTEX_WAIT, number - 1);
        if (call == OVER)
            return NULL;
        sleeper->woken_ns = sleeper->host->now(sleeper->host->context);
        __atomic_store_n(&sleeper->woken, number, __ATOMIC_RELEASE);
    }
}

/* Spins until the thread has got so far. -ECANCELED. */
static int await(const struct vms_host *host, const uint32_t *progress, uint32_t number,
                 struct vms_error *error) {
    uint64_t polled_ns = host->now(host->context);

    while (__atomic_load_n(progress, __ATOMIC_ACQUIRE) < number) {
        uint64_t now_ns = host->now(host->context);

        if (now_ns - polled_ns < POLL_NS)
            continue;
        polled_ns = now_ns;
        if (host->should_stop(host->context))
            return report_error(error, -ECANCELED, "stopped at wake-up %u", number);
    }
    return 0;
}

static void spin(const struct vms_host *host, uint64_t duration_ns) {
    uint64_t begin_ns = host->now(host->context);

    while (host->now(host->context) - begin_ns < duration_ns)
        continue;
}

/* One wake-up. 1 where somebody slept, and the time it took; 0 where nobody did. */
static int wake(struct sleeper *sleeper, uint32_t number, double *ret_seconds, struct vms_error *error) {
    const struct vms_host *host = sleeper->host;
    int status = await(host, &sleeper->sleeping, number, error);
    uint64_t begin_ns;
    long woken;

    if (status < 0)
        return status;
    if (host->should_stop(host->context))
        return report_error(error, -ECANCELED, "stopped at wake-up %u", number);
    spin(host, ASLEEP_NS);
    begin_ns = host->now(host->context);
    __atomic_store_n(&sleeper->call, number, __ATOMIC_RELEASE);
    woken = futex(&sleeper->call, FUTEX_WAKE, 1);
    status = await(host, &sleeper->woken, number, error);
    if (status < 0)
        return status;
    if (sleeper->woken_ns < begin_ns)
        return report_error(error, -EBADMSG, "verification failed: a thread ran %llu ns before it was woken",
                            (unsigned long long)(begin_ns - sleeper->woken_ns));
    *ret_seconds = 1e-9 * (double)(sleeper->woken_ns - begin_ns);
    return woken == 1;
}

static int wake_samples(struct sleeper *sleeper, struct bench *bench, struct vms_error *error) {
    uint64_t tries = 0, taken = 0;

    while (taken < bench->samples) {
        int status = wake(sleeper, (uint32_t)++tries, &bench->values[taken], error);

        if (status < 0)
            return status;
        taken += (uint64_t)status;
        if (tries >= TRIES_PER_SAMPLE * bench->samples && taken < bench->samples)
            return report_error(error, -EAGAIN,
                                "in only %zu of %zu wake-ups was there a sleeper: the processors are busy",
                                (size_t)taken, (size_t)tries);
    }
    return 0;
}

int wake_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    struct sleeper sleeper = {.host = bench->host, .place = &bench->place};
    int number = pthread_create(&sleeper.thread, NULL, sleep_and_wake, &sleeper), status;

    if (number)
        return report_error(error, -number, "starting the second thread: %s", strerror(number));
    status = wake_samples(&sleeper, bench, error);
    __atomic_store_n(&sleeper.call, OVER, __ATOMIC_RELEASE);
    (void)futex(&sleeper.call, FUTEX_WAKE, 1);
    (void)pthread_join(sleeper.thread, NULL);
    if (status == 0 && sleeper.status < 0)
        status = report_error(error, sleeper.status, "binding to processor %d: %s", bench->place.cpus[1],
                              strerror(-sleeper.status));
    return status < 0 ? status
                      : report_distribution(bench->host, error, metric, bench->values, bench->samples);
}
