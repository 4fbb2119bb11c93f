/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses and their intervals in words. */
#include "compare/words/words.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The interval of a rate, or of a time, that is `cost` times slower, within `ends`. */
static struct compare_finding finding_of(bool of_cost, double cost, double low, double high) {
    const double costs[] = {cost, low, high};
    double losses[3];

    for (size_t i = 0; i < 3; i++)
        losses[i] = of_cost ? costs[i] - 1 : 1 - 1 / costs[i];
    return (struct compare_finding){.scale = COMPARE_RATIO,
                                    .loss = losses[0],
                                    .loss_ci95 = {losses[1], losses[2]},
                                    .loss_of_cost = of_cost,
                                    .cost = cost,
                                    .cost_ci95 = {low, high}};
}

static void words__interval(void **state) {
    static const struct {
        bool of_cost;
        double cost, low, high;
        const char *words;
    } rows[] = {
        {false, 1.1, 1.05, 1.2, "[4.8%, 17%]"},
        {false, 0.9, 0.8, 0.95, "[5.3%, 25%]"},
        {true, 1.1, 0.95, 1.2, "[-5.0%, 20%]"},
        {false, 4, 3, 5, "[3.0x, 5.0x]"},
        {false, 1 / 0.63, 1 / 4.9, 12.5, "[4.9x faster, 13x slower]"},
        {false, 1.1, 0.9, 2.5, "[11% faster, 2.5x slower]"},
        {true, 1.37, 0.95, 1.9, "[5.0% faster, 1.9x slower]"},
        {false, 0.9, 0.25, 1.2, "[17% slower, 4.0x faster]"},
        {false, 14, 0.5, 20, "[2.0x faster, 20x slower]"},
        {false, 4, 0.95, 5, "[5.3% faster, 5.0x slower]"},
        {false, 14, 1.0 / 49000, 49000, "[over 100x faster, over 1000x slower]"},
        {true, 1.0 / 14, 1.0 / 49000, 49000, "[over 100x slower, over 1000x faster]"},
        {false, 1.2, 0.001, 90, "[over 100x faster, 90x slower]"},
        {false, 5000, 20, 1.2e6, "[20x, over 100000x]"},
        {false, 5000, 4000, 90000, "[4000x, 90000x]"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct compare_finding finding = finding_of(rows[i].of_cost, rows[i].cost, rows[i].low, rows[i].high);
        char words[WORDS_SIZE];

        words_interval(&finding, words);
        assert_string_equal(words, rows[i].words);
    }
}

/* Of figures that may be 0 a share says what it is, too: as a factor from 50% on. */
static void words__differences(void **state) {
    static const struct {
        double loss, low, high, cost;
        bool of_cost;
        const char *words;
    } rows[] = {
        {4, 3, 5, 5, true, "5.0x slower [4.0x slower, 6.0x slower]"},
        {0.2, 0.1, 0.3, 1.2, true, "20% slower [10%, 30%]"},
        {1.04, -0.82, 2.9, 2.04, true, "2.0x slower [5.6x faster, 3.9x slower]"},
        {-0.4, -1, 0.2, 0.6, true, "40% faster [20% slower, 100% faster]"},
        {0.6, 0.3, 1, 2.5, false, "2.5x slower [30% slower, 100% slower]"},
    };
    const struct identity_metric metric = {.name = "loss", .unit = VMS_RATIO, .better = VMS_LOWER};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct compare_row row = {.metric = &metric, .figures = {{.value = 1}, {.value = 2}}};
        char words[WORDS_SIZE];

        row.finding = (struct compare_finding){.scale = COMPARE_DIFFERENCE,
                                               .verdict = COMPARE_SLOWER,
                                               .loss = rows[i].loss,
                                               .loss_ci95 = {rows[i].low, rows[i].high},
                                               .loss_of_cost = rows[i].of_cost,
                                               .cost = rows[i].cost,
                                               .cost_ci95 = {NAN, NAN},
                                               .sure = NAN};
        words_long(&row, &row.finding, 0.03, words);
        assert_string_equal(words, rows[i].words);
        row.figures[1].value = 0;
        words_long(&row, &row.finding, 0.03, words);
        assert_string_equal(words, "fell to 0");
        words_short(&row, &row.finding, 0.03, words);
        assert_string_equal(words, "fell to 0");
    }
}

/* What has no digit left has no direction. */
static void words__no_difference(void **state) {
    static const struct {
        double cost;
        const char *words;
    } rows[] = {{1, "no difference [-5.0%, 20%]"},
                {1.00004, "no difference [-5.0%, 20%]"},
                {0.99996, "no difference [-20%, 5.0%]"},
                {1.00006, "0.01% slower [-5.0%, 20%]"},
                {0.99994, "0.01% faster [-20%, 5.0%]"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct compare_finding finding = finding_of(true, rows[i].cost, 0.95, 1.2);
        char words[WORDS_SIZE];

        finding.verdict = COMPARE_UNTESTED;
        words_long(NULL, &finding, 0.03, words);
        assert_string_equal(words, rows[i].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__interval),
        cmocka_unit_test(words__differences),
        cmocka_unit_test(words__no_difference),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
