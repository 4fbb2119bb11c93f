/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket that a service manager passes as descriptor 3, and what else it may be. */
#include "peer/server/activation.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSED 3

static void say(long pid, const char *count) {
    char text[24];

    (void)snprintf(text, sizeof(text), "%ld", pid);
    assert_int_equal(setenv("LISTEN_PID", text, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
    assert_int_equal(setenv("LISTEN_FDNAMES", "vmsuite.socket", 1), 0);
}

/* What it answers; afterwards nobody below is passed anything. */
static int take(int *ret_fd, struct vms_error *error) {
    int status = activation_take(ret_fd, error);

    assert_null(getenv("LISTEN_PID"));
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_FDNAMES"));
    return status;
}

static void pass(int type, bool listens) {
    int fd = socket(AF_INET, type, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    if (listens)
        assert_int_equal(listen(fd, 1), 0);
    if (fd == PASSED)
        return;
    assert_int_equal(dup2(fd, PASSED), PASSED);
    (void)close(fd);
}

static void take__nothing_was_passed(void **state) {
    struct vms_error error = {""};
    int fd = -7;

    (void)state;
    assert_int_equal(take(&fd, &error), 0);
    say(getpid(), "0");
    assert_int_equal(take(&fd, &error), 0);
    say(getpid() + 1L, "1"); /* another process was meant */
    assert_int_equal(take(&fd, &error), 0);
    assert_int_equal(fd, -7);
}

static void take__what_is_no_listener(void **state) {
    static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
    struct vms_error error = {""};
    int fd = -7;

    (void)state;
    say(getpid(), "2");
    assert_int_equal(take(&fd, &error), -EINVAL);
    assert_non_null(strstr(error.text, "passed 2 sockets"));
    for (size_t i = 0; i < 2; i++) {
        pass(types[i], false);
        say(getpid(), "1");
        assert_int_equal(take(&fd, &error), -EINVAL);
        assert_non_null(strstr(error.text, "something other than a listening TCP socket"));
        (void)close(PASSED);
    }
    assert_int_equal(fd, -7);
}

static void take__a_listener(void **state) {
    struct vms_error error = {""};
    int fd = -7;

    (void)state;
    pass(SOCK_STREAM, true);
    say(getpid(), "1");
    assert_int_equal(take(&fd, &error), 1);
    assert_int_equal(fd, PASSED);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    (void)close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__nothing_was_passed),
        cmocka_unit_test(take__what_is_no_listener),
        cmocka_unit_test(take__a_listener),
    };

    /* What the caller has left open there is not ours to use. */
    (void)close(PASSED);
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
