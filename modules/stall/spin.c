/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stall/spin.h"

#include "shared/case/report.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define POLL_NS 50000000 /* how often should_stop is asked */

/* All threads wait at the gate until each is on its processor. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned waiting;
    enum { GATE_CLOSED, GATE_OPEN, GATE_GIVEN_UP } state;
};

struct job {
    const struct vms_host *host;
    const struct place *place;
    struct gate *gate;
    uint64_t duration_ns;
    unsigned index;
    struct spinner *spinner;
    pthread_t thread;
};

static bool pass_gate(struct gate *gate) {
    bool is_open;

    (void)pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    (void)pthread_cond_broadcast(&gate->changed);
    while (gate->state == GATE_CLOSED)
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    is_open = gate->state == GATE_OPEN;
    (void)pthread_mutex_unlock(&gate->lock);
    return is_open;
}

/* Opens the gate when `threads` wait at it; given up: at once, for those that wait already or come later. */
static void open_gate(struct gate *gate, unsigned threads, bool given_up) {
    (void)pthread_mutex_lock(&gate->lock);
    while (!given_up && gate->waiting < threads)
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    gate->state = given_up ? GATE_GIVEN_UP : GATE_OPEN;
    (void)pthread_cond_broadcast(&gate->changed);
    (void)pthread_mutex_unlock(&gate->lock);
}

static int look(const struct job *job) {
    const struct vms_host *host = job->host;
    struct spinner *spinner = job->spinner;
    uint64_t first_ns = host->now(host->context), last_ns = first_ns, polled_ns = first_ns;

    while (last_ns - first_ns < job->duration_ns) {
        uint64_t now_ns = host->now(host->context);

        spinner->looks++;
        if (now_ns < last_ns)
            return report_error(&spinner->error, -EBADMSG,
                                "verification failed: the clock ran backwards by %llu ns on processor %d",
                                (unsigned long long)(last_ns - now_ns), job->place->cpus[job->index]);
        if (now_ns - last_ns >= spinner->gaps.threshold_ns)
            gaps_add(&spinner->gaps, now_ns - last_ns);
        last_ns = now_ns;
        if (now_ns - polled_ns >= POLL_NS) {
            polled_ns = now_ns;
            if (host->should_stop(host->context))
                return report_error(&spinner->error, -ECANCELED, "stopped after %llu looks at the clock",
                                    (unsigned long long)spinner->looks);
        }
    }
    spinner->wall_ns = last_ns - first_ns;
    return 0;
}

static void *spin(void *argument) {
    struct job *job = argument;
    struct spinner *spinner = job->spinner;

    spinner->status = place_bind(job->place, job->index);
    if (spinner->status < 0)
        (void)report_error(&spinner->error, spinner->status, "binding to processor %d: %s",
                           job->place->cpus[job->index], strerror(-spinner->status));
    if (!pass_gate(job->gate) || spinner->status < 0)
        return NULL;
    accounts_of_thread(&spinner->before);
    spinner->status = look(job);
    accounts_of_thread(&spinner->after);
    return NULL;
}

static int start_all(struct job *jobs, unsigned n, unsigned *ret_started, struct vms_error *error) {
    int number = 0;

    for (*ret_started = 0; *ret_started < n; (*ret_started)++) {
        struct job *job = &jobs[*ret_started];

        number = pthread_create(&job->thread, NULL, spin, job);
        if (number)
            return report_error(error, -number, "starting thread %u of %u: %s", *ret_started + 1, n,
                                strerror(number));
    }
    return 0;
}

int spin_all(const struct vms_host *host, const struct place *place, uint64_t duration_ns,
             struct spinner *spinners, struct vms_error *error) {
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct job *jobs = calloc(place->threads, sizeof(*jobs));
    unsigned started = 0;
    int status;

    if (!jobs)
        return report_error(error, -ENOMEM, "no memory for %u threads", place->threads);
    for (unsigned i = 0; i < place->threads; i++)
        jobs[i] = (struct job){.host = host,
                               .place = place,
                               .gate = &gate,
                               .duration_ns = duration_ns,
                               .index = i,
                               .spinner = &spinners[i]};
    status = start_all(jobs, place->threads, &started, error);
    open_gate(&gate, started, status < 0);
    for (unsigned i = 0; i < started; i++) {
        (void)pthread_join(jobs[i].thread, NULL);
        if (status == 0 && spinners[i].status < 0)
            status = report_error(error, spinners[i].status, "%s", spinners[i].error.text);
    }
    free(jobs);
    return status;
}
