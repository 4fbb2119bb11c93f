/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a case of a record is called. */
#ifndef VMSUITE_RESULTS_RECORD_LABEL_H
#define VMSUITE_RESULTS_RECORD_LABEL_H

#include <jansson.h>
#include <stdbool.h>

/* Whether the suite's benchmarks of `group` give the parameter more than one value; true where the suite has
 * no such group. */
bool label_is_swept(const json_t *suite, const char *group, const char *param);

/* The case's group, and " name=value" for each parameter that is swept in it. Owned; NULL without memory. */
char *label_new(const json_t *suite, const json_t *outcome);

#endif
