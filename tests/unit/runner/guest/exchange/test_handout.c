/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/exchange/handout.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORD "{\"schema\": \"x\", \"list\": [1, 2, 3]}"

struct files {
    char disk[32], record[32];
};

static int make_files(void **state) {
    struct files *files = malloc(sizeof(*files));
    int fd;

    if (!files)
        return -1;
    *files = (struct files){"/tmp/handout-disk-XXXXXX", "/tmp/handout-record-XXXXXX"};
    (void)close(mkstemp(files->disk));
    fd = mkstemp(files->record);
    if (write(fd, RECORD, strlen(RECORD)) < 0)
        return -1;
    (void)close(fd);
    *state = files;
    return 0;
}

static int remove_files(void **state) {
    struct files *files = *state;

    (void)unlink(files->disk);
    (void)unlink(files->record);
    free(files);
    return 0;
}

static void handout__a_record_goes_round(void **state) {
    struct files *files = *state;
    struct vms_error error = {""};
    json_t *record = NULL;

    assert_int_equal(handout_prepare(files->disk, &error), 0);
    assert_int_equal(handout_read(files->disk, &record, &error), -ENODATA);
    assert_int_equal(handout_write(files->record, files->disk, &error), 0);
    assert_int_equal(handout_read(files->disk, &record, &error), 0);
    assert_int_equal(json_array_size(json_object_get(record, "list")), 3);
    json_decref(record);
}

static void handout__one_changed_byte_is_found(void **state) {
    struct files *files = *state;
    struct vms_error error = {""};
    json_t *record = NULL;
    int fd;

    assert_int_equal(handout_prepare(files->disk, &error), 0);
    assert_int_equal(handout_write(files->record, files->disk, &error), 0);
    fd = open(files->disk, O_WRONLY);
    assert_int_equal(pwrite(fd, "7", 1, HANDOUT_SECTOR + 25), 1);
    (void)close(fd);
    assert_int_equal(handout_read(files->disk, &record, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "checksum"));
    assert_null(record);
}

static void handout__a_disk_cut_short_is_found(void **state) {
    struct files *files = *state;
    struct vms_error error = {""};
    json_t *record = NULL;

    assert_int_equal(handout_prepare(files->disk, &error), 0);
    assert_int_equal(handout_write(files->record, files->disk, &error), 0);
    assert_int_equal(truncate(files->disk, HANDOUT_SECTOR + 10), 0);
    assert_int_equal(handout_read(files->disk, &record, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "cut short"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(handout__a_record_goes_round, make_files, remove_files),
        cmocka_unit_test_setup_teardown(handout__one_changed_byte_is_found, make_files, remove_files),
        cmocka_unit_test_setup_teardown(handout__a_disk_cut_short_is_found, make_files, remove_files),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
