/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block module's plan, stamps and media by themselves. */
#include "block/figures.h"
#include "block/pass/plan.h"
#include "block/target/medium.h"
#include "block/whose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static const struct vms_host host = {.seed = 9};

static struct job make_job(enum job_operation operation) {
    return (struct job){.host = &host,
                        .operation = operation,
                        .block_size = 1024,
                        .n_blocks = 1000,
                        .bytes = 1024000,
                        .n_ops = 1000,
                        .read_percent = 30};
}

static void plan__random_order_moves_each_block_once(void **state) {
    struct job job = make_job(JOB_RANDWRITE);
    unsigned char seen[1000] = {0};
    struct plan plan;
    uint64_t in_place = 0;

    (void)state;
    assert_int_equal(plan_init(&plan, &job, NULL), 0);
    for (uint64_t i = 0; i < plan.n_ops; i++) {
        assert_true(plan_block(&plan, i) <= 999);
        assert_int_equal(seen[plan_block(&plan, i)]++, 0);
        in_place += plan_block(&plan, i) == i;
    }
    assert_true(in_place <= 20); /* one is expected of a shuffle */
    plan_done(&plan);
}

static void plan__same_seed_same_order(void **state) {
    struct job job = make_job(JOB_RANDREAD), other = job;
    struct vms_host other_host = {.seed = 10};
    struct plan a, b, c;

    (void)state;
    other.host = &other_host;
    assert_int_equal(plan_init(&a, &job, NULL), 0);
    assert_int_equal(plan_init(&b, &job, NULL), 0);
    assert_int_equal(plan_init(&c, &other, NULL), 0);
    assert_memory_equal(a.order, b.order, 1000 * sizeof(*a.order));
    assert_memory_not_equal(a.order, c.order, 1000 * sizeof(*a.order));
    plan_done(&a);
    plan_done(&b);
    plan_done(&c);
}

static void plan__marks_are_what_it_writes(void **state) {
    struct job job = make_job(JOB_RANDRW);
    struct plan plan;
    uint64_t written = 0, marked = 0;

    (void)state;
    job.n_ops = 400;
    assert_int_equal(plan_init(&plan, &job, NULL), 0);
    for (uint64_t i = 0; i < plan.n_ops; i++) {
        assert_int_equal(plan_wrote(&plan, plan_block(&plan, i)), plan_is_write(&plan, i));
        written += plan_is_write(&plan, i);
    }
    for (uint64_t block = 0; block < job.n_blocks; block++)
        marked += plan_wrote(&plan, block);
    assert_int_equal(marked, written);
    assert_true(written >= 240 && written <= 320); /* 70 % of 400, give or take 4 deviations */
    plan_done(&plan);

    job = make_job(JOB_READ);
    assert_int_equal(plan_init(&plan, &job, NULL), 0);
    assert_false(plan_wrote(&plan, 0));
    plan_done(&plan);
}

static void plan__refuses_more_blocks_than_it_can_number(void **state) {
    struct job job = make_job(JOB_RANDREAD);
    struct vms_error error;
    struct plan plan;

    (void)state;
    job.n_blocks = UINT64_C(1) << 32;
    assert_int_equal(plan_init(&plan, &job, &error), -22);
    assert_string_equal(error.text,
                        "4294967296 blocks are too many for a random order: choose a larger block_size");
}

static void pool__judges_sectors(void **state) {
    struct pool_stamp stamp;
    struct pool pool;
    unsigned char *block;

    (void)state;
    assert_int_equal(pool_init(&pool, 1024, 1, false, 5, NULL), 0);
    block = pool_stamp(&pool, 3, 4096, 77);
    assert_int_equal(pool_judge(block, 4096, 77, 5, &stamp), POOL_GOOD);
    assert_int_equal(pool_judge(block + 512, 4608, 77, 5, &stamp), POOL_GOOD);
    assert_int_equal(pool_judge(block, 4096, 78, 5, &stamp), POOL_STALE);
    assert_int_equal(stamp.generation, 77);
    assert_int_equal(pool_judge(block, 8192, 77, 5, &stamp), POOL_MISPLACED);
    assert_int_equal(stamp.offset, 4096);
    assert_int_equal(pool_judge(block, 4096, 77, 6, &stamp), POOL_DAMAGED);
    pool_done(&pool);
}

static void pool__notices_every_flipped_bit(void **state) {
    (void)state;
    for (int compressible = 0; compressible < 2; compressible++) {
        struct pool_stamp stamp;
        struct pool pool;
        unsigned char *block;

        assert_int_equal(pool_init(&pool, 512, 1, compressible, 5, NULL), 0);
        block = pool_stamp(&pool, 0, 0, 1);
        for (unsigned bit = 0; bit < 512 * 8; bit++) {
            block[bit / 8] ^= (unsigned char)(1U << bit % 8);
            assert_int_equal(pool_judge(block, 0, 1, 5, &stamp), POOL_DAMAGED);
            block[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
        assert_int_equal(pool_judge(block, 0, 1, 5, &stamp), POOL_GOOD);
        pool_done(&pool);
    }
}

static void pool__of_zeros_holds_only_stamps(void **state) {
    struct pool pool;
    unsigned char *block;

    (void)state;
    assert_int_equal(pool_init(&pool, 4096, 1, true, 5, NULL), 0);
    block = pool_stamp(&pool, 0, 0, 1);
    for (unsigned at = 0; at < 4096; at++)
        if (at % 512 >= sizeof(struct pool_stamp))
            assert_int_equal(block[at], 0);
    pool_done(&pool);
}

/* A made-up /sys: the devices of the tests below, by number. */
static char sysfs[] = "/tmp/vmsuite-sys-XXXXXX";

static const char make_sysfs[] =
    "cd '%s' && mkdir -p dev/block devices/pci/vda/vda1 devices/virtual/block/zram0 "
    "devices/virtual/block/nbd1"
    " devices/virtual/block/loop7/loop devices/virtual/block/loop8/loop devices/virtual/block/dm-0/slaves"
    " devices/virtual/nvme-fabrics/ctl/nvme0/nvme0n1 devices/platform/host3/session1/target/block/sdb"
    " devices/virtual/block/dm-1/slaves devices/virtual/block/ramble0 &&"
    " echo 1 >devices/pci/vda/vda1/partition &&"
    " echo /no/such/file >devices/virtual/block/loop7/loop/backing_file && echo 0 "
    ">devices/virtual/block/loop7/loop/dio &&"
    " echo /no/such/file >devices/virtual/block/loop8/loop/backing_file && echo 1 "
    ">devices/virtual/block/loop8/loop/dio &&"
    " ln -s ../../../../../devices/virtual/block/loop7 devices/virtual/block/dm-0/slaves/loop7 &&"
    " ln -s ../../../../../devices/virtual/block/dm-0 devices/virtual/block/dm-1/slaves/dm-0 &&"
    " ln -s ../../devices/pci/vda dev/block/254:0 && ln -s ../../devices/pci/vda/vda1 dev/block/254:1 &&"
    " ln -s ../../devices/virtual/block/zram0 dev/block/252:0 &&"
    " ln -s ../../devices/virtual/block/nbd1 dev/block/43:1 &&"
    " ln -s ../../devices/virtual/block/loop7 dev/block/7:7 &&"
    " ln -s ../../devices/virtual/block/loop8 dev/block/7:8 &&"
    " ln -s ../../devices/virtual/block/dm-1 dev/block/253:1 &&"
    " ln -s ../../devices/virtual/block/ramble0 dev/block/240:0 &&"
    " ln -s ../../devices/virtual/nvme-fabrics/ctl/nvme0/nvme0n1 dev/block/259:0 &&"
    " mkdir -p devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1 devices/pci0/nvme2 "
    "devices/virtual/block/nullb0"
    " devices/virtual/nvme-subsystem/nvme-subsys2/nvme2n1 devices/virtual/nvme-fabrics/ctl/nvme1"
    " 'devices/virtual/block/etherd!e0.0' &&"
    " echo tcp > devices/virtual/nvme-fabrics/ctl/nvme1/transport && echo pcie > "
    "devices/pci0/nvme2/transport &&"
    " ln -s ../../nvme-fabrics/ctl/nvme1 devices/virtual/nvme-subsystem/nvme-subsys1/nvme1 &&"
    " ln -s ../../../pci0/nvme2 devices/virtual/nvme-subsystem/nvme-subsys2/nvme2 &&"
    " ln -s ../../devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1 dev/block/259:5 &&"
    " ln -s ../../devices/virtual/nvme-subsystem/nvme-subsys2/nvme2n1 dev/block/259:6 &&"
    " ln -s ../../devices/virtual/block/nullb0 dev/block/251:0 &&"
    " ln -s '../../devices/virtual/block/etherd!e0.0' dev/block/152:0 &&"
    " mkdir -p devices/pci/host5/rport-5:0-1/target5:0:1/5:0:1:0/block/sdc &&"
    " ln -s ../../devices/pci/host5/rport-5:0-1/target5:0:1/5:0:1:0/block/sdc dev/block/8:32 &&"
    " ln -s ../../devices/platform/host3/session1/target/block/sdb dev/block/8:16";

static const struct {
    struct medium_clues clues;
    enum medium_kind kind;
    bool behind;
    const char *name;
} judged[] = {
    {{0xef53, 0, false, true, 0}, MEDIUM_DEVICE, false, "ext4"},
    {{0xef53, 254 << 8, false, true, 0}, MEDIUM_DEVICE, false, "ext4 on vda"},
    {{0x58465342, 254 << 8 | 1, false, true, 0}, MEDIUM_DEVICE, false, "xfs on vda1"},
    {{0x01021994, 0, false, false, 0}, MEDIUM_MEMORY, false, "tmpfs"},
    {{0x858458f6, 0, false, false, 0}, MEDIUM_MEMORY, false, "ramfs"},
    {{0x958458f6, 0, false, false, 0}, MEDIUM_MEMORY, false, "hugetlbfs"},
    {{0x6969, 0, false, false, 0}, MEDIUM_NETWORK, false, "nfs"},
    {{0x0bd00bd0, 0, false, true, 0}, MEDIUM_NETWORK, false, "lustre"},
    {{0x01021997, 0, false, false, 0}, MEDIUM_NETWORK, false, "9p"},
    {{0x9123683e, 0, false, true, 0}, MEDIUM_DEVICE, false, "btrfs"},
    {{0x794c7630, 0, false, true, 0}, MEDIUM_DEVICE, false, "overlay"},
    {{0x794c7630, 0, false, false, 0}, MEDIUM_UNKNOWN, false, "overlay"},
    {{0x65735546, 0, false, false, 0}, MEDIUM_UNKNOWN, false, "fuse"},
    {{0x12345678, 0, false, false, 0}, MEDIUM_UNKNOWN, false, "an unknown file system"},
    {{0x12345678, 254 << 8, false, false, 0}, MEDIUM_DEVICE, false, "an unknown file system on vda"},
    {{0xef53, 252 << 8, false, true, 0}, MEDIUM_MEMORY, false, "ext4 on zram0"},
    {{0xef53, 43 << 8 | 1, false, true, 0}, MEDIUM_NETWORK, false, "ext4 on nbd1"},
    {{0xef53, 7 << 8 | 7, false, true, 0}, MEDIUM_DEVICE, true, "ext4 on loop7"},
    {{0xef53, 7 << 8 | 8, false, true, 0}, MEDIUM_DEVICE, false, "ext4 on loop8"},
    {{0xef53, 253 << 8 | 1, false, true, 0}, MEDIUM_DEVICE, true, "ext4 on dm-1"},
    {{0xef53, 259 << 8, false, true, 0}, MEDIUM_NETWORK, false, "ext4 on nvme0n1"},
    {{0, 8 << 8 | 16, true, false, 0}, MEDIUM_NETWORK, false, "sdb"},
    {{0, 254 << 8, true, false, 0}, MEDIUM_DEVICE, false, "vda"},
    {{0, 240 << 8, true, false, 0}, MEDIUM_DEVICE, false, "ramble0"},
    /* Several controllers lead to a disk: over TCP, and on this machine's bus. */
    {{0xef53, 259 << 8 | 5, false, true, 0}, MEDIUM_NETWORK, false, "ext4 on nvme1n1"},
    {{0xef53, 259 << 8 | 6, false, true, 0}, MEDIUM_DEVICE, false, "ext4 on nvme2n1"},
    {{0xef53, 251 << 8, false, true, 0}, MEDIUM_MEMORY, false, "ext4 on nullb0"},
    {{0xef53, 152 << 8, false, true, 0}, MEDIUM_NETWORK, false, "ext4 on etherd!e0.0"},
    {{0xef53, 8 << 8 | 32, false, true, 0}, MEDIUM_NETWORK, false, "ext4 on sdc"},
    /* A file system with numbers of its own lies on what its mount names. */
    {{0x9123683e, 44, false, true, 254 << 8 | 1}, MEDIUM_DEVICE, false, "btrfs on vda1"},
    {{0x9123683e, 44, false, true, 252 << 8}, MEDIUM_MEMORY, false, "btrfs on zram0"},
    {{0x9123683e, 44, false, true, 43 << 8 | 1}, MEDIUM_NETWORK, false, "btrfs on nbd1"},
    {{0x9123683e, 44, false, true, 7 << 8 | 7}, MEDIUM_DEVICE, true, "btrfs on loop7"},
    {{0x01021994, 44, false, false, 254 << 8}, MEDIUM_MEMORY, false, "tmpfs"},
};

static void medium__is_judged_by_clues(void **state) {
    char command[4096];

    (void)state;
    assert_non_null(mkdtemp(sysfs));
    (void)snprintf(command, sizeof(command), make_sysfs, sysfs);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < VMS_LENGTH(judged); i++) {
        struct medium_clues clues = judged[i].clues;
        struct medium medium;

        /* The table has major << 8 | minor. */
        clues.device = clues.device ? makedev(clues.device >> 8, clues.device & 0xff) : 0;
        clues.mounted = clues.mounted ? makedev(clues.mounted >> 8, clues.mounted & 0xff) : 0;
        medium_judge(&clues, sysfs, &medium);
        assert_string_equal(medium.name, judged[i].name);
        assert_int_equal(medium.kind, judged[i].kind);
        assert_int_equal(medium.is_cached_behind, judged[i].behind);
    }
    (void)snprintf(command, sizeof(command), "rm -r '%s'", sysfs);
    assert_int_equal(system(command), 0);
}

/* What the figures ask of other parts says nothing here. */
int whose_direct(const struct job *job, const struct cache_count *after, struct vms_error *error) {
    (void)job, (void)after, (void)error;
    return 0;
}

int whose_read(const struct job *job, const struct cache_count *before, struct vms_error *error) {
    (void)job, (void)before, (void)error;
    return 0;
}

int whose_write(const struct job *job, const struct cache_count *after, struct vms_error *error) {
    (void)job, (void)after, (void)error;
    return 0;
}

static struct {
    char fact[80];
    size_t n;
} said;

static int take_sample(void *context, unsigned metric, double value) {
    (void)context, (void)metric, (void)value;
    return 0;
}

static int take_distribution(void *context, unsigned metric, const double *values, size_t n) {
    (void)context, (void)metric, (void)values;
    said.n = n;
    return 0;
}

static int take_fact(void *context, const char *key, const char *value) {
    (void)context;
    (void)snprintf(said.fact, sizeof(said.fact), "%s: %s", key, value);
    return 0;
}

/* A million latencies at the most, evenly spread, and what that makes of the operations is said. */
static void latencies__of_many_operations_are_sampled(void **state) {
    static const struct {
        uint64_t n_ops, every;
        const char *fact;
    } rows[] = {{1, 1, ""},
                {1048576, 1, ""},
                {1048577, 2, "latency_sampled: one operation in 2"},
                {2097152, 2, "latency_sampled: one operation in 2"},
                {2097153, 3, "latency_sampled: one operation in 3"}};
    static const struct vms_host taking = {
        .sample = take_sample, .distribution = take_distribution, .fact = take_fact};
    double seconds[2] = {1e-3, 2e-3};
    struct job job = make_job(JOB_RANDREAD);

    (void)state;
    job.host = &taking;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct pass pass = {.job = &job, .latency_every = pass_latency_every(rows[i].n_ops)};
        struct pass_figures figures = {.seconds = 1, .ops = {[PASS_READ] = 10}};
        struct vms_error error = {""};

        memset(&said, 0, sizeof(said));
        pass.latencies[PASS_READ] = (struct pass_latencies){.seconds = seconds, .n = 2, .capacity = 2};
        assert_int_equal(pass.latency_every, rows[i].every);
        assert_true(pass_is_timed(&pass, 0));
        assert_true(pass_is_timed(&pass, rows[i].every));
        assert_int_equal(pass_is_timed(&pass, rows[i].every + 1), rows[i].every == 1);
        assert_int_equal(figures_report_way(&pass, &figures, PASS_READ, &error), 0);
        assert_int_equal(said.n, 2);
        assert_string_equal(said.fact, rows[i].fact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__random_order_moves_each_block_once),
        cmocka_unit_test(plan__same_seed_same_order),
        cmocka_unit_test(plan__marks_are_what_it_writes),
        cmocka_unit_test(plan__refuses_more_blocks_than_it_can_number),
        cmocka_unit_test(pool__judges_sectors),
        cmocka_unit_test(pool__notices_every_flipped_bit),
        cmocka_unit_test(pool__of_zeros_holds_only_stamps),
        cmocka_unit_test(medium__is_judged_by_clues),
        cmocka_unit_test(latencies__of_many_operations_are_sampled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
