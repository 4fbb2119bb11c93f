/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/origin.h"

#include "base/cleanup.h"
#include "compare/collect/collect.h"
#include "compare/compare.h"
#include "compare/formats/formats.h"
#include "record/file/store.h"
#include "record/view/view_read.h"
#include "report/report.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define EMULATED "native (emulated hardware)"

static json_t *new_head(const char *label, bool emulated, const char *clock) {
    return json_pack("{s:s, s:s, s:{s:s, s:b, s:s}}", "configuration", "native", "status", "ok", "guest",
                     "label", label, "emulated_hardware", emulated, "clock", clock);
}

static struct view_head read_head(json_t *document) {
    struct view_head head;
    const char *sentence = "";

    assert_int_equal(view_read_head(document, &head, &sentence), 0);
    return head;
}

static void origin__of_a_guest_and_of_none(void **state) {
    struct view_head bare = read_head(json_pack("{s:s, s:s}", "configuration", "native", "status", "ok"));
    struct view_head guest = read_head(new_head(EMULATED, true, "instructions"));

    (void)state;
    assert_string_equal(origin_label(bare.document), "native");
    assert_false(bare.is_emulated);
    assert_false(bare.counts_instructions);
    assert_false(origin_counts_instructions(bare.document));
    assert_string_equal(origin_label(guest.document), EMULATED);
    assert_string_equal(guest.label, EMULATED);
    assert_true(guest.is_emulated);
    assert_true(guest.counts_instructions);
    assert_true(origin_counts_instructions(guest.document));
    view_head_done(&bare);
    view_head_done(&guest);
}

/* The status with which a run of the head is taken as side 1, after one of an emulated machine. */
static int add_second(struct comparison *comparison, const char *label, bool emulated, const char *clock,
                      struct vms_error *error) {
    struct view_head first = read_head(new_head(EMULATED, true, "real-time"));
    struct view_head second = read_head(new_head(label, emulated, clock));
    int status;

    assert_int_equal(compare_add_run(comparison, 0, EMULATED, "a.json", &first, error), 0);
    status = compare_add_run(comparison, 1, label, "b.json", &second, error);
    view_head_done(&first);
    view_head_done(&second);
    return status;
}

static struct comparison *new_comparison(void) {
    const struct compare_options options = {.margin = COMPARE_MARGIN,
                                            .run_shift = NAN,
                                            .seed = 1,
                                            .error = COMPARE_ERROR,
                                            .allow_different = true};

    return compare_new(&options);
}

static void compare__never_mixes_clocks(void **state) {
    struct comparison *comparison = new_comparison();
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(add_second(comparison, "kvm (x)", true, "instructions", &error), -EINVAL);
    assert_non_null(strstr(error.text, "b.json: its clock counts instructions"));
    assert_non_null(strstr(error.text, EMULATED " real time"));
    compare_free(comparison);
}

static bool has_warning(const struct comparison *comparison, const char *words) {
    for (size_t i = 0; i < comparison->n_warnings; i++)
        if (strstr(comparison->warnings[i], words))
            return true;
    return false;
}

static void compare__tells_emulated_hardware_in_every_format(void **state) {
    struct comparison *comparison = new_comparison();
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(add_second(comparison, "real", false, "real-time", &error), 0);
    assert_int_equal(compare_finish(comparison, &error), 0);
    assert_true(has_warning(comparison, "emulated hardware: the machine"));
    assert_true(has_warning(comparison, "only one of " EMULATED " and real is emulated hardware"));
    assert_false(has_warning(comparison, "counts instructions"));
    for (size_t i = 0; compare_format_name(i); i++) {
        cleanup_free char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);

        assert_int_equal(
            compare_write(file, comparison, compare_format_name(i), &(struct compare_view){0}, &error), 0);
        assert_int_equal(fclose(file), 0);
        if (strcmp(compare_format_name(i), "csv") != 0) /* which has nothing but rows, and here are none */
            assert_non_null(strstr(text, "emulated hardware"));
    }
    compare_free(comparison);
}

struct records {
    char folder[64];
    char *paths[2];
};

/* The golden record twice, as of emulated guests, with clocks of the caller's choice. */
static void write_records(struct records *records, const char *second_clock) {
    cleanup_free char *golden = NULL;

    strcpy(records->folder, "/tmp/vmsuite-origin-XXXXXX");
    assert_non_null(mkdtemp(records->folder));
    assert_true(asprintf(&golden, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) > 0);
    for (int i = 0; i < 2; i++) {
        json_t *record = json_load_file(golden, 0, NULL);
        json_t *head = new_head(i == 0 ? EMULATED : "kvm (emulated hardware)", true,
                                i == 0 ? "real-time" : second_clock);

        assert_true(asprintf(&records->paths[i], "%s/%d.json", records->folder, i) > 0);
        json_object_set(record, "guest", json_object_get(head, "guest"));
        json_object_set_new(record, "configuration", json_string(i == 0 ? "native" : "kvm"));
        json_object_set_new(record, "run_id", json_sprintf("00000000-0000-4000-8000-00000000000%d", i));
        assert_int_equal(store_write(records->paths[i], record, NULL), 0);
        json_decref(head);
        json_decref(record);
    }
}

static void remove_records(struct records *records) {
    for (int i = 0; i < 2; i++) {
        assert_int_equal(unlink(records->paths[i]), 0);
        free(records->paths[i]);
    }
    assert_int_equal(rmdir(records->folder), 0);
}

static void report__labels_every_configuration(void **state) {
    struct records records;
    struct reader **readers;
    struct report *report;
    struct vms_error error = {""};
    cleanup_free char *page = NULL;
    size_t size;
    FILE *file = open_memstream(&page, &size);

    (void)state;
    write_records(&records, "real-time");
    assert_int_equal(reader_open_all(records.paths, 2, &readers, &error), 0);
    assert_int_equal(report_new(readers, 2, "native", &report, &error), 0);
    assert_int_equal(report_write(file, report, &error), 0);
    assert_int_equal(fclose(file), 0);
    assert_non_null(strstr(page, "<h1>kvm (emulated hardware) against " EMULATED ": "));
    assert_non_null(strstr(page, "<p class=\"note\">emulated hardware: "));
    assert_non_null(strstr(page, "\"series\":\"kvm (emulated hardware)\""));
    assert_null(strstr(page, "\"series\":\"kvm\""));
    report_free(report);
    reader_close_all(readers, 2);
    remove_records(&records);
}

static void report__never_mixes_clocks(void **state) {
    struct records records;
    struct reader **readers;
    struct report *report;
    struct vms_error error = {""};

    (void)state;
    write_records(&records, "instructions");
    assert_int_equal(reader_open_all(records.paths, 2, &readers, &error), 0);
    assert_int_equal(report_new(readers, 2, NULL, &report, &error), -EINVAL);
    assert_non_null(strstr(error.text, "never compared"));
    reader_close_all(readers, 2);
    remove_records(&records);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origin__of_a_guest_and_of_none),
        cmocka_unit_test(compare__never_mixes_clocks),
        cmocka_unit_test(compare__tells_emulated_hardware_in_every_format),
        cmocka_unit_test(report__labels_every_configuration),
        cmocka_unit_test(report__never_mixes_clocks),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
