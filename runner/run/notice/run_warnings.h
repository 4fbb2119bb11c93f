/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished run must be warned of: disturbed trials, cases that drift or fall into two groups, and a
 * machine that changed meanwhile. */
#ifndef VMSUITE_RUNNER_RUN_NOTICE_RUN_WARNINGS_H
#define VMSUITE_RUNNER_RUN_NOTICE_RUN_WARNINGS_H

#include "machine/machine.h"
#include "module/outcome.h"

/* Adds warnings to the run: for each case and flag the trials' numbers ("stream: trials 3, 7: 8% steal").
 * -ENOMEM. */
int run_warnings_noise(struct outcome_run *run);

/* Adds a warning for each case whose headline figure drifts over the run or falls into two groups.
 * -ENOMEM. */
int run_warnings_stability(struct outcome_run *run);

/* Adds a warning for each two-sided case whose ends see another largest packet (one of them has jumbo frames,
 * or a tunnel on its way), or of which only one sees a network, or whose ends see other addresses than they
 * have. Said once for cases that see the same. -ENOMEM. */
int run_warnings_paths(struct outcome_run *run);

/* How many trials of the case met a load by others. */
size_t run_warnings_count_loaded(const struct outcome_case *outcome);

/* Adds a warning where the peer is on this machine, but shares its processors by another control group than
 * this end, which is in `cpu_group`, and network cases met a load by others. -ENOMEM. */
int run_warnings_peer(struct outcome_run *run, const char *cpu_group);

/* Adds a warning for each case in some of whose trials the peer's clock ran wrong or jumped. -ENOMEM. */
int run_warnings_clocks(struct outcome_run *run);

/* Adds a warning for each fact that a run should not change and that did. Load, free memory, frequency and
 * free space are left out: they always do. -ENOMEM. */
int run_warnings_changes(struct outcome_run *run, const struct machine *before, const struct machine *after);

/* Where the machine's processors lost more than the kernel reports (machine_watch). */
int run_warnings_stalls(struct outcome_run *run, const struct machine *before, const struct machine *after);

#endif
