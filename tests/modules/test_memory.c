/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Caches, room and places on machines that are made up: hwloc's synthetic topologies, and files under a
 * root. */
#include "memlat/size.h"
#include "shared/memory/place.h"
#include "shared/memory/region.h"
#include "shared/memory/room.h"
#include "stream/array_size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static char root[] = "/tmp/vmsuite-room-XXXXXX";

static int make_root(void **state) {
    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/vmsuite-room-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int remove_root(void **state) {
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put_file(const char *path, const char *text) {
    char full[256];
    FILE *file;

    (void)snprintf(full, sizeof(full), "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0700);
        *slash = '/';
    }
    file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_room(uint64_t bytes, const char *source) {
    struct room room;

    room_read(root, &room);
    assert_int_equal(room.bytes, bytes - bytes / 8);
    assert_string_equal(room.source, source);
}

static void room__free_memory(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemTotal:  4096 kB\nMemAvailable:   2048 kB\n");
    expect_room(2 * MIB, "free memory");
}

static void room__none_is_none(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemAvailable:   0 kB\n");
    expect_room(0, "free memory");
}

static void room__of_kernels_that_do_not_say(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemTotal:  4096 kB\nMemFree:   1024 kB\nSwapCached: 9 kB\nCached:  2048 kB\n");
    expect_room(3 * MIB, "free memory");
}

static void room__cgroup_v2_parent_is_the_limit(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemAvailable: 1048576 kB\n");
    put_file("/proc/self/cgroup", "0::/a/b\n");
    put_file("/sys/fs/cgroup/a/b/memory.max", "max\n");
    put_file("/sys/fs/cgroup/a/b/memory.current", "1048576\n");
    put_file("/sys/fs/cgroup/a/memory.max", "104857600\n");
    put_file("/sys/fs/cgroup/a/memory.current", "20971520\n");
    put_file("/sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 10485760\n");
    expect_room(90 * MIB, "cgroup limit");
}

/* A group without a limit of its own, as the root is, limits nothing, whatever it uses. */
static void room__group_without_limit(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemAvailable: 2048 kB\n");
    put_file("/proc/self/cgroup", "0::/a\n");
    put_file("/sys/fs/cgroup/a/memory.current", "18446744073709551615\n");
    put_file("/sys/fs/cgroup/memory.current", "18446744073709551615\n");
    expect_room(2 * MIB, "free memory");
}

static void room__cgroup_v1(void **state) {
    (void)state;
    put_file("/proc/meminfo", "MemAvailable: 1048576 kB\n");
    put_file("/proc/self/cgroup", "9:cpu:/\n4:memory:/guest\n0::/\n");
    put_file("/sys/fs/cgroup/memory/guest/memory.limit_in_bytes", "52428800\n");
    put_file("/sys/fs/cgroup/memory/guest/memory.usage_in_bytes", "10485760\n");
    expect_room(40 * MIB, "cgroup limit");
}

static void room__cgroup_used_up(void **state) {
    (void)state;
    put_file("/proc/self/cgroup", "0::/\n");
    put_file("/sys/fs/cgroup/memory.max", "1000\n");
    put_file("/sys/fs/cgroup/memory.current", "2000\n");
    expect_room(0, "cgroup limit");
}

static hwloc_topology_t synthetic(const char *description) {
    hwloc_topology_t topology;

    assert_int_equal(hwloc_topology_init(&topology), 0);
    assert_int_equal(hwloc_topology_set_synthetic(topology, description), 0);
    assert_int_equal(hwloc_topology_load(topology), 0);
    return topology;
}

static void caches__all_of_the_last_level(void **state) {
    hwloc_topology_t topology = synthetic("pack:2 l3:2(size=33554432) core:4 pu:2");
    struct caches caches;

    (void)state;
    caches_read(topology, &caches);
    assert_int_equal(caches.last_level, 128 * MIB);
    assert_int_equal(caches.count, 4);
    assert_int_equal(caches.level, 3);
    assert_string_equal(caches.source, "hwloc");
    hwloc_topology_destroy(topology);
}

/* A guest sees the cache of its host, or sees it once for each processor: neither is its own. */
static void caches__beyond_belief_are_cut_off(void **state) {
    static const struct {
        const char *machine, *source;
        uint64_t bytes;
    } rows[] = {
        {"pack:1 l3:1(size=314572800) core:2 pu:1",
         "hwloc, which says 314572800 for 2 processors: 33554432 each are believed", 64 * MIB},
        {"pack:2 l3:1(size=532676608) core:1 pu:1",
         "hwloc, which says 1065353216 for 2 processors: 33554432 each are believed", 64 * MIB},
        {"pack:1 l3:1(size=110100480) core:1 pu:1",
         "hwloc, which says 110100480 for 1 processor: 33554432 each are believed", 32 * MIB},
        {"pack:1 l3:1(size=805306368) core:16 pu:2", "hwloc", 768 * MIB},
        {"pack:1 l3:1(size=67108864) core:2 pu:1", "hwloc", 64 * MIB},
        /* EPYC 7373X without SMT, and with one core of each die: 8 dies of 96 MiB. */
        {"pack:1 l3:8(size=100663296) core:2 pu:1", "hwloc", 768 * MIB},
        {"pack:1 l3:8(size=100663296) core:1 pu:1", "hwloc", 768 * MIB},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        hwloc_topology_t topology = synthetic(rows[i].machine);
        struct caches caches;

        caches_read(topology, &caches);
        assert_int_equal(caches.last_level, rows[i].bytes);
        assert_string_equal(caches.source, rows[i].source);
        hwloc_topology_destroy(topology);
    }
}

static void caches__none_are_assumed(void **state) {
    hwloc_topology_t topology = synthetic("pack:1 core:2 pu:1");
    struct caches caches;

    (void)state;
    caches_read(topology, &caches);
    assert_int_equal(caches.last_level, 32 * MIB);
    assert_string_equal(caches.source, "assumed");
    hwloc_topology_destroy(topology);
}

/* Before a topology is at hand; the environment says which one hwloc finds. */
static void caches__are_guessed_from_the_machine(void **state) {
    (void)state;
    assert_int_equal(setenv("HWLOC_SYNTHETIC", "pack:1 l3:2(size=4194304) core:2 pu:1", 1), 0);
    assert_int_equal(caches_guess(), 8 * MIB);
    assert_int_equal(unsetenv("HWLOC_SYNTHETIC"), 0);
}

static void expect_place_on(const char *machine, const char *threads, const char *affinity,
                            const char *processors) {
    hwloc_topology_t topology = synthetic(machine);
    struct vms_error error = {""};
    struct place place;
    char text[64];

    if (place_resolve(topology, threads, affinity, &place, &error) < 0)
        fail_msg("%s, %s: %s", threads, affinity, error.text);
    place_format(&place, text, sizeof(text));
    assert_string_equal(text, processors);
    hwloc_topology_destroy(topology);
}

static void expect_place(const char *threads, const char *affinity, const char *processors) {
    expect_place_on("pack:2 core:2 pu:2", threads, affinity, processors);
}

static void place__auto_follows_the_memory(void **state) {
    (void)state;
    expect_place_on("pack:2 core:2 pu:1", "2", "auto", "none");
    expect_place_on("numa:2 core:2 pu:1", "2", "auto", "0 2");
}

static void place__spread_and_compact(void **state) {
    (void)state;
    expect_place("2", "compact", "0 1");
    expect_place("2", "spread", "0 4");
    expect_place("cores", "spread", "0 2 4 6");
    expect_place("cores", "compact", "0 1 2 3");
    expect_place("all", "compact", "0 1 2 3 4 5 6 7");
    expect_place("0", "none", "none");
    expect_place("9", "compact", "0 1 2 3 4 5 6 7 0");
}

static void place__lists(void **state) {
    (void)state;
    expect_place("list", "6,1-3", "6 1 2 3");
    expect_place("3", "7,0", "7 0 7");
}

static void expect_no_place(const char *threads, const char *affinity, const char *text) {
    hwloc_topology_t topology = synthetic("pack:2 core:2 pu:2");
    struct vms_error error = {""};
    struct place place;

    assert_int_equal(place_resolve(topology, threads, affinity, &place, &error), -EINVAL);
    if (!strstr(error.text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, error.text);
    hwloc_topology_destroy(topology);
}

static void place__refuses(void **state) {
    (void)state;
    expect_no_place("list", "spread", "not a list");
    expect_no_place("1", "8", "processor 8");
    expect_no_place("1", "3-1", "\"3-1\"");
    expect_no_place("1", "0,", "\"0,\"");
    expect_no_place("1", "", "\"\"");
    expect_no_place("5000", "none", "\"5000\"");
    expect_no_place("-1", "none", "\"-1\"");
    expect_no_place("2x", "none", "\"2x\"");
}

static void place__can_be_read_for_any_machine(void **state) {
    static const char *const good[][2] = {
        {"all", "auto"}, {"cores", "spread"}, {"4096", "none"}, {"list", "9999,3-5"}};
    static const char *const bad[][2] = {{"list", "compact"}, {"4097", "auto"}, {"x", "auto"}, {"1", "3-"}};
    struct vms_error error = {""};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(good); i++)
        if (place_check(good[i][0], good[i][1], &error) < 0)
            fail_msg("%s", error.text);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(place_check(bad[i][0], bad[i][1], &error), -EINVAL);
}

static const struct caches cache_32 = {.last_level = 32 * MIB, .count = 1, .level = 3, .source = "hwloc"};

static void array_size__four_times_the_caches(void **state) {
    struct vms_error error = {""};
    struct array_size size;

    (void)state;
    assert_int_equal(array_size_decide(0, &cache_32, 1024 * MIB, "free memory", &size, &error), 0);
    assert_int_equal(size.bytes, 128 * MIB);
    assert_string_equal(size.rule, "4 times the last-level caches");
}

static void array_size__less_where_memory_is_short(void **state) {
    struct vms_error error = {""};
    struct array_size size;

    (void)state;
    assert_int_equal(array_size_decide(0, &cache_32, 300 * MIB, "cgroup limit", &size, &error), 0);
    assert_int_equal(size.bytes, 100 * MIB);
    assert_non_null(strstr(size.rule, "the cgroup limit allows no more"));
}

static void array_size__too_little_memory_names_the_sizes(void **state) {
    struct vms_error error = {""};
    struct array_size size;

    (void)state;
    assert_int_equal(array_size_decide(0, &cache_32, 100 * MIB, "free memory", &size, &error), -ENOMEM);
    assert_non_null(strstr(error.text, "three arrays of 44739243 bytes"));
    assert_non_null(strstr(error.text, "the free memory leaves 104857600"));
    assert_int_equal(array_size_decide(64 * MIB, &cache_32, 100 * MIB, "free memory", &size, &error),
                     -ENOMEM);
    assert_non_null(strstr(error.text, "three arrays of 67108864 bytes need 201326592 bytes"));
}

/* A limit that was asked for is no lack of memory: the case is unsupported, with what it would take. */
static void array_size__within_a_limit(void **state) {
    const struct caches large = {.last_level = 250 * 1000 * 1000},
                        too_large = {.last_level = 250 * 1000 * 1000 + 3};
    struct vms_error error = {""};
    struct array_size size;

    (void)state;
    assert_int_equal(array_size_decide(0, &cache_32, 300 * MIB, "memory_limit", &size, &error), 0);
    assert_int_equal(size.bytes, 100 * MIB);
    assert_string_equal(size.rule,
                        "less than 4 times the last-level caches: the memory_limit allows no more");
    assert_int_equal(array_size_decide(0, &large, 1000000000, "memory_limit", &size, &error), -ENOTSUP);
    assert_int_equal(array_size_decide(0, &too_large, 1000000000, "memory_limit", &size, &error), -ENOTSUP);
    assert_string_equal(
        error.text,
        "three arrays of 333333338 bytes need 1000000014 bytes, and less would be measured in the "
        "caches; memory_limit is 1000000000: give a larger one");
    assert_int_equal(array_size_decide(0, &too_large, 1000000000, "free memory", &size, &error), -ENOMEM);
}

static void array_size__as_given(void **state) {
    struct vms_error error = {""};
    struct array_size size;

    (void)state;
    assert_int_equal(array_size_decide(64 * MIB + 8, &cache_32, 1024 * MIB, "free memory", &size, &error), 0);
    assert_int_equal(size.bytes, 64 * MIB);
    assert_string_equal(size.rule, "as given, 2 times the last-level caches");
}

/* Two chains of lines of 64 bytes in 1,000 MiB. */
static int decide(uint64_t wanted, uint64_t last_level, struct size *ret_size, struct vms_error *error) {
    const struct size_need need = {wanted, last_level, .line_bytes = 64, .chains = 2};
    const struct room room = {.bytes = 1000 << 20, .source = "free memory"};

    return size_decide(&need, &room, ret_size, error);
}

static void size__of_a_chase(void **state) {
    struct vms_error error = {""};
    struct size size;

    (void)state;
    assert_int_equal(decide(0, 100 << 20, &size, &error), 0);
    assert_int_equal(size.bytes, 400 << 20);
    assert_string_equal(size.rule, "4 times the last-level caches");
    assert_int_equal(decide(100001, 100 << 20, &size, &error), 0);
    assert_int_equal(size.bytes, 100001 / 64 * 64);
    assert_string_equal(size.rule, "as given");
    assert_int_equal(decide(0, 150 << 20, &size, &error), 0);
    assert_int_equal(size.bytes, 500 << 20);
    assert_non_null(strstr(size.rule, "the free memory allows no more"));
    assert_int_equal(decide(0, 300 << 20, &size, &error), -ENOMEM);
    assert_non_null(strstr(error.text, "2 chain(s) of 629145600 bytes do not fit: the free memory leaves"));
    assert_int_equal(decide(600 << 20, 100 << 20, &size, &error), -ENOMEM);
    assert_int_equal(decide(4095, 100 << 20, &size, &error), -EINVAL);
}

static void region__too_large(void **state) {
    struct vms_error error = {""};
    struct region region;

    (void)state;
    assert_int_equal(region_map(SIZE_MAX, REGION_SYSTEM, "everything", &region, &error), -ENOMEM);
    assert_non_null(strstr(error.text, "everything: 18446744073709551615 bytes"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(room__free_memory, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__group_without_limit, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__none_is_none, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__of_kernels_that_do_not_say, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__cgroup_v2_parent_is_the_limit, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__cgroup_v1, make_root, remove_root),
        cmocka_unit_test_setup_teardown(room__cgroup_used_up, make_root, remove_root),
        cmocka_unit_test(caches__all_of_the_last_level),
        cmocka_unit_test(caches__beyond_belief_are_cut_off),
        cmocka_unit_test(caches__none_are_assumed),
        cmocka_unit_test(caches__are_guessed_from_the_machine),
        cmocka_unit_test(place__can_be_read_for_any_machine),
        cmocka_unit_test(place__spread_and_compact),
        cmocka_unit_test(place__auto_follows_the_memory),
        cmocka_unit_test(place__lists),
        cmocka_unit_test(place__refuses),
        cmocka_unit_test(array_size__four_times_the_caches),
        cmocka_unit_test(array_size__less_where_memory_is_short),
        cmocka_unit_test(array_size__too_little_memory_names_the_sizes),
        cmocka_unit_test(array_size__within_a_limit),
        cmocka_unit_test(array_size__as_given),
        cmocka_unit_test(size__of_a_chase),
        cmocka_unit_test(region__too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
