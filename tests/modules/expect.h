/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of modules have in common. To be included behind cmocka.h. */
#ifndef VMSUITE_TESTS_MODULES_EXPECT_H
#define VMSUITE_TESTS_MODULES_EXPECT_H

#include "fakes/fake_host.h"

#include <string.h>

/* Runs the module once and expects this status, a sentence that holds `text`, and no figure. */
static inline void expect_failure(struct fake_host *fake, int status, const char *text) {
    struct vms_error error = {""};

    assert_int_equal(fake_host_run(fake, &error), status);
    if (!strstr(error.text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, error.text);
    assert_int_equal(fake->trial.n_metrics, 0);
}

#endif
