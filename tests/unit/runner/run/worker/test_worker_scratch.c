/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/worker_scratch.h"

#include "common/scratch.h"
#include "files/tree.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char path[64];
    struct scratch scratch;
    char *folder;
    struct worker_task task;
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof(*place));

    (void)strcpy(place->path, "/var/tmp/vmsuite-test-XXXXXX");
    if (!mkdtemp(place->path) || scratch_make(place->path, SCRATCH_PREFIX, &place->scratch, NULL) < 0)
        return -1;
    place->folder = scratch_case(&place->scratch, 7, NULL);
    place->task = (struct worker_task){.scratch = place->folder, .scratch_root = place->scratch.fd};
    *state = place;
    return place->folder ? 0 : -1;
}

static int tear_down(void **state) {
    struct place *place = *state;

    free(place->folder);
    scratch_done(&place->scratch);
    (void)tree_remove(place->path);
    free(place);
    return 0;
}

/* What stands under the path by now is another folder: what is given to the module leads to the case's
 * own. */
static void worker_scratch__is_the_cases_own(void **state) {
    struct place *place = *state;
    char aside[128], file[256];
    int fd;

    (void)snprintf(aside, sizeof(aside), "%s/aside", place->path);
    assert_int_equal(rename(place->scratch.folder, aside), 0);
    assert_int_equal(mkdir(place->scratch.folder, 0700), 0);
    assert_int_equal(mkdir(place->folder, 0700), 0);
    fd = worker_scratch_open(&place->task);
    assert_true(fd >= WORKER_SCRATCH);
    assert_int_equal(dup2(fd, WORKER_SCRATCH), WORKER_SCRATCH);
    if (fd != WORKER_SCRATCH)
        (void)close(fd);
    (void)snprintf(file, sizeof(file), "%s/file", worker_scratch_path(&place->task));
    assert_int_equal(close(open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600)), 0);
    /* Those who are not to follow links are content with it. */
    assert_int_equal(close(open(worker_scratch_path(&place->task), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)), 0);
    (void)snprintf(file, sizeof(file), "%s/case-7/file", aside);
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(rmdir(place->folder), 0);
    assert_int_equal(rmdir(place->scratch.folder), 0);
    (void)close(WORKER_SCRATCH);
}

static void worker_scratch__gone_or_a_link(void **state) {
    struct place *place = *state;

    assert_int_equal(rmdir(place->folder), 0);
    assert_int_equal(worker_scratch_open(&place->task), -ENOENT);
    assert_int_equal(symlink("/", place->folder), 0);
    assert_int_equal(worker_scratch_open(&place->task), -ENOTDIR);
    assert_int_equal(unlink(place->folder), 0);
}

/* Sentences have the path that can be looked at afterwards. */
static void worker_scratch__sentences(void **state) {
    struct place *place = *state;
    const char *given = worker_scratch_path(&place->task);
    char expected[sizeof(((struct vms_error *)NULL)->text)];
    struct vms_error error;

    (void)snprintf(error.text, sizeof(error.text), "%s/block.data: gone; %s", given, given);
    worker_scratch_explain(&place->task, &error);
    (void)snprintf(expected, sizeof(expected), "%s/block.data: gone; %s", place->folder, place->folder);
    assert_string_equal(error.text, expected);
    worker_scratch_explain(&(struct worker_task){0}, &error);
    assert_string_equal(error.text, expected);
    /* One that gets too long is cut, as sentences are. */
    memset(error.text, 'x', sizeof(error.text));
    (void)strcpy(error.text + sizeof(error.text) - strlen(given) - 1, given);
    worker_scratch_explain(&place->task, &error);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(worker_scratch__is_the_cases_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(worker_scratch__gone_or_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(worker_scratch__sentences, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
