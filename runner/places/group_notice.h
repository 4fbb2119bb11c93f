/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places that a busy machine does not serve alike, since their control groups share it. */
#ifndef VMSUITE_RUNNER_PLACES_GROUP_NOTICE_H
#define VMSUITE_RUNNER_PLACES_GROUP_NOTICE_H

#include "places/station.h"

/* By which group the place shares processor time, by its own word; "": unknown. */
const char *group_notice_of(const struct station *station);

/* Adds a warning to the run of each place that shares processor time by another group than another place of
 * the same machine, where a load by others was met at either. -ENOMEM. */
int group_notice(struct station *stations, size_t n_stations);

#endif
