/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepted: built against the header of ABI 1.0, whose rows name no role and whose enumerations count from 0.
 * Has a row of each kind, unit and direction. */
#include <vmsuite/module.h>

#if VMS_ABI_MINOR != 0
#error "this file is to be built against the header of ABI 1.0 that lies beside it"
#endif

static const char *const words[] = {"first", "second", NULL};

static const struct vms_param params[] = {
    {"count", VMS_COUNT, "3", "1", "9", NULL, "A count."},
    {"size", VMS_BYTES, "64KiB", NULL, NULL, NULL, "Bytes."},
    {"time", VMS_SECONDS, "10ms", NULL, NULL, NULL, "Seconds."},
    {"rate", VMS_RATE, "1Mbit/s", NULL, NULL, NULL, "Bits per second."},
    {"flag", VMS_BOOLEAN, "true", NULL, NULL, NULL, "True or false."},
    {"word", VMS_CHOICE, "second", NULL, NULL, words, "A word."},
    {"text", VMS_TEXT, "abc", NULL, NULL, NULL, "A text."},
};

static const struct vms_metric metrics[] = {
    {"bytes", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "B/s."},
    {"bits", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER, "bit/s."},
    {"flops", VMS_FLOP_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER, "flop/s."},
    {"seconds", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL, "s."},
    {"events", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "1/s."},
    {"loss", VMS_RATIO, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL, "1."},
};

/* The values as this version of the header reads them, so that a host which numbers them otherwise is
 * found. */
static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)state;
    (void)error;
    return host->sample(host->context, 0, (double)(values[0].count + values[1].bytes + values[5].choice));
}

const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module),
    .name = "testolder",
    .summary = "Was built against ABI 1.0.",
    .resource = VMS_DISK,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = do_measure,
};
