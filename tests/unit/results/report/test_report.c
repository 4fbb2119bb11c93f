/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/report.h"
#include "report/spec.h"

#include "base/cleanup.h"
#include "fakes/fixed_run.h"
#include "record/file/store.h"
#include "report/figures/figure.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
    struct reader **readers;
    char folder[64], paths[2][96];
    struct series_list series;
};

/* Two records of one configuration in two folders, with everything in them that a record can hold. */
static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    cleanup_free char *golden = NULL;
    json_t *record;

    strcpy(fixture->folder, "/tmp/vmsuite-report-XXXXXX");
    if (!mkdtemp(fixture->folder) ||
        asprintf(&golden, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) < 0)
        return -1;
    record = json_load_file(golden, 0, NULL);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(fixture->paths[i], sizeof(fixture->paths[i]), "%s/%d", fixture->folder, i);
        (void)mkdir(fixture->paths[i], 0755);
        strcat(fixture->paths[i], "/a.json");
        if (store_write(fixture->paths[i], record, NULL) < 0)
            return -1;
    }
    json_decref(record);
    *state = fixture;
    return reader_open_all((char *[]){fixture->paths[0], fixture->paths[1]}, 2, &fixture->readers, NULL);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    char command[128];
    int status;

    (void)snprintf(command, sizeof(command), "rm -r %s", fixture->folder);
    status = system(command);
    reader_close_all(fixture->readers, 2);
    free(fixture);
    return status;
}

static const struct series *find_series(const struct series_list *list, const char *label,
                                        const char *metric) {
    for (size_t i = 0; i < list->n_series; i++)
        if (strcmp(list->series[i].label, label) == 0 && strcmp(list->series[i].metric, metric) == 0)
            return &list->series[i];
    return NULL;
}

static void series_collect__holds_ok_trials(void **state) {
    struct fixture *fixture = *state;
    const struct series *series;
    struct series_list list;

    assert_int_equal(series_collect(fixture->readers, 1, &list, NULL), 0);
    assert_int_equal(list.n_environments, 1);
    series = find_series(&list, "memory", "triad");
    assert_non_null(series);
    assert_int_equal(series->n, 2);
    assert_true(series->summary.mean == (10.1e9 + 10.3e9) / 2);
    series = find_series(&list, "cpu", "rate");
    assert_int_equal(series->n, 0);
    assert_int_equal(list.n_failures, 4);
    series_done(&list);
}

static void series_collect__finds_what_is_swept(void **state) {
    struct fixture *fixture = *state;
    const struct series *series;
    struct series_list list;

    assert_int_equal(series_collect(fixture->readers, 1, &list, NULL), 0);
    series = find_series(&list, "tcp-small message_size=65536", "latency");
    assert_non_null(series);
    assert_string_equal(series->x_name, "message_size");
    assert_true(series->x == 65536);
    assert_true(series->shape == VMS_DISTRIBUTION);
    assert_true(fabs(series->quantiles[0] - 1.0 / 9000) < 1e-12);
    assert_null(find_series(&list, "memory", "triad")->x_name);
    series_done(&list);
}

static void series_collect__folders_are_environments(void **state) {
    struct fixture *fixture = *state;
    struct series_list list;
    char *name;

    assert_int_equal(series_collect(fixture->readers, 2, &list, NULL), 0);
    assert_int_equal(list.n_environments, 2);
    assert_int_equal(list.n_configurations, 1);
    name = series_name(&list.series[0]);
    assert_string_equal(name, "xen-hvm (0)");
    free(name);
    series_done(&list);
}

static void figures_make__specifications_hold_their_rows(void **state) {
    struct fixture *fixture = *state;
    struct condition_list conditions;
    struct figure_list figures;
    struct series_list list;

    assert_int_equal(series_collect(fixture->readers, 2, &list, NULL), 0);
    assert_int_equal(conditions_collect(fixture->readers, 2, &conditions, NULL), 0);
    assert_int_equal(figures_make(&list, &conditions, NULL, &figures, NULL), 0);
    conditions_done(&conditions);
    assert_true(figures.n_figures > 3);
    for (size_t i = 0; i < figures.n_figures; i++) {
        json_t *spec = figure_spec(&figures.figures[i]);

        assert_non_null(spec);
        assert_true(json_equal(json_object_get(json_array_get(json_object_get(spec, "data"), 0), "values"),
                               figures.figures[i].rows));
        for (const char *c = figures.figures[i].id; *c; c++)
            assert_non_null(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", *c));
        json_decref(spec);
    }
    figures_done(&figures);
    series_done(&list);
}

/* Whether a figure has a row with just this. */
static bool has_row(const struct figure_list *figures, const struct series *series, const char *name) {
    for (size_t i = 0; i < figures->n_figures; i++) {
        const json_t *row;
        size_t index;

        json_array_foreach (figures->figures[i].rows, index, row)
            if (strcmp(json_string_value(json_object_get(row, "series")), name) == 0 &&
                json_number_value(json_object_get(row, "x")) == series->x &&
                json_number_value(json_object_get(row, "value")) == series->summary.mean &&
                json_number_value(json_object_get(row, "low")) == series->summary.ci95_mean[0] &&
                json_number_value(json_object_get(row, "high")) == series->summary.ci95_mean[1] &&
                json_integer_value(json_object_get(row, "n")) == (json_int_t)series->summary.n)
                return true;
    }
    return false;
}

/* Each value of what is swept has its own figures. */
static void figures_make__every_point_is_drawn(void **state) {
    struct fixture *fixture = *state;
    struct condition_list conditions;
    struct figure_list figures;
    struct series_list list;
    size_t n = 0;

    assert_int_equal(series_collect(fixture->readers, 2, &list, NULL), 0);
    assert_int_equal(conditions_collect(fixture->readers, 2, &conditions, NULL), 0);
    assert_int_equal(figures_make(&list, &conditions, NULL, &figures, NULL), 0);
    for (size_t i = 0; i < list.n_series; i++) {
        cleanup_free char *name = series_name(&list.series[i]);

        if (!list.series[i].x_name || list.series[i].n < 2)
            continue;
        if (!has_row(&figures, &list.series[i], name))
            fail_msg("%s %s of %s is not drawn", list.series[i].label, list.series[i].metric, name);
        n++;
    }
    assert_true(n >= 8); /* two sizes of two metrics in two folders */
    conditions_done(&conditions);
    figures_done(&figures);
    series_done(&list);
}

/* Percentiles stand beside each other as named points, values below them on a logarithmic axis. */
static void figures_make__percentiles_are_points(void **state) {
    struct fixture *fixture = *state;
    struct condition_list conditions;
    struct figure_list figures;
    struct series_list list;
    size_t n = 0;

    assert_int_equal(series_collect(fixture->readers, 2, &list, NULL), 0);
    assert_int_equal(conditions_collect(fixture->readers, 2, &conditions, NULL), 0);
    for (size_t i = 0; i < list.n_series; i++) {
        free(list.series[i].x_name); /* nothing is swept */
        list.series[i].x_name = NULL;
    }
    assert_int_equal(figures_make(&list, &conditions, NULL, &figures, NULL), 0);
    for (size_t i = 0; i < figures.n_figures; i++) {
        const struct figure *figure = &figures.figures[i];
        bool is_theirs = strncmp(figure->id, "percentiles-", 12) == 0;

        assert_int_equal(figure->x_axis == AXIS_POINTS, is_theirs);
        assert_true(!is_theirs || figure->logarithmic_y);
        n += is_theirs;
    }
    assert_true(n > 0);
    conditions_done(&conditions);
    figures_done(&figures);
    series_done(&list);
}

/* Figures of which the names look alike are counted: "x", "x-2", "x-3". */
static void figures_make__numbers_those_that_look_alike(void **state) {
    static const char *const alike[] = {"a b", "a_b", "a/b"};
    struct fixture *fixture = *state;
    struct condition_list conditions;
    struct figure_list figures;
    struct series_list list;
    size_t most = 0;

    assert_int_equal(series_collect(fixture->readers, 2, &list, NULL), 0);
    assert_int_equal(conditions_collect(fixture->readers, 2, &conditions, NULL), 0);
    for (size_t i = 0; i < list.n_series; i++) {
        free(list.series[i].group);
        list.series[i].group = strdup(alike[i % 3]);
        free(list.series[i].metric);
        list.series[i].metric = strdup("m");
    }
    assert_int_equal(figures_make(&list, &conditions, NULL, &figures, NULL), 0);
    for (size_t i = 0; i < figures.n_figures; i++) {
        const char *id = figures.figures[i].id, *end = strrchr(id, '-');
        bool is_counted = end && strspn(end + 1, "0123456789") == strlen(end + 1);
        size_t length = is_counted ? (size_t)(end - id) : strlen(id), n = 1;

        for (size_t k = 0; k < i; k++)
            n += strncmp(figures.figures[k].id, id, length) == 0 &&
                 strspn(figures.figures[k].id + length, "-0123456789") ==
                     strlen(figures.figures[k].id + length);
        assert_int_equal(is_counted ? strtoul(end + 1, NULL, 10) : 1, n);
        most = n > most ? n : most;
    }
    assert_true(most >= 3);
    conditions_done(&conditions);
    figures_done(&figures);
    series_done(&list);
}

static void figure_prefix__fits_the_largest_value(void **state) {
    static const struct {
        const char *unit;
        double value, divisor;
        const char *shown;
    } cases[] = {{"B/s", 3e9, 1e9, "GB/s"},
                 {"bit/s", 9.4e7, 1e6, "Mbit/s"},
                 {"1/s", 4e4, 1e3, "k/s"},
                 {"1/s", 40, 1, "1/s"},
                 {"s", 2, 1, "s"},
                 {"s", 3e-5, 1e-6, "us"},
                 {"s", 0, 1, "s"},
                 {"1", 4e4, 1, ""},
                 {"flop/s", 2e8, 1e6, "Mflop/s"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        char unit[FIGURE_UNIT_SIZE], own[16];
        struct figure figure = {.unit = own, .rows = json_pack("[{s:f}]", "value", cases[i].value)};

        strcpy(own, cases[i].unit);
        assert_true(figure_prefix(&figure, unit) == cases[i].divisor);
        assert_string_equal(unit, cases[i].shown);
        json_decref(figure.rows);
    }
}

static void report_write__says_what_failed(void **state) {
    struct fixture *fixture = *state;
    cleanup_free char *text = NULL;
    struct report *report;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_int_equal(report_new(fixture->readers, 2, NULL, &report, NULL), 0);
    assert_int_equal(report_write(file, report, NULL), 0);
    (void)fclose(file);
    assert_non_null(strstr(text, "tcp-small"));
    assert_non_null(strstr(text, "unsupported, the file system does not know O_DIRECT"));
    assert_non_null(strstr(text, "the clock source is jiffies"));
    assert_non_null(strstr(text, "loopback"));
    assert_non_null(strstr(text, "Example 9"));
    assert_null(strchr(text, '\x1b'));
    report_free(report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(series_collect__holds_ok_trials, set_up, tear_down),
        cmocka_unit_test_setup_teardown(series_collect__finds_what_is_swept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(series_collect__folders_are_environments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_make__specifications_hold_their_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_make__every_point_is_drawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_make__percentiles_are_points, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_make__numbers_those_that_look_alike, set_up, tear_down),
        cmocka_unit_test(figure_prefix__fits_the_largest_value),
        cmocka_unit_test_setup_teardown(report_write__says_what_failed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
