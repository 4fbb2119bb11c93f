/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a node that has no record: by the queue, by what its job noted, by the record that cannot
 * be used. */
#include "base/cleanup.h"
#include "base/text.h"
#include "fakes/folder.h"
#include "fleet/node_state.h"

#include "unit/descriptors.h"

#include <jansson.h>
#include <unistd.h>

static struct node_state look(struct folder *folder, const char *queue_text) {
    const struct fleet_folder fleet = {.path = folder->path};
    const struct fleet_unit unit = {.name = (char[]){"n1"}, .host = (char[]){"n1"}, .node = "n1"};
    struct slurm_queue queue = {0};
    struct node_state state;
    char text[200];

    (void)snprintf(text, sizeof(text), "%s", queue_text);
    assert_int_equal(slurm_parse_queue(text, &queue, NULL), 0);
    assert_int_equal(node_state_read(&fleet, &unit, &queue, &state, NULL), 0);
    assert_null(state.record);
    slurm_queue_done(&queue);
    return state;
}

static void state__is_that_of_the_newest_job(void **state) {
    static const struct {
        const char *queue, *ended;
        enum node_phase phase;
        const char *words;
    } rows[] = {
        {"7|PENDING|(null)|Resources\n", NULL, NODE_WAITING, "Resources"},
        {"7|PENDING|(null)|None\n", NULL, NODE_WAITING, ""},
        {"7|RUNNING|(null)|None\n", NULL, NODE_RUNNING, ""},
        {"7|COMPLETING|(null)|None\n", "7 2\n", NODE_RUNNING, ""},
        {"7|NODE_FAIL|(null)|None\n", NULL, NODE_LOST, "Slurm lost the node (NODE_FAIL)"},
        {"7|TIMEOUT|(null)|None\n", NULL, NODE_FAILED, "its job ended as TIMEOUT: see logs/n1.log"},
        {"7|FAILED|(null)|None\n", "7 2\n", NODE_FAILED, "its run ended with exit status 2: see logs/n1.log"},
        {"", "7 2\n", NODE_FAILED, "its run ended with exit status 2: see logs/n1.log"},
        {"8|RUNNING|(null)|None\n", "6 2\n", NODE_LOST, "its job 7 is gone and left no record"},
        {"", "7\n", NODE_LOST, "its job 7 is gone and left no record"},
    };
    struct folder *folder = *state;
    char path[PATH_MAX];

    assert_int_equal(look(folder, "").phase, NODE_MISSING);
    assert_int_equal(look(folder, "7|PENDING|(null)|None\n").phase, NODE_MISSING);
    folder_write(folder->path, "/jobs/n1", "7\n");
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct node_state found;

        (void)unlink(folder_join(path, folder, "ended/n1"));
        if (rows[i].ended)
            folder_write(folder->path, "/ended/n1", rows[i].ended);
        found = look(folder, rows[i].queue);
        assert_int_equal(found.phase, rows[i].phase);
        assert_string_equal(found.words, rows[i].words);
    }
}

/* What was submitted by a submit that was killed before it noted that. */
static void state__is_that_of_a_job_that_nobody_noted(void **state) {
    struct folder *folder = *state;
    struct node_state found = look(folder, "8|PENDING|n1|None\n9|PENDING|n2|None\n");

    assert_int_equal(found.phase, NODE_WAITING);
    assert_int_equal(found.job, 8);
    assert_false(found.is_noted);
    folder_write(folder->path, "/jobs/n1", "7\n");
    folder_write(folder->path, "/ended/n1", "7 2\n");
    found = look(folder, "7|FAILED|n1|None\n8|RUNNING|n1|None\n");
    assert_int_equal(found.phase, NODE_RUNNING);
    assert_false(found.is_noted);
    found = look(folder, "7|FAILED|n1|None\n8|TIMEOUT|n1|None\n");
    assert_int_equal(found.phase, NODE_FAILED);
    assert_string_equal(found.words, "its job ended as TIMEOUT: see logs/n1.log");
    found = look(folder, "7|FAILED|n1|None\n");
    assert_string_equal(found.words, "its run ended with exit status 2: see logs/n1.log");
    assert_true(found.is_noted);
    /* An older one that lingers is not the noted one. */
    found = look(folder, "6|COMPLETING|n1|None\n");
    assert_string_equal(found.words, "its run ended with exit status 2: see logs/n1.log");
    assert_int_equal(found.job, 7);
    assert_true(found.is_noted);
    /* A cluster may give jobs a comment of its own. */
    found = look(folder, "7|RUNNING|billed to physics|None\n");
    assert_int_equal(found.phase, NODE_RUNNING);
    assert_true(found.is_noted);
}

static void state__says_what_is_wrong_with_a_record(void **state) {
    struct folder *folder = *state;
    struct node_state found;
    char path[PATH_MAX];

    folder_write(folder->path, "/jobs/n1", "7\n");
    folder_write(folder->path, "/ended/n1", "7 0\n");
    folder_write(folder->path, "/records/n1/a.json", "{\"schema\": ");
    found = look(folder, "");
    assert_int_equal(found.phase, NODE_FAILED);
    folder_join(path, folder, "records/n1/a.json");
    assert_memory_equal(found.words, path, strlen(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_string_equal(look(folder, "").words, "its record is not a regular file");
    /* A new job is what counts. */
    assert_int_equal(look(folder, "7|PENDING|(null)|None\n").phase, NODE_WAITING);
}

/* A record counts where its labels are the unit's: its node, and of a pair the pair. */
static void state__takes_records_of_its_own_labels(void **state) {
    static const struct {
        const char *node, *pair; /* labels */
        const char *partner, *words;
    } rows[] = {
        {"n1", NULL, NULL, ""},
        {"n2", NULL, NULL, "its record is labelled with another node"},
        {"n1", "n1+n2", NULL, ""},
        {"n1", "n1+n2", "n2", ""},
        {"n1", "n1", "n2", "its record is labelled with another pair"},
        {"n1", "n1+n3", "n2", "its record is labelled with another pair"},
        {"n1", NULL, "n2", "its record is labelled with another pair"},
        {"n2", "n1+n2", "n2", "its record is labelled with another node"},
    };
    struct folder *folder = *state;
    const struct fleet_folder fleet = {.path = folder->path};
    cleanup_free char *golden = text_new("%s/tests/golden/record.json", getenv("VMSUITE_SOURCE"));
    json_auto_t *record = json_load_file(golden, 0, NULL);

    assert_non_null(record);
    json_object_set_new(record, "status", json_string("failed"));
    folder_write(folder->path, "/jobs/n1+n2", "7\n");
    folder_write(folder->path, "/ended/n1+n2", "7 0\n");
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct fleet_unit unit = {(char[]){"n1+n2"}, (char[]){"n1+n2"}, "n1", rows[i].partner};
        cleanup_free char *text = NULL;
        struct slurm_queue queue = {0};
        struct node_state found;

        json_object_set_new(record, "labels",
                            json_pack("{s:s, s:s*}", "node", rows[i].node, "pair", rows[i].pair));
        assert_non_null(text = json_dumps(record, 0));
        folder_write(folder->path, "/records/n1+n2/a.json", text);
        assert_int_equal(node_state_read(&fleet, &unit, &queue, &found, NULL), 0);
        assert_string_equal(found.words, rows[i].words);
        assert_int_equal(found.phase, *rows[i].words ? NODE_FAILED : NODE_DONE);
        assert_int_equal(found.record != NULL, !*rows[i].words);
        free(found.record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(state__is_that_of_the_newest_job, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(state__is_that_of_a_job_that_nobody_noted, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(state__takes_records_of_its_own_labels, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(state__says_what_is_wrong_with_a_record, folder_set_up,
                                        folder_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
