/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a study says of how its guests booted, from those of the files in its folder that are its records. */
#include "study/boot_times.h"

#include "base/cleanup.h"
#include "files/private.h"
#include "files/tree.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *folder;

static int make_folder(void **state) {
    (void)state;
    folder = private_folder("/var/tmp", "vmsuite-test-", NULL);
    return folder ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    (void)tree_remove(folder);
    free(folder);
    return 0;
}

/* A file that holds a whole record of that configuration, with members put over it. */
static void write_record(const char *file, const char *configuration, const char *members) {
    cleanup_free char *golden = NULL, *path = NULL;
    json_auto_t *more = json_loads(members, 0, NULL), *record = NULL;

    assert_true(asprintf(&golden, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) > 0);
    assert_true(asprintf(&path, "%s/%s", folder, file) > 0);
    record = json_load_file(golden, 0, NULL);
    assert_non_null(record);
    assert_non_null(more);
    json_object_set_new(record, "status", json_string("failed"));
    json_object_set_new(record, "configuration", json_string(configuration));
    json_object_set_new(record, "configuration_given", json_pack("{s:s}", "configuration", configuration));
    json_object_update(record, more);
    assert_int_equal(json_dump_file(record, path, 0), 0);
}

/* Two configurations in real time, of which the first is the baseline. */
static struct study_entry entries[2];
static const struct study study = {.entries = entries, .n_entries = 2, .baseline = 0};
static struct study_run run = {.study = &study};

static int begin(void **state) {
    static const char *const names[] = {"tcg", "kvm"};

    if (make_folder(state) < 0)
        return -1;
    for (size_t i = 0; i < 2; i++)
        entries[i] = (struct study_entry){
            .name = (char *)names[i],
            .configurations[STUDY_REAL_TIME] = {.json = json_pack("{s:s}", "configuration", names[i])}};
    run.output = folder;
    run.folders[STUDY_REAL_TIME] = folder;
    return 0;
}

static int end(void **state) {
    for (size_t i = 0; i < 2; i++)
        json_decref(entries[i].configurations[STUDY_REAL_TIME].json);
    return remove_folder(state);
}

#define GUEST(members) "{\"guest\": {\"launcher\": \"x\", " members "}}"

static void boot_times__medians_ranges_and_factors(void **state) {
    cleanup_free char *path = NULL, *text = calloc(1, 4096);
    struct vms_error error = {""};
    FILE *file;

    (void)state;
    write_record("tcg-1.json", "tcg",
                 GUEST("\"boot_s\": 2.0, \"monitor_memory\": 5e7, \"nested\": {\"stop_s\": 0.5}"));
    write_record("tcg-2.json", "tcg", GUEST("\"boot_s\": 4.0, \"monitor_memory\": null"));
    write_record("tcg-3.json", "tcg", GUEST("\"boot_s\": 3.0"));
    write_record("kvm-1.json", "kvm", GUEST("\"boot_s\": 0.75, \"save_s\": 1234.5"));
    /* None of its records: interrupted, given otherwise, hidden, of another name, broken. */
    write_record("kvm-2.json", "kvm", "{\"status\": \"interrupted\", \"guest\": {\"boot_s\": 100}}");
    write_record("kvm-3.json", "other", GUEST("\"boot_s\": 100"));
    write_record(".kvm-4.json", "kvm", GUEST("\"boot_s\": 100"));
    write_record("xkvm-5.json", "kvm", GUEST("\"boot_s\": 100"));
    write_record("kvm-6.json", "kvm", "{\"cases\": 5, \"guest\": {\"boot_s\": 100}}");
    assert_int_equal(boot_times_write(&run, STUDY_REAL_TIME, &error), 0);
    assert_true(asprintf(&path, "%s/real-time-boots.txt", folder) > 0);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, 4095, file) > 0);
    (void)fclose(file);
    assert_string_equal(text,
                        "boot to the first process, real time:\n"
                        "  tcg              3 s (2 to 4 s, 3 boots)\n"
                        "  kvm              0.75 s (0.75 to 0.75 s, 1 boot), 0.25x of tcg\n"
                        "stop, from powering off to the end of what booted it, by that clock, real time:\n"
                        "  tcg              0.5 s (0.5 to 0.5 s, 1 boot)\n"
                        "memory of the monitor beside the guest's, real time:\n"
                        "  tcg              50 MB (50 to 50 MB, 1 boot)\n"
                        "saving the guest's state, real time:\n"
                        "  kvm              1234 s (1234 to 1234 s, 1 boot)\n");
}

static void boot_times__nothing_of_no_guests(void **state) {
    struct vms_error error = {""};
    cleanup_free char *path = NULL;

    (void)state;
    write_record("tcg-1.json", "tcg", "{}");
    assert_int_equal(boot_times_write(&run, STUDY_REAL_TIME, &error), 0);
    assert_true(asprintf(&path, "%s/real-time-boots.txt", folder) > 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void boot_times__where_nothing_can_be_written(void **state) {
    struct vms_error error = {""};

    (void)state;
    write_record("tcg-1.json", "tcg", GUEST("\"boot_s\": 2.0"));
    run.output = "/proc/none";
    assert_int_equal(boot_times_write(&run, STUDY_REAL_TIME, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/proc/none/real-time-boots.txt"));
    run.output = folder;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(boot_times__medians_ranges_and_factors),
        TEST(boot_times__nothing_of_no_guests),
        TEST(boot_times__where_nothing_can_be_written),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
