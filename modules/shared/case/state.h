/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a case: made whole or not at all. */
#ifndef VMSUITE_MODULES_SHARED_CASE_STATE_H
#define VMSUITE_MODULES_SHARED_CASE_STATE_H

#include "shared/case/report.h"

#include <errno.h>
#include <stdlib.h>

typedef int (*state_set_up)(const struct vms_host *host, const union vms_value *values, void *state,
                            struct vms_error *error);

/* What a module's `prepare` does: allocates `size` bytes of zeros and has `set_up` fill them; where that
 * fails, `cleanup` takes the half-built state back. */
static inline int state_make(const struct vms_host *host, const union vms_value *values, size_t size,
                             state_set_up set_up, void (*cleanup)(void *state), void **ret_state,
                             struct vms_error *error) {
    void *state = calloc(1, size);
    int status;

    if (!state)
        return report_error(error, -ENOMEM, "no memory for the state of the case");
    status = set_up(host, values, state, error);
    if (status < 0) {
        cleanup(state);
        return status;
    }
    *ret_state = state;
    return 0;
}

#endif
