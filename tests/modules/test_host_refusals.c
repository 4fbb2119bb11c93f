/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the host refuses something that a module reports, the module ends with that error and reports nothing
 * more: each report of a run is refused in turn. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/expect.h"

#include "fakes/child.h"

static const struct {
    const char *module, *settings;
    bool facts_may_fail; /* what is only worth knowing ends no trial of these */
} rows[] = {
    {"tcp", "bytes=1000 interval=0", true},
    {"tcp", "mode=request-response count=3", true},
    {"udp", "bytes=5000 datagram_size=1000 batch=1 offload=false receive_buffer=1MiB", true},
    {"udp", "mode=request-response count=3", true},
    {"block", "file_size=16KiB block_size=4KiB latency=true verify=cache", false},
    {"block", "file_size=16KiB block_size=4KiB operation=randrw latency=true verify=cache", false},
    {"block", "file_size=16KiB block_size=4KiB operation=rewrite verify=cache", false},
    {"cpu", "what=system_call samples=10", false},
    {"cpu", "what=switch samples=10", false},
    {"cpu", "what=clock samples=10", false},
    {"exits", "operation=system_call samples=10", false},
    {"exits", "operation=timer_arm samples=10", false},
    {"stall", "seconds=10ms processors=0 threshold=1ms", false},
    {"linpack", "n=10 seconds=1ms systems=1000", false},
    {"memlat", "size=64KiB seconds=10ms pages=none", false},
    {"stream", "array_size=1MiB threads=1 affinity=none", false},
};

enum kind { SAMPLE, DISTRIBUTION, FACT, KINDS };

static struct {
    struct vms_host real;
    enum kind kind;
    unsigned at; /* the call of that kind that is refused, from 1; 0: none */
    unsigned calls[KINDS];
    unsigned later; /* reports behind the one that was refused */
    bool refused;
    pid_t test;
} script;

/* -ENOSPC where this one is refused, which nothing else here ends with. */
static int passes(enum kind kind) {
    bool is_refused = ++script.calls[kind] == script.at && script.kind == kind;

    if (getpid() != script.test)
        return 0;
    script.later += script.refused;
    script.refused = script.refused || is_refused;
    return is_refused ? -ENOSPC : 0;
}

static int sample(void *context, unsigned metric, double value) {
    int status = passes(SAMPLE);

    return status < 0 ? status : script.real.sample(context, metric, value);
}

static int distribution(void *context, unsigned metric, const double *values, size_t n) {
    int status = passes(DISTRIBUTION);

    return status < 0 ? status : script.real.distribution(context, metric, values, n);
}

static int fact(void *context, const char *key, const char *value) {
    int status = passes(FACT);

    return status < 0 ? status : script.real.fact(context, key, value);
}

/* Whether there is such a call. */
static bool run(size_t row, enum kind kind, unsigned at) {
    struct vms_error error = {""};
    struct fake_host fake;
    int status;

    memset(&script, 0, sizeof(script));
    fake_host_init(&fake, rows[row].module);
    fake_host_set_all(&fake, rows[row].settings);
    script.real = fake.host;
    script.kind = kind;
    script.at = at;
    script.test = getpid();
    fake.host.sample = sample;
    fake.host.distribution = distribution;
    fake.host.fact = fact;
    status = fake_host_run(&fake, &error);
    if ((status < 0) != script.refused || script.later > 0)
        fail_msg("%s %s: kind %d, call %u: %d \"%s\", then %u more", rows[row].module, rows[row].settings,
                 (int)kind, at, status, error.text, script.later);
    if (status < 0)
        assert_true(strstr(error.text, "the host refused ") || strstr(error.text, "the host did not take "));
    fake_host_done(&fake);
    return script.refused;
}

static void refuse_each(size_t row) {
    for (int kind = SAMPLE; kind < (rows[row].facts_may_fail ? FACT : KINDS); kind++)
        for (unsigned at = 1; run(row, (enum kind)kind, at); at++)
            continue;
}

/* All rows together: most of them wait for something. */
static void reports__that_are_refused_end_the_trial(void **state) {
    pid_t children[VMS_LENGTH(rows)];
    int status;

    (void)state;
    (void)fflush(stdout);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        children[i] = child_fork();
        if (children[i] == 0) {
            refuse_each(i);
            _exit(EXIT_SUCCESS);
        }
    }
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports__that_are_refused_end_the_trial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
