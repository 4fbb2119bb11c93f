/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files are those of tests/fakes/plugins. */
#include "module/loader.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static int dummy_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    (void)host;
    (void)values;
    (void)state;
    (void)error;
    return 0;
}

static int dummy_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    (void)host;
    (void)values;
    (void)error;
    return 0;
}

static const struct vms_metric good_metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .help = "Speed."},
    {.name = "loss", .unit = VMS_RATIO, .better = VMS_LOWER, .help = "Loss."},
};

static struct vms_module good_module(void) {
    return (struct vms_module){.abi_major = VMS_ABI_MAJOR,
                               .size = sizeof(struct vms_module),
                               .name = "good",
                               .summary = "Good.",
                               .resource = VMS_CPU,
                               .workload_version = 1,
                               .metrics = good_metrics,
                               .n_metrics = VMS_LENGTH(good_metrics),
                               .measure = dummy_measure};
}

static void assert_refused(const struct vms_module *module, const char *words) {
    struct vms_error error = {""};

    assert_int_equal(loader_check(module, "good", &error), -EINVAL);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void plugin_path(const char *file, char ret_path[static 4096]) {
    (void)snprintf(ret_path, 4096, "%s/tests/fakes/plugins/%s", getenv("VMSUITE_BUILD"), file);
}

static void assert_file_refused(const char *file, const char *words) {
    const struct vms_module *module = NULL;
    struct vms_error error = {""};
    char path[4096];

    plugin_path(file, path);
    assert_int_equal(loader_open(path, &module, &error), -EINVAL);
    assert_null(module);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void open__good(void **state) {
    const struct vms_module *module = NULL, *again = NULL;
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    plugin_path("testgood.so", path);
    assert_int_equal(loader_open(path, &module, &error), 0);
    assert_string_equal(module->name, "testgood");
    assert_int_equal(loader_open(path, &again, &error), 0);
    assert_ptr_equal(module, again);
}

static void open__newer_minor(void **state) {
    const struct vms_module *module = NULL;
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    plugin_path("testnewer.so", path);
    assert_int_equal(loader_open(path, &module, &error), 0);
    assert_true(module->size > sizeof(struct vms_module));
    assert_true(module->abi_minor > VMS_ABI_MINOR);
}

static void open__refusals(void **state) {
    (void)state;
    assert_file_refused("badsymbol.so", "does not export \"vms_module_v1\"");
    assert_file_refused("badmajor.so", "module ABI 2, this program has ABI 1");
    assert_file_refused("badabi.so", "module ABI 2, this program has ABI 1");
    assert_file_refused("badsize.so", "its descriptor has");
    assert_file_refused("badname.so", "it calls itself \"another\", the file's name says \"badname\"");
    assert_file_refused("badmeasure.so", "no function \"measure\"");
    assert_file_refused("badtable.so", "\"8MiB\" is too large: the most is 4MiB");
    assert_file_refused("absent.so", "cannot be loaded");
}

static void open__path_and_name(void **state) {
    const struct vms_module *module;
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

static void check__good(void **state) {
    struct vms_module module = good_module();
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(loader_check(&module, "good", &error), 0);
    module.serve = dummy_serve;
    module.needs = VMS_NEEDS_PEER;
    assert_int_equal(loader_check(&module, "good", &error), 0);
}

static void check__head(void **state) {
    struct vms_module module = good_module();

    (void)state;
    module.name = NULL;
    assert_refused(&module, "it calls itself");
    module = good_module();
    module.summary = "";
    assert_refused(&module, "no summary");
    module = good_module();
    module.resource = (enum vms_resource)9;
    assert_refused(&module, "resource");
    module = good_module();
    module.workload_version = 0;
    assert_refused(&module, "count from 1");
    module = good_module();
    module.needs = 64;
    assert_refused(&module, "0x40");
    module = good_module();
    module.size = 8;
    assert_refused(&module, "has 8 bytes");
}

static void check__functions(void **state) {
    struct vms_module module = good_module();

    (void)state;
    module.needs = VMS_NEEDS_PEER;
    assert_refused(&module, "no function \"serve\"");
    module = good_module();
    module.serve = dummy_serve;
    assert_refused(&module, "VMS_NEEDS_PEER");
}

static void check__metrics(void **state) {
    struct vms_module module = good_module();
    struct vms_metric metrics[] = {good_metrics[0], good_metrics[1]};

    (void)state;
    module.n_metrics = 0;
    assert_refused(&module, "0 metrics");
    module.n_metrics = 65;
    assert_refused(&module, "65 metrics");
    module = good_module();
    module.metrics = metrics;
    metrics[1].name = "speed";
    assert_refused(&module, "\"speed\" stands twice");
    metrics[1].name = "MB/s";
    assert_refused(&module, "metric 1");
    metrics[1] = good_metrics[1];
    metrics[1].unit = (enum vms_unit)77;
    assert_refused(&module, "\"loss\": unit");
    metrics[1] = good_metrics[1];
    metrics[1].help = NULL;
    assert_refused(&module, "\"loss\" has no help");
}

static void check__params(void **state) {
    struct vms_module module = good_module();

    (void)state;
    module.n_params = 1;
    assert_refused(&module, "1 parameters");
    module.n_params = 65;
    assert_refused(&module, "65 parameters");
}

static void list__sorted_with_refusals(void **state) {
    struct module_list list = {0};
    struct vms_error error = {""};
    char path[4096];

    (void)state;
    plugin_path("", path);
    assert_int_equal(loader_list(path, &list, &error), 0);
    assert_int_equal(list.n_modules, 12);
    assert_int_equal(list.n_refusals, 7);
    for (size_t i = 1; i < list.n_modules; i++)
        assert_true(strcmp(list.modules[i - 1].module->name, list.modules[i].module->name) < 0);
    assert_non_null(module_list_find(&list, "testgood"));
    assert_null(module_list_find(&list, "badname"));
    module_list_done(&list);
    module_list_done(&list);
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
    (void)snprintf(path, sizeof(path), "/no/such/folder::%s:%s", folder, target);
    assert_int_equal(loader_list(path, &list, &error), 0);
    assert_int_equal(list.n_modules, 12);
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

static void list__nothing_there(void **state) {
    struct module_list list = {0};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(loader_list("", &list, &error), 0);
    assert_int_equal(list.n_modules + list.n_refusals, 0);
    assert_int_equal(loader_list("/no/such/folder", &list, &error), 0);
    assert_int_equal(list.n_modules + list.n_refusals, 0);
    /* A file is no folder: that is told. */
    assert_int_equal(loader_list("/proc/self/status", &list, &error), 0);
    assert_int_equal(list.n_refusals, 1);
    module_list_done(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__good),
        cmocka_unit_test(open__newer_minor),
        cmocka_unit_test(open__refusals),
        cmocka_unit_test(open__path_and_name),
        cmocka_unit_test(check__good),
        cmocka_unit_test(check__head),
        cmocka_unit_test(check__functions),
        cmocka_unit_test(check__metrics),
        cmocka_unit_test(check__params),
        cmocka_unit_test(list__sorted_with_refusals),
        cmocka_unit_test(list__first_folder_wins),
        cmocka_unit_test(list__nothing_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
