/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder to copy for a new module. It measures how fast a buffer is filled, and shows what every module
 * has: tables, a state between its trials, a verification, an estimate. Its test is test_template.c. It is
 * built and tested, and not installed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmsuite/module.h>

/* The parameters, in the order of `values`. All texts are what a user would type. */
enum { PARAM_SIZE, PARAM_PASSES };
static const struct vms_param params[] = {
    [PARAM_SIZE] = {"size", VMS_BYTES, "1MiB", "1", "1GiB", NULL, "Bytes of the buffer.", VMS_ROLE_SIZE},
    [PARAM_PASSES] = {"passes", VMS_COUNT, "100", "1", "1000000", NULL, "How often a trial fills it.",
                      VMS_ROLE_PLAIN},
};

/* The metrics. The first that a trial reports is its headline; the last field says what each is for. */
enum { METRIC_FILL };
static const struct vms_metric metrics[] = {
    [METRIC_FILL] = {"fill", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                     "Bytes filled in a second.", VMS_ROLE_HEADLINE},
};

static int fail(struct vms_error *error, int status, const char *text) {
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
    return status;
}

/* What is slow, or may fail, is done once, before the trials: here memory is taken and its pages are
 * touched. */
static int prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                   struct vms_error *error) {
    unsigned char *buffer = malloc(values[PARAM_SIZE].bytes);

    (void)host;
    if (!buffer)
        return fail(error, -ENOMEM, "not enough memory for the buffer: make size smaller");
    memset(buffer, 1, values[PARAM_SIZE].bytes);
    *ret_state = buffer;
    return 0;
}

/* The check behind the figure: every byte must hold what the last pass wrote. */
static int verify(const unsigned char *buffer, size_t size, unsigned char expected, struct vms_error *error) {
    for (size_t i = 0; i < size; i++) {
        if (buffer[i] != expected) {
            (void)snprintf(error->text, sizeof(error->text), "byte %zu is %u, not %u", i, buffer[i],
                           expected);
            return -EIO;
        }
    }
    return 0;
}

/* One trial. The clock is read around the work, and around nothing else. */
static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    uint64_t passes = values[PARAM_PASSES].count, size = values[PARAM_SIZE].bytes, start, end;
    unsigned char *buffer = state;

    start = host->now(host->context);
    for (uint64_t pass = 0; pass < passes; pass++) {
        if (host->should_stop(host->context))
            return -ECANCELED;
        memset(buffer, (int)(pass & 0xff), size);
        __asm__ volatile("" : : "r"(buffer) : "memory"); /* the compiler may not leave a pass out */
    }
    end = host->now(host->context);
    if (verify(buffer, size, (unsigned char)((passes - 1) & 0xff), error) < 0)
        return -EIO;
    return host->sample(host->context, METRIC_FILL, (double)(passes * size) / ((double)(end - start) / 1e9));
}

static void cleanup(void *state) {
    free(state);
}

/* For --dry-run and deadlines: a guess is good enough. */
static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->seconds = (double)(values[PARAM_PASSES].count * values[PARAM_SIZE].bytes) / 5e9;
    ret->memory = values[PARAM_SIZE].bytes;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "template",
    .summary = "The folder to copy for a new module: fills a buffer.",
    .resource = VMS_MEMORY,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .prepare = prepare,
    .measure = measure,
    .cleanup = cleanup,
    .estimate = estimate,
};
