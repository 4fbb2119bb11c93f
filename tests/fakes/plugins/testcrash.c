/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaves: crashes in the call of measure that its parameter names (warm-ups count). */
#include "fakes/fake_module.h"

#include <signal.h>

static const struct vms_param params[] = {
    {.name = "at", .kind = VMS_COUNT, .fallback = "1", .min = "1", .help = "Call of measure that crashes."},
};

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    uint64_t *calls = state;

    (void)error;
    if (++*calls == values[0].count) {
        host->log(host->context, VMS_LOG_WARNING, "about to crash");
        (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would exit instead */
        (void)raise(SIGSEGV);
    }
    return host->sample(host->context, 0, 1);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,        FAKE_MODULE("testcrash", "Dies of a segmentation fault."),
    FAKE_PARAMS(params),   .prepare = fake_prepare_count,
    .measure = do_measure, .cleanup = free,
};
