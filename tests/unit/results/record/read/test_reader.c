/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/reader.h"

#include "base/cleanup.h"
#include "record/file/store.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char path[] = "/tmp/vmsuite-reader-XXXXXX";

static int set_up(void **state) {
    int fd;

    (void)state;
    strcpy(path, "/tmp/vmsuite-reader-XXXXXX");
    fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    return unlink(path);
}

static void put(const char *text, size_t length) {
    FILE *file = fopen(path, "w");

    assert_int_equal(fwrite(text, 1, length, file), length);
    (void)fclose(file);
}

static char *golden_path(void) {
    char *text;

    assert_true(asprintf(&text, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) > 0);
    return text;
}

/* test_view.c holds the cases against it. */
static void reader__gives_what_is_in_the_record(void **state) {
    cleanup_free char *golden = golden_path();
    json_auto_t *whole = json_load_file(golden, 0, NULL);
    struct reader *reader;

    (void)state;
    assert_int_equal(reader_open(golden, &reader, NULL), 0);
    assert_int_equal(reader_n_cases(reader), json_array_size(json_object_get(whole, "cases")));
    (void)json_object_del(whole, "cases");
    assert_true(json_equal(reader_document(reader), whole));
    assert_string_equal(reader_text(reader, "configuration"), "xen-hvm");
    assert_string_equal(reader_text(reader, "nothing"), "");
    reader_close(reader);
}

/* What people name by mistake is called by its name. */
static void reader__other_files(void **state) {
    static const struct {
        const char *text;
        size_t length;
        const char *sentence;
    } rows[] = {
        {"\x1f\x8b\x08", 3, "is a gzip file; unpack it"},
        {"{\"configuration\": \"a\"}", 22, "is a configuration, not a record; `vmsuite run` takes it"},
        {"{\"benchmarks\": []}", 18, "is a suite, not a record; `vmsuite run --suite` takes it"},
        {"{\"study\": \"a\", \"suite\": \"a\"}", 28, "is a study, not a record"},
        {"{\"b\": 1}", 8, "is JSON of another kind, not a record"},
        {"{\"schema\": \"vmsuite.comparison/2\"}", 34, "is a comparison, not a record"},
        {"{\"schema\": \"vmsuite.fleet/1\"}", 29, "is a comparison of hosts, not a record"},
        {"{\"schema\": \"vmsuite.fleet-jobs/1\"}", 34, "is the description of a fleet, not a record"},
        {"{\"schema\": \"another/2\"}", 23, "its schema is \"another/2\""},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct reader *reader;

        put(rows[i].text, rows[i].length);
        assert_int_equal(reader_open(path, &reader, &error), -EINVAL);
        if (!strstr(error.text, path) || !strstr(error.text, rows[i].sentence))
            fail_msg("\"%s\" says nothing of \"%s\"", error.text, rows[i].sentence);
    }
}

/* A record that was cut short anywhere is refused, whatever its last byte is. */
static void reader_open__refuses_every_cut(void **state) {
    static const char text[] =
        "{\"schema\":\"vmsuite.record/1\",\"run_id\":\"a\",\"configuration\":\"b\\\"\","
        "\"started_at\":\"c\",\"status\":\"ok\",\"seed\":12,\"cases\":[{\"a\":\"]\\\\\"},{}],\"n\":null}";
    struct reader *reader = NULL;
    struct vms_error error;

    (void)state;
    put(text, sizeof(text) - 1);
    assert_int_equal(reader_open(path, &reader, NULL), 0);
    assert_int_equal(reader_n_cases(reader), 2);
    reader_close(reader);
    reader = NULL;
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        put(text, length);
        assert_int_equal(reader_open(path, &reader, &error), -EINVAL);
        assert_non_null(strstr(error.text, path));
        assert_null(reader);
    }
}

static void reader_open__says_what_is_wrong(void **state) {
    static const struct {
        const char *text, *says;
    } broken[] = {
        {"[]", ":1:1: a record begins with '{'"},
        {"\n key = 1", ":2:2: a record begins with '{'"},
        {"\"key\"", ":1:1: a record begins with '{'"},
        {" , ", ":1:2: a record begins with '{'"},
        {"}", ":1:1: a record begins with '{'"},
        {"\n", ":2:1: a record begins with '{'"},
        {"{\"a\": [1,", "the file ends before its JSON object does"},
        {"{\"a\": \"b", "the file ends before its JSON object does"},
        {"{\"schema\": \"vmsuite.record/2\"}", "its schema is \"vmsuite.record/2\""},
        {"{}", "is JSON of another kind, not a record"},
        {"{\"schema\": \"vmsuite.record/1\"}", "no \"run_id\""},
        {"{\"schema\": \"vmsuite.record/1\"} {}", ":1:32: the file continues"},
        {"{\"schema\": \"vmsuite.record/1\"} 1", "continues"},
        {"{\"schema\": \"vmsuite.record/1\"}}", ":1:31: the file continues"},
        {"{\"cases\": {}}", "must be an array"},
        {"{\"cases\": 1}", "must be an array"},
        {"{\"cases\": 1 []}", "must be an array"},
        {"{\"cases\": [] 1}", "not a JSON object"},
        {"{\"cases\": [] []}", "not a JSON object"},
        {"{\"cases\": [], \"cases\": []}", "\"cases\" appears twice"},
        {"{\"cases\": [,]}", "not a JSON object"},
        {"{\"cases\": [{},]}", "not a JSON object"},
        {"{\"cases\": [{}}", "not a JSON object"},
        {"{\"a\": 1,\n  \"a\": 2}", ":2:4: this member appears twice"},
        {"{\"a\":\n nul}", ":2:"},
        {"{\"a\": }", "not a JSON object"},
        {"{\"a\" 1}", "not a JSON object"},
        {"{\"a\": 1,}", "not a JSON object"},
        {"{,}", "not a JSON object"},
        {"{1: 2}", "not a JSON object"},
    };
    struct reader *reader = NULL;
    struct vms_error error;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(broken); i++) {
        put(broken[i].text, strlen(broken[i].text));
        assert_int_equal(reader_open(path, &reader, &error), -EINVAL);
        assert_non_null(strstr(error.text, broken[i].says));
    }
    assert_int_equal(reader_open("/nonexistent", &reader, &error), -ENOENT);
    assert_int_equal(reader_open("/tmp", &reader, &error), -EINVAL);
}

static void reader_case__refuses_what_is_no_case(void **state) {
    static const char *const cases[] = {"{}", "1", "{\"group\": 1}", "{\"a\" 1}", "{\"a\": 1, \"a\": 1}"};
    struct vms_error error;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct reader *reader;
        char text[256];
        struct view_case outcome = {0};

        (void)snprintf(text, sizeof(text),
                       "{\"schema\": \"vmsuite.record/1\", \"run_id\": \"a\", \"configuration\": \"b\","
                       " \"started_at\": \"c\", \"status\": \"ok\", \"cases\": [%s]}",
                       cases[i]);
        put(text, strlen(text));
        assert_int_equal(reader_open(path, &reader, NULL), 0);
        assert_int_equal(reader_case(reader, 0, &outcome, &error), -EINVAL);
        assert_non_null(strstr(error.text, "case 1: "));
        reader_case_done(&outcome);
        reader_close(reader);
    }
}

static void reader_open_all__is_all_or_none(void **state) {
    cleanup_free char *golden = golden_path();
    char *paths[] = {golden, golden, path};
    struct reader **readers = NULL;

    (void)state;
    assert_int_equal(reader_open_all(paths, 3, &readers, NULL), -EINVAL);
    assert_null(readers);
    assert_int_equal(reader_open_all(paths, 2, &readers, NULL), 0);
    reader_close_all(readers, 2);
}

/* Whether the file reads as the golden record, case by case. */
static void check_golden(const char *path_of) {
    cleanup_free char *golden = golden_path();
    struct reader *reader, *other;

    assert_int_equal(reader_open(golden, &reader, NULL), 0);
    assert_int_equal(reader_open(path_of, &other, NULL), 0);
    assert_int_equal(reader_n_cases(other), reader_n_cases(reader));
    assert_true(json_equal(reader_head(other)->document, reader_head(reader)->document));
    for (size_t i = 0; i < reader_n_cases(reader); i++) {
        struct view_case a = {0}, b = {0};

        assert_int_equal(reader_case(reader, i, &a, NULL), 0);
        assert_int_equal(reader_case(other, i, &b, NULL), 0);
        assert_string_equal(a.group, b.group);
        assert_int_equal(a.n_trials, b.n_trials);
        assert_int_equal(a.n_params, b.n_params);
        assert_int_equal(a.n_metrics, b.n_metrics);
        reader_case_done(&a);
        reader_case_done(&b);
    }
    reader_close(reader);
    reader_close(other);
}

/* The golden record with so much space in it that it is read piece by piece. */
static void put_large(void) {
    cleanup_free char *golden = golden_path();
    json_auto_t *record = json_load_file(golden, 0, NULL);
    cleanup_free char *text = json_dumps(record, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    FILE *file = fopen(path, "w");

    for (const char *at = text; *at; at++) {
        fputc(*at, file);
        if (*at == '\n' && at[1] == ' ')
            fprintf(file, "%3000s", "");
    }
    (void)fclose(file);
}

static void reader__reads_large_files_in_pieces(void **state) {
    (void)state;
    put_large();
    check_golden(path);
}

static void reader__reads_packed_files(void **state) {
    static char packed[] = "/tmp/vmsuite-reader-XXXXXX.json.zst";
    cleanup_free char *golden = golden_path();
    json_auto_t *record = json_load_file(golden, 0, NULL), *back = NULL;
    int fd = mkstemps(packed, strlen(".json.zst"));

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(store_write(packed, record, NULL), 0);
    check_golden(packed);
    back = store_read(packed, NULL);
    assert_true(json_equal(record, back));
    (void)unlink(packed);
}

/* A record may be written again, or cut, by others while it is read. */
static void reader_case__refuses_a_file_that_shrank(void **state) {
    struct view_case outcome = {0};
    struct vms_error error;
    struct reader *reader;

    (void)state;
    put_large();
    assert_int_equal(reader_open(path, &reader, NULL), 0);
    assert_int_equal(truncate(path, 1000), 0);
    assert_int_equal(reader_case(reader, reader_n_cases(reader) - 1, &outcome, &error), -EIO);
    assert_non_null(strstr(error.text, "became shorter"));
    reader_case_done(&outcome);
    reader_close(reader);
}

static void reader_open__does_not_wait_for_a_pipe(void **state) {
    struct reader *reader = NULL;
    struct vms_error error;

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(reader_open(path, &reader, &error), -EINVAL);
    assert_non_null(strstr(error.text, "pipe"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader__gives_what_is_in_the_record),
        cmocka_unit_test_setup_teardown(reader__other_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader_open__refuses_every_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader_open__says_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader_case__refuses_what_is_no_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader__reads_large_files_in_pieces, set_up, tear_down),
        cmocka_unit_test(reader__reads_packed_files),
        cmocka_unit_test_setup_teardown(reader_case__refuses_a_file_that_shrank, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader_open__does_not_wait_for_a_pipe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reader_open_all__is_all_or_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
