/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of record files that are opened one at a time, so that memory does not grow with their size. */
#ifndef VMSUITE_RESULTS_RECORD_READ_ROSTER_H
#define VMSUITE_RESULTS_RECORD_READ_ROSTER_H

#include "record/read/reader.h"

struct roster {
    char *const *paths; /* borrowed */
    size_t n;
    size_t *of;            /* owned: the number of each record's configuration */
    char **configurations; /* owned, each once, in the order of their first record */
    size_t n_configurations;
};

/* Called with each record of a roster in turn. */
typedef int roster_visit(void *user, struct reader *reader, struct vms_error *error);

/* Opens each file once, and notes its configuration; `visit` (NULL: none) may look at it meanwhile. -EINVAL
 * with a sentence: a file that is no record, or two that are the same run, whose figures would count twice.
 * -ENOMEM. The roster is freed with roster_done, also after a failure. */
int roster_init(struct roster *roster, char *const *paths, size_t n_paths, roster_visit *visit, void *user,
                struct vms_error *error);
/* Takes a zeroed one. */
void roster_done(struct roster *roster);

/* The label of a record's configuration (origin.h). Borrowed. */
const char *roster_configuration(const struct roster *roster, size_t index);

#endif
