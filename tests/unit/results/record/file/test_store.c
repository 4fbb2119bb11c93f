/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/output.h"
#include "record/file/store.h"

#include "base/cleanup.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct folder {
    char path[64];
};

static int set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));

    strcpy(folder->path, "/tmp/vmsuite-store-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int tear_down(void **state) {
    struct folder *folder = *state;
    char command[128];
    int status;

    (void)chmod(folder->path, 0755);
    (void)snprintf(command, sizeof(command), "rm -r %s", folder->path);
    status = system(command);
    free(folder);
    return status;
}

static const char *join(char ret_path[static PATH_MAX], const struct folder *folder, const char *name) {
    (void)snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name);
    return ret_path;
}

static size_t count_files(const char *path) {
    cleanup_closedir DIR *directory = opendir(path);
    size_t n = 0;

    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    return n;
}

static json_t *load(const char *path) {
    return json_load_file(path, 0, NULL);
}

static void store_write__numbers_come_back(void **state) {
    char path[PATH_MAX];
    json_t *json = json_pack("{s:f, s:f}", "third", 1.0 / 3, "tenth", 0.1), *back;
    struct vms_error error;

    join(path, *state, "a.json");
    assert_int_equal(store_write(path, json, &error), 0);
    back = load(path);
    assert_true(json_equal(json, back));
    assert_int_equal(count_files(((struct folder *)*state)->path), 1);
    json_decref(back);
    json_decref(json);
}

static void store_write__ends_in_a_newline_and_follows_umask(void **state) {
    char path[PATH_MAX], last = 0;
    json_t *json = json_object();
    struct stat info;
    mode_t old = umask(027);
    FILE *file;

    join(path, *state, "a.json");
    assert_int_equal(store_write(path, json, NULL), 0);
    (void)umask(old);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    file = fopen(path, "r");
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    assert_int_equal(fread(&last, 1, 1, file), 1);
    assert_int_equal(last, '\n');
    (void)fclose(file);
    json_decref(json);
}

static void store_write__replaces(void **state) {
    char path[PATH_MAX];
    json_t *first = json_pack("{s:i}", "n", 1), *second = json_pack("{s:i}", "n", 2), *back;

    join(path, *state, "a.json");
    assert_int_equal(store_write(path, first, NULL), 0);
    assert_int_equal(store_write(path, second, NULL), 0);
    back = load(path);
    assert_true(json_equal(second, back));
    json_decref(back);
    json_decref(first);
    json_decref(second);
}

static void store_write__no_such_folder(void **state) {
    char path[PATH_MAX];
    json_t *json = json_object();
    struct vms_error error;

    join(path, *state, "none/a.json");
    assert_int_equal(store_write(path, json, &error), -ENOENT);
    assert_non_null(strstr(error.text, path));
    json_decref(json);
}

static void store_write__a_folder_is_in_the_way(void **state) {
    char path[PATH_MAX];
    json_t *json = json_object();

    join(path, *state, "a.json");
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(store_write(path, json, NULL), -EISDIR);
    assert_int_equal(count_files(((struct folder *)*state)->path), 1);
    json_decref(json);
}

/* Root may write anywhere: the attempt is made by a child that is nobody. */
static void store_write__read_only_folder_leaves_all_as_it_was(void **state) {
    struct folder *folder = *state;
    char path[PATH_MAX];
    json_t *json = json_pack("{s:i}", "n", 1), *back;
    int status;
    pid_t child;

    join(path, folder, "a.json");
    assert_int_equal(store_write(path, json, NULL), 0);
    assert_int_equal(chmod(folder->path, 0555), 0);
    child = child_fork();
    if (child == 0) {
        struct vms_error error = {""};

        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(2);
        _exit(store_write(path, json_null(), &error) == -EACCES &&
                      strstr(error.text, "choose a folder that you may write to") &&
                      output_check_folder(folder->path, &error) == -EACCES
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    back = load(path);
    assert_true(json_equal(json, back));
    assert_int_equal(count_files(folder->path), 1);
    json_decref(back);
    json_decref(json);
}

static void store_write__full_disk_leaves_all_as_it_was(void **state) {
    struct folder *folder = *state;
    char path[PATH_MAX];
    json_t *small = json_pack("{s:i}", "n", 1), *large = json_array(), *back;
    struct vms_error error;

    if (mount("none", folder->path, "tmpfs", 0, "size=64k") < 0) {
        print_message("mounting a small file system is not allowed here (%s)\n", strerror(errno));
        json_decref(small);
        json_decref(large);
        skip();
    }
    for (int i = 0; i < 20000; i++)
        (void)json_array_append_new(large, json_integer(i));
    join(path, folder, "a.json");
    assert_int_equal(store_write(path, small, NULL), 0);
    assert_int_equal(store_write(path, large, &error), -ENOSPC);
    assert_non_null(strstr(error.text, "make room"));
    back = load(path);
    assert_true(json_equal(small, back));
    assert_int_equal(count_files(folder->path), 1);
    assert_int_equal(umount(folder->path), 0);
    json_decref(back);
    json_decref(small);
    json_decref(large);
}

static void output_make_folder__makes_those_above(void **state) {
    char path[PATH_MAX];
    struct stat info;

    join(path, *state, "a/b//c/");
    assert_int_equal(output_make_folder(path, NULL), 0);
    assert_int_equal(output_make_folder(path, NULL), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_int_equal(output_check_folder(path, NULL), 0);
    assert_int_equal(count_files(path), 0);
}

static void output_make_folder__a_file_is_in_the_way(void **state) {
    char path[PATH_MAX];
    struct vms_error error;
    json_t *json = json_object();

    join(path, *state, "a");
    assert_int_equal(store_write(path, json, NULL), 0);
    assert_int_equal(output_make_folder(path, &error), -ENOTDIR);
    assert_non_null(strstr(error.text, "it is a file"));
    join(path, *state, "a/b");
    assert_int_equal(output_make_folder(path, &error), -ENOTDIR);
    json_decref(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(store_write__numbers_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_write__ends_in_a_newline_and_follows_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_write__replaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_write__no_such_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_write__a_folder_is_in_the_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(store_write__read_only_folder_leaves_all_as_it_was, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(store_write__full_disk_leaves_all_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(output_make_folder__makes_those_above, set_up, tear_down),
        cmocka_unit_test_setup_teardown(output_make_folder__a_file_is_in_the_way, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
