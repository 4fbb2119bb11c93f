/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a run is: id, name, seed, time; and the header of its journal, which keeps them for a resumed run. */
#ifndef VMSUITE_RUNNER_RUN_FILES_RUN_IDENTITY_H
#define VMSUITE_RUNNER_RUN_FILES_RUN_IDENTITY_H

#include "documents/configuration.h"
#include "module/outcome.h"

/* Draws a random UUID (RFC 9562, version 4). */
void run_identity_draw(char ret_uuid[static 37]);

/* One in the same shape that is always the same for the text. */
void run_identity_derive(const char *text, char ret_uuid[static 37]);

/* A new run. The configuration "here" is named after the virtualization that is detected; the seed is `seed`,
 * else the suite's, else drawn; further runs of a set count on from it. -ENOMEM. */
int run_identity_new(const struct configuration *configuration, const uint64_t *seed,
                     const struct outcome_set *set, struct outcome_run *ret_run);

/* The journal's header. NULL without memory. */
json_t *run_identity_header(const struct outcome_run *run, const json_t *suite);

/* Seconds since the run began, by the clock of this boot, which nobody sets; 0 where the machine was booted
 * since, or the header does not say. */
double run_identity_elapsed(const json_t *header);

/* Whether the header is of that run of a set. */
bool run_identity_is_of_set(const json_t *header, const struct outcome_set *set);

/* Takes id, seed and start over from a header. -EINVAL with a sentence. */
int run_identity_read(const json_t *header, struct outcome_run *run, struct vms_error *error);

#define RUN_IDENTITY_BOOT_SIZE 40
/* The kernel's name for this boot; "" where it has none. */
void run_identity_boot(char ret_id[static RUN_IDENTITY_BOOT_SIZE]);

#endif
