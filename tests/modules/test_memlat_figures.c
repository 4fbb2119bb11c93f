/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memlat module's figures on a scripted clock, which keeps an account of its own of how many loads a
 * block has, and the kernel's scripted word on huge pages. */
#include "fakes/fake_host.h"
#include "modules/mapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/expect.h"

#define EXPORT __attribute__((visibility("default")))

#define STEP_NS 100
#define STEP_CALLS 200     /* the clock's step is asked for a hundred times */
#define LEAST_NS 100000    /* a block takes a thousand steps at the least */
#define FIRST_LOADS 1024   /* the first block; each other has twice as many */
#define SIZING_LOAD_NS 10U /* while blocks are sized: 16384 loads are enough */

/* Of one load in each block that counts, so that the fourth passes 10 ms: the median is 225 ns, the mean
 * another. */
static const unsigned block_load_ns[] = {100, 300, 150, 900};
#define BLOCKS VMS_LENGTH(block_load_ns)

static struct {
    uint64_t now_ns;
    unsigned call, block, divisor; /* the second chase takes half as long */
    uint64_t loads;
    bool sized;
    void (*meddle)(const struct fake_host *fake); /* what is done at the first look at the clock */
} script;
static unsigned huge_percent10; /* what smaps says of the last mapping, in tenths of a percent */
static bool smaps_is_refused;

EXPORT FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen");
EXPORT FILE *fake_fopen64(const char *path, const char *mode) __asm__("fopen64");

/* Another mapping lies before ours, all in huge pages. */
static FILE *open_smaps(void) {
    static char text[512];

    if (smaps_is_refused) {
        errno = EACCES;
        return NULL;
    }
    (void)snprintf(text, sizeof(text),
                   "1000-2000 rw-p 00000000 00:00 0\nRss: 8000 kB\nAnonHugePages: 8000 kB\n"
                   "%lx-%lx rw-p 00000000 00:00 0\nRss: 1000 kB\nAnonHugePages: %u kB\n",
                   (unsigned long)(uintptr_t)mapped_last, (unsigned long)(uintptr_t)mapped_last + 1,
                   huge_percent10);
    return fmemopen(text, strlen(text), "r");
}

FILE *fake_fopen64(const char *path, const char *mode) {
    static FILE *(*real)(const char *path, const char *mode);
    void *symbol = real ? NULL : dlsym(RTLD_NEXT, "fopen64");

    if (symbol)
        memcpy(&real, &symbol, sizeof(real));
    return strcmp(path, "/proc/self/smaps") == 0 ? open_smaps() : real(path, mode);
}

FILE *fake_fopen(const char *path, const char *mode) {
    return fake_fopen64(path, mode);
}

static void begin_chase(unsigned divisor) {
    script.call = script.block = 0;
    script.loads = FIRST_LOADS;
    script.sized = false;
    script.divisor = divisor;
}

/* Calls in turn: begin and end of each block, and where blocks count, a look behind each. */
static uint64_t take_turn(unsigned turn) {
    unsigned place = script.sized ? turn % 3 : turn % 2;
    uint64_t load_ns = (script.sized ? block_load_ns[script.block] : SIZING_LOAD_NS) / script.divisor;

    if (place == 1)
        script.now_ns += script.loads * load_ns;
    if (place == 1 && !script.sized) {
        if (script.loads * load_ns >= LEAST_NS) {
            script.sized = true;
            script.call = STEP_CALLS - 1; /* the next call is the beginning of all blocks */
        } else {
            script.loads *= 2;
        }
    }
    if (place == 2 && ++script.block == BLOCKS)
        begin_chase(2);
    return script.now_ns;
}

static uint64_t scripted_now(void *context) {
    const struct fake_host *fake = context;
    unsigned call = script.call++;

    if (!fake->measuring)
        return script.now_ns;
    if (script.meddle)
        script.meddle(fake);
    script.meddle = NULL;
    if (call < STEP_CALLS && !script.sized)
        return script.now_ns += STEP_NS;
    if (call < STEP_CALLS) /* the one look before the blocks that count */
        return script.now_ns;
    return take_turn(call - STEP_CALLS);
}

static void start(struct fake_host *fake, const char *pages) {
    fake_host_init(fake, "memlat");
    fake_host_set(fake, "size", "4MiB");
    fake_host_set(fake, "pages", pages);
    fake_host_set(fake, "seconds", "10ms");
    fake->host.now = scripted_now;
    memset(&script, 0, sizeof(script));
    script.now_ns = 1000000000;
    begin_chase(1);
}

static void load__is_the_median_of_the_blocks(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "none");
    expect_success(&fake);
    assert_int_equal(fake.trial.n_metrics, 1);
    expect_near(fake_host_value(&fake, "load"), 225e-9);
    assert_string_equal(fake_host_fact(&fake, "working_set_bytes"), "4194304");
    assert_string_equal(fake_host_fact(&fake, "size_rule"), "as given");
    assert_true(fake_host_fact(&fake, "llc_source")[0] != '\0');
    fake_host_done(&fake);
}

static void page_walk__is_what_small_pages_take_longer(void **state) {
    struct fake_host fake;

    (void)state;
    huge_percent10 = 900;
    start(&fake, "both");
    expect_success(&fake);
    assert_int_equal(fake.trial.n_metrics, 3);
    expect_first(&fake, "load");
    expect_near(fake_host_value(&fake, "load"), 225e-9);
    expect_near(fake_host_value(&fake, "load_huge"), 112.5e-9);
    expect_near(fake_host_value(&fake, "page_walk"), 112.5e-9);
    assert_string_equal(fake_host_fact(&fake, "huge_pages"), "90 % of the memory");
    assert_null(fake_host_fact(&fake, "load_huge"));
    fake_host_done(&fake);
}

static void huge__is_nine_tenths_at_the_least(void **state) {
    struct fake_host fake;

    (void)state;
    huge_percent10 = 899;
    start(&fake, "both");
    expect_success(&fake);
    assert_int_equal(fake.trial.n_metrics, 1);
    expect_near(fake_host_value(&fake, "load"), 225e-9);
    assert_string_equal(fake_host_fact(&fake, "huge_pages"), "89.9 % of the memory");
    assert_string_equal(fake_host_fact(&fake, "load_huge"), "not measured: the kernel gave no huge pages");
    fake_host_set(&fake, "pages", "thp");
    begin_chase(1);
    expect_failure(&fake, -ENOTSUP, "huge pages for only 89.9 % of the memory");
    fake_host_done(&fake);
}

/* What may not be read is no proof that there are none. */
static void huge__that_cannot_be_seen_is_unknown(void **state) {
    struct fake_host fake;

    (void)state;
    smaps_is_refused = true;
    start(&fake, "both");
    expect_success(&fake);
    assert_int_equal(fake.trial.n_metrics, 1);
    assert_string_equal(fake_host_fact(&fake, "huge_pages"), "unknown: smaps: Permission denied");
    assert_string_equal(fake_host_fact(&fake, "load_huge"),
                        "not measured: whether the memory lies in huge pages is unknown");
    fake_host_set(&fake, "pages", "thp");
    begin_chase(1);
    expect_failure(&fake, -ENOTSUP, "huge pages is unknown: smaps: Permission denied");
    smaps_is_refused = false;
    fake_host_done(&fake);
}

/* Where there is a pool of huge pages, all of the memory is from it. */
static void huge__from_the_pool(void **state) {
    struct fake_host fake;

    (void)state;
    mapped_left_out = MAP_HUGETLB;
    huge_percent10 = 1000;
    start(&fake, "hugetlb");
    expect_success(&fake);
    mapped_left_out = 0;
    assert_int_equal(fake.trial.n_metrics, 1);
    expect_near(fake_host_value(&fake, "load_huge"), 225e-9);
    assert_string_equal(fake_host_fact(&fake, "huge_pages"), "100 % of the memory");
    fake_host_done(&fake);
}

/* The line that follows another says so by its place in the cycle; all places are moved on by one. */
static void move_places(const struct fake_host *fake) {
    size_t line_bytes = strtoul(fake_host_fact(fake, "line_bytes"), NULL, 10);
    size_t lines = strtoul(fake_host_fact(fake, "working_set_bytes"), NULL, 10) / line_bytes;

    for (size_t i = 0; i < lines; i++) {
        uint64_t *ordinal = (uint64_t *)mapped_start() + i * line_bytes / sizeof(uint64_t) + 1;

        *ordinal = (*ordinal + 1) % lines;
    }
}

static void place__at_the_end_is_checked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "none");
    script.meddle = move_places;
    expect_failure(&fake, -EBADMSG, "of the cycle, not ");
    fake_host_done(&fake);
}

/* The last line leads to itself; a line leads beside a line. */
static void spoil_last(const struct fake_host *fake) {
    size_t line_bytes = strtoul(fake_host_fact(fake, "line_bytes"), NULL, 10);
    size_t bytes = strtoul(fake_host_fact(fake, "working_set_bytes"), NULL, 10);
    char **last = (char **)mapped_start() + (bytes - line_bytes) / sizeof(char *);

    script.meddle = NULL;
    *last = (char *)last;
}

static void links__are_checked_to_the_last(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "none");
    script.meddle = spoil_last;
    expect_failure(&fake, -EBADMSG, "verification failed: line 65535 of 65536");
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__is_the_median_of_the_blocks),
        cmocka_unit_test(page_walk__is_what_small_pages_take_longer),
        cmocka_unit_test(huge__is_nine_tenths_at_the_least),
        cmocka_unit_test(huge__that_cannot_be_seen_is_unknown),
        cmocka_unit_test(huge__from_the_pool),
        cmocka_unit_test(place__at_the_end_is_checked),
        cmocka_unit_test(links__are_checked_to_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
