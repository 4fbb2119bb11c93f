/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaves: reports nonsense and goes on after each refusal. Only the 1 may stay. */
#include "fakes/fake_module.h"

#include <math.h>

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    double value = 1;

    (void)values;
    (void)state;
    (void)error;
    (void)host->sample(host->context, 0, (double)NAN);
    (void)host->sample(host->context, 0, (double)INFINITY);
    (void)host->sample(host->context, 99, 1);              /* no such metric */
    (void)host->distribution(host->context, 0, &value, 1); /* wrong shape */
    (void)host->distribution(host->context, 0, &value, 0); /* nothing in it */
    (void)host->sample(host->context, 0, 1);
    (void)host->sample(host->context, 0, 2); /* again */
    return 0;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("testnonsense", "Reports what no host may accept."),
    .measure = do_measure,
};
