/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/estimate.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds that all estimates together may take: they are plain arithmetic. */
#define ESTIMATE_LIMIT_S 5

static _Noreturn void ask(const struct outcome_case *cases, size_t n_cases, struct vms_estimate *shared) {
    (void)signal(SIGALRM, SIG_DFL);
    (void)alarm(ESTIMATE_LIMIT_S);
    for (size_t i = 0; i < n_cases; i++) {
        struct vms_estimate estimate = {0};

        if (cases[i].module->estimate)
            cases[i].module->estimate(cases[i].values, &estimate);
        if (isfinite(estimate.seconds) && estimate.seconds >= 0)
            shared[i] = estimate;
    }
    _exit(0);
}

void estimate_cases(const struct outcome_case *cases, size_t n_cases, struct vms_estimate *ret_estimates) {
    size_t size = (n_cases + 1) * sizeof(struct vms_estimate);
    struct vms_estimate *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;

    if (shared == MAP_FAILED)
        return;
    child = fork();
    if (child == 0)
        ask(cases, n_cases, shared);
    if (child > 0)
        (void)waitpid(child, NULL, 0);
    for (size_t i = 0; i < n_cases; i++)
        ret_estimates[i] = shared[i];
    (void)munmap(shared, size);
}

void estimate_format_time(double seconds, char ret_text[static UNITS_TEXT_SIZE]) {
    long minutes = lround(seconds / 60);

    if (seconds < 90)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.0f s", seconds);
    else if (minutes < 90)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%ld min", minutes);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%ld h %ld min", minutes / 60, minutes % 60);
}
