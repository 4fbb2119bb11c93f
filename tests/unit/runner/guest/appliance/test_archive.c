/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/archive.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static size_t read_back(const char *path, char *content, size_t size) {
    FILE *file = fopen(path, "re");
    size_t count;

    assert_non_null(file);
    count = fread(content, 1, size, file);
    (void)fclose(file);
    return count;
}

static void archive_write__sorted_with_folders_and_the_same_each_time(void **state) {
    char paths[2][32] = {"/tmp/archive-XXXXXX", "/tmp/archive-XXXXXX"};
    static char content[2][8192];
    size_t sizes[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct archive archive = {0};
        struct vms_error error;

        (void)close(mkstemp(paths[i]));
        assert_int_equal(archive_add_text(&archive, i ? "b/two" : "a/one", i ? "2" : "1", 0644), 0);
        assert_int_equal(archive_add_text(&archive, i ? "a/one" : "b/two", i ? "1" : "2", 0644), 0);
        assert_true(archive_has(&archive, "a"));
        assert_int_equal(archive_write(&archive, paths[i], &error), 0);
        archive_done(&archive);
        sizes[i] = read_back(paths[i], content[i], sizeof(content[i]));
        (void)unlink(paths[i]);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_int_equal(sizes[0] % 512, 0);
    assert_memory_equal(content[0], content[1], sizes[0]);
    assert_memory_equal(content[0], "070701", 6);
    assert_string_equal(content[0] + 110, "a");
}

static void archive_add__a_name_again_replaces(void **state) {
    struct archive archive = {0};

    (void)state;
    assert_int_equal(archive_add_text(&archive, "x", "old", 0644), 0);
    assert_int_equal(archive_add_text(&archive, "x", "newer", 0644), 0);
    assert_int_equal(archive.n_entries, 1);
    assert_int_equal(archive.entries[0].length, 5);
    archive_done(&archive);
}

static void archive_write__a_missing_source_is_named(void **state) {
    struct archive archive = {0};
    struct vms_error error = {""};
    char path[] = "/tmp/archive-XXXXXX";

    (void)state;
    (void)close(mkstemp(path));
    assert_int_equal(archive_add_file(&archive, "x", "/nonexistent/source", 0644), 0);
    assert_true(archive_write(&archive, path, &error) < 0);
    assert_non_null(strstr(error.text, "/nonexistent/source"));
    archive_done(&archive);
    (void)unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_write__sorted_with_folders_and_the_same_each_time),
        cmocka_unit_test(archive_add__a_name_again_replaces),
        cmocka_unit_test(archive_write__a_missing_source_is_named),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
