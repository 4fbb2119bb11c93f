/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a confined process is left with: each is tried in a child, which answers with the line of what did
 * not hold. */
#include "process/confine.h"
#include "unit/descriptors.h"

#include "fakes/child.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define EXPORT __attribute__((visibility("default")))

/* The first line that did not hold, in a child. */
#define EXPECT(holds)                                                                                        \
    do {                                                                                                     \
        if (!(holds)) {                                                                                      \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                                \
            _exit(1);                                                                                        \
        }                                                                                                    \
    } while (0)

/* A system without it. */
static bool no_close_range;

EXPORT int fake_close_range(unsigned first, unsigned last, int flags) __asm__("close_range");

int fake_close_range(unsigned first, unsigned last, int flags) {
    if (!no_close_range)
        return (int)syscall(SYS_close_range, first, last, flags);
    errno = ENOSYS;
    return -1;
}

static void in_child(void (*act)(pid_t parent)) {
    pid_t parent = getpid(), child;
    int status = -1;

    (void)fflush(stdout);
    child = child_fork();
    if (child == 0) {
        act(parent);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static rlim_t most(int resource) {
    struct rlimit limit;

    EXPECT(getrlimit(resource, &limit) == 0 && limit.rlim_cur == limit.rlim_max);
    return limit.rlim_max;
}

static void disturb(void) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGALRM};
    sigset_t all;

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        EXPECT(signal(signals[i], SIG_IGN) != SIG_ERR);
    EXPECT(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    (void)sigfillset(&all);
    EXPECT(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
}

static void expect_undisturbed(void) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGALRM, SIGCHLD};
    int at_death = 0;
    sigset_t blocked;

    EXPECT(prctl(PR_GET_PDEATHSIG, &at_death) == 0 && at_death == SIGKILL);
    EXPECT(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        EXPECT(sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL);
        EXPECT(!sigismember(&blocked, signals[i]));
    }
}

static void be_child(pid_t parent) {
    disturb();
    EXPECT(confine_child(parent) == 0);
    expect_undisturbed();
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(most(RLIMIT_CORE) == 0);
}

/* Where root is not at work, so that the bit may stay unset. */
static void be_program_that_gains(pid_t parent) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
        return;
    EXPECT(confine_program(parent, true) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    EXPECT(most(RLIMIT_CORE) == 0);
    EXPECT(confine_program(parent, false) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void be_program_of_root(pid_t parent) {
    EXPECT(confine_program(parent, true) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == (geteuid() == 0));
}

static void be_tool(pid_t parent) {
    struct rlimit before, after;

    disturb();
    EXPECT(getrlimit(RLIMIT_CORE, &before) == 0);
    EXPECT(confine_to_parent(parent) == 0);
    expect_undisturbed();
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    EXPECT(getrlimit(RLIMIT_CORE, &after) == 0 && after.rlim_cur == before.rlim_cur);
}

static void be_orphan(pid_t parent) {
    EXPECT(confine_child(parent + 1) == -ESRCH);
    EXPECT(confine_program(parent + 1, false) == -ESRCH);
    EXPECT(confine_to_parent(parent + 1) == -ESRCH);
}

static void be_peer(pid_t parent) {
    struct rlimit low = {100, 200};

    (void)parent;
    confine_peer();
    EXPECT(most(RLIMIT_FSIZE) == 0);
    EXPECT(most(RLIMIT_NOFILE) <= 4096);
    EXPECT(setrlimit(RLIMIT_NOFILE, &low) == 0);
    confine_peer();
    EXPECT(most(RLIMIT_NOFILE) == 200); /* never raised beyond what it may have */
}

static void limits__and_signals(void **state) {
    (void)state;
    in_child(be_child);
    in_child(be_program_that_gains);
    in_child(be_program_of_root);
    in_child(be_tool);
    in_child(be_orphan);
    in_child(be_peer);
}

static void open_some(void) {
    for (int fd = 3; fd < 40; fd++)
        (void)close(fd);
    for (int fd = 3; fd < 8; fd++)
        EXPECT(open("/dev/null", O_RDONLY) == fd);
}

static void close_from_five(pid_t parent) {
    (void)parent;
    open_some();
    confine_descriptors(5);
    for (int fd = 0; fd < 8; fd++)
        EXPECT((fcntl(fd, F_GETFD) >= 0) == (fd < 5));
}

static void keep_two(pid_t parent) {
    const int kept[] = {6, 4};

    (void)parent;
    open_some();
    EXPECT(fcntl(6, F_SETFD, FD_CLOEXEC) == 0);
    confine_exec(kept, 2);
    for (int fd = 3; fd < 8; fd++)
        EXPECT(fcntl(fd, F_GETFD) == (fd == 6 || fd == 4 ? 0 : FD_CLOEXEC));
    for (int fd = 0; fd < 3; fd++)
        EXPECT(fcntl(fd, F_GETFD) == 0);
}

static void keep_none(pid_t parent) {
    (void)parent;
    open_some();
    EXPECT(fcntl(2, F_SETFD, FD_CLOEXEC) == 0);
    confine_exec(NULL, 0);
    for (int fd = 3; fd < 8; fd++)
        EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    EXPECT(fcntl(2, F_GETFD) == FD_CLOEXEC); /* left as it was */
}

static void descriptors__with_and_without_close_range(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        no_close_range = i;
        in_child(close_from_five);
        in_child(keep_two);
        in_child(keep_none);
    }
    no_close_range = false;
}

static void memory__may_grow_by_so_much(void **state) {
    pid_t child;
    int status = -1;

    (void)state;
    (void)fflush(stdout);
    child = child_fork();
    if (child == 0) {
        struct rlimit before, after;
        unsigned long pages = 0;
        FILE *file = fopen("/proc/self/statm", "r");

        EXPECT(file && fscanf(file, "%lu", &pages) == 1 && fclose(file) == 0);
        EXPECT(getrlimit(RLIMIT_AS, &before) == 0);
        confine_memory(UINT64_MAX); /* more than there are numbers: no limit */
        EXPECT(getrlimit(RLIMIT_AS, &after) == 0 && after.rlim_cur == before.rlim_cur);
        confine_memory(UINT64_C(1) << 30);
        EXPECT(getrlimit(RLIMIT_AS, &after) == 0);
        /* A build with sanitizers has none. */
        if (after.rlim_cur != before.rlim_cur) {
            uint64_t now = pages * (uint64_t)sysconf(_SC_PAGESIZE);

            EXPECT(after.rlim_cur >= now + (UINT64_C(1) << 30) - (1 << 20));
            EXPECT(after.rlim_cur <= now + (UINT64_C(1) << 30) + (1 << 20));
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits__and_signals),
        cmocka_unit_test(descriptors__with_and_without_close_range),
        cmocka_unit_test(memory__may_grow_by_so_much),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
