/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This host as the client of a guest that serves: it measures, through the guest's real network card. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_HOST_CLIENT_H
#define VMSUITE_RUNNER_GUEST_BOOT_HOST_CLIENT_H

#include "guest/boot/guest_process.h"
#include "run/measure.h"

/* Whether the configuration can be measured from here: -EINVAL with a sentence where a case would measure
 * this host alone, or where more is expected than the virtualization, which is all that such a guest
 * reports. */
int host_client_check(const struct configuration *configuration, struct vms_error *error);

/* What is measured against a guest that serves, and how. */
struct host_client {
    const struct configuration *configuration;
    const struct module_list *modules;
    const struct measure_options *options;
    const char *folder; /* holds the token and what is written meanwhile */
    const char *token_file;
    struct boot_limits limits;
};

/* Waits until the guest serves, measures against it, and returns the record, which is not stored. Where the
 * guest ends before that, the sentence says why. */
int host_client_measure(const struct host_client *client, struct guest_process *process, json_t **ret_record,
                        struct vms_error *error);

#endif
