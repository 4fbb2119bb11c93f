/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs in processes of their own, and how many a machine can have, which is made up. */
#include "study/pool.h"

#include "common/signals.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <vmsuite/module.h>

#include <cmocka.h>

#define JOBS 6
#define KILLED 4 /* the job whose process is killed */
#define GIB (1ull << 30)

int fake_sysinfo(struct sysinfo *ret) __asm__("sysinfo");
int fake_getaffinity(pid_t pid, size_t size, cpu_set_t *set) __asm__("sched_getaffinity");

static struct {
    unsigned long free, buffers;
    unsigned unit;
    int processors; /* 0: nothing says */
    bool is_hidden; /* the memory */
} machine;

int fake_sysinfo(struct sysinfo *ret) {
    *ret = (struct sysinfo){.freeram = machine.free, .bufferram = machine.buffers, .mem_unit = machine.unit};
    errno = EFAULT;
    return machine.is_hidden ? -1 : 0;
}

int fake_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    (void)pid;
    (void)size;
    CPU_ZERO(set);
    for (int i = 0; i < machine.processors; i++)
        CPU_SET(2 * i + 1, set);
    errno = EFAULT;
    return machine.processors > 0 ? 0 : -1;
}

/* What became of the jobs. */
struct seen {
    size_t begun[JOBS], n_begun, n_running, n_most;
    unsigned n_ended[JOBS];
    int status[JOBS];
    double seconds[JOBS];
    bool is_interrupted;
};

static void begin(void *context, size_t job) {
    struct seen *seen = context;

    assert_true(seen->n_begun < JOBS);
    seen->begun[seen->n_begun++] = job;
    if (++seen->n_running > seen->n_most)
        seen->n_most = seen->n_running;
    if (seen->is_interrupted && job == 1)
        assert_int_equal(raise(SIGINT), 0);
}

/* In the job's process. */
static int work(void *context, size_t job) {
    const struct seen *seen = context;

    while (seen->is_interrupted && signals_count() == 0)
        (void)usleep(1000);
    if (seen->is_interrupted)
        return 99;
    (void)usleep(30000);
    if (job == KILLED)
        (void)raise(SIGKILL);
    return (int)job * 25;
}

static void end(void *context, size_t job, int status, double seconds) {
    struct seen *seen = context;

    seen->n_running--;
    seen->n_ended[job]++;
    seen->status[job] = status;
    seen->seconds[job] = seconds;
}

static void pool__each_job_once_in_order(void **state) {
    static const struct { size_t workers, most; } rows[] = {{0, 1}, {1, 1}, {2, 2}, {4, 4}, {1000, JOBS}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct seen seen = {.n_begun = 0};

        assert_true(pool_run(&(struct pool_work){&seen, JOBS, begin, work, end}, rows[i].workers));
        assert_int_equal(seen.n_begun, JOBS);
        assert_int_equal(seen.n_running, 0);
        assert_int_equal(seen.n_most, rows[i].most);
        for (size_t job = 0; job < JOBS; job++) {
            assert_int_equal(seen.begun[job], job);
            assert_int_equal(seen.n_ended[job], 1);
            assert_int_equal(seen.status[job], job == KILLED ? -1 : (int)job * 25);
            assert_true(seen.seconds[job] >= 0.03);
        }
    }
}

static void pool__no_jobs(void **state) {
    struct seen seen = {.n_begun = 0};

    (void)state;
    assert_true(pool_run(&(struct pool_work){&seen, 0, begin, work, end}, 2));
    assert_int_equal(seen.n_begun, 0);
}

static void workers__processors_as_far_as_memory_goes(void **state) {
    static const struct {
        unsigned long free, buffers;
        unsigned unit;
        int processors;
        unsigned long long bytes;
        size_t workers;
    } rows[] = {
        {8 * GIB, 0, 1, 3, 2 * GIB, 3},
        {8 * GIB, 0, 1, 3, 4 * GIB, 2},
        {8 * GIB, 0, 1, 3, 4 * GIB + 1, 1},
        {4 * GIB, 4 * GIB, 1, 3, 4 * GIB, 2},
        {8 * GIB / 4096, 0, 4096, 3, 4 * GIB, 2},
        {8 * GIB, 0, 1, 3, 100 * GIB, 1},
        {0, 0, 1, 3, GIB, 1},
        {8 * GIB, 0, 1, 3, 0, 3},
        {8 * GIB, 0, 1, 0, GIB, 1},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        memset(&machine, 0, sizeof(machine));
        machine.free = rows[i].free;
        machine.buffers = rows[i].buffers;
        machine.unit = rows[i].unit;
        machine.processors = rows[i].processors;
        if (pool_workers(rows[i].bytes) != rows[i].workers)
            fail_msg("row %zu: %zu, not %zu", i, pool_workers(rows[i].bytes), rows[i].workers);
    }
    machine.processors = 3;
    machine.is_hidden = true;
    assert_int_equal(pool_workers(1), 1);
}

/* The last: from then on the program is one that was asked to end. Those that were begun are asked to
 * end, too. */
static void pool__an_interrupt(void **state) {
    struct seen seen = {.is_interrupted = true};

    (void)state;
    assert_int_equal(signals_catch(), 0);
    assert_false(pool_run(&(struct pool_work){&seen, JOBS, begin, work, end}, 2));
    signals_release();
    assert_int_equal(seen.n_begun, 2);
    assert_int_equal(seen.n_running, 0);
    for (size_t job = 0; job < 2; job++)
        assert_int_equal(seen.status[job], 99);
}

/* Who has caught signals once keeps the pipe for the next time. */
static int set_up(void **state) {
    if (signals_catch() < 0)
        return -1;
    signals_release();
    return descriptors_note(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool__each_job_once_in_order),
        cmocka_unit_test(pool__no_jobs),
        cmocka_unit_test(workers__processors_as_far_as_memory_goes),
        cmocka_unit_test(pool__an_interrupt),
    };

    return cmocka_run_group_tests(tests, set_up, descriptors_check);
}
