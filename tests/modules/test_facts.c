/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modules say of where they ran: which processors they might use, which they used, and what keeps time
 * and idles there, held against the kernel's own words. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "modules/expect.h"

/* A short run of each module that says so. */
static const struct {
    const char *module, *params[4][2];
    bool says_where, has_clock;
} rows[] = {
    {"cpu", {{"what", "system_call"}, {"samples", "10"}}, true, true},
    {"exits", {{"operation", "system_call"}, {"samples", "10"}}, true, true},
    {"linpack", {{"n", "10"}, {"seconds", "1ms"}, {"solver", "reference"}}, false, false},
    {"memlat",
     {{"size", "64KiB"}, {"seconds", "10ms"}, {"pages", "none"}, {"affinity", "compact"}},
     true,
     false},
    {"stall", {{"seconds", "10ms"}, {"threshold", "1ms"}}, true, false},
    {"stream", {{"array_size", "1MiB"}, {"threads", "1"}, {"affinity", "compact"}}, true, false},
};

static void run(struct fake_host *fake, size_t row) {
    fake_host_init(fake, rows[row].module);
    for (size_t i = 0; i < 4 && rows[row].params[i][0]; i++)
        fake_host_set(fake, rows[row].params[i][0], rows[row].params[i][1]);
    expect_success(fake);
}

/* The processors of a set as a list with ranges. */
static void write_set(const cpu_set_t *set, char *text) {
    const char *comma = "";

    *text = '\0';
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        bool begins = CPU_ISSET(cpu, set) && (cpu == 0 || !CPU_ISSET(cpu - 1, set));
        bool ends = CPU_ISSET(cpu, set) && (cpu + 1 == CPU_SETSIZE || !CPU_ISSET(cpu + 1, set));

        if (begins)
            text += sprintf(text, "%s%d", comma, cpu);
        if (ends && !begins)
            text += sprintf(text, "-%d", cpu);
        if (begins)
            comma = ",";
    }
}

static void expect_placed(size_t row, const cpu_set_t *set, bool is_bound, const char *where) {
    char allowed[512];
    struct fake_host fake;

    run(&fake, row);
    write_set(set, allowed);
    assert_string_equal(fake_host_fact(&fake, "affinity_of_process"), is_bound ? "bound" : "all");
    assert_string_equal(fake_host_fact(&fake, "processors_allowed"), allowed);
    if (rows[row].says_where && where)
        assert_string_equal(fake_host_fact(&fake, "processors"), where);
    fake_host_done(&fake);
}

/* All processors, then one of them: the last, so that its number is not the usual one. */
static void facts__of_processors(void **state) {
    cpu_set_t all, one;
    char number[16];
    int last = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        last = CPU_ISSET(cpu, &all) ? cpu : last;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    (void)snprintf(number, sizeof(number), "%d", last);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        bool is_pair = rows[i].has_clock; /* these name two, which may be the same */
        char pair[40];

        (void)snprintf(pair, sizeof(pair), "%d %d", last, last);
        expect_placed(i, &all, CPU_COUNT(&all) < sysconf(_SC_NPROCESSORS_ONLN), NULL);
        assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
        expect_placed(i, &one, sysconf(_SC_NPROCESSORS_ONLN) > 1, is_pair ? pair : number);
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    }
}

static void expect_line(const struct fake_host *fake, const char *key, const char *path) {
    char line[128] = "";
    FILE *file = fopen(path, "re");

    if (file && !fgets(line, sizeof(line), file))
        line[0] = '\0';
    if (file)
        (void)fclose(file);
    line[strcspn(line, "\n")] = '\0';
    assert_string_equal(fake_host_fact(fake, key), line[0] ? line : "unknown");
}

static void facts__of_clock_and_idling(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host fake;

        if (!rows[i].has_clock)
            continue;
        run(&fake, i);
        expect_line(&fake, "clock_source",
                    "/sys/devices/system/clocksource/clocksource0/current_clocksource");
        expect_line(&fake, "idle_driver", "/sys/devices/system/cpu/cpuidle/current_driver");
        expect_line(&fake, "idle_governor", "/sys/devices/system/cpu/cpuidle/current_governor");
        fake_host_done(&fake);
    }
}

/* Systems twice, as made and as worked on, each rounded up to 64 bytes; the solutions that are kept, 64 or a
 * round; and a row of doubles with the pivots. */
static void facts__of_linpacks_memory(void **state) {
    static const struct {
        const char *precision, *systems, *bytes;
    } sizes[] = {{"single", "64", "5204144"}, /* 2 * 64 * 40448 + 64 * 400 + 1200 */
                 {"double", "5", "857520"}};  /* 2 * 5 * 80832 + 12 * 5 * 800 + 1200 */

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        struct fake_host fake;

        fake_host_init(&fake, "linpack");
        fake_host_set(&fake, "n", "100");
        fake_host_set(&fake, "precision", sizes[i].precision);
        fake_host_set(&fake, "systems", sizes[i].systems);
        fake_host_set(&fake, "seconds", "1ms");
        expect_success(&fake);
        assert_string_equal(fake_host_fact(&fake, "working_set_bytes"), sizes[i].bytes);
        assert_string_equal(fake_host_fact(&fake, "systems_per_piece"), sizes[i].systems);
        fake_host_done(&fake);
    }
}

/* On machines that hwloc makes up: who said how large the caches are, and what of it was not believed. */
static void facts__of_caches(void **state) {
    static const struct {
        const char *machine, *bytes, *source;
    } machines[] = {
        {"pack:1 l3:1(size=8388608) core:2 pu:1", "8388608", "hwloc"},
        {"pack:2 l3:1(size=8388608) core:2 pu:1", "16777216", "hwloc"},
        {"pack:1 l3:1(size=1073741824) core:2 pu:1", "67108864",
         "hwloc, which says 1073741824 for 2 processors: 33554432 each are believed"},
        {"pack:1 core:2 pu:1", "33554432", "assumed"},
    };
    static const struct {
        const char *module, *size, *pages;
    } modules[] = {{"stream", "array_size", "none"}, {"memlat", "size", "none"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(machines) * VMS_LENGTH(modules); i++) {
        size_t machine = i / VMS_LENGTH(modules), module = i % VMS_LENGTH(modules);
        struct fake_host fake;

        assert_int_equal(setenv("HWLOC_SYNTHETIC", machines[machine].machine, 1), 0);
        fake_host_init(&fake, modules[module].module);
        fake_host_set(&fake, modules[module].size, "1MiB");
        fake_host_set(&fake, "pages", modules[module].pages);
        if (module == 0)
            fake_host_set(&fake, "threads", "1");
        else
            fake_host_set(&fake, "seconds", "10ms");
        expect_success(&fake);
        assert_string_equal(fake_host_fact(&fake, "llc_source"), machines[machine].source);
        if (module == 0)
            assert_string_equal(fake_host_fact(&fake, "llc_bytes"), machines[machine].bytes);
        fake_host_done(&fake);
    }
    assert_int_equal(unsetenv("HWLOC_SYNTHETIC"), 0);
}

/* Four times the caches, before a run and in one, within what may be taken. */
static void facts__of_what_caches_decide(void **state) {
    static const struct {
        const char *module, *limit;
        double memory;
    } estimates[] = {{"stream", "0", 12 * 1048576.0},
                     {"stream", "6MB", 6000000},
                     {"stream", "4MB", 0},
                     {"memlat", NULL, 4 * 1048576 * 1.125}};

    (void)state;
    assert_int_equal(setenv("HWLOC_SYNTHETIC", "pack:1 l3:1(size=1048576) core:2 pu:1", 1), 0);
    for (size_t i = 0; i < VMS_LENGTH(estimates); i++) {
        struct vms_estimate estimate = {0};
        struct fake_host fake;

        fake_host_init(&fake, estimates[i].module);
        if (estimates[i].limit)
            fake_host_set(&fake, "memory_limit", estimates[i].limit);
        else
            fake_host_set(&fake, "pages", "none");
        fake.module->estimate(fake.values, &estimate);
        if (fabs((double)estimate.memory - estimates[i].memory) > 1)
            fail_msg("%s, %zu: %" PRIu64, estimates[i].module, i, estimate.memory);
        fake_host_done(&fake);
    }
    assert_int_equal(unsetenv("HWLOC_SYNTHETIC"), 0);
}

/* What the kernel is made to say of faults: at each reading as many more. */
static struct {
    bool is_scripted;
    long minor, major;
} faults;

int getrusage(__rusage_who_t who, struct rusage *ret_usage) {
    if (!faults.is_scripted)
        return (int)syscall(SYS_getrusage, who, ret_usage);
    *ret_usage = (struct rusage){.ru_minflt = faults.minor, .ru_majflt = faults.major};
    faults.minor *= 3;
    faults.major *= 5;
    return 0;
}

static void facts__of_faults(void **state) {
    static const struct {
        long minor, major;
        const char *fact;
    } rows_of_faults[] = {{100, 10, "240"}, /* 200 more of the one and 40 of the other kind */
                          {0, 1, "4"},
                          {0, 0, "unknown: this kernel does not count them"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows_of_faults); i++) {
        struct fake_host fake;

        fake_host_init(&fake, "stream");
        fake_host_set(&fake, "array_size", "1MiB");
        fake_host_set(&fake, "threads", "1");
        faults.is_scripted = true;
        faults.minor = rows_of_faults[i].minor;
        faults.major = rows_of_faults[i].major;
        expect_success(&fake);
        faults.is_scripted = false;
        assert_string_equal(fake_host_fact(&fake, "page_faults_while_timed"), rows_of_faults[i].fact);
        fake_host_done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts__of_processors),         cmocka_unit_test(facts__of_clock_and_idling),
        cmocka_unit_test(facts__of_linpacks_memory),    cmocka_unit_test(facts__of_caches),
        cmocka_unit_test(facts__of_what_caches_decide), cmocka_unit_test(facts__of_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
