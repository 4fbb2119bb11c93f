/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/slurm.h"
#include "places/kinds/node.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void node__is_a_name(void **state) {
    static const char *const good[] = {"n1", "0", "a.b-c_d", "Node17.cluster"};
    static const char *const bad[] = {"",       "-w",   ".",     "..",       "a/b",  "a b",
                                      "n[1-2]", "n1\n", "n1,n2", "\xc3\xa9", "$(x)", "_x"};
    char longest[66];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(good); i++)
        assert_true(node_is_name(good[i]));
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_false(node_is_name(bad[i]));
    memset(longest, 'n', sizeof(longest));
    longest[65] = '\0';
    assert_false(node_is_name(longest));
    longest[64] = '\0';
    assert_true(node_is_name(longest));
}

static void names__are_checked_each(void **state) {
    static const char *const bad[] = {"", "\n\n", "n1\n-w\n", "n1\nn2\nn1\n", "n1\n../x\n"};
    char good[] = "n1\nn3\nn2\n", **names;
    size_t n;

    (void)state;
    assert_int_equal(slurm_parse_names(good, &names, &n, NULL), 0);
    assert_int_equal(n, 3);
    assert_string_equal(names[1], "n3");
    slurm_free_names(names, n);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        char text[32];
        struct vms_error error = {""};

        (void)snprintf(text, sizeof(text), "%s", bad[i]);
        assert_int_equal(slurm_parse_names(text, &names, &n, &error), -EINVAL);
        assert_true(error.text[0]);
    }
}

static void names__are_at_most_so_many(void **state) {
    char *text = malloc((SLURM_NODES_MAX + 1) * 8), *at = text, **names;
    size_t n;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i <= SLURM_NODES_MAX; i++)
        at += sprintf(at, "n%d\n", i);
    assert_int_equal(slurm_parse_names(text, &names, &n, NULL), -E2BIG);
    free(text);
}

static void id__is_a_number(void **state) {
    static const char *const bad[] = {"", "x", "-1", "12x", " 12", "12 ", "1234567890123456789"};
    uint64_t id = 0;

    (void)state;
    assert_int_equal(slurm_parse_id("12\n", &id, NULL), 0);
    assert_int_equal(id, 12);
    assert_int_equal(slurm_parse_id("123456789012345678;cluster\n", &id, NULL), 0);
    assert_true(id == 123456789012345678);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(slurm_parse_id(bad[i], &id, NULL), -EINVAL);
}

static void queue__tells_whose_jobs_are(void **state) {
    char text[] = "12|PENDING|n2|(Resources)\n7|NODE_FAIL|n1|Node\x1b[2Jdown|x\n11|FAILED|n2|None\n"
                  "9|RUNNING|(null)|None\n";
    struct slurm_queue queue;

    (void)state;
    assert_int_equal(slurm_parse_queue(text, &queue, NULL), 0);
    assert_int_equal(queue.n_jobs, 4);
    /* The newest of what it was submitted for, but none older than the noted one. */
    for (uint64_t noted = 0; noted <= 12; noted++)
        assert_string_equal(slurm_find_job(&queue, "n2", noted)->state, "PENDING");
    assert_null(slurm_find_job(&queue, "n2", 13));
    assert_string_equal(slurm_find_job(&queue, "n1", 7)->reason, "Node?[2Jdown|x");
    /* Only the noted one of those that do not say, or say something else. */
    assert_string_equal(slurm_find_job(&queue, "n3", 9)->state, "RUNNING");
    assert_string_equal(slurm_find_job(&queue, "n3", 11)->state, "FAILED");
    for (uint64_t noted = 0; noted < 14; noted++)
        assert_true(noted == 7 || noted == 9 || noted == 11 || noted == 12 ||
                    !slurm_find_job(&queue, "n3", noted));
    assert_null(slurm_find_job(&queue, "", 0));
    assert_null(slurm_find_job(&queue, "n", 0));
    slurm_queue_done(&queue);
    assert_int_equal(slurm_parse_queue((char[]){""}, &queue, NULL), 0);
    assert_null(slurm_find_job(&queue, "n1", 7));
    slurm_queue_done(&queue);
}

static void queue__refuses_what_is_no_job(void **state) {
    static const char *const bad[] = {"12\n",
                                      "12|PENDING\n",
                                      "12|PENDING|n1\n",
                                      "x|PENDING|n1|x\n",
                                      "12;c|PENDING|n1|x\n",
                                      "12||n1|x\n",
                                      "12|pending|n1|x\n",
                                      "12|A B|n1|x\n",
                                      "12|PENDINGPENDINGPENDINGPENDINGPENDING|n1|x\n",
                                      "1|RUNNING|n1|x\n|||\n"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        struct slurm_queue queue;
        struct vms_error error = {""};
        char text[64];

        (void)snprintf(text, sizeof(text), "%s", bad[i]);
        assert_int_equal(slurm_parse_queue(text, &queue, &error), -EINVAL);
        assert_non_null(strstr(error.text, "squeue"));
    }
}

/* Nothing is started for a list that is none. */
static void expand__refuses_what_is_no_list(void **state) {
    static const char *const bad[] = {"-x", "n1 n2", "n1;id", "$(id)", "n1\n", "/etc"};
    struct vms_error error;
    char **names;
    size_t n;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        assert_int_equal(slurm_expand(bad[i], &names, &n, &error), -EINVAL);
        assert_non_null(strstr(error.text, "n[1-3]"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node__is_a_name),
        cmocka_unit_test(names__are_checked_each),
        cmocka_unit_test(names__are_at_most_so_many),
        cmocka_unit_test(id__is_a_number),
        cmocka_unit_test(queue__tells_whose_jobs_are),
        cmocka_unit_test(queue__refuses_what_is_no_job),
        cmocka_unit_test(expand__refuses_what_is_no_list),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
