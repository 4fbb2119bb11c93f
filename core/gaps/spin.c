/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gaps/spin.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
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
    const struct gaps_clock *clock;
    struct gate *gate;
    uint64_t duration_ns;
    int cpu;
    struct spinner *spinner;
    pthread_t thread;
};

/* Writes a printf-style sentence and returns `status`. */
__attribute__((format(printf, 3, 4))) static int fail(struct vms_error *error, int status, const char *format,
                                                      ...) {
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

static int bind_to(int cpu) {
    size_t size = CPU_ALLOC_SIZE(cpu + 1);
    cpu_set_t *set = CPU_ALLOC(cpu + 1);
    int status;

    if (!set)
        return -ENOMEM;
    CPU_ZERO_S(size, set);
    CPU_SET_S(cpu, size, set);
    status = sched_setaffinity(0, size, set) < 0 ? -errno : 0;
    CPU_FREE(set);
    return status;
}

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
    const struct gaps_clock *clock = job->clock;
    struct spinner *spinner = job->spinner;
    uint64_t first_ns = clock->now(clock->context), last_ns = first_ns, polled_ns = first_ns;

    while (last_ns - first_ns < job->duration_ns) {
        uint64_t now_ns = clock->now(clock->context);

        spinner->looks++;
        if (now_ns < last_ns)
            return fail(&spinner->error, -EBADMSG,
                        "verification failed: the clock ran backwards by %llu ns on processor %d",
                        (unsigned long long)(last_ns - now_ns), job->cpu);
        if (now_ns - last_ns >= spinner->gaps.threshold_ns)
            gaps_add(&spinner->gaps, now_ns - last_ns);
        last_ns = now_ns;
        if (now_ns - polled_ns >= POLL_NS) {
            polled_ns = now_ns;
            if (clock->should_stop(clock->context))
                return fail(&spinner->error, -ECANCELED, "stopped after %llu readings of the clock",
                            (unsigned long long)spinner->looks);
        }
    }
    spinner->wall_ns = last_ns - first_ns;
    return 0;
}

static void *spin(void *argument) {
    struct job *job = argument;
    struct spinner *spinner = job->spinner;

    spinner->status = bind_to(job->cpu);
    if (spinner->status < 0)
        (void)fail(&spinner->error, spinner->status, "binding to processor %d: %s", job->cpu,
                   strerror(-spinner->status));
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
            return fail(error, -number, "starting thread %u of %u: %s", *ret_started + 1, n,
                        strerror(number));
    }
    return 0;
}

int spin_all(const struct gaps_clock *clock, const int *cpus, unsigned n, uint64_t duration_ns,
             struct spinner *spinners, struct vms_error *error) {
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct job *jobs = calloc(n, sizeof(*jobs));
    unsigned started = 0;
    int status;

    if (!jobs)
        return fail(error, -ENOMEM, "no memory for %u threads", n);
    for (unsigned i = 0; i < n; i++)
        jobs[i] = (struct job){.clock = clock,
                               .gate = &gate,
                               .duration_ns = duration_ns,
                               .cpu = cpus[i],
                               .spinner = &spinners[i]};
    status = start_all(jobs, n, &started, error);
    open_gate(&gate, started, status < 0);
    for (unsigned i = 0; i < started; i++) {
        (void)pthread_join(jobs[i].thread, NULL);
        if (status == 0 && spinners[i].status < 0)
            status = fail(error, spinners[i].status, "%s", spinners[i].error.text);
    }
    free(jobs);
    return status;
}

static double rise(double before, double after) {
    return after >= before ? after - before : NAN;
}

void spin_sum_up(const struct spinner *spinners, unsigned n, const struct processor_account *before,
                 const struct processor_account *after, struct stall_account *ret_sum) {
    struct stall_account sum = {.processors = n,
                                .watches = 1,
                                .steal_s = rise(before->steal_s, after->steal_s),
                                .interrupts_s = rise(before->interrupts_s, after->interrupts_s)};

    for (unsigned i = 0; i < n; i++) {
        const struct spinner *spinner = &spinners[i];

        sum.wall_s += 1e-9 * (double)spinner->wall_ns;
        sum.stalled_s += 1e-9 * (double)spinner->gaps.total_ns;
        sum.longest_s = fmax(sum.longest_s, 1e-9 * (double)spinner->gaps.longest_ns);
        sum.gaps += (double)spinner->gaps.count;
        sum.ran_s += rise(spinner->before.ran_s, spinner->after.ran_s);
        sum.waited_s += rise(spinner->before.waited_s, spinner->after.waited_s);
        sum.switches += rise(spinner->before.switches, spinner->after.switches);
    }
    *ret_sum = sum;
}
