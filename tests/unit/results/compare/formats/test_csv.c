/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison's rows as a spreadsheet has them: each number below its name. */
#include "compare/formats/formats.h"
#include "unit/results/compare/compared.h"

#include "unit/descriptors.h"

/* The only line's cell below a name: "" where it is empty. Owned. */
static char *new_cell(const char *written, const char *name) {
    cleanup_free char *names = strdup(written), *cells = NULL, *found = NULL;
    char *end = names ? strchr(names, '\n') : NULL, *left = names, *right, *column;

    assert_non_null(end);
    *end = '\0';
    assert_non_null(cells = strdup(end + 1));
    right = cells;
    *strchr(cells, '\n') = '\0';
    while ((column = strsep(&left, ","))) {
        const char *cell = strsep(&right, ",");

        assert_non_null(cell);
        if (strcmp(column, name) == 0) {
            assert_null(found);
            assert_non_null(found = strdup(cell));
        }
    }
    assert_null(right);
    if (!found)
        fail_msg("there is no column %s", name);
    return TAKE(found);
}

/* What is not finite is an empty cell: neither "nan" nor "inf". */
static void csv__numbers_are_finite(void **state) {
    struct comparison *comparison = compare_for_gate();
    const size_t n_rows = comparison->n_rows;
    struct compare_row *row = &comparison->rows[0];
    struct compare_finding *finding = &row->finding;
    const struct compare_view view = {0};
    cleanup_free char *written = NULL;
    struct vms_error error = {""};
    size_t size;
    FILE *file = open_memstream(&written, &size);
    const struct {
        const char *name;
        double *field, value;
        const char *text;
    } cells[] = {
        {"loss", &finding->loss, 1.5, "1.5"},
        {"loss_low", &finding->loss_ci95[0], -INFINITY, ""},
        {"loss_high", &finding->loss_ci95[1], INFINITY, ""},
        {"ratio", &row->ratio, 2.5, "2.5"},
        {"ratio_low", &row->ratio_ci95[0], NAN, ""},
        {"ratio_high", &row->ratio_ci95[1], INFINITY, ""},
        {"p", &finding->p, 0, "0"},
        {"p_difference", &finding->p_difference, 0.125, "0.125"},
        {"p_equivalence", &finding->p_equivalence, 1, "1"},
        {"p_ranks", &row->p_ranks, 0.25, "0.25"},
        {"cliff_delta", &row->cliff_delta, -0.5, "-0.5"},
        {"limit", &row->limit, NAN, ""},
        {"baseline_value", &row->figures[0].value, INFINITY, ""},
        {"baseline_cv", &row->figures[0].cv, -2, "-2"},
        {"other_median", &row->figures[1].median, 3e-9, "3e-9"},
        {"other_mean", &row->figures[1].mean, 1e300, "1e300"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cells); i++)
        *cells[i].field = cells[i].value;
    comparison->n_rows = 1;
    assert_non_null(file);
    assert_int_equal(compare_write(file, comparison, "csv", &view, &error), 0);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < VMS_LENGTH(cells); i++) {
        cleanup_free char *cell = new_cell(written, cells[i].name);

        if (strcmp(cell, cells[i].text) != 0)
            fail_msg("%s is \"%s\" instead of \"%s\"", cells[i].name, cell, cells[i].text);
    }
    comparison->n_rows = n_rows; /* each is freed */
    compare_free(comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv__numbers_are_finite),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
