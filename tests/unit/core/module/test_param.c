/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/param.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const modes[] = {"stream", "request-response", NULL};

static const struct vms_param good_params[] = {
    {.name = "repeats", .kind = VMS_COUNT, .fallback = "3", .min = "1", .max = "100", .help = "Repeats."},
    {.name = "size", .kind = VMS_BYTES, .fallback = "64KiB", .min = "1", .max = "1GiB", .help = "Size."},
    {.name = "duration", .kind = VMS_SECONDS, .fallback = "2s", .min = "1ms", .help = "Time."},
    {.name = "rate", .kind = VMS_RATE, .fallback = "0", .max = "100Gbit/s", .help = "0: unlimited."},
    {.name = "nodelay", .kind = VMS_BOOLEAN, .fallback = "false", .help = "No delay."},
    {.name = "mode", .kind = VMS_CHOICE, .fallback = "stream", .choices = modes, .help = "Mode."},
    {.name = "note", .kind = VMS_TEXT, .fallback = "", .help = "Anything."},
};
#define N_PARAMS VMS_LENGTH(good_params)

static const struct vms_module good = {.params = good_params, .n_params = N_PARAMS};

static void assert_refused(const char *name, const char *text, const char *words) {
    const struct vms_param *param = &good_params[param_find(&good, name)];
    struct vms_error error = {""};
    union vms_value value = {.count = 77};

    assert_int_equal(param_parse(param, text, &value, &error), -EINVAL);
    assert_int_equal(value.count, 77);
    assert_non_null(strstr(error.text, name));
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void param__find(void **state) {
    (void)state;
    assert_int_equal(param_find(&good, "repeats"), 0);
    assert_int_equal(param_find(&good, "note"), 6);
    assert_int_equal(param_find(&good, "Note"), -1);
}

static void param__defaults(void **state) {
    union vms_value values[N_PARAMS];
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(param_defaults(&good, values, &error), 0);
    assert_int_equal(values[0].count, 3);
    assert_int_equal(values[1].bytes, 65536);
    assert_true(values[2].seconds == 2.0);
    assert_true(values[3].rate == 0.0);
    assert_false(values[4].boolean);
    assert_int_equal(values[5].choice, 0);
    assert_string_equal(values[6].text, "");
}

static void param__each_kind_is_read(void **state) {
    static const char *const texts[N_PARAMS] = {
        "100", "1MiB", "1ms", "100Gbit/s", "true", "request-response", "h\xc3\xa9llo w\xc3\xb6rld"};
    union vms_value values[N_PARAMS];

    (void)state;
    for (size_t i = 0; i < N_PARAMS; i++)
        assert_int_equal(param_parse(&good_params[i], texts[i], &values[i], NULL), 0);
    assert_int_equal(values[0].count, 100);
    assert_int_equal(values[1].bytes, 1 << 20);
    assert_true(values[2].seconds == 1e-3);
    assert_true(values[3].rate == 1e11);
    assert_true(values[4].boolean);
    assert_string_equal(good_params[5].choices[values[5].choice], texts[5]);
    assert_ptr_equal(values[6].text, texts[6]);
    assert_int_equal(param_parse(&good_params[1], "64KiB", &values[0], NULL), 0);
    assert_int_equal(values[0].bytes, 65536);
    assert_int_equal(param_parse(&good_params[1], "64kB", &values[0], NULL), 0);
    assert_int_equal(values[0].bytes, 64000);
}

static void param__limits_are_included(void **state) {
    union vms_value value;

    (void)state;
    assert_int_equal(param_parse(&good_params[0], "1", &value, NULL), 0);
    assert_int_equal(param_parse(&good_params[0], "100", &value, NULL), 0);
    assert_refused("repeats", "0", "the minimum is 1");
    assert_refused("repeats", "101", "the maximum is 100");
    assert_refused("size", "2GiB", "the maximum is 1GiB");
    assert_refused("duration", "999us", "the minimum is 1ms");
    assert_refused("rate", "101Gbit/s", "the maximum is 100Gbit/s");
}

static void param__refused(void **state) {
    char long_text[PARAM_TEXT_SIZE + 1];

    (void)state;
    assert_refused("repeats", "three", "not a whole number");
    assert_refused("size", "64 parsecs", "parsecs");
    assert_refused("nodelay", "yes", "neither true nor false");
    assert_refused("mode", "steam", "did you mean \"stream\"?");
    assert_refused("mode", "xyz", "must be stream or request-response, not \"xyz\"");
    assert_refused("note", "a\nb", "control character (code 10)");
    memset(long_text, 'a', sizeof(long_text));
    long_text[PARAM_TEXT_SIZE] = '\0';
    assert_refused("note", long_text, "at most 255");
}

static void assert_table_refused(struct vms_param row, const char *words) {
    struct vms_param rows[] = {good_params[0], row};
    struct vms_module module = {.params = rows, .n_params = 2};
    struct vms_error error = {""};

    assert_int_equal(param_check_table(&module, &error), -EINVAL);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void table__good(void **state) {
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(param_check_table(&good, &error), 0);
}

static void table__refused(void **state) {
    static const char *const doubled[] = {"a", "b", "a", NULL}, *const none[] = {NULL},
                             *const empty[] = {"", NULL};
    const struct vms_param count = {.name = "n", .kind = VMS_COUNT, .fallback = "1", .help = "N."};
    struct vms_param row;

    (void)state;
    row = count, row.name = NULL;
    assert_table_refused(row, "parameter 1 has no name");
    row = count, row.name = "Size";
    assert_table_refused(row, "parameter 1");
    row = count, row.name = "repeats";
    assert_table_refused(row, "appears twice");
    row = count, row.kind = (enum vms_kind)70;
    assert_table_refused(row, "its kind, 70, is missing or unknown");
    row = count, row.fallback = NULL;
    assert_table_refused(row, "no default");
    row = count, row.help = NULL;
    assert_table_refused(row, "no help");
    row = count, row.fallback = "x";
    assert_table_refused(row, "the default does not fit");
    row = count, row.min = "2";
    assert_table_refused(row, "the default does not fit");
    row = count, row.max = "many";
    assert_table_refused(row, "a limit cannot be read");
    row = count, row.min = "3", row.max = "2";
    assert_table_refused(row, "the minimum, 3, is above the maximum, 2");
    row = count, row.choices = modes;
    assert_table_refused(row, "choices belong");
    row = (struct vms_param){.name = "c", .kind = VMS_CHOICE, .fallback = "a", .help = "C."};
    assert_table_refused(row, "choices belong");
    row.choices = none;
    assert_table_refused(row, "empty");
    row.choices = doubled;
    assert_table_refused(row, "\"a\" appears twice");
    row.choices = empty;
    assert_table_refused(row, "empty");
    row = (struct vms_param){.name = "t", .kind = VMS_TEXT, .fallback = "a", .min = "1", .help = "T."};
    assert_table_refused(row, "limits are for numbers");
}

static void kinds__have_names(void **state) {
    (void)state;
    assert_string_equal(param_kind_name(VMS_COUNT), "count");
    assert_string_equal(param_kind_name(VMS_TEXT), "text");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(param__find),
        cmocka_unit_test(param__defaults),
        cmocka_unit_test(param__each_kind_is_read),
        cmocka_unit_test(param__limits_are_included),
        cmocka_unit_test(param__refused),
        cmocka_unit_test(table__good),
        cmocka_unit_test(table__refused),
        cmocka_unit_test(kinds__have_names),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
