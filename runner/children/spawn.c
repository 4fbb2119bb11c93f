/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/spawn.h"

#include "base/cleanup.h"
#include "children/tool_environment.h"
#include "process/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int place_descriptors(const struct spawn *spawn) {
    int input = spawn->input > 0 ? spawn->input : open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(spawn->output, STDOUT_FILENO) < 0 ||
        dup2(spawn->errors, STDERR_FILENO) < 0)
        return -errno;
    confine_exec(spawn->kept, spawn->n_kept);
    return 0;
}

/* `report` takes the errno of what failed; it is closed by exec. */
static _Noreturn void become(const struct spawn *spawn, char **environment, pid_t parent, int report) {
    int status = confine_program(parent, spawn->gains_privileges);

    (void)setpgid(0, 0);
    (void)signal(SIGXFSZ, SIG_DFL); /* the program itself ignores it */
    if (status == 0)
        status = place_descriptors(spawn);
    if (status == 0 && spawn->folder && chdir(spawn->folder) < 0)
        status = -errno;
    if (status == 0) {
        (void)execve(spawn->path, spawn->argv, environment);
        status = -errno;
    }
    (void)!write(report, &status, sizeof(status));
    _exit(127);
}

/* What the child reports; 0: it has become the program. */
static int await_exec(int report) {
    int status = 0;
    ssize_t got;

    do
        got = read(report, &status, sizeof(status));
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got == (ssize_t)sizeof(status) ? status : 0;
}

int spawn_program(const struct spawn *spawn, pid_t *ret_pid) {
    cleanup_free char **environment = tool_environment();
    cleanup_close int report = -1;
    pid_t pid, parent = getpid();
    int ends[2], status;

    if (!environment)
        return -ENOMEM;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    report = ends[0];
    pid = fork();
    if (pid == 0)
        become(spawn, environment, parent, ends[1]);
    status = pid < 0 ? -errno : 0;
    (void)close(ends[1]);
    if (status < 0)
        return status;
    (void)setpgid(pid, pid);
    status = await_exec(report);
    if (status < 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return status;
    }
    *ret_pid = pid;
    return 0;
}
