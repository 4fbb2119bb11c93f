/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/signals.h"

#include "base/stream.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A tool's own pipes end it as they do under a shell. */
static void signals_spawn__what_is_ignored_here_is_not_there(void **state) {
    static const char *const argv[] = {"sh", "-c", "kill -PIPE $$; exit 0", NULL};
    posix_spawnattr_t attributes;
    int status;
    pid_t child;

    (void)state;
    stream_begin();
    assert_int_equal(posix_spawnattr_init(&attributes), 0);
    assert_int_equal(signals_spawn(&attributes, POSIX_SPAWN_SETPGROUP), 0);
    assert_int_equal(posix_spawn(&child, "/bin/sh", NULL, &attributes, (char *const *)argv, environ), 0);
    (void)posix_spawnattr_destroy(&attributes);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals_spawn__what_is_ignored_here_is_not_there)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
