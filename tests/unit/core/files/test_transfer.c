/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "to the last byte";
#define SIZE (sizeof(text) - 1)

static int new_file(void) {
    int fd = memfd_create("transfer", MFD_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static void assert_holds(int fd, off_t place, size_t n) {
    char found[SIZE];

    assert_int_equal(lseek(fd, 0, SEEK_END), place + (off_t)n);
    assert_int_equal(pread(fd, found, n, place), n);
    assert_memory_equal(found, text, n);
    (void)close(fd);
}

static void write__all_of_it(void **state) {
    int fd = new_file();

    (void)state;
    assert_int_equal(transfer_write(fd, text, 3), 0);
    assert_int_equal(transfer_write(fd, text + 3, SIZE - 3), 0);
    assert_int_equal(transfer_write(fd, text, 0), 0);
    assert_holds(fd, 0, SIZE);
    assert_int_equal(transfer_write(-1, text, SIZE), -EBADF);
}

static void write_at__leaves_the_descriptor_where_it_stood(void **state) {
    int fd = new_file();

    (void)state;
    assert_int_equal(transfer_write_at(fd, text, SIZE, 7), 0);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    assert_holds(fd, 7, SIZE);
    assert_int_equal(transfer_write_at(fd, text, SIZE, -1), -EINVAL);
}

/* Up to the limit the kernel writes a part; what is behind it then fails. */
static void write__goes_on_behind_a_part(void **state) {
    struct rlimit before, limit;
    char path[] = "/tmp/vmsuite-test-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC), status, status_at;

    (void)state;
    assert_true(fd >= 0);
    (void)unlink(path);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 10;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    status = transfer_write(fd, text, SIZE);
    status_at = transfer_write_at(fd, text + 4, SIZE - 4, 4);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, -EFBIG);
    assert_int_equal(status_at, -EFBIG);
    assert_holds(fd, 0, 10);
}

static int ends[2];

/* Empties the pipe, into which the write that was interrupted then fits. */
static void drain(int number) {
    char bytes[4096];

    (void)number;
    while (read(ends[0], bytes, sizeof(bytes)) > 0)
        ;
}

static void write__is_not_ended_by_a_signal(void **state) {
    const struct sigaction action = {.sa_handler = drain}; /* without SA_RESTART */
    const struct itimerval soon = {.it_value.tv_usec = 1000, .it_interval.tv_usec = 1000}, never = {0};
    int status;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], text, 1) > 0)
        ;
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    status = transfer_write(ends[1], text, SIZE);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(status, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void read_at__all_of_it_or_what_there_is(void **state) {
    char found[SIZE + 1] = "";
    int fd = new_file();
    size_t done = 0;

    (void)state;
    assert_int_equal(transfer_write_at(fd, text, SIZE, 7), 0);
    assert_int_equal(transfer_read_at(fd, found, SIZE, 7, &done), 0);
    assert_string_equal(found, text);
    assert_int_equal(done, SIZE);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    assert_int_equal(transfer_read_at(fd, found, 4, 9, NULL), 0);
    assert_memory_equal(found, text + 2, 4);
    assert_int_equal(transfer_read_at(fd, found, SIZE, 10, &done), -ENODATA);
    assert_int_equal(done, SIZE - 3);
    assert_memory_equal(found, text + 3, SIZE - 3);
    assert_int_equal(transfer_read_at(fd, found, 1, 7 + (off_t)SIZE, &done), -ENODATA);
    assert_int_equal(done, 0);
    assert_int_equal(transfer_read_at(fd, found, 0, 1000, &done), 0);
    (void)close(fd);
    assert_int_equal(transfer_read_at(-1, found, SIZE, 0, &done), -EBADF);
    assert_int_equal(done, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write__all_of_it),
        cmocka_unit_test(write_at__leaves_the_descriptor_where_it_stood),
        cmocka_unit_test(write__goes_on_behind_a_part),
        cmocka_unit_test(write__is_not_ended_by_a_signal),
        cmocka_unit_test(read_at__all_of_it_or_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
