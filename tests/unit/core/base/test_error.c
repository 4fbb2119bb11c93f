/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The status comes back with the sentence, and without anybody who wants it. */
static void error__gives_its_status_back(void **state) {
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(error_set(&error, -EBUSY, "%s: %d of %s", "a", 3, "b"), -EBUSY);
    assert_string_equal(error.text, "a: 3 of b");
    assert_int_equal(error_set(NULL, -EIO, "nobody reads this"), -EIO);
    assert_int_equal(error_memory(NULL), -ENOMEM);
    assert_int_equal(error_memory(&error), -ENOMEM);
    assert_string_equal(error.text, "out of memory");
}

/* Where memory ran out, no file is at fault. */
static void error_unread__names_the_file_that_is_at_fault(void **state) {
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        {-ENOENT, "x.json cannot be read: No such file or directory"},
        {-EACCES, "x.json cannot be read: Permission denied"},
        {-ENOMEM, "out of memory"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};

        assert_int_equal(error_unread(&error, rows[i].status, "x.json"), rows[i].status);
        assert_string_equal(error.text, rows[i].text);
    }
}

/* A sentence that is too long says that it is cut, and none has what a terminal would obey. */
static void error__is_cut_and_escaped(void **state) {
    struct vms_error error = {""};
    char text[2 * sizeof(error.text)];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)error_set(&error, -EINVAL, "%s", text);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    assert_string_equal(error.text + sizeof(error.text) - 5, "x...");
    (void)error_set(&error, -EINVAL, "a\x1b[2Jb");
    assert_null(strchr(error.text, '\x1b'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error__gives_its_status_back),
        cmocka_unit_test(error_unread__names_the_file_that_is_at_fault),
        cmocka_unit_test(error__is_cut_and_escaped),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
