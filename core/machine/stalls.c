/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is taken from this machine's processors, and how much of it the kernel reports (core/gaps). */
#include "machine/machine.h"

#include "base/clock.h"
#include "base/error.h"
#include "facts/survey.h"
#include "gaps/spin.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD_NS 5000 /* the module stall's own */
#define SOURCE "a thread that spins on each processor"
#define PROCESSORS_MOST 1024

static const char *const names[] = {"load.watched_s",
                                    "load.watches",
                                    "load.stalled",
                                    "load.stall_longest_s",
                                    "load.stalled_unreported",
                                    "load.steal_under_reported",
                                    NULL};

static uint64_t now(void *context) {
    (void)context;
    return clock_now_ns();
}

static bool never_stop(void *context) {
    (void)context;
    return false;
}

/* Those that this process may use. */
static unsigned find_processors(int cpus[static PROCESSORS_MOST]) {
    unsigned n = 0;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && n < PROCESSORS_MOST; cpu++)
        if (CPU_ISSET(cpu, &set))
            cpus[n++] = cpu;
    return n;
}

static void add_unreported(struct survey *survey, const struct stall_account *sum) {
    double hidden_s = account_hidden(sum);
    char text[120];

    if (isnan(hidden_s)) {
        facts_none(survey, names + 4, FACT_UNKNOWN,
                   "the kernel does not say what it took from each processor", SOURCE);
        return;
    }
    (void)snprintf(text, sizeof(text), "yes: %.3g s of %.3g s", hidden_s, sum->wall_s);
    fact_real(survey, names[4], hidden_s / sum->wall_s, SOURCE);
    fact_text(survey, names[5], account_is_short(sum) ? text : "no", SOURCE);
}

/* Watches n processors. */
static int watch_processors(double seconds, const int *cpus, unsigned n, struct stall_account *ret_sum,
                            struct vms_error *error) {
    const struct gaps_clock clock = {now, never_stop, NULL};
    struct processor_account before, after;
    struct spinner *spinners = calloc(n, sizeof(*spinners));
    int status;

    if (!spinners)
        return error_memory(error);
    for (unsigned i = 0; i < n; i++)
        spinners[i].gaps.threshold_ns = THRESHOLD_NS;
    accounts_of_processors(cpus, n, &before);
    status = spin_all(&clock, cpus, n, (uint64_t)(seconds * NS_PER_S), spinners, error);
    accounts_of_processors(cpus, n, &after);
    if (status == 0)
        spin_sum_up(spinners, n, &before, &after, ret_sum);
    free(spinners);
    return status;
}

void machine_watch(double seconds, struct machine_watch *watch) {
    int cpus[PROCESSORS_MOST];
    unsigned n = find_processors(cpus);
    struct stall_account once;

    if (n == 0)
        (void)error_set(&watch->error, -ENOSYS, "the processors that may be used are unknown");
    else if (watch_processors(seconds, cpus, n, &once, &watch->error) == 0)
        account_join(&watch->sum, &once);
}

double machine_watched(const struct machine_watch *watch) {
    return watch->sum.watches > 0 ? watch->sum.wall_s / watch->sum.processors : 0;
}

int machine_watch_note(const struct machine_watch *watch, struct machine *machine) {
    struct machine_source source = machine_source_here();
    struct survey survey = {.source = &source, .machine = machine};
    const struct stall_account *sum = &watch->sum;

    if (sum->watches == 0) {
        facts_none(&survey, names, FACT_ERROR, watch->error.text, SOURCE);
    } else {
        fact_real(&survey, names[0], machine_watched(watch), SOURCE);
        fact_integer(&survey, names[1], sum->watches, SOURCE);
        fact_real(&survey, names[2], sum->stalled_s / sum->wall_s, SOURCE);
        fact_real(&survey, names[3], sum->longest_s, SOURCE);
        add_unreported(&survey, sum);
    }
    return survey.out_of_memory ? -ENOMEM : 0;
}
