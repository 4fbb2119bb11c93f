/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of modules have in common. To be included behind cmocka.h. */
#ifndef VMSUITE_TESTS_MODULES_EXPECT_H
#define VMSUITE_TESTS_MODULES_EXPECT_H

#include "fakes/fake_host.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

/* Those that this process may use, which may be fewer than there are: in a container, or below taskset. */
static inline unsigned usable_processors(void) {
    cpu_set_t usable;

    if (sched_getaffinity(0, sizeof(usable), &usable) == 0)
        return (unsigned)CPU_COUNT(&usable);
    return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

/* Runs the module once and expects this status, a sentence that holds `text`, and no figure. */
static inline void expect_failure(struct fake_host *fake, int status, const char *text) {
    struct vms_error error = {""};
    int found = fake_host_run(fake, &error);

    if (found != status || !strstr(error.text, text))
        fail_msg("%d \"%s\" instead of %d \"%s\"", found, error.text, status, text);
    assert_int_equal(fake->trial.n_metrics, 0);
}

/* Runs the module once; the test fails with its sentence. */
static inline void expect_success(struct fake_host *fake) {
    struct vms_error error = {""};
    int status = fake_host_run(fake, &error);

    if (status < 0)
        fail_msg("%d: %s", status, error.text);
}

/* The metric that was reported first: the one that tables show on top. */
static inline void expect_first(const struct fake_host *fake, const char *metric) {
    assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, metric);
}

/* A figure is what was computed apart, but for rounding. */
static inline void expect_near(double value, double expected) {
    if (!(value >= expected * (1 - 1e-12) && value <= expected * (1 + 1e-12)))
        fail_msg("%.17g is not %.17g", value, expected);
}

#endif
