/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files are those of tests/fakes/plugins. */
#include "module/loader.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "module/param.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void plugin_path(const char *file, char ret_path[static 4096]) {
    (void)snprintf(ret_path, 4096, "%s/tests/fakes/plugins/%s", getenv("VMSUITE_BUILD"), file);
}

static void assert_file_refused(const char *file, const char *words) {
    struct vms_module *module = NULL;
    struct vms_error error = {""};
    char path[4096];

    plugin_path(file, path);
    assert_int_equal(loader_open(path, &module, &error), -EINVAL);
    assert_null(module);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static struct vms_module *open_plugin(const char *file) {
    struct vms_module *module = NULL;
    struct vms_error error = {""};
    char path[4096];

    plugin_path(file, path);
    if (loader_open(path, &module, &error) < 0)
        fail_msg("%s", error.text);
    return module;
}

static void open__good(void **state) {
    cleanup_free struct vms_module *module = open_plugin("testgood.so");
    cleanup_free struct vms_module *again = open_plugin("testgood.so");

    (void)state;
    assert_string_equal(module->name, "testgood");
    assert_ptr_equal(module->measure, again->measure);
}

static void open__newer_minor(void **state) {
    cleanup_free struct vms_module *module = open_plugin("testnewer.so");

    (void)state;
    assert_true(module->abi_minor > VMS_ABI_MINOR);
    assert_int_equal(module->n_metrics, 2);
    assert_string_equal(module->metrics[0].name, "speed");
    assert_string_equal(module->metrics[1].name, "errors");
    assert_int_equal(module->metrics[1].better, VMS_LOWER);
}

/* Every value has this version's number, and a value means what it meant. */
static void open__older_minor(void **state) {
    static const enum vms_unit units[] = {VMS_BYTES_PER_SECOND, VMS_BITS_PER_SECOND, VMS_FLOP_PER_SECOND,
                                          VMS_UNIT_SECONDS,     VMS_PER_SECOND,      VMS_RATIO};
    cleanup_free struct vms_module *module = open_plugin("testolder.so");
    union vms_value values[7];
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(module->abi_minor, 0);
    assert_int_equal(module->resource, VMS_DISK);
    assert_int_equal(module->n_params, 7);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(module->params[i].kind, VMS_COUNT + i);
        assert_int_equal(module->params[i].role, VMS_ROLE_PLAIN);
    }
    assert_int_equal(module->n_metrics, 6);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(module->metrics[i].unit, units[i]);
        assert_int_equal(module->metrics[i].role, VMS_ROLE_PLAIN);
    }
    assert_int_equal(module->metrics[0].better, VMS_HIGHER);
    assert_int_equal(module->metrics[3].better, VMS_LOWER);
    assert_int_equal(module->metrics[1].side, VMS_SENDER);
    assert_int_equal(module->metrics[5].shape, VMS_DISTRIBUTION);
    assert_string_equal(module->metrics[5].help, "1.");
    assert_int_equal(module->n_facts, 0);
    assert_null(module->validate);
    assert_int_equal(param_defaults(module, values, &error), 0);
    assert_int_equal(values[1].bytes, 65536);
    assert_true(values[3].rate == 1e6);
    assert_int_equal(values[5].choice, 1);
    assert_string_equal(values[6].text, "abc");
}

static void open__refusals(void **state) {
    (void)state;
    assert_file_refused("badsymbol.so", "does not export \"vms_module_v1\"");
    assert_file_refused("badmajor.so", "module ABI 2, this program has ABI 1");
    assert_file_refused("badabi.so", "module ABI 2, this program has ABI 1");
    assert_file_refused("badsize.so", "its descriptor has");
    assert_file_refused("badname.so", "it calls itself \"another\", the file's name says \"badname\"");
    assert_file_refused("badmeasure.so", "no function \"measure\"");
    assert_file_refused("badtable.so", "\"8MiB\" is too large: the maximum is 4MiB");
    assert_file_refused("absent.so", "cannot be loaded");
}

static void open__path_and_name(void **state) {
    struct vms_module *module;
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(loader_open("testgood.so", &module, &error), -EINVAL);
    assert_non_null(strstr(error.text, "must be absolute"));
    assert_int_equal(loader_open("./x/testgood.so", &module, &error), -EINVAL);
    assert_non_null(strstr(error.text, "must be absolute"));
    assert_file_refused("Testgood.so", "NAME.so");
    assert_file_refused("7zip.so", "NAME.so");
    assert_file_refused("test-good.so", "NAME.so");
    assert_file_refused("testgood", "NAME.so");
    assert_file_refused(".so", "NAME.so");
    assert_file_refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.so",
                        "NAME.so");
}

static void list__sorted_with_refusals(void **state) {
    struct module_list list = {0};
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    plugin_path("", path);
    assert_int_equal(loader_list(path, NULL, &list, &error), 0);
    assert_int_equal(list.n_modules, 14);
    assert_int_equal(list.n_refusals, 7);
    for (size_t i = 1; i < list.n_modules; i++)
        assert_true(strcmp(list.modules[i - 1].module->name, list.modules[i].module->name) < 0);
    assert_non_null(module_list_find(&list, "testgood"));
    assert_null(module_list_find(&list, "badname"));
    module_list_done(&list);
    module_list_done(&list);
}

static bool lacks_descriptors; /* in libc's place: a process that tries a module cannot be begun */

int pipe2(int ends[2], int flags) {
    if (lacks_descriptors) {
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_pipe2, ends, flags);
}

/* What this process lacks is not a module's fault: there is no list rather than one with less in it. */
static void list__is_whole_or_an_error(void **state) {
    struct module_list list = {0};
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    plugin_path("", path);
    lacks_descriptors = true;
    assert_int_equal(loader_list(path, NULL, &list, &error), -EMFILE);
    lacks_descriptors = false;
    assert_int_equal(list.n_modules + list.n_refusals, 0);
    assert_non_null(strstr(error.text, "Too many open files"));
}

static void list__first_folder_wins(void **state) {
    struct module_list list = {0};
    struct vms_error error = {""};
    char folder[] = "/tmp/vmsuite-loader-XXXXXX", path[12400], target[4096], link[128], broken[128];
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    plugin_path("testgood.so", target);
    (void)snprintf(link, sizeof(link), "%s/testgood.so", folder);
    (void)snprintf(broken, sizeof(broken), "%s/testfail.so", folder);
    assert_int_equal(symlink(target, link), 0);
    file = fopen(broken, "w");
    assert_non_null(file);
    (void)fputs("not an object", file);
    (void)fclose(file);
    *strrchr(target, '/') = '\0';
    (void)snprintf(path, sizeof(path), "::%s:%s", folder, target);
    assert_int_equal(loader_list(path, NULL, &list, &error), 0);
    assert_int_equal(list.n_modules, 14);
    for (size_t i = 0; i < list.n_modules; i++)
        if (strcmp(list.modules[i].module->name, "testgood") == 0)
            assert_string_equal(list.modules[i].path, link);
    /* A broken file does not hide the good one in a later folder, and is told. */
    assert_non_null(module_list_find(&list, "testfail"));
    assert_string_equal(list.refusals[0].path, broken);
    assert_int_equal(list.n_refusals, 8);
    module_list_done(&list);
    assert_int_equal(unlink(link) | unlink(broken) | rmdir(folder), 0);
}

static void assert_folder_refused(const char *folder, const char *words) {
    struct module_list list = {0};
    struct vms_error error = {""};

    assert_int_equal(loader_list(folder, NULL, &list, &error), 0);
    assert_int_equal(list.n_modules, 0);
    assert_int_equal(list.n_refusals, 1);
    assert_string_equal(list.refusals[0].path, folder);
    assert_string_equal(list.refusals[0].reason, words);
    module_list_done(&list);
}

/* A path that is misspelt must not look like one that has nothing in it. */
static void list__nothing_there(void **state) {
    char empty[] = "/tmp/vmsuite-loader-XXXXXX";
    struct module_list list = {0};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(loader_list("", NULL, &list, &error), 0);
    assert_int_equal(list.n_modules + list.n_refusals, 0);
    assert_folder_refused("/no/such/folder", "there is no such folder");
    assert_folder_refused("/proc/self/status", "Not a directory");
    assert_non_null(mkdtemp(empty));
    assert_folder_refused(empty, "this folder holds no module (NAME.so)");
    assert_int_equal(rmdir(empty), 0);
}

/* A file of the same name in an earlier folder is used instead of the shipped one, and that is remembered;
 * the same file by another way is not another one. */
static void list__what_is_hidden(void **state) {
    char folder[] = "/tmp/vmsuite-loader-XXXXXX", shipped[4096], foreign[128], path[4300], target[4096];
    struct module_list list = {0};
    struct vms_error error = {""};

    (void)state;
    plugin_path("", shipped);
    shipped[strlen(shipped) - 1] = '\0';
    plugin_path("testgood.so", target);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(foreign, sizeof(foreign), "%s/testgood.so", folder);
    (void)snprintf(path, sizeof(path), "cp %s %s", target, foreign);
    assert_int_equal(system(path), 0); /* NOLINT: paths of ours */
    assert_int_equal(loader_list(folder, shipped, &list, &error), 0);
    for (size_t i = 0; i < list.n_modules; i++) {
        bool is_foreign = strcmp(list.modules[i].module->name, "testgood") == 0;

        assert_int_equal(list.modules[i].is_shipped, !is_foreign);
        assert_int_equal(list.modules[i].hides != NULL, is_foreign);
        assert_int_equal(strcmp(list.modules[i].path, foreign) == 0, is_foreign);
        if (is_foreign)
            assert_non_null(strstr(list.modules[i].hides, "/plugins/testgood.so"));
    }
    module_list_done(&list);
    assert_int_equal(unlink(foreign), 0);
    assert_int_equal(symlink(target, foreign), 0);
    assert_int_equal(loader_list(folder, shipped, &list, &error), 0);
    for (size_t i = 0; i < list.n_modules; i++)
        assert_null(list.modules[i].hides);
    module_list_done(&list);
    /* The shipped folder itself, given by hand, is no foreign one. */
    assert_int_equal(loader_list(shipped, shipped, &list, &error), 0);
    for (size_t i = 0; i < list.n_modules; i++)
        assert_true(list.modules[i].is_shipped && !list.modules[i].hides);
    module_list_done(&list);
    assert_int_equal(unlink(foreign) | rmdir(folder), 0);
}

/* Constructors run before anything can be checked: those of strange files, in a child. */
static void list__constructors(void **state) {
    static const struct {
        const char *file, *words;
    } refused[] = {{"badcrash.so", "its constructor crashed: signal 6 (Aborted)"},
                   {"badexit.so", "its constructor ended the process with status 0"},
                   {"badhang.so", "its constructor had not returned after 5 s"},
                   {"badwrite.so", "its constructor crashed: signal 6 (Aborted)"}};
    struct module_list list = {0};
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/fakes/constructors", getenv("VMSUITE_BUILD"));
    assert_int_equal(loader_list(path, NULL, &list, &error), 0);
    assert_int_equal(list.n_modules, 1);
    assert_string_equal(list.modules[0].module->name, "goodquiet");
    assert_int_equal(list.n_refusals, VMS_LENGTH(refused));
    for (size_t i = 0; i < VMS_LENGTH(refused); i++) {
        assert_non_null(strstr(list.refusals[i].path, refused[i].file));
        assert_string_equal(list.refusals[i].reason, refused[i].words);
    }
    module_list_done(&list);
    /* What the one that hangs has left behind is gone, too. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__good),
        cmocka_unit_test(open__newer_minor),
        cmocka_unit_test(open__older_minor),
        cmocka_unit_test(open__refusals),
        cmocka_unit_test(open__path_and_name),
        cmocka_unit_test(list__sorted_with_refusals),
        cmocka_unit_test(list__is_whole_or_an_error),
        cmocka_unit_test(list__first_folder_wins),
        cmocka_unit_test(list__nothing_there),
        cmocka_unit_test(list__what_is_hidden),
        cmocka_unit_test(list__constructors),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
