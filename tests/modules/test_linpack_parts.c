/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the linpack module is made of: its systems, and the residual that judges a solution, by hand. */
#include "linpack/batch.h"
#include "linpack/system.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* HPL's generator from seed 3: x' = 6364136223846793005 x + 1 mod 2^64, its upper 53 bits less a half. */
static void system__is_made_from_its_seed(void **state) {
    double matrix[4], side[2];
    float matrix_f[4], side_f[2];
    uint64_t x = 3;

    (void)state;
    system_generate(3, 2, true, matrix, side);
    system_generate(3, 2, false, matrix_f, side_f);
    for (size_t i = 0; i < 6; i++) {
        double expected;

        x = x * UINT64_C(6364136223846793005) + 1;
        expected = (double)(x >> 11) / 9007199254740992.0 - 0.5;
        assert_true((i < 4 ? matrix[i] : side[i - 4]) == expected);
        assert_true((i < 4 ? matrix_f[i] : side_f[i - 4]) == (float)expected);
    }
}

/* Columns (4, -0.5) and (2, 0.125): the largest row sum is 6; b = (1, -0.25), x = (0.25, -0.125):
 * A x - b = (1 - 0.25 - 1, -0.125 - 0.015625 + 0.25) = (-0.25, 0.109375). All of it is exact in binary. */
static void residual__by_hand(void **state) {
    static const double matrix[] = {4, -0.5, 2, 0.125}, side[] = {1, -0.25}, solution[] = {0.25, -0.125};
    static const float matrix_f[] = {4, -0.5F, 2, 0.125F}, side_f[] = {1, -0.25F},
                       solution_f[] = {0.25F, -0.125F};
    double row[2];

    (void)state;
    expect(system_residual(2, true, matrix, side, solution, row), 0.25 / (6 * 0.25 * 2 * 0x1p-53));
    expect(system_residual(2, false, matrix_f, side_f, solution_f, row), 0.25 / (6 * 0.25 * 2 * 0x1p-24));
}

/* Where all is small, norms are what they are, too; and what is no number spoils them wherever it stands. */
static void residual__of_small_numbers_and_of_none(void **state) {
    static const double matrix[] = {0.25, 0, 0, 0.125}, side[] = {0.0625, 0}, right[] = {0.25, 0},
                        wrong[] = {0.125, 0.0625};
    double row[2];

    (void)state;
    assert_true(system_residual(2, true, matrix, side, right, row) == 0);
    /* A x - b = (0.03125 - 0.0625, 0.0078125) */
    expect(system_residual(2, true, matrix, side, wrong, row), 0.03125 / (0.25 * 0.125 * 2 * 0x1p-53));
    for (size_t i = 0; i < 2; i++) {
        double spoilt[] = {0.25, 0}, sides[] = {0.0625, 0}, matrices[] = {0.25, 0, 0, 0.125};

        spoilt[i] = NAN;
        assert_true(isnan(system_residual(2, true, matrix, side, spoilt, row)));
        sides[i] = NAN;
        assert_true(isnan(system_residual(2, true, matrix, sides, right, row)));
        matrices[3 * i] = NAN;
        assert_true(isnan(system_residual(2, true, matrices, side, right, row)));
    }
}

/* The solutions of each round are kept and judged, each against its own system. */
static void batch__each_solution_of_each_round_is_judged(void **state) {
    struct vms_error error = {""};
    struct batch batch;
    double largest = -1;

    (void)state;
    assert_int_equal(batch_init(1, true, 3, 5, &batch, &error), 0);
    assert_int_equal(batch.rounds, 64 / 3);
    for (size_t spoilt = 0; spoilt < 7; spoilt++) { /* the last: none */
        for (size_t round = 0; round < 2; round++) {
            batch_reset(&batch);
            for (size_t i = 0; i < 3; i++) {
                double *matrix = batch_matrix(&batch, i), *side = batch_side(&batch, i);

                *side /= *matrix;
                if (spoilt == 3 * round + i)
                    *side += 1e-3;
            }
            batch_keep(&batch, round);
        }
        if (spoilt == 6) {
            assert_int_equal(batch_check(&batch, 2, &largest, &error), 0);
            assert_true(largest >= 0 && largest < 2);
        } else {
            char expected[128];

            (void)snprintf(expected, sizeof(expected),
                           "verification failed: system %zu of 3 (order 1, seed %zu) has", spoilt % 3 + 1,
                           5 + spoilt % 3);
            assert_int_equal(batch_check(&batch, 2, &largest, &error), -EBADMSG);
            assert_memory_equal(error.text, expected, strlen(expected));
        }
    }
    batch_done(&batch);
}

static void batch__that_is_larger_than_memory(void **state) {
    struct vms_error error = {""};
    struct batch batch;

    (void)state;
    assert_int_equal(batch_init(10000000, true, 1, 5, &batch, &error), -ENOMEM);
    assert_non_null(strstr(error.text, "1 system(s) of order 10000000 need 16"));
    assert_non_null(strstr(error.text, ": give a smaller n or more memory"));
}

static void batch__bytes(void **state) {
    (void)state;
    /* Two systems of (4 + 2) * 8 bytes, each rounded up to 64, made and worked on; 64 / 2 rounds of two
     * solutions of 16 bytes; a row and the pivots. */
    assert_int_equal(batch_bytes(2, true, 2), 2 * 2 * 64 + 32 * 2 * 16 + 2 * 12);
    assert_int_equal(batch_bytes(2, false, 64), 2 * 64 * 64 + 64 * 8 + 2 * 12);
    assert_int_equal(batch_bytes(2, false, 65), 2 * 65 * 64 + 576 + 2 * 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system__is_made_from_its_seed),
        cmocka_unit_test(residual__by_hand),
        cmocka_unit_test(residual__of_small_numbers_and_of_none),
        cmocka_unit_test(batch__each_solution_of_each_round_is_judged),
        cmocka_unit_test(batch__that_is_larger_than_memory),
        cmocka_unit_test(batch__bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
