/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/idle_watch.h"

#include "base/clock.h"

#include <time.h>

void idle_watch_begin(struct idle_watch *watch) {
    *watch = (struct idle_watch){.begun_ns = clock_now_ns()};
}

bool idle_watch_is_due(double elapsed_s, double watched_s) {
    return IDLE_WATCH_SHARE * elapsed_s - watched_s >= IDLE_WATCH_LEAST_S;
}

int idle_watch_note(const struct machine_watch *found, struct machine *machine) {
    return found->sum.watches > 0 || found->error.text[0] ? machine_watch_note(found, machine) : 0;
}

void idle_watch_look(struct idle_watch *watch) {
    const struct timespec rest = {.tv_nsec = (long)(IDLE_WATCH_LEAST_S * NS_PER_S)};
    double elapsed_s = (double)(clock_now_ns() - watch->begun_ns) / NS_PER_S;

    /* What cannot be watched once is not tried again. */
    if (watch->found.error.text[0] || !idle_watch_is_due(elapsed_s, machine_watched(&watch->found)))
        return;
    machine_watch(IDLE_WATCH_LEAST_S, &watch->found);
    (void)nanosleep(&rest, NULL);
}
