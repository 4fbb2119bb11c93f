/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modules say of where they ran: which processors they might use, which they used, and what keeps time and idles
 * there, held against the kernel's own words. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts__of_processors),
        cmocka_unit_test(facts__of_clock_and_idling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
