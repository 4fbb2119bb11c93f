/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a failure means for the program's exit status: one rule for all commands. */
#include "common/exit_status.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <vmsuite/module.h>

static void exit_status__of_failures(void **state) {
    static const int of_input[] = {-EINVAL, -ENOENT,  -EACCES,       -ENOTSUP, -EFBIG,
                                   -EISDIR, -ENOTDIR, -ENAMETOOLONG, -ELOOP};
    static const int of_the_machine[] = {-ENOMEM, -EIO, -EBUSY, -ENOSPC, -EDQUOT, -EMFILE, -EPIPE};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(of_input); i++)
        assert_int_equal(exit_status_of(of_input[i]), EXIT_USAGE);
    for (size_t i = 0; i < VMS_LENGTH(of_the_machine); i++)
        assert_int_equal(exit_status_of(of_the_machine[i]), EXIT_FAILED);
}

static void exit_status__meanings_are_in_order(void **state) {
    const struct exit_meaning *before = exit_meaning(0), *meaning;

    (void)state;
    assert_int_equal(before->status, EXIT_DONE);
    for (size_t i = 1; (meaning = exit_meaning(i)); i++) {
        assert_true(meaning->status > before->status);
        before = meaning;
    }
    assert_int_equal(before->status, EXIT_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_status__of_failures),
        cmocka_unit_test(exit_status__meanings_are_in_order),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
