/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes its time, and leaves a file in its scratch folder: what interrupts and kills are tried on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <vmsuite/module.h>

static const struct vms_param params[] = {
    {.name = "seconds",
     .kind = VMS_SECONDS,
     .fallback = "0.1",
     .max = "1h",
     .help = "How long a trial lasts."},
};

static const struct vms_metric metrics[] = {
    {.name = "slept", .unit = VMS_UNIT_SECONDS, .better = VMS_LOWER, .help = "How long it lasted."},
};

static int leave_file(const struct vms_host *host) {
    char path[4096];
    int fd;

    if (snprintf(path, sizeof(path), "%s/left", host->scratch) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return fd < 0 ? -errno : close(fd);
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    const struct timespec nap = {.tv_nsec = 5000000};
    uint64_t start = host->now(host->context);
    double slept = 0;

    (void)state;
    if (leave_file(host) < 0) {
        (void)snprintf(error->text, sizeof(error->text), "no file can be made in the scratch folder");
        return -EIO;
    }
    while (slept < values[0].seconds) {
        if (host->should_stop(host->context))
            return -ECANCELED;
        (void)nanosleep(&nap, NULL);
        slept = (double)(host->now(host->context) - start) / 1e9;
    }
    return host->sample(host->context, 0, slept);
}

static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->seconds = values[0].seconds;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testslow",
    .summary = "Sleeps, and leaves a file behind.",
    .resource = VMS_DISK,
    .workload_version = 1,
    .needs = VMS_NEEDS_SCRATCH,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = do_measure,
    .estimate = estimate,
};
