/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/guest_process.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "children/spawn.h"
#include "common/signals.h"
#include "guest/tools/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* How long what repeats a console from a file may take for its last words. */
#define LAST_WORDS_S 3
/* How long a panicked guest may go on, so that the rest of its words is kept. */
#define PANIC_GRACE_S 2
#define POLL_MS 250
/* The most of a console that is kept: a guest may talk without end. */
#define LOG_MAX (16U << 20)
#define TAKES_MAX 16

/* The hypervisor may need a set-user-ID helper: qemu-bridge-helper, VBoxHeadless itself. */
static int start(const struct argv *command, int console, pid_t *ret_pid) {
    cleanup_free char *program = tool_find(command->words[0]);
    const struct spawn spawn = {.path = program,
                                .argv = command->words,
                                .folder = command->folder,
                                .output = console,
                                .errors = console,
                                .kept = command->kept,
                                .n_kept = command->n_kept,
                                .gains_privileges = true};

    return program ? spawn_program(&spawn, ret_pid) : -ENOENT;
}

int guest_process_start(const struct argv *command, int log, struct guest_process *ret_process,
                        struct vms_error *error) {
    uint64_t now = clock_now_ns();
    struct guest_process process = {
        .pidfd = -1, .console = -1, .start_ns = now, .heard_ns = now, .text = {.exit_status = -1}};
    int ends[2], status = pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;

    if (status == 0) {
        status = start(command, ends[1], &process.pid);
        (void)close(ends[1]);
        process.console = ends[0];
    }
    if (status < 0) {
        if (process.console >= 0)
            (void)close(process.console);
        return error_set(error, status, "%s cannot be started: %s", command->words[0], strerror(-status));
    }
    (void)fcntl(process.console, F_SETFL, O_NONBLOCK);
    process.pidfd = (int)syscall(SYS_pidfd_open, process.pid, 0);
    process.log = log;
    *ret_process = process;
    return 0;
}

/* Not more at a time than a pipe holds: a guest may talk faster than it is heard, and is to end all the
 * same. */
static void take_console(struct guest_process *process) {
    char bytes[4096];
    ssize_t count = 1;

    for (int i = 0; i < TAKES_MAX && (count = read(process->console, bytes, sizeof(bytes))) > 0; i++) {
        if (process->logged < LOG_MAX)
            process->logged += write(process->log, bytes, (size_t)count) > 0 ? (size_t)count : 0;
        process->heard_ns = clock_now_ns();
        console_feed(&process->text, bytes, (size_t)count);
    }
    if (count == 0) {
        (void)close(process->console);
        process->console = -1;
    }
    if (process->ready_ns == 0 && process->text.stage >= CONSOLE_READY)
        process->ready_ns = clock_now_ns();
    if (process->able_ns == 0 && process->text.stage >= CONSOLE_SERVING)
        process->able_ns = clock_now_ns();
    if (process->off_ns == 0 && process->text.stage >= CONSOLE_OFF)
        process->off_ns = clock_now_ns();
}

/* Waits for words or the end; true when the process has ended. */
static bool wait_a_moment(struct guest_process *process) {
    struct pollfd watched[] = {{.fd = process->pidfd, .events = POLLIN},
                               {.fd = process->console, .events = POLLIN},
                               {.fd = signals_fd(), .events = POLLIN},
                               {.fd = process->beside > 0 ? process->beside : -1, .events = POLLIN}};

    if (poll(watched, VMS_LENGTH(watched), POLL_MS) <= 0)
        return false;
    if (process->console >= 0 && watched[1].revents)
        take_console(process);
    return watched[0].revents & POLLIN;
}

/* Without pidfd_open (an old kernel, a filter) the kernel is asked each time. */
static bool has_ended(struct guest_process *process) {
    siginfo_t info = {0};

    if (wait_a_moment(process))
        return true;
    return process->pidfd < 0 && waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

/* What is waited for while the guest goes on. */
static bool is_enough(const struct guest_process *process) {
    struct pollfd beside = {.fd = process->beside, .events = POLLIN};

    return (process->until != CONSOLE_STARTED && process->text.stage >= process->until) ||
           (process->beside > 0 && poll(&beside, 1, 0) > 0);
}

static double between_s(uint64_t start_ns, uint64_t end_ns) {
    return (double)(end_ns - start_ns) / (double)NS_PER_S;
}

static double since_s(uint64_t start_ns) {
    return between_s(start_ns, clock_now_ns());
}

static int end_of(const struct guest_process *process, int wait_status, struct vms_error *error) {
    char tail[600];

    console_tail(&process->text, tail, sizeof(tail));
    if (process->text.reason[0])
        return error_set(error, -EIO, "%s; its last lines: %s", process->text.reason, tail);
    if (WIFSIGNALED(wait_status))
        return error_set(error, -EIO, "it was killed by signal %d; its last lines: %s", WTERMSIG(wait_status),
                         tail);
    if (process->text.stage == CONSOLE_OFF && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return 0;
    return error_set(error, -EIO, "it ended before its job was done (exit status %d); its last lines: %s",
                     WEXITSTATUS(wait_status), tail);
}

static int give_up(struct guest_process *process, const char *what, unsigned seconds,
                   struct vms_error *error) {
    char tail[600];

    take_console(process);
    console_tail(&process->text, tail, sizeof(tail));
    guest_process_end(process);
    return error_set(error, -ETIMEDOUT, "%s %u s and was killed; its last lines: %s", what, seconds, tail);
}

/* Whether it has said nothing for too long since its first process was there. */
static bool is_silent(const struct guest_process *process, const struct boot_limits *limits,
                      unsigned *ret_silence) {
    if (process->ready_ns == 0 || limits->may_be_silent)
        return false;
    *ret_silence = boot_limits_silence(limits, between_s(process->start_ns, process->ready_ns));
    return since_s(process->heard_ns) > *ret_silence;
}

/* Whether it stands still on its way to its first process, as guests of its kind do at times. */
static bool stands_still(const struct guest_process *process, const struct boot_limits *limits,
                         unsigned *ret_silence) {
    if (process->ready_ns > 0 || !limits->may_hang)
        return false;
    *ret_silence = boot_limits_standstill(limits, between_s(process->start_ns, process->heard_ns));
    return since_s(process->heard_ns) > *ret_silence;
}

/* 1 while it may go on. */
static int check_limits(struct guest_process *process, const struct boot_limits *limits,
                        struct vms_error *error) {
    unsigned silence = 0;

    if (process->ready_ns == 0 && since_s(process->start_ns) > limits->ready)
        return give_up(process, "it had not reached its first process after", limits->ready, error);
    if (since_s(process->start_ns) > limits->deadline)
        return give_up(process, "it had not ended after", limits->deadline, error);
    if (stands_still(process, limits, &silence))
        return give_up(process, "it hung before its first process: it had said nothing for", silence, error);
    if (is_silent(process, limits, &silence))
        return give_up(process, "it hung in the middle of its job: it had said nothing for", silence, error);
    return 1;
}

/* A guest whose kernel has panicked may end its words. */
static void end_after_panic(struct guest_process *process) {
    if (process->text.panicked && process->panic_ns == 0)
        process->panic_ns = clock_now_ns();
    if (process->panic_ns > 0 && process->panic_ns < UINT64_MAX &&
        since_s(process->panic_ns) > PANIC_GRACE_S) {
        (void)kill(process->pid, SIGKILL);
        process->panic_ns = UINT64_MAX;
    }
}

int guest_process_wait(struct guest_process *process, const struct boot_limits *limits,
                       struct vms_error *error) {
    int wait_status = 0, status;

    while (!has_ended(process)) {
        if (is_enough(process)) {
            process->end_ns = clock_now_ns();
            return 0;
        }
        if (signals_count() > 0) {
            guest_process_end(process);
            return error_set(error, -EINTR, "interrupted");
        }
        end_after_panic(process);
        status = check_limits(process, limits, error);
        if (status < 0)
            return status;
    }
    process->end_ns = clock_now_ns();
    while (process->console >= 0 && since_s(process->end_ns) < LAST_WORDS_S) {
        (void)poll(&(struct pollfd){.fd = process->console, .events = POLLIN}, 1, POLL_MS);
        take_console(process);
    }
    (void)waitpid(process->pid, &wait_status, 0);
    process->pid = 0;
    return end_of(process, wait_status, error);
}

void guest_process_end(struct guest_process *process) {
    if (process->pid > 0) {
        (void)kill(process->pid, SIGKILL);
        (void)waitpid(process->pid, NULL, 0);
    }
    if (process->start_ns > 0) {
        if (process->pidfd >= 0)
            (void)close(process->pidfd);
        if (process->console >= 0)
            (void)close(process->console);
    }
    process->pid = 0;
    process->pidfd = process->console = -1;
}
