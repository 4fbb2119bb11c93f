/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/journal.h"

#include "base/cleanup.h"
#include "fakes/fixed_run.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
    char folder[64], path[96];
    struct outcome_run run;
    json_t *header;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    strcpy(fixture->folder, "/tmp/vmsuite-journal-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/run.journal.jsonl", fixture->folder);
    fixed_run_init(&fixture->run);
    fixture->header = json_pack("{s:s, s:s}", "schema", JOURNAL_SCHEMA, "plan", "a b c");
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    int status;

    (void)unlink(fixture->path);
    status = rmdir(fixture->folder);
    outcome_run_done(&fixture->run);
    json_decref(fixture->header);
    free(fixture);
    return status;
}

/* Writes every trial of the fixed run. */
static void write_all_trials(struct fixture *fixture) {
    struct journal *journal = NULL;

    assert_int_equal(journal_create(fixture->path, fixture->header, &journal, NULL), 0);
    for (size_t i = 0; i < fixture->run.n_cases; i++)
        for (size_t j = 0; j < fixture->run.cases[i].n_done; j++)
            assert_int_equal(
                journal_append(journal, &fixture->run.cases[i], &fixture->run.cases[i].trials[j], NULL), 0);
    journal_close(journal);
}

/* The fixed run with its trials and facts taken out: as a resumed run begins. */
static void empty_run(struct outcome_run *run) {
    fixed_run_init(run);
    for (size_t i = 0; i < run->n_cases; i++) {
        for (size_t j = 0; j < run->cases[i].n_done; j++)
            outcome_trial_done(&run->cases[i].trials[j]);
        run->cases[i].n_done = 0;
        free(run->cases[i].facts.facts);
        run->cases[i].facts = (struct outcome_facts){0};
        run->cases[i].path = NULL;
    }
}

static off_t file_length(const char *path) {
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_size;
}

static void put_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");

    fputs(text, file);
    (void)fclose(file);
}

static void journal__brings_a_run_back_whole(void **state) {
    struct fixture *fixture = *state;
    const struct record_context context = {0};
    struct outcome_run back;
    json_t *header, *lines, *line, *before, *after;
    size_t index;

    write_all_trials(fixture);
    empty_run(&back);
    assert_int_equal(journal_read(fixture->path, &header, &lines, NULL), 0);
    assert_true(json_equal(header, fixture->header));
    json_array_foreach (lines, index, line)
        assert_int_equal(journal_apply(&back, line, NULL), 0);
    outcome_run_settle(&back);
    before = record_new(&fixture->run, &context);
    after = record_new(&back, &context);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    json_decref(header);
    json_decref(lines);
    outcome_run_done(&back);
}

/* Killed at any byte of the last line: all lines before it are read, and the run goes on cleanly. */
static void journal__torn_at_every_byte_of_the_last_line(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL;
    json_t *header, *lines;
    off_t start, end;

    assert_int_equal(journal_create(fixture->path, fixture->header, &journal, NULL), 0);
    assert_int_equal(journal_append(journal, &fixture->run.cases[0], &fixture->run.cases[0].trials[0], NULL),
                     0);
    start = file_length(fixture->path);
    assert_int_equal(journal_append(journal, &fixture->run.cases[0], &fixture->run.cases[0].trials[1], NULL),
                     0);
    end = file_length(fixture->path);
    journal_close(journal);
    for (off_t length = end - 1; length >= start; length--) {
        assert_int_equal(truncate(fixture->path, length), 0);
        assert_int_equal(journal_read(fixture->path, &header, &lines, NULL), 0);
        assert_int_equal(json_array_size(lines), 1);
        json_decref(header);
        json_decref(lines);
        assert_int_equal(journal_open(fixture->path, &journal, NULL), 0);
        assert_int_equal(file_length(fixture->path), start);
        assert_int_equal(
            journal_append(journal, &fixture->run.cases[0], &fixture->run.cases[0].trials[1], NULL), 0);
        journal_close(journal);
        assert_int_equal(file_length(fixture->path), end);
    }
}

static void journal__zeros_at_the_end_are_torn_too(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL;
    off_t length;

    write_all_trials(fixture);
    length = file_length(fixture->path);
    assert_int_equal(truncate(fixture->path, length + 100), 0);
    assert_int_equal(journal_open(fixture->path, &journal, NULL), 0);
    journal_close(journal);
    assert_int_equal(file_length(fixture->path), length);
}

static void journal_create__never_replaces(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL;
    struct vms_error error;

    put_text(fixture->path, "precious");
    assert_int_equal(journal_create(fixture->path, fixture->header, &journal, &error), -EEXIST);
    assert_null(journal);
    assert_int_equal(file_length(fixture->path), 8);
}

/* A link under the journal's name, and be it to a journal of ours, is neither read nor written. */
static void journal_open__follows_no_link(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL;
    struct vms_error error = {""};
    char target[128];
    struct stat before, after;

    write_all_trials(fixture);
    (void)snprintf(target, sizeof(target), "%s.target", fixture->path);
    assert_int_equal(rename(fixture->path, target), 0);
    assert_int_equal(symlink(target, fixture->path), 0);
    assert_int_equal(stat(target, &before), 0);
    assert_int_equal(journal_open(fixture->path, &journal, &error), -ELOOP);
    assert_non_null(strstr(error.text, fixture->path));
    assert_null(journal);
    assert_int_equal(stat(target, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    (void)unlink(target);
}

static void journal_open__one_writer_at_a_time(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL, *second = NULL;
    struct vms_error error;

    assert_int_equal(journal_create(fixture->path, fixture->header, &journal, NULL), 0);
    assert_int_equal(journal_open(fixture->path, &second, &error), -EBUSY);
    assert_non_null(strstr(error.text, "another run"));
    journal_close(journal);
    assert_int_equal(journal_open(fixture->path, &second, &error), 0);
    journal_close(second);
}

static void journal_read__says_what_is_wrong(void **state) {
    static const struct {
        const char *text, *says;
        int status;
    } broken[] = {
        {"", "complete journal header", -ENODATA},
        {"{\"schema\": \"vmsuite.journal/1\"}", "complete journal header", -ENODATA},
        {"{\"schema\": \"vmsuite.journal/2\"}\n", "its schema is \"vmsuite.journal/2\"", -EINVAL},
        {"{}\n", "its schema is \"\"", -EINVAL},
        {"{\"schema\": \"vmsuite.journal/1\"}\n{\"case\n{\"case\": 1}\n", "line 2", -EINVAL},
    };
    struct fixture *fixture = *state;
    json_t *header = NULL, *lines = NULL;
    struct vms_error error;

    assert_int_equal(journal_read(fixture->path, &header, &lines, &error), -ENOENT);
    for (size_t i = 0; i < VMS_LENGTH(broken); i++) {
        put_text(fixture->path, broken[i].text);
        assert_int_equal(journal_read(fixture->path, &header, &lines, &error), broken[i].status);
        assert_non_null(strstr(error.text, broken[i].says));
        assert_non_null(strstr(error.text, fixture->path));
        assert_null(header);
        assert_null(lines);
    }
}

static void journal_apply__refuses_what_the_plan_does_not_have(void **state) {
    static const struct {
        const char *line, *says;
    } broken[] = {
        {"{\"case\": 99}", "case 99"},
        {"{\"case\": 1}", "\"trial\""},
        {"{\"case\": 1, \"trial\": 1, \"order\": 1, \"start_s\": 0, \"duration_s\": 1, \"status\": \"good\"}",
         "\"good\""},
        {"{\"case\": 1, \"trial\": 1, \"order\": 1, \"start_s\": 0, \"duration_s\": 1, \"status\": \"ok\","
         " \"facts\": [], \"metrics\": [{\"metric\": \"speed\", \"value\": 1}]}",
         "no metric \"speed\""},
        {"{\"case\": 1, \"trial\": 1, \"order\": 1, \"start_s\": 0, \"duration_s\": 1, \"status\": \"ok\","
         " \"facts\": [], \"metrics\": [{\"metric\": \"loss\", \"value\": \"1\"}]}",
         "\"value\""},
        {"{\"case\": 1, \"trial\": 1, \"order\": 1, \"start_s\": 0, \"duration_s\": 1, \"status\": \"ok\","
         " \"facts\": [{\"key\": \"a\"}], \"metrics\": []}",
         "fact 1"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < VMS_LENGTH(broken); i++) {
        json_t *line = json_loads(broken[i].line, 0, NULL);
        struct vms_error error = {""};

        assert_int_equal(journal_apply(&fixture->run, line, &error), -EINVAL);
        assert_non_null(strstr(error.text, broken[i].says));
        assert_int_equal(fixture->run.cases[0].n_done, 3);
        json_decref(line);
    }
}

/* A line that the disk has no room for is taken back; what was written stays readable. */
static void journal_append__full_disk_keeps_the_whole_lines(void **state) {
    struct fixture *fixture = *state;
    struct journal *journal = NULL;
    json_t *header, *lines;
    struct vms_error error;
    size_t written = 0;
    int status = 0;

    if (mount("none", fixture->folder, "tmpfs", 0, "size=16k") < 0) {
        print_message("mounting a small file system is not allowed here (%s)\n", strerror(errno));
        skip();
    }
    assert_int_equal(journal_create(fixture->path, fixture->header, &journal, NULL), 0);
    for (int i = 0; i < 100 && status == 0; i++, written++)
        status = journal_append(journal, &fixture->run.cases[0], &fixture->run.cases[0].trials[0], &error);
    assert_int_equal(status, -ENOSPC);
    assert_non_null(strstr(error.text, fixture->path));
    journal_close(journal);
    assert_int_equal(journal_read(fixture->path, &header, &lines, NULL), 0);
    assert_int_equal(json_array_size(lines), written - 1);
    json_decref(header);
    json_decref(lines);
    assert_int_equal(umount(fixture->folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(journal__brings_a_run_back_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal__torn_at_every_byte_of_the_last_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal__zeros_at_the_end_are_torn_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_create__never_replaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_open__follows_no_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_open__one_writer_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_read__says_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_apply__refuses_what_the_plan_does_not_have, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(journal_append__full_disk_keeps_the_whole_lines, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
