/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a store knows of how far runs differ: the figures of earlier runs of the same work on the same kind of
 * machine. */
#ifndef VMSUITE_RESULTS_HISTORY_EARLIER_H
#define VMSUITE_RESULTS_HISTORY_EARLIER_H

#include "history/history.h"

#include "record/identity/identity.h"

#define EARLIER_RUNS_MAX 200 /* the newest ones */

/* A run with its figure. Runs of one group may be expected to give the same: one configuration, kernel,
 * hypervisor and version of vmsuite. */
struct earlier_run {
    int64_t run;
    uint64_t group;
    double log; /* of the figure: stats/runs/run_figure.h */
};

struct earlier {
    struct earlier_run *runs; /* owned; in the order of their numbers, each once */
    size_t n;
};

/* Runs that a comparison has at hand, by their ids. */
struct earlier_known {
    char **ids; /* sorted */
    size_t n;
};

/* Sorts the ids, as earlier_read wants them. */
void earlier_known_sort(struct earlier_known *known);

/* Which runs are asked for: with figures of that metric of that work. All borrowed. */
struct earlier_wanted {
    const struct identity *identity;
    const struct identity_metric *metric;
    const char *machine;                     /* its kind (machine_kind.h) */
    const struct earlier_known *passed_over; /* not these */
};

/* Reads them. A store that knows nothing of it gives none. The caller frees with earlier_done, also after a
 * failure. */
int earlier_read(struct history *history, const struct earlier_wanted *wanted, struct earlier *ret_earlier,
                 struct vms_error *error);
void earlier_done(struct earlier *earlier);

#endif
