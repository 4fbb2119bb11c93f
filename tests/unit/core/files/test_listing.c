/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/listing.h"

#include "fakes/folder.h"

#include "base/cleanup.h"
#include "base/error.h"

#include "unit/descriptors.h"

static void next__names_all_but_the_two(void **state) {
    const struct folder *folder = *state;
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder->path, &directory), n = 0;
    bool hidden = false;
    const char *name;

    assert_int_equal(status, 0);
    folder_write(folder->path, "/.hidden", "");
    folder_write(folder->path, "/...", "");
    while ((name = listing_next(directory, &status))) {
        hidden |= strcmp(name, ".hidden") == 0;
        n++;
    }
    assert_int_equal(status, 0);
    assert_int_equal(n, 2);
    assert_true(hidden);
}

static void next__says_an_error(void **state) {
    const struct folder *folder = *state;
    DIR *directory = NULL;
    int status = listing_open(folder->path, &directory);

    assert_int_equal(status, 0);
    (void)close(dirfd(directory));
    assert_null(listing_next(directory, &status));
    assert_int_equal(status, -EBADF);
    /* What ended the loop stays. */
    assert_null(listing_next(directory, &status));
    assert_int_equal(status, -EBADF);
    (void)closedir(directory);
}

static void next__ends_where_the_loop_says_so(void **state) {
    const struct folder *folder = *state;
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder->path, &directory);

    folder_write(folder->path, "/one", "");
    assert_int_equal(status, 0);
    status = 1;
    assert_null(listing_next(directory, &status));
    assert_int_equal(status, 1);
    status = 0;
    /* What failed before is no error of this folder's. */
    errno = EIO;
    assert_string_equal(listing_next(directory, &status), "one");
    errno = EIO;
    assert_null(listing_next(directory, &status));
    assert_int_equal(status, 0);
}

static void open__gives_none_where_there_is_none(void **state) {
    DIR *directory = NULL;
    int status = listing_open("/no/such/folder", &directory);

    (void)state;
    assert_int_equal(status, -ENOENT);
    assert_null(directory);
    /* A loop over it is over before it begins. */
    assert_null(listing_next(directory, &status));
    assert_int_equal(listing_open("/dev/null", &directory), -ENOTDIR);
    assert_int_equal(listing_open_at(-1, &directory), -EBADF);
    assert_null(directory);
}

static void open_at__reads_from_the_first_on(void **state) {
    const struct folder *folder = *state;
    cleanup_close int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    folder_write(folder->path, "/one", "");
    for (int i = 0; i < 2; i++) {
        cleanup_closedir DIR *directory = NULL;
        int status = listing_open_at(fd, &directory);

        assert_int_equal(status, 0);
        assert_string_equal(listing_next(directory, &status), "one");
        assert_null(listing_next(directory, &status));
    }
    assert_true(fcntl(fd, F_GETFD) >= 0);
}

static void unread__names_the_folder_and_why(void **state) {
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(error_unread(&error, -EIO, "/a/b"), -EIO);
    assert_string_equal(error.text, "/a/b cannot be read: Input/output error");
    assert_int_equal(error_unread(&error, -ENOMEM, "/a/b"), -ENOMEM);
    assert_string_equal(error.text, ERROR_MEMORY);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(next__names_all_but_the_two),       IN_FOLDER(next__says_an_error),
        IN_FOLDER(next__ends_where_the_loop_says_so), cmocka_unit_test(open__gives_none_where_there_is_none),
        IN_FOLDER(open_at__reads_from_the_first_on),  cmocka_unit_test(unread__names_the_folder_and_why),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
