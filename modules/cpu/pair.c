/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two processes that answer each other in turn (the context switch of lmbench's lat_ctx, with nothing in the
 * caches): over pipes or a futex (futex(2)) on one processor, which must then switch from one to the other,
 * or over a futex on two processors, where the one must wake the other by an interrupt.
 */
#include "cpu/probe.h"
#include "shared/case/report.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OURS, THEIRS, OVER }; /* whose turn it is */

struct pair {
    pid_t partner;
    int request[2], answer[2]; /* pipes, -1 where there are none */
    uint32_t *turn;            /* shared; NULL where there are pipes */
    uint64_t turns;            /* that were taken */
    uint64_t switches;         /* of our process before them */
};

static uint64_t count_switches(void) {
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw) : 0;
}

/* Not every kernel counts them: what stands in for one (gVisor) may leave zeros. One that counts has counted
 * the sleep of a process, if nothing before. */
static bool are_counted(uint64_t so_far) {
    const struct timespec moment = {.tv_nsec = 1000};

    if (so_far == 0)
        (void)nanosleep(&moment, NULL);
    return so_far > 0 || count_switches() > 0;
}

static void pass_turn(uint32_t *turn, uint32_t to) {
    __atomic_store_n(turn, to, __ATOMIC_SEQ_CST);
    (void)syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Sleeps until it is no longer `whose` turn; returns whose it is. */
static uint32_t await_turn(uint32_t *turn, uint32_t whose) {
    uint32_t now;

    while ((now = __atomic_load_n(turn, __ATOMIC_SEQ_CST)) == whose)
        (void)syscall(SYS_futex, turn, FUTEX_WAIT, whose, NULL, NULL, 0);
    return now;
}

/* The partner's whole life. */
static _Noreturn void answer(const struct place *place, unsigned thread, struct pair *pair) {
    char byte;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (place_bind(place, thread) < 0)
        _exit(1);
    if (pair->turn) {
        while (await_turn(pair->turn, OURS) != OVER)
            pass_turn(pair->turn, OURS);
        _exit(0);
    }
    (void)close(pair->request[1]);
    (void)close(pair->answer[0]);
    while (read(pair->request[0], &byte, 1) == 1) {
        byte++;
        if (write(pair->answer[1], &byte, 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static void close_fd(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void pair_free(struct pair *pair) {
    for (int i = 0; i < 2; i++) {
        close_fd(&pair->request[i]);
        close_fd(&pair->answer[i]);
    }
    if (pair->turn)
        (void)munmap(pair->turn, sizeof(*pair->turn));
    free(pair);
}

static int set_up(struct pair *pair, bool with_pipes) {
    void *map;

    if (with_pipes)
        return pipe2(pair->request, O_CLOEXEC) < 0 || pipe2(pair->answer, O_CLOEXEC) < 0 ? -errno : 0;
    map = mmap(NULL, sizeof(*pair->turn), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return -errno;
    pair->turn = map;
    return 0;
}

/* Starts the partner on the `thread`-th processor of the place; we are on the first. */
static int begin(struct bench *bench, unsigned thread, bool with_pipes, struct vms_error *error) {
    struct pair *pair = calloc(1, sizeof(*pair));
    int status;

    if (!pair)
        return report_error(error, -ENOMEM, "no memory for the state of the measurement");
    pair->request[0] = pair->request[1] = pair->answer[0] = pair->answer[1] = -1;
    status = set_up(pair, with_pipes);
    pair->partner = status < 0 ? -1 : fork();
    if (pair->partner == 0)
        answer(&bench->place, thread, pair);
    if (pair->partner < 0) {
        status = status < 0 ? status : -errno;
        pair_free(pair);
        return report_error(error, status, "starting the second process: %s", strerror(-status));
    }
    /* The reading end of our requests stays open: no signal if the partner is gone, but an end of file. */
    close_fd(&pair->answer[1]);
    pair->switches = count_switches();
    bench->state = pair;
    return 0;
}

static int begin_pipe(struct bench *bench, struct vms_error *error) {
    return begin(bench, 0, true, error);
}

static int begin_futex(struct bench *bench, struct vms_error *error) {
    return begin(bench, 0, false, error);
}

static int begin_far(struct bench *bench, struct vms_error *error) {
    return begin(bench, 1, false, error);
}

static int turns_by_pipe(struct bench *bench, size_t n, struct vms_error *error) {
    struct pair *pair = bench->state;

    for (size_t i = 0; i < n; i++) {
        char sent = (char)i, got = sent;

        if (write(pair->request[1], &sent, 1) != 1 || read(pair->answer[0], &got, 1) != 1)
            return report_error(error, -EPIPE, "the second process has ended");
        if (got != (char)(sent + 1))
            return report_error(error, -EBADMSG, "verification failed: the second process answered %d to %d",
                                got, sent);
    }
    pair->turns += n;
    return 0;
}

static int turns_by_futex(struct bench *bench, size_t n, struct vms_error *error) {
    struct pair *pair = bench->state;

    (void)error;
    for (size_t i = 0; i < n; i++) {
        pass_turn(pair->turn, THEIRS);
        (void)await_turn(pair->turn, THEIRS);
    }
    pair->turns += n;
    return 0;
}

/* Ends the partner; writes in how many turns of all we were off the processor, or NaN where that is not
 * counted. */
static int end_turns(struct bench *bench, double *ret_part, struct vms_error *error) {
    struct pair *pair = bench->state;
    uint64_t all = count_switches(), switches = all - pair->switches;
    bool counted = are_counted(all);
    int status = 0;

    *ret_part = !counted ? (double)NAN : pair->turns ? (double)switches / (double)pair->turns : 1;
    close_fd(&pair->request[1]);
    if (pair->turn)
        pass_turn(pair->turn, OVER);
    if (waitpid(pair->partner, &status, 0) < 0 || status != 0)
        status = report_error(error, -ECHILD, "the second process ended with status %d", status);
    pair_free(pair);
    if (status == 0 && !counted)
        status = report_fact(bench->host, error, "switches", "unknown: this kernel does not count them");
    return status;
}

/* On one processor each turn must have taken us off it. */
static int end_near(struct bench *bench, struct vms_error *error) {
    double part = 1;
    int status = end_turns(bench, &part, error);

    if (status == 0 && part < 0.9)
        return report_error(error, -EBADMSG,
                            "verification failed: only %.0f %% of the turns switched context", 100 * part);
    return status;
}

/* On two a busy partner may answer before we sleep: then nobody was woken, and there is no figure. */
static int end_far(struct bench *bench, struct vms_error *error) {
    double part = 1;
    int status = end_turns(bench, &part, error);

    if (status == 0 && part < 0.9)
        return report_error(error, -EAGAIN,
                            "in only %.0f %% of the turns was there a sleeper to wake: the "
                            "processors are busy",
                            100 * part);
    return status;
}

const struct probe probe_switch_pipe = {.metric = METRIC_SWITCH_PIPE,
                                        .per_operation = 2,
                                        .begin = begin_pipe,
                                        .run = turns_by_pipe,
                                        .end = end_near};
const struct probe probe_switch_futex = {.metric = METRIC_SWITCH_FUTEX,
                                         .per_operation = 2,
                                         .begin = begin_futex,
                                         .run = turns_by_futex,
                                         .end = end_near};
const struct probe probe_wake_up = {
    .metric = METRIC_WAKE_UP, .per_operation = 2, .begin = begin_far, .run = turns_by_futex, .end = end_far};
