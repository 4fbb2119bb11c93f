/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of launchers and of their parameters: whole, in step with the schema, and read as they say. */
#include "guest/launchers/launcher.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SCHEMA "/results/schema/configuration.schema.json"

/* "properties" of "guest"; the caller frees the whole. */
static json_t *load_schema(json_t **ret_properties) {
    cleanup_free char *path = NULL;
    json_t *schema;

    assert_true(asprintf(&path, "%s" SCHEMA, getenv("VMSUITE_SOURCE")) > 0);
    schema = json_load_file(path, 0, NULL);
    assert_non_null(schema);
    *ret_properties =
        json_object_get(json_object_get(json_object_get(schema, "properties"), "guest"), "properties");
    assert_non_null(*ret_properties);
    return schema;
}

static void check_choices(const struct guest_param *param, const json_t *property) {
    const json_t *words = json_object_get(property, "enum");
    size_t n = 0;

    while (param->choices[n])
        n++;
    assert_int_equal(json_array_size(words), n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(json_string_value(json_array_get(words, i)), param->choices[i]);
}

static void check_param(const struct guest_param *param, json_t *properties) {
    const json_t *property = json_object_get(properties, param->name), *number;
    const char *type = param->kind == GUEST_COUNT ? "integer" : "string";

    if (!property)
        fail_msg("the schema has no \"%s\"", param->name);
    assert_string_equal(json_string_value(json_object_get(property, "description")), param->sentence);
    assert_string_equal(json_string_value(json_object_get(property, "type")), type);
    number = json_object_get(property, "default");
    if (param->kind == GUEST_COUNT)
        assert_int_equal(json_integer_value(number), atoi(param->fallback));
    else if (param->fallback)
        assert_string_equal(json_string_value(number), param->fallback);
    else
        assert_null(number);
    if (param->kind == GUEST_COUNT) {
        assert_int_equal(json_integer_value(json_object_get(property, "minimum")), param->min);
        assert_int_equal(json_integer_value(json_object_get(property, "maximum")), param->max);
    }
    if (param->kind == GUEST_CHOICE)
        check_choices(param, property);
    else
        assert_null(json_object_get(property, "enum"));
    assert_int_equal(json_object_del(properties, param->name), 0);
}

static void rows__are_those_of_the_schema(void **state) {
    json_t *properties, *schema = load_schema(&properties);
    const char *list =
        json_string_value(json_object_get(json_object_get(properties, "launcher"), "description"));
    const char *kinds =
        json_string_value(json_object_get(json_object_get(properties, "kind"), "description"));

    (void)state;
    for (size_t i = 0; launchers[i]; i++) {
        cleanup_free char *name = NULL;

        assert_true(asprintf(&name, "\"%s\"", launchers[i]->name) > 0);
        assert_non_null(strstr(list, name));
        for (size_t j = 0; launcher_has_choice(launchers[i]) && launchers[i]->kinds[j].name; j++)
            assert_non_null(strstr(kinds, launchers[i]->kinds[j].name));
        for (size_t j = 0; launchers[i]->params && launchers[i]->params[j].name; j++) {
            assert_true(j < GUEST_OWN_MAX);
            check_param(&launchers[i]->params[j], properties);
        }
    }
    for (size_t i = 0; i < guest_n_params; i++)
        check_param(&guest_params[i], properties);
    assert_int_equal(json_object_size(properties), 2); /* launcher and kind */
    json_decref(schema);
}

static void rows__are_whole(void **state) {
    size_t n = 0;

    (void)state;
    for (; launchers[n]; n++) {
        const struct launcher *launcher = launchers[n];
        size_t n_kinds = 0;

        assert_true(*launcher->summary && launcher->slowness >= 1);
        assert_true(launcher->available && launcher->command);
        assert_ptr_equal(launcher_find(launcher->name), launcher);
        for (; launcher->kinds[n_kinds].name; n_kinds++) {
            assert_true(*launcher->kinds[n_kinds].virtualization);
            assert_ptr_equal(launcher_kind(launcher, launcher->kinds[n_kinds].name),
                             &launcher->kinds[n_kinds]);
            if (launcher->kinds[n_kinds].emulated)
                assert_non_null(launcher->emulator);
        }
        assert_true(n_kinds >= 1 && n_kinds <= LAUNCHER_KINDS_MAX);
    }
    assert_true(n >= 6 && n <= LAUNCHERS_MAX);
}

/* What a word names; "?": nothing, "-": a launcher of several kinds. */
static void named__by_kind_or_launcher(void **state) {
    static const struct {
        const char *word, *launcher, *kind;
    } rows[] = {
        {"xen-pv", "emulated-host", "xen-pv"},
        {"emulated-xen-pv", "emulated-host", "xen-pv"},
        {"emulated-native", "emulated-host", "native"},
        {"emulated-host/kvm", "emulated-host", "kvm"},
        {"kvm", "emulated-host", "kvm"},
        {"kvm/kvm", "kvm", ""},
        {"qemu-tcg", "qemu-tcg", ""},
        {"libvirt/qemu", "libvirt", "qemu"},
        {"libvirt", "libvirt", "-"},
        {"emulated-host", "emulated-host", "-"},
        {"libvirt/xen", "?", NULL},
        {"kvm/", "?", NULL},
        {"emulated-", "?", NULL},
        {"emulated-qemu", "?", NULL},
        {"pv", "?", NULL},
        {"", "?", NULL},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct launcher *launcher = NULL;
        const struct launcher_kind *kind = NULL;
        bool found = launcher_named(rows[i].word, &launcher, &kind);

        assert_string_equal(found ? launcher->name : "?", rows[i].launcher);
        if (found)
            assert_string_equal(kind ? kind->name : "-", rows[i].kind);
    }
}

/* Reads a section; the problems as one text, which the caller frees. */
static char *read_section(const char *text, struct guest_settings *ret_settings) {
    struct problems problems = {0};
    struct document document = {.problems = &problems, .file = (char *)"x.json"};
    char *printed = NULL;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    guest_settings_read(&document, "$.guest", json, ret_settings);
    problems_print(&problems, file);
    (void)fclose(file);
    problems_done(&problems);
    json_decref(json);
    return printed;
}

static void read__values_and_defaults(void **state) {
    struct guest_settings settings;
    cleanup_free char *problems = read_section(
        "{\"launcher\":\"libvirt\",\"kind\":\"qemu\",\"memory\":\"1GiB\",\"disk\":\"8MiB\","
        "\"deadline\":\"2min\",\"cache\":\"unsafe\",\"options\":\"a=\\\"b c\\\"\",\"network\":\"bridge\","
        "\"bridge\":\"br-0.1\",\"address\":\"192.0.2.2/24\",\"template\":\"/x,y/z\"}",
        &settings);

    (void)state;
    assert_string_equal(problems, "");
    assert_string_equal(settings.kind, "qemu");
    assert_int_equal(settings.vcpus, 1);
    assert_int_equal(settings.memory, 1 << 30);
    assert_int_equal(settings.deadline_s, 120);
    assert_string_equal(settings.cache, "unsafe");
    assert_string_equal(settings.options, "a=\"b c\"");
    assert_true(settings.network && !settings.emulated_devices && !settings.icount);
    assert_string_equal(settings.own[0].text, "qemu:///session");
    assert_string_equal(settings.own[1].text, "/x,y/z");
    guest_settings_done(&settings);
}

static void read__mistakes(void **state) {
    static const struct {
        const char *section, *sentence;
    } cases[] = {
        {"{}", "lacks \"launcher\""},
        {"{\"launcher\":\"qemu-tgc\"}", "not \"qemu-tgc\"; did you mean \"qemu-tcg\"?"},
        {"{\"launcher\":\"xen\",\"network\":\"none\",\"kind\":\"pvx\"}", "$.guest.kind: must be one of pv, "},
        {"{\"launcher\":\"kvm\",\"kind\":\"kvm\"}", "boots one kind of guest only"},
        {"{\"launcher\":\"kvm\",\"vcpus\":0}", "$.guest.vcpus: must be from 1 to 256, not 0"},
        {"{\"launcher\":\"kvm\",\"memory\":\"1MiB\"}", "$.guest.memory: must be 128 MiB to 8 TiB"},
        {"{\"launcher\":\"kvm\",\"memory\":1}", "$.guest.memory: must be a string"},
        {"{\"launcher\":\"kvm\",\"deadline\":\"0s\"}", "$.guest.deadline: must be 1 s to 24 h"},
        {"{\"launcher\":\"kvm\",\"deadline\":\"25h\"}", "$.guest.deadline: must be 1 s to 24 h"},
        {"{\"launcher\":\"kvm\",\"cach\":\"none\"}", "did you mean \"cache\"?"},
        {"{\"launcher\":\"kvm\",\"uri\":\"x\"}", "unknown key \"uri\""},
        {"{\"launcher\":\"kvm\",\"clock\":\"instructions\"}", "\"clock\": the launcher kvm cannot do that"},
        {"{\"launcher\":\"xen\",\"network\":\"none\",\"life\":\"whole\"}",
         "\"life\": the launcher xen cannot do that: a guest's state is saved, and its monitor's memory "
         "read, where that is a process of this program's, as with the launchers kvm and "
         "qemu-tcg; leave it out, or say \"boot\""},
        {"{\"launcher\":\"emulated-host\",\"life\":\"whole\"}",
         "cannot do that: the guest's monitor is on the emulated host, which keeps nothing of it; leave"},
        {"{\"launcher\":\"xen\",\"network\":\"none\",\"cache\":\"unsafe\"}", "\"cache\": the launcher xen"},
        {"{\"launcher\":\"libvirt\",\"pin\":\"0\"}",
         "\"pin\": the launcher libvirt cannot do that; leave it out"},
        {"{\"launcher\":\"emulated-host\",\"disk\":\"8MiB\",\"queues\":2}",
         "\"queues\": the launcher emulated-host cannot do that; leave it out, or say \"0\""},
        {"{\"launcher\":\"kvm\",\"disk\":\"8MiB\",\"backing\":\"memory\",\"format\":\"qcow2\"}",
         "that is a file"},
        {"{\"launcher\":\"kvm\",\"disk\":\"8MiB\",\"backing\":\"memory\",\"queues\":2}",
         "\"queues\" needs a \"disk\" that is a file"},
        {"{\"launcher\":\"kvm\",\"pin\":\"1-\"}", "$.guest.pin: \"1-\" is not a list of processors"},
        {"{\"launcher\":\"virtualbox\",\"options\":\"x\"}", "\"options\": the launcher virtualbox"},
        {"{\"launcher\":\"qemu-tcg\",\"peer\":\"hypervisor\"}", "\"peer\": the launcher qemu-tcg"},
        {"{\"launcher\":\"xen\"}", "\"network\": Xen has no"},
        {"{\"launcher\":\"xen\",\"network\":\"none\",\"devices\":\"emulated\"}", "\"devices\": only an hvm"},
        {"{\"launcher\":\"kvm\",\"options\":\"a\\nb\"}", "$.guest.options: must be one line"},
        {"{\"launcher\":\"kvm\",\"kernel\":\"\"}", "$.guest.kernel: must be the path of a file"},
        {"{\"launcher\":\"kvm\",\"network\":\"bridge\",\"address\":\"192.0.2.2/24\",\"bridge\":\"a,b\"}",
         "$.guest.bridge: must be the name of a bridge"},
        {"{\"launcher\":\"kvm\",\"network\":\"bridge\",\"address\":\"192.0.2/24\",\"bridge\":\"b\"}",
         "$.guest.address: \"192.0.2/24\" is not"},
        {"{\"launcher\":\"kvm\",\"bridge\":\"b\"}", "needs a \"bridge\" and an \"address\""},
        {"{\"launcher\":\"kvm\",\"backing\":\"memory\"}", "needs the size of the \"disk\""},
        {"{\"launcher\":\"kvm\",\"role\":\"serves\"}", "\"role\": \"serves\" needs"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct guest_settings settings;
        cleanup_free char *problems = read_section(cases[i].section, &settings);

        if (!strstr(problems, cases[i].sentence))
            fail_msg("%s: expected \"%s\", got: %s", cases[i].section, cases[i].sentence, problems);
        guest_settings_done(&settings);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__are_those_of_the_schema),
        cmocka_unit_test(rows__are_whole),
        cmocka_unit_test(named__by_kind_or_launcher),
        cmocka_unit_test(read__values_and_defaults),
        cmocka_unit_test(read__mistakes),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
