/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/worker_scratch.h"

#include "files/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The last part keeps what is told not to follow links content. */
#define ALIAS "/proc/self/fd/4/."
_Static_assert(WORKER_SCRATCH == 4, "the alias names the descriptor");

int worker_scratch_open(const struct worker_task *task) {
    int fd = tree_open(task->scratch_root, strrchr(task->scratch, '/') + 1), moved;

    if (fd < 0)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, WORKER_SCRATCH);
    moved = moved < 0 ? -errno : moved;
    (void)close(fd);
    return moved;
}

const char *worker_scratch_path(const struct worker_task *task) {
    return task->scratch && access("/proc/self/fd/.", F_OK) == 0 ? ALIAS : task->scratch;
}

void worker_scratch_explain(const struct worker_task *task, struct vms_error *error) {
    struct vms_error told = {""};
    const char *rest = error->text, *found;
    size_t used = 0;

    if (!task->scratch || !strstr(rest, ALIAS))
        return;
    while (used < sizeof(told.text) && (found = strstr(rest, ALIAS))) {
        used += (size_t)snprintf(told.text + used, sizeof(told.text) - used, "%.*s%s", (int)(found - rest),
                                 rest, task->scratch);
        rest = found + strlen(ALIAS);
    }
    if (used < sizeof(told.text))
        (void)snprintf(told.text + used, sizeof(told.text) - used, "%s", rest);
    *error = told;
}
