/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking, between trials, for time that is taken from this machine and reported nowhere.
 *
 * A watch has ended before a trial begins, and the processors rest as long after it: what it did to their
 * frequency is then as it was. It touches no memory but the stacks of its threads. Which trials come after a
 * watch is decided by the time alone, and the order of the trials is random, so no case has more of them. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_IDLE_WATCH_H
#define VMSUITE_RUNNER_RUN_EXECUTE_IDLE_WATCH_H

#include "machine/machine.h"

#include <stdbool.h>

#define IDLE_WATCH_SHARE 0.01   /* of a run's time, at most */
#define IDLE_WATCH_LEAST_S 0.05 /* a shorter watch would hardly meet anything */

struct idle_watch {
    struct machine_watch found;
    uint64_t begun_ns;
};

/* Begins with the run, of which nothing has been watched yet. */
void idle_watch_begin(struct idle_watch *watch);

/* Whether a run that has lasted so long has time for another watch. */
bool idle_watch_is_due(double elapsed_s, double watched_s);

/* Adds to the machine's facts what was found, or why nothing was; nothing where nobody watched. -ENOMEM. */
int idle_watch_note(const struct machine_watch *found, struct machine *machine);

/* Called when nothing of the run is at work: watches, and rests, where it is time to. */
void idle_watch_look(struct idle_watch *watch);

#endif
