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
        facts_none(survey, names + 3, FACT_UNKNOWN,
                   "the kernel does not say what it took from each processor", SOURCE);
        return;
    }
    (void)snprintf(text, sizeof(text), "yes: %.3g s of %.3g s", hidden_s, sum->wall_s);
    fact_real(survey, names[3], hidden_s / sum->wall_s, SOURCE);
    fact_text(survey, names[4], account_is_short(sum) ? text : "no", SOURCE);
}

static int watch(double seconds, struct survey *survey, struct vms_error *error) {
    const struct gaps_clock clock = {now, never_stop, NULL};
    struct processor_account before, after;
    int cpus[PROCESSORS_MOST], status = 0;
    unsigned n = find_processors(cpus);
    struct spinner *spinners = calloc(n ? n : 1, sizeof(*spinners));
    struct stall_account sum;

    if (!spinners)
        return error_memory(error);
    for (unsigned i = 0; i < n; i++)
        spinners[i].gaps.threshold_ns = THRESHOLD_NS;
    accounts_of_processors(cpus, n, &before);
    status = n > 0 ? spin_all(&clock, cpus, n, (uint64_t)(seconds * NS_PER_S), spinners, error)
                   : error_set(error, -ENOSYS, "the processors that may be used are unknown");
    accounts_of_processors(cpus, n, &after);
    if (status == 0) {
        spin_sum_up(spinners, n, &before, &after, &sum);
        fact_real(survey, names[0], sum.wall_s / n, SOURCE); /* of all that were watched at the same time */
        fact_real(survey, names[1], sum.stalled_s / sum.wall_s, SOURCE);
        fact_real(survey, names[2], sum.longest_s, SOURCE);
        add_unreported(survey, &sum);
    }
    free(spinners);
    return status;
}

int machine_watch(double seconds, struct machine *machine) {
    struct machine_source source = machine_source_here();
    struct survey survey = {.source = &source, .machine = machine};
    struct vms_error error = {""};

    if (watch(seconds, &survey, &error) < 0)
        facts_none(&survey, names, FACT_ERROR, error.text, SOURCE);
    return survey.out_of_memory ? -ENOMEM : 0;
}
