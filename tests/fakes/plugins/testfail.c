/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails with -EIO in every Nth call of measure (warm-ups count). */
#include "fakes/fake_module.h"

#include <errno.h>
#include <stdio.h>

static const struct vms_param params[] = {
    {.name = "every",
     .kind = VMS_COUNT,
     .fallback = "2",
     .min = "1",
     .help = "Each of these calls of measure fails."},
};

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    uint64_t *calls = state;

    host->sample(host->context, 0, 1); /* dropped by the host where the trial fails */
    if (++*calls % values[0].count != 0)
        return 0;
    (void)snprintf(error->text, sizeof(error->text), "call %llu failed as it was told to",
                   (unsigned long long)*calls);
    return -EIO;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,        FAKE_MODULE("testfail", "Fails now and then."),
    FAKE_PARAMS(params),   .prepare = fake_prepare_count,
    .measure = do_measure, .cleanup = free,
};
