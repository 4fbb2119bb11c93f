/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it would take to be sure. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_EFFORT_H
#define VMSUITE_CORE_STATS_EFFECTS_EFFORT_H

#include "stats/effects/effect.h"

#define EFFORT_POWER 0.8
#define EFFORT_RUNS_MAX 100

/*
 * The number of runs of each side, more than there are (`runs`, of the side that has fewer), with which the
 * claim that the estimate is nearest to ("differs", or "within margin") would be made at the error `alpha`
 * with probability EFFORT_POWER, if estimate and noise stay as they are. Where runs are unknown, they are
 * taken to differ by the prior's median. 0 where EFFORT_RUNS_MAX would not do.
 */
size_t effort_runs(const struct effect *effect, size_t runs, double margin, double alpha);

#endif
