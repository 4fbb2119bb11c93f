/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/collect/spill.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROWS 3
#define NUMBERS (5 * SPILL_PAGE + 17)

/* The number that stands at `index` of a row. */
static double number(size_t row, size_t index) {
    return (double)(row * 1000000 + index);
}

static void fill(struct spill *spill, struct spill_row rows[ROWS]) {
    for (size_t i = 0; i < NUMBERS; i++)
        for (size_t j = 0; j < ROWS; j++) {
            double value = number(j, i);

            assert_int_equal(spill_append(spill, &rows[j], &value, 1), 0);
        }
}

static void spill__gives_back_rows_that_grew_in_turn(void **state) {
    struct spill *spill = spill_new();
    struct spill_row rows[ROWS] = {{0}};
    double values[7];

    (void)state;
    fill(spill, rows);
    for (size_t j = 0; j < ROWS; j++) {
        struct spill_reader reader;

        assert_int_equal(spill_reader_init(&reader, spill, &rows[j]), 0);
        for (size_t i = 0, n; i < NUMBERS; i += n) {
            n = NUMBERS - i < 7 ? NUMBERS - i : 7;
            assert_int_equal(spill_next(&reader, i % 2 ? NULL : values, n), 0);
            for (size_t k = 0; i % 2 == 0 && k < n; k++)
                assert_true(values[k] == number(j, i + k));
        }
        spill_reader_done(&reader);
        spill_row_done(&rows[j]);
    }
    spill_free(spill);
}

static void spill__keeps_a_page_of_a_row_in_memory(void **state) {
    struct spill *spill = spill_new();
    struct spill_row rows[ROWS] = {{0}};

    (void)state;
    fill(spill, rows);
    for (size_t j = 0; j < ROWS; j++) {
        assert_int_equal(rows[j].n_full, 5);
        assert_true(rows[j].capacity <= SPILL_PAGE);
        spill_row_done(&rows[j]);
    }
    spill_free(spill);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spill__gives_back_rows_that_grew_in_turn),
        cmocka_unit_test(spill__keeps_a_page_of_a_row_in_memory),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
