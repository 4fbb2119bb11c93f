/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modules say of a case before it is run: what it will cost, and which values do not fit together. Pure
 * functions of the values, held over a table. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "modules/expect.h"

#define KIB 1024.0
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define LATENCIES (8 * 1048576.0) /* bytes: the most that are kept of round trips */

static const double any = -1; /* what the machine decides, too */

static const struct {
    const char *module, *settings;
    double seconds, traffic, disk, memory;
} costs[] = {
    {"tcp", "bytes=125MB", 1, 125e6, 0, 128 * KIB},
    {"tcp", "bytes=125MB direction=both streams=3", 1, 250e6, 0, 6 * 128 * KIB},
    {"tcp", "seconds=2 warmup=1 direction=receive", 3, 375e6, 0, 128 * KIB},
    {"tcp", "mode=request-response count=100 request_size=12500 response_size=25000", 0.04, 3.75e6, 0,
     100 * sizeof(double) + 37500},
    {"tcp", "mode=request-response seconds=3 warmup=1 message_size=6250", 4, 4 / 200e-6 * 12500, 0,
     LATENCIES + 12500},
    {"udp", "rate=100Mbit/s seconds=2", 2, 25e6, 0, any},
    {"udp", "rate=100Mbit/s bytes=25MB direction=both", 2, 50e6, 0, any},
    {"udp", "rate=0 bytes=125MB warmup=3 batch=10 datagram_size=1000", 4, 125e6, 0, 10000},
    {"udp", "mode=request-response count=100 message_size=6250", 0.02, 1.25e6, 0, 100 * sizeof(double)},
    {"udp", "mode=request-response seconds=30ms message_size=6250", 0.03, 0.03 / 200e-6 * 12500, 0,
     30000 * sizeof(double)},
    {"tcp", "mode=request-response seconds=1ms message_size=6250", 1e-3, 1e-3 / 200e-6 * 12500, 0,
     4096 * sizeof(double) + 12500},
    {"udp", "mode=request-response seconds=3 warmup=1 message_size=6250", 4, 3 / 200e-6 * 12500, 0,
     LATENCIES},
    {"block", "operation=write file_size=1GiB block_size=1MiB verify=cache", 2 * (1024 * 1.5e-6 + GIB / 1e9),
     0, GIB, any},
    {"block", "operation=rewrite file_size=1GiB block_size=1MiB verify=cache",
     1024 * 1.5e-6 + GIB / 1e9 + GIB / 150e6, 0, GIB, any},
    {"block", "operation=rewrite file_size=1GiB block_size=1MiB verify=cache sync=fsync",
     1024 * 1.5e-6 + GIB / 1e9 + 2 * GIB / 150e6, 0, GIB, any},
    {"block", "operation=randwrite file_size=1GiB block_size=1MiB verify=cache io_size=512MiB sync=dsync",
     512 * 1.5e-6 + GIB / 2e9 + 512 * 2e-3 + GIB / 150e6, 0, GIB, any},
    {"block", "operation=randread file_size=1GiB block_size=1MiB verify=cache cache=cold",
     1024 * 150e-6 + GIB / 150e6 + GIB / 150e6, 0, GIB, any},
    {"block", "operation=write file_size=1GiB block_size=1MiB direct=true",
     2 * (1024 * 150e-6 + GIB / 150e6) + 2 * GIB / 150e6, 0, GIB, any},
    {"block", "operation=rewrite file_size=1GiB block_size=1MiB verify=device",
     1024 * 1.5e-6 + GIB / 1e9 + 2 * GIB / 150e6, 0, GIB, any},
    {"cpu", "samples=2000 interval=2ms", 2000 * (2e-3 + 5e-4 + 16 * 5e-5), 0, 0, 16000 + 16 * MIB},
    {"exits", "samples=2000 interval=2ms", 2000 * (27 * 20e-6 + 2e-3 + 100e-6), 0, 0, 16000 + 16 * MIB},
    {"exits", "samples=2000 interval=2ms operation=cpuid", 2000 * 20e-6, 0, 0, 16000 + 16 * MIB},
    {"exits", "samples=2000 interval=2ms operation=kernel_ipi", 2000 * 20e-6, 0, 0, 16000 + 16 * MIB},
    {"exits", "samples=2000 interval=2ms operation=timer_lateness", 2000 * (20e-6 + 2e-3), 0, 0,
     16000 + 16 * MIB},
    {"exits", "samples=2000 interval=2ms operation=wake_up", 2000 * (20e-6 + 100e-6), 0, 0, 16000 + 16 * MIB},
    {"stall", "seconds=3", 3, 0, 0, any},
    {"loaded", "idle=2 warmup=1 seconds=5 streams=3", 8, 6 * 125e6, 0, 19 * MIB},
    {"loaded", "idle=2 warmup=1 seconds=5 streams=3 direction=both", 8, 6 * 250e6, 0, 22 * MIB},
    {"loaded", "idle=2 warmup=1 seconds=5 streams=3 direction=receive", 8, 6 * 125e6, 0, 19 * MIB},
    {"linpack", "n=3000 seconds=0.5 precision=double solver=openblas systems=1",
     2 * (2.0 / 3 * 27e9 + 2 * 9e6) / 1e9, 0, 0, any},
    {"linpack", "n=100 seconds=7", 14, 0, 0, any},
    {"stream", "array_size=400MB repetitions=20 threads=1", (20 * 10 + 6) * 400e6 / 4e9, 0, 0, 1200e6},
    {"stream", "array_size=400MB repetitions=20 threads=1 memory_limit=1200MB", (20 * 10 + 6) * 400e6 / 4e9,
     0, 0, 1200e6},
    {"stream", "memory_limit=64KiB", 0, 0, 0, 0}, /* which no machine measures past its caches */
    {"memlat", "size=64MiB pages=none seconds=2", 2 + 200e-9 * 2 * 1048576, 0, 0, 72 * MIB},
    {"memlat", "size=64MiB pages=both seconds=2", 2 * (2 + 200e-9 * 2 * 1048576), 0, 0, 136 * MIB},
    {"memlat", "size=1GiB pages=thp seconds=2", 2 + 200e-9 * (4194304 + 16777216), 0, 0, 1.125 * GIB},
};

static void expect_figure(size_t row, const char *what, double found, double expected) {
    if (expected == any ? found > 0 : found >= expected * (1 - 1e-9) && found <= expected * (1 + 1e-9))
        return;
    fail_msg("%s %s: %s is %.17g, not %.17g", costs[row].module, costs[row].settings, what, found, expected);
}

static void estimates__are_what_they_say(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(costs); i++) {
        struct vms_estimate estimate = {0};
        struct fake_host fake;

        fake_host_init(&fake, costs[i].module);
        fake_host_set_all(&fake, costs[i].settings);
        fake.module->estimate(fake.values, &estimate);
        expect_figure(i, "seconds", estimate.seconds, costs[i].seconds);
        expect_figure(i, "traffic", (double)estimate.traffic, costs[i].traffic);
        expect_figure(i, "disk", (double)estimate.disk, costs[i].disk);
        expect_figure(i, "memory", (double)estimate.memory, costs[i].memory);
        fake_host_done(&fake);
    }
}

/* Values that are read one by one and do not fit: found before a run begins. NULL: they fit. */
static const struct {
    const char *module, *settings, *says;
} values[] = {
    {"tcp", "cpus=0-1 peer_cpus=2", NULL},
    {"tcp", "cpus=x", "\"x\" is not a list of processors"},
    {"tcp", "peer_cpus=3-", "\"3-\" is not a list of processors"},
    {"tcp", "bytes=1MB warmup=1", "warmup cannot be used with bytes"},
    {"tcp", "bytes=1MB warmup=0", NULL},
    {"tcp", "mss=87", "mss is at least 88 bytes, or 0"},
    {"tcp", "mss=88", NULL},
    {"udp", "cpus=x", "\"x\" is not a list of processors"},
    {"udp", "peer_cpus=x", "\"x\" is not a list of processors"},
    {"udp", "cpus=1", NULL},
    {"block", "block_size=1000 file_size=1MiB", "block_size 1000 is not a multiple of 512"},
    {"block", "block_size=1MiB file_size=512KiB", "file_size 524288 is less than one block of 1048576"},
    {"block", "block_size=1MiB file_size=1MiB", NULL},
    {"block", "operation=rewrite block_size=1MiB file_size=4MiB io_size=512KiB",
     "io_size 524288 is less than one block of 1048576"},
    {"block", "operation=randread block_size=512 file_size=4TiB", "are too many for a random order"},
    {"cpu", "affinity=none", "affinity is none, but what is measured must stay on its processor"},
    {"cpu", "affinity=nowhere", "\"nowhere\""},
    {"cpu", "affinity=0,1", NULL},
    {"linpack", "threads=2", "threads is 2, but solver reference has one thread"},
    {"linpack", "threads=2 solver=openblas", NULL},
    {"memlat", "affinity=nowhere", "\"nowhere\""},
    {"memlat", "size=4095", "size is 4095 bytes; it must be 0 or at least 4096"},
    {"memlat", "size=4096 affinity=0", NULL},
    {"stream", "affinity=nowhere", "\"nowhere\""},
    {"stream", "threads=nobody", "\"nobody\""},
    {"stream", "array_size=1", "array_size"},
    {"stream", "array_size=1MiB threads=cores affinity=compact", NULL},
    {"stream", "array_size=1MB memory_limit=3MB", NULL},
    {"stream", "array_size=1000001 memory_limit=3MB",
     "three arrays of array_size 1000001 bytes are more than memory_limit 3000000"},
};

static void values__that_do_not_fit_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(values); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        fake_host_init(&fake, values[i].module);
        fake_host_set_all(&fake, values[i].settings);
        status = fake.module->validate(fake.values, &error);
        if (status != (values[i].says ? -EINVAL : 0) ||
            (values[i].says && !strstr(error.text, values[i].says)))
            fail_msg("%s %s: %d \"%s\"", values[i].module, values[i].settings, status, error.text);
        fake_host_done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates__are_what_they_say),
        cmocka_unit_test(values__that_do_not_fit_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
