/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/ledger.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void ledger__sessions(void **state) {
    struct ledger *ledger = ledger_new(4, 2, 100);

    (void)state;
    assert_non_null(ledger);
    assert_true(ledger_admit(ledger, 0));
    assert_true(ledger_admit(ledger, 3));
    assert_false(ledger_admit(ledger, 1));
    ledger_release(ledger, 0);
    assert_true(ledger_admit(ledger, 1));
    assert_false(ledger_admit(ledger, 2));
    ledger_free(ledger);
}

static void ledger__memory(void **state) {
    struct ledger *ledger = ledger_new(2, 2, 100);

    (void)state;
    assert_true(ledger_promise(ledger, 0, 60));
    assert_false(ledger_promise(ledger, 1, 41));
    assert_true(ledger_promise(ledger, 1, 40));
    assert_false(ledger_promise(ledger, 0, 1));
    ledger_release(ledger, 0);
    assert_true(ledger_promise(ledger, 1, 60));
    assert_false(ledger_promise(ledger, 0, UINT64_MAX)); /* nor does a sum overflow */
    ledger_free(ledger);
}

/* What a process takes, all see; its end alone gives nothing back. */
static void ledger__is_shared(void **state) {
    struct ledger *ledger = ledger_new(2, 1, 100);
    pid_t child = child_fork();

    (void)state;
    if (child == 0)
        _exit(ledger_admit(ledger, 0) && ledger_promise(ledger, 0, 100) ? 0 : 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(ledger_admit(ledger, 1));
    assert_false(ledger_promise(ledger, 1, 1));
    ledger_release(ledger, 0);
    assert_true(ledger_admit(ledger, 1) && ledger_promise(ledger, 1, 100));
    ledger_free(ledger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ledger__sessions),
        cmocka_unit_test(ledger__memory),
        cmocka_unit_test(ledger__is_shared),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
