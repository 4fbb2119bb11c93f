/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/boot_files.h"

#include "base/cleanup.h"
#include "fakes/folder.h"
#include "files/tree.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char place[64];

static int set_up(void **state) {
    (void)state;
    strcpy(place, "/var/tmp/vmsuite-boot-XXXXXX");
    return mkdtemp(place) ? setenv("TMPDIR", place, 1) : -1;
}

static int tear_down(void **state) {
    (void)state;
    (void)unsetenv("TMPDIR");
    return tree_remove(place);
}

static mode_t mode_of(const char *path) {
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void read_token(const struct boot_files *files, char ret_text[static 100]) {
    cleanup_close int fd = open(files->token, O_RDONLY | O_CLOEXEC);
    ssize_t got = read(fd, ret_text, 99);

    assert_true(got > 0);
    ret_text[got] = '\0';
}

/* All of it lies in a folder that is ours alone, closed to others whatever the umask says, and goes. */
static void boot_files__are_private_and_go(void **state) {
    struct vms_error error = {""};
    struct boot_files files;
    mode_t before = umask(0);
    char folder[PATH_MAX];

    (void)state;
    assert_int_equal(boot_files_make(0, "raw", &files, &error), 0);
    assert_null(files.record);
    assert_int_equal(boot_files_add_record(&files, &error), 0);
    assert_int_equal(boot_files_add_token(&files, &error), 0);
    (void)umask(before);
    (void)snprintf(folder, sizeof(folder), "%s", files.folder.folder);
    assert_int_equal(strncmp(folder, place, strlen(place)), 0);
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(files.token), 0600);
    assert_int_equal(mode_of(files.record) & 077, 0);
    assert_null(files.scratch);
    boot_files_done(&files);
    assert_int_equal(access(folder, F_OK), -1);
    assert_null(files.token);
}

static void write_program(const char *name, const char *text) {
    char path[PATH_MAX];

    folder_write(place, name, text);
    (void)snprintf(path, sizeof(path), "%s%s", place, name);
    assert_int_equal(chmod(path, 0700), 0);
}

/* What another format is made of does not stay beside it. */
static void boot_files__convert_the_disk(void **state) {
    cleanup_free char *path = strdup(getenv("PATH"));
    struct vms_error error = {""};
    struct boot_files files;
    char raw[PATH_MAX];

    (void)state;
    write_program("/mke2fs", "#!/bin/sh\n");
    write_program(
        "/qemu-img",
        "#!/bin/sh\n[ \"$*\" = \"convert -f raw -O qcow2 $6 $7\" ] && [ -s \"$6\" ] && : >\"$7\"\n");
    assert_int_equal(setenv("PATH", place, 1), 0);
    assert_int_equal(boot_files_make(1 << 20, "qcow2", &files, &error), 0);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(access(files.scratch, F_OK), 0);
    (void)snprintf(raw, sizeof(raw), "%s/scratch.raw", files.folder.folder);
    assert_int_equal(access(raw, F_OK), -1);
    boot_files_done(&files);
}

static void token__is_new_each_time(void **state) {
    struct vms_error error = {""};
    struct boot_files files[2];
    char texts[2][100];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(boot_files_make(0, "raw", &files[i], &error), 0);
        assert_int_equal(boot_files_add_token(&files[i], &error), 0);
        read_token(&files[i], texts[i]);
        assert_int_equal(strlen(texts[i]), 64);
        assert_int_equal(strspn(texts[i], "0123456789abcdef"), 64);
    }
    assert_string_not_equal(texts[0], texts[1]);
    /* What stands there already is neither followed nor written over. */
    assert_int_equal(boot_files_add_token(&files[0], &error), -EIO);
    assert_non_null(strstr(error.text, "peer.token cannot be written: File exists"));
    for (size_t i = 0; i < 2; i++)
        boot_files_done(&files[i]);
}

static void console__replaces_nothing(void **state) {
    struct vms_error error = {""};
    char last[PATH_MAX] = "", target[PATH_MAX];

    (void)state;
    (void)snprintf(target, sizeof(target), "%s/target", place);
    for (int i = 0; i < 3; i++) {
        cleanup_free char *path = NULL;
        cleanup_close int fd = boot_files_console(place, "guest", &path, &error);

        assert_true(fd >= 0);
        assert_string_not_equal(path, last);
        assert_int_equal(write(fd, "x", 1), 1);
        (void)snprintf(last, sizeof(last), "%s", path);
    }
    assert_int_equal(boot_files_console("/no/such", "guest", &(char *){NULL}, &error), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(boot_files__are_private_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(boot_files__convert_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(token__is_new_each_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(console__replaces_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
