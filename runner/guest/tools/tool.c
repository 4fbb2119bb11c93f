/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/tools/tool.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/wait.h"
#include "children/spawn.h"
#include "common/last_line.h"
#include "common/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define TEXT_MAX (1024 * 1024)
#define FILTER_DEADLINE_S 120
#define ASK_NS (NS_PER_S / 50)
#define GRACE_S 3                /* for what a tool does when it is asked to end */
#define IDLE_NS (NS_PER_S / 100) /* processor time that an idle process may use meanwhile */

static bool is_program(const char *path) {
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

char *tool_find(const char *name) {
    const char *path = getenv("PATH");
    cleanup_free char *folders = NULL;
    char *place, *rest;

    if (strchr(name, '/'))
        return is_program(name) ? strdup(name) : NULL;
    if (!(folders = text_new("%s:/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "")))
        return NULL;
    for (place = strtok_r(folders, ":", &rest); place; place = strtok_r(NULL, ":", &rest)) {
        cleanup_free char *candidate = NULL;

        if ((candidate = text_new("%s/%s", place, name)) && is_program(candidate))
            return TAKE(candidate);
    }
    return NULL;
}

/* What a memory file holds, as a text; NULL without memory. */
static char *read_all(int fd) {
    struct stat status;
    size_t size = fstat(fd, &status) == 0 && status.st_size < TEXT_MAX ? (size_t)status.st_size : TEXT_MAX;
    char *text = calloc(1, size + 1);

    if (text && pread(fd, text, size, 0) < 0)
        text[0] = '\0';
    return text;
}

static int start(const struct tool *tool, const char *path, int output, int errors, pid_t *ret_pid) {
    const struct spawn spawn = {.path = path,
                                .argv = (char *const *)tool->argv,
                                .folder = tool->folder,
                                .input = tool->input,
                                .output = output,
                                .errors = errors,
                                .gains_privileges = tool->gains_privileges};

    return spawn_program(&spawn, ret_pid);
}

static bool is_interrupted(const struct tool *tool) {
    return !tool->outlives_signals && signals_count() > 0;
}

/* The next moment to look up: the deadline, or before it where the process is asked for. */
static uint64_t next_look(uint64_t end_ns, bool asks) {
    uint64_t ask_ns = clock_now_ns() + ASK_NS;

    return asks && ask_ns < end_ns ? ask_ns : end_ns;
}

/* Waits until the process has ended and is gone: 0, -ETIMEDOUT at `end_ns`, or -EINTR. `process`: its
 * pidfd, or negative where the kernel (an old one, a filter) has none: then it is asked for. */
static int await_end(const struct tool *tool, pid_t pid, int process, uint64_t end_ns, int *ret_status) {
    struct pollfd ready[] = {{.fd = process, .events = POLLIN},
                             {.fd = tool->outlives_signals ? -1 : signals_fd(), .events = POLLIN}};

    for (;;) {
        if (waitpid(pid, ret_status, WNOHANG) == pid)
            return 0;
        if (is_interrupted(tool))
            return -EINTR;
        if (clock_now_ns() >= end_ns)
            return -ETIMEDOUT;
        (void)wait_poll(ready, VMS_LENGTH(ready), next_look(end_ns, process < 0), NULL);
    }
}

/* What the process has used; 0 where that is unknown. */
static uint64_t processor_time(pid_t pid) {
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return 0;
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* Waits as long as the tool may take: 0, -ETIMEDOUT or -EINTR. */
static int outlast(const struct tool *tool, pid_t pid, int process, int *ret_status) {
    uint64_t deadline_ns = clock_now_ns() + tool->deadline_s * (uint64_t)NS_PER_S, used_ns = 0;

    for (;;) {
        uint64_t idle_ns = tool->idle_s ? clock_now_ns() + tool->idle_s * (uint64_t)NS_PER_S : UINT64_MAX;
        uint64_t before_ns = used_ns;
        int status = await_end(tool, pid, process, idle_ns < deadline_ns ? idle_ns : deadline_ns, ret_status);

        used_ns = processor_time(pid);
        if (status != -ETIMEDOUT || clock_now_ns() >= deadline_ns || used_ns < before_ns + IDLE_NS)
            return status;
    }
}

/* Asks the tool to end, and all that it has started in its group, which may outlast it. */
static void ask_to_end(pid_t pid, int process, int *ret_status) {
    static const struct tool ended = {.outlives_signals = true};
    uint64_t end_ns = clock_now_ns() + GRACE_S * (uint64_t)NS_PER_S;
    const struct timespec pause = {.tv_nsec = ASK_NS};

    (void)kill(-pid, SIGTERM);
    if (await_end(&ended, pid, process, end_ns, ret_status) == 0)
        while (kill(-pid, 0) == 0 && clock_now_ns() < end_ns) {
            (void)nanosleep(&pause, NULL);
            (void)waitpid(-pid, NULL, WNOHANG); /* a child of the tool's that has become ours */
        }
}

/* Waits for the process; ends its group when it is given up, and when the program is asked to end. */
static int await(const struct tool *tool, pid_t pid, int *ret_status) {
    cleanup_close int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int status = outlast(tool, pid, process, ret_status);

    if (status == 0)
        return 0;
    if (status == -EINTR)
        ask_to_end(pid, process, ret_status);
    (void)kill(-pid, SIGKILL);
    (void)waitpid(pid, ret_status, 0);
    return status;
}

static int interrupted(const struct tool *tool, struct vms_error *error) {
    return error_set(error, -EINTR, "interrupted before %s had finished", tool->argv[0]);
}

static int given_up(const struct tool *tool, uint64_t after_ns, struct vms_error *error) {
    uint64_t after_s = after_ns / NS_PER_S;

    return error_set(error, -ETIMEDOUT, "%s had not ended after %u s and was killed", tool->argv[0],
                     after_s < tool->deadline_s ? (unsigned)after_s : tool->deadline_s);
}

/* Runs it; on return `output` and `errors` hold what it wrote. */
static int run(const struct tool *tool, int output, int errors, int *ret_status, struct vms_error *error) {
    cleanup_free char *path = tool_find(tool->argv[0]);
    uint64_t start_ns;
    pid_t pid;
    int status;

    if (!path)
        return error_set(error, -ENOENT, "there is no program \"%s\" here: install it", tool->argv[0]);
    if (output < 0 || errors < 0)
        return error_set(error, -errno, "%s cannot be started: %s", tool->argv[0], strerror(errno));
    if (is_interrupted(tool))
        return interrupted(tool, error);
    status = start(tool, path, tool->output > 0 ? tool->output : output, errors, &pid);
    if (status < 0)
        return error_set(error, status, "%s cannot be started: %s", tool->argv[0], strerror(-status));
    start_ns = clock_now_ns();
    status = await(tool, pid, ret_status);
    return status == -EINTR       ? interrupted(tool, error)
           : status == -ETIMEDOUT ? given_up(tool, clock_now_ns() - start_ns, error)
                                  : status;
}

static int failed(const struct tool *tool, int errors, struct vms_error *error) {
    cleanup_free char *words = read_all(errors);

    return error_set(error, -EIO, "%s failed: %s", tool->argv[0], words ? last_line(words) : "");
}

int tool_wait(const struct tool *tool, int *ret_exit_status, struct vms_error *error) {
    cleanup_close int output = memfd_create("output", MFD_CLOEXEC);
    cleanup_close int errors = memfd_create("errors", MFD_CLOEXEC);
    int wait_status = 0, status = run(tool, output, errors, &wait_status, error);

    if (status < 0)
        return status;
    if (!WIFEXITED(wait_status))
        return failed(tool, errors, error);
    *ret_exit_status = WEXITSTATUS(wait_status);
    if (*ret_exit_status != 0)
        (void)failed(tool, errors, error);
    return 0;
}

int tool_run(const struct tool *tool, char **ret_text, struct vms_error *error) {
    cleanup_close int output = memfd_create("output", MFD_CLOEXEC);
    cleanup_close int errors = memfd_create("errors", MFD_CLOEXEC);
    int wait_status = 0, status = run(tool, output, errors, &wait_status, error);

    if (status < 0)
        return status;
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0)
        return failed(tool, errors, error);
    if (ret_text && !(*ret_text = read_all(output)))
        return error_memory(error);
    return 0;
}

int tool_filter(const char *const *argv, const char *from, const char *to, struct vms_error *error) {
    cleanup_close int input = open(from, O_RDONLY | O_CLOEXEC);
    cleanup_close int output = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

    if (input < 0 || output < 0)
        return error_set(error, -errno, "%s cannot be made from %s: %s", to, from, strerror(errno));
    return tool_run(
        &(struct tool){.argv = argv, .input = input, .output = output, .deadline_s = FILTER_DEADLINE_S}, NULL,
        error);
}
