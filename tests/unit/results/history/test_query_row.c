/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of all answers of a store have, and a change in words. */
#include "history/query_row.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct history_series series = {.label = "a, \"b\"",
                                             .module = "m",
                                             .resource = "disk",
                                             .metric = "=p99",
                                             .better = VMS_LOWER,
                                             .unit = VMS_UNIT_SECONDS};
static const struct history_run run = {.configuration = "c",
                                       .machine = "M1",
                                       .run_id = "id",
                                       .started_at = "2026-01-01T00:00:00Z",
                                       .label = "",
                                       .kernel = "6.1",
                                       .hypervisor = "",
                                       .version = "0.2"};
static const struct history_point point = {.run = &run};

#define NAMES                                                                                                \
    "case,module,resource,metric,unit,better,configuration,machine,run_id,started_at,"                       \
    "label,kernel,hypervisor,version\n"
#define REST ",s,lower,c,M1,id,2026-01-01T00:00:00Z,,6.1,,0.2\n"

static void write_row(struct row *row) {
    query_row_series(row, &series, &point);
    query_row_run(row, &point);
}

static void assert_rows(enum query_format format, const char *expected) {
    struct buffer out = {0};

    for (int i = 0; i < 2; i++) {
        struct row row = query_row_begin(&out, format, i == 0);

        if (row.names) {
            write_row(&row);
            row = query_row_next(&row);
        }
        write_row(&row);
        query_row_end(&row);
    }
    assert_false(out.failed);
    buffer_add(&out, "", 1);
    assert_string_equal(out.bytes, expected);
    buffer_done(&out);
}

static void query_row__of_each_format(void **state) {
    static const char json[] =
        "{\"case\":\"a, "
        "\\\"b\\\"\",\"module\":\"m\",\"resource\":\"disk\",\"metric\":\"=p99\",\"unit\":\"s\",\"better\":"
        "\"lower\",\"configuration\":\"c\",\"machine\":\"M1\",\"run_id\":\"id\","
        "\"started_at\":\"2026-01-01T00:00:00Z\","
        "\"label\":null,\"kernel\":\"6.1\",\"hypervisor\":null,\"version\":\"0.2\"}\n";
    char twice[2 * sizeof(json)];

    (void)state;
    assert_rows(QUERY_CSV, NAMES "\"a, \"\"b\"\"\",m,disk,=p99" REST "\"a, \"\"b\"\"\",m,disk,=p99" REST);
    assert_rows(QUERY_SPREADSHEET,
                NAMES "\"a, \"\"b\"\"\",m,disk,'=p99" REST "\"a, \"\"b\"\"\",m,disk,'=p99" REST);
    (void)snprintf(twice, sizeof(twice), "%s%s", json, json);
    assert_rows(QUERY_JSONL, twice);
}

static void query_change__in_words(void **state) {
    static const struct {
        double loss;
        const char *higher, *lower;
    } rows[] = {
        {(double)NAN, "", ""},
        {0, "equal", "equal"},
        {0.000499, "equal", "equal"},
        {-0.000499, "equal", "equal"},
        {0.0006, "0.1% slower", "0.1% slower"},
        {-0.0006, "0.1% faster", "0.1% faster"},
        {0.031, "3.1% slower", "3.1% slower"},
        {-0.2, "20.0% faster", "20.0% faster"},
        {0.4994, "49.9% slower", "49.9% slower"},
        {0.5, "2x slower", "1.5x slower"},
        {-0.5, "1.5x faster", "2x faster"},
        {0.75, "4x slower", "1.75x slower"},
        {-3, "4x faster", NULL},
        {3, NULL, "4x slower"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int side = 0; side < 2; side++) {
            const struct history_series of = {.better = side ? VMS_LOWER : VMS_HIGHER};
            const char *expected = side ? rows[i].lower : rows[i].higher;
            char text[QUERY_CHANGE_SIZE];

            query_change(&of, 1, side ? 1 + rows[i].loss : 1 - rows[i].loss, text);
            if (expected && strcmp(text, expected) != 0)
                fail_msg("%g of %d: %s instead of %s", rows[i].loss, side, text, expected);
        }
}

/* Without a ratio, or without better and worse. */
static void query_change__of_zeros_and_signs(void **state) {
    static const struct {
        enum vms_better better;
        double before, behind;
        const char *expected;
    } rows[] = {
        {VMS_HIGHER, 9e8, 0, "fell to 0"},
        {VMS_LOWER, 12, 0, "fell to 0"},
        {VMS_NEITHER, 12, 0, "fell to 0"},
        {VMS_HIGHER, 0, 9e8, "rose from 0"},
        {VMS_LOWER, 0, 0.25, "rose from 0"},
        {VMS_LOWER, 0, 0, "equal"},
        {VMS_LOWER, -2e-6, -2e-6, "equal"},
        {VMS_LOWER, -2e-6, 3e-6, "5.000 us more"},
        {VMS_LOWER, -2e-6, 0, "2.000 us more"},
        {VMS_LOWER, 3e-6, -2e-6, "5.000 us less"},
        {VMS_LOWER, 0, -2e-6, "2.000 us less"},
        {VMS_NEITHER, 10, 11, "10.0% more"},
        {VMS_NEITHER, 10, 9, "10.0% less"},
        {VMS_NEITHER, 10, 30, "3x more"},
        {VMS_NEITHER, 30, 10, "3x less"},
        {VMS_LOWER, 1, NAN, ""},
        {VMS_LOWER, NAN, 1, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct history_series of = {.better = rows[i].better, .unit = VMS_UNIT_SECONDS};
        char text[QUERY_CHANGE_SIZE];

        query_change(&of, rows[i].before, rows[i].behind, text);
        if (strcmp(text, rows[i].expected) != 0)
            fail_msg("%g to %g: %s instead of %s", rows[i].before, rows[i].behind, text, rows[i].expected);
    }
}

static void query_row_flush__writes_once(void **state) {
    struct vms_error error = {""};
    char *written = NULL;
    size_t size;
    struct query_answer answer = {.file = open_memstream(&written, &size)};
    FILE *full = fopen("/dev/full", "we");

    (void)state;
    assert_true(answer.file && full);
    buffer_add_text(&answer.out, "abc");
    assert_int_equal(query_row_flush(&answer, &error), 0);
    assert_int_equal(answer.out.length, 0);
    assert_int_equal(query_row_flush(&answer, &error), 0);
    assert_int_equal(fclose(answer.file), 0);
    assert_string_equal(written, "abc");
    free(written);
    (void)setvbuf(full, NULL, _IONBF, 0);
    answer.file = full;
    buffer_add_text(&answer.out, "abc");
    assert_int_equal(query_row_flush(&answer, &error), -EIO);
    assert_non_null(strstr(error.text, "cannot write the answer: No space left on device"));
    answer.out.failed = true;
    assert_int_equal(query_row_flush(&answer, &error), -ENOMEM);
    (void)fclose(full);
    buffer_done(&answer.out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_row__of_each_format),
        cmocka_unit_test(query_change__in_words),
        cmocka_unit_test(query_change__of_zeros_and_signs),
        cmocka_unit_test(query_row_flush__writes_once),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
