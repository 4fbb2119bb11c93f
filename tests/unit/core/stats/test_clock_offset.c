/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/clock_offset.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <cmocka.h>

#define SIMULATIONS 1000
#define EXCHANGES 40

/* A peer's clock and the network to it. */
struct world {
    double rate;     /* peer seconds in one of ours */
    double offset_s; /* at our time 0 */
    double base_s;   /* of each way; the two ways differ by `skew` */
    double skew_s;
    double jitter_s; /* mean of an exponential */
    double step_s, step_at_s;
    double period_s;
};

static int64_t peer_clock(const struct world *world, double time_s) {
    double reading_s =
        world->offset_s + world->rate * time_s + (time_s >= world->step_at_s ? world->step_s : 0);

    return (int64_t)llround(reading_s * 1e9);
}

static void simulate(const struct world *world, gsl_rng *random, struct clock_exchange *ret) {
    double time_s = 1000;

    for (size_t i = 0; i < EXCHANGES; i++) {
        double there_s = world->base_s + world->skew_s + gsl_ran_exponential(random, world->jitter_s);
        double work_s = 20e-6 + gsl_ran_exponential(random, 10e-6);
        double back_s = world->base_s + gsl_ran_exponential(random, world->jitter_s);

        ret[i].sent_ns = (int64_t)llround(time_s * 1e9);
        time_s += there_s;
        ret[i].peer_received_ns = peer_clock(world, time_s);
        time_s += work_s;
        ret[i].peer_sent_ns = peer_clock(world, time_s);
        time_s += back_s;
        ret[i].received_ns = (int64_t)llround(time_s * 1e9);
        time_s += world->period_s;
    }
}

static const struct world good = {
    .rate = 1, .offset_s = -123.456, .base_s = 50e-6, .skew_s = 30e-6, .jitter_s = 200e-6, .period_s = 0.25};

/* 1,000 runs of 40 jittered exchanges each: a clock that is right is never flagged, and the truth lies within
 * every bound. */
static void clock_offset__good_clock(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct clock_exchange exchanges[EXCHANGES];

    (void)state;
    for (unsigned i = 0; i < SIMULATIONS; i++) {
        struct clock_offset offset;
        struct world world = good;

        world.rate = 1 + 100e-6 * (2 * gsl_rng_uniform(random) - 1); /* as crystals have it */
        simulate(&world, random, exchanges);
        clock_offset_estimate(exchanges, EXCHANGES, &offset);
        assert_false(offset.flagged);
        assert_true(offset.step_s == 0);
        assert_true(fabs(offset.rate_ppm - (world.rate - 1) * 1e6) <= offset.rate_bound_ppm + 1e-3);
        assert_true(offset.rate_bound_ppm < 100);
        /* The offset drifts by at most 100 ppm while the time goes from 1,000 s to 1,011 s. */
        assert_true(fabs(offset.offset_s - (world.offset_s + (world.rate - 1) * 1005)) <=
                    offset.offset_bound_s + 6 * 100e-6);
    }
    gsl_rng_free(random);
}

static void assert_flagged(double rate, double jitter_s) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct clock_exchange exchanges[EXCHANGES];
    struct world world = good;

    world.rate = rate;
    world.jitter_s = jitter_s;
    for (unsigned i = 0; i < SIMULATIONS; i++) {
        struct clock_offset offset;

        simulate(&world, random, exchanges);
        clock_offset_estimate(exchanges, EXCHANGES, &offset);
        assert_true(offset.flagged);
        assert_true(fabs(offset.rate_ppm - (rate - 1) * 1e6) <= offset.rate_bound_ppm + 1e-3);
    }
    gsl_rng_free(random);
}

static void clock_offset__fast_clock(void **state) {
    (void)state;
    assert_flagged(1.02, 200e-6);
    assert_flagged(1.02, 5e-3);
}

static void clock_offset__slow_clock(void **state) {
    (void)state;
    assert_flagged(0.98, 200e-6);
}

/* Delays too long for the time seen: the bound says so, and nothing is flagged that is unknown. */
static void clock_offset__too_little_to_tell(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct clock_exchange exchanges[EXCHANGES];
    struct clock_offset offset;
    struct world world = good;

    (void)state;
    world.rate = 1.02;
    world.period_s = 0;
    world.base_s = 20e-3;
    simulate(&world, random, exchanges);
    clock_offset_estimate(exchanges, 3, &offset);
    assert_true(offset.rate_bound_ppm > 20000);
    assert_false(offset.flagged);
    gsl_rng_free(random);
}

static void clock_offset__step(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct clock_exchange exchanges[EXCHANGES];
    struct clock_offset offset;
    struct world world = good;

    (void)state;
    world.step_s = 1;
    world.step_at_s = 1005;
    simulate(&world, random, exchanges);
    clock_offset_estimate(exchanges, EXCHANGES, &offset);
    assert_true(offset.step_s > 0.1);
    assert_true(offset.step_s <= 1);
    assert_true(offset.flagged);
    gsl_rng_free(random);
}

/* Computed by hand. */
static void clock_offset__two_exchanges(void **state) {
    static const struct clock_exchange exchanges[] = {
        {.sent_ns = 0, .peer_received_ns = 1060, .peer_sent_ns = 1080, .received_ns = 100},
        {.sent_ns = 1000000, .peer_received_ns = 1001040, .peer_sent_ns = 1001060, .received_ns = 1000080},
    };
    struct clock_offset offset;

    (void)state;
    clock_offset_estimate(exchanges, 2, &offset);
    assert_int_equal(offset.n, 2);
    assert_true(fabs(offset.delay_s - 60e-9) < 1e-15);
    assert_true(fabs(offset.offset_s - 1010e-9) < 1e-15);
    assert_true(fabs(offset.offset_bound_s - 30e-9) < 1e-15);
    /* Slopes: at most (1001040 - 1080) / (1000000 - 100), at least (1001060 - 1060) / (1000080 - 0). */
    assert_true(fabs(offset.rate_ppm - (1000000 / 1000080.0 + 999960 / 999900.0 - 2) / 2 * 1e6) < 1e-6);
    assert_true(fabs(offset.rate_bound_ppm - (999960 / 999900.0 - 1000000 / 1000080.0) / 2 * 1e6) < 1e-6);
}

static void clock_offset__too_few(void **state) {
    const struct clock_exchange exchange = {1, 2, 3, 4};
    struct clock_offset offset;

    (void)state;
    clock_offset_estimate(NULL, 0, &offset);
    assert_true(isnan(offset.offset_s) && isnan(offset.rate_ppm));
    assert_false(offset.flagged);
    clock_offset_estimate(&exchange, 1, &offset);
    assert_true(isfinite(offset.offset_s) && isnan(offset.rate_ppm) && isnan(offset.rate_bound_ppm));
    assert_false(offset.flagged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_offset__good_clock), cmocka_unit_test(clock_offset__fast_clock),
        cmocka_unit_test(clock_offset__slow_clock), cmocka_unit_test(clock_offset__too_little_to_tell),
        cmocka_unit_test(clock_offset__step),       cmocka_unit_test(clock_offset__two_exchanges),
        cmocka_unit_test(clock_offset__too_few),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
