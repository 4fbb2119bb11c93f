/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place whose parameters have lists of values stands for several places. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_SWEEP_H
#define VMSUITE_RUNNER_PLACES_KINDS_SWEEP_H

#include "guest/tools/argv.h"
#include "places/kinds/place.h"

/* Adds to `texts` the text of each place that one stands for: "cgroup:cpu=25%,50%" is "cgroup:cpu=25%" and
 * "cgroup:cpu=50%"; a name that it has is followed by the values. The last parameter changes fastest. A text
 * that stands for one place, or for none, is added as it is. -ENOMEM; -E2BIG with a sentence where there are
 * more than PLACES_MAX. */
int sweep_expand(const char *text, struct argv *texts, struct vms_error *error);

/* The next part of "A,B,C", whose commas are doubled where they are of the part: it is taken out of *text,
 * which is changed and goes on behind it. NULL: there is none. */
char *sweep_next_part(char **text);

#endif
