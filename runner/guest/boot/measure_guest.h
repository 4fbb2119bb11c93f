/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one configuration in a guest that is booted for it. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_MEASURE_GUEST_H
#define VMSUITE_RUNNER_GUEST_BOOT_MEASURE_GUEST_H

#include "run/measure.h"

/* What is different where a guest stands for a place of a run. */
struct guest_visit {
    const json_t *given;  /* what its record says was given */
    const json_t *places; /* and of the run's places, all but "driver" */
    bool allow_mismatch;
};

/* Whether such a guest can be booted here. -errno with a sentence. */
int guest_available(const struct guest_settings *settings, struct vms_error *error);

/* Boots the guest that the configuration asks for, has it measure the suite, and writes the record that it
 * hands out, with what booted it and this machine's facts beside the guest's. Where the guest fails, its
 * console is kept in the output folder. `visit`: it is a place; NULL: it is none. Returns the program's exit
 * status; what went wrong is reported on stderr. */
int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options, const struct guest_visit *visit);

#endif
