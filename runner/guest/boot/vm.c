/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/vm.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "guest/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

/* How long what repeats a console from a file may take for its last words. */
#define LAST_WORDS_S 3
/* How long a panicked guest may go on, so that the rest of its words is kept. */
#define PANIC_GRACE_S 2
#define POLL_MS 250

/* setpriv(1) has the kernel kill the guest, too, should this program be killed; it becomes the guest's
 * process, so that the pid is the guest's. */
static int add_guard(struct command *command, const struct command *guest) {
    cleanup_free char *guard = tool_find("setpriv"), *program = tool_find(guest->argv[0]);

    if (!program)
        return -ENOENT;
    if (guard)
        command_add_all(command, (const char *[]){guard, "--pdeathsig", "KILL", "--", NULL});
    command_add(command, "%s", program);
    command_add_all(command, (const char *const *)guest->argv + 1);
    return command->failed ? -ENOMEM : 0;
}

static int spawn(const struct command *command, int kept, int console, pid_t *ret_pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status = posix_spawn_file_actions_init(&actions);

    if (status != 0)
        return -status;
    status = posix_spawnattr_init(&attributes);
    if (status == 0)
        status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (status == 0)
        status = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (status == 0)
        status = posix_spawn_file_actions_adddup2(&actions, console, 1);
    if (status == 0)
        status = posix_spawn_file_actions_adddup2(&actions, console, 2);
    if (status == 0 && kept > 0)
        status = posix_spawn_file_actions_adddup2(&actions, kept, kept);
    if (status == 0)
        status = posix_spawn(ret_pid, command->argv[0], &actions, &attributes, command->argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -status;
}

int vm_boot(const struct command *command, const char *log, struct vm *ret_vm, struct vms_error *error) {
    struct vm vm = {.process = -1, .console = -1, .start_ns = clock_now_ns(), .text = {.exit_status = -1}};
    struct command guarded = {0};
    int ends[2], status = add_guard(&guarded, command);

    if (status == 0 && pipe2(ends, O_CLOEXEC) < 0)
        status = -errno;
    if (status == 0) {
        status = spawn(&guarded, command->kept, ends[1], &vm.pid);
        (void)close(ends[1]);
        vm.console = ends[0];
    }
    command_done(&guarded);
    if (status < 0) {
        if (vm.console >= 0)
            (void)close(vm.console);
        return error_set(error, status, "%s cannot be started: %s", command->argv[0], strerror(-status));
    }
    (void)fcntl(vm.console, F_SETFL, O_NONBLOCK);
    vm.process = (int)syscall(SYS_pidfd_open, vm.pid, 0);
    vm.log = fopen(log, "we");
    *ret_vm = vm;
    return 0;
}

static void take_console(struct vm *vm) {
    char bytes[4096];
    ssize_t count;

    while ((count = read(vm->console, bytes, sizeof(bytes))) > 0) {
        if (vm->log)
            (void)fwrite(bytes, 1, (size_t)count, vm->log);
        console_feed(&vm->text, bytes, (size_t)count);
    }
    if (count == 0) {
        (void)close(vm->console);
        vm->console = -1;
    }
    if (vm->log)
        (void)fflush(vm->log);
    if (vm->ready_ns == 0 && vm->text.stage >= CONSOLE_READY)
        vm->ready_ns = clock_now_ns();
}

/* Waits for words or the end; true when the process has ended. */
static bool wait_a_moment(struct vm *vm) {
    struct pollfd watched[] = {{.fd = vm->process, .events = POLLIN},
                               {.fd = vm->console, .events = POLLIN},
                               {.fd = signals_fd(), .events = POLLIN},
                               {.fd = vm->beside > 0 ? vm->beside : -1, .events = POLLIN}};

    if (poll(watched, VMS_LENGTH(watched), POLL_MS) <= 0)
        return false;
    if (vm->console >= 0 && watched[1].revents)
        take_console(vm);
    return watched[0].revents & POLLIN;
}

/* What is waited for while the guest goes on. */
static bool is_enough(const struct vm *vm) {
    struct pollfd beside = {.fd = vm->beside, .events = POLLIN};

    return (vm->until != CONSOLE_STARTED && vm->text.stage >= vm->until) ||
           (vm->beside > 0 && poll(&beside, 1, 0) > 0);
}

static double since_s(uint64_t start_ns) {
    return (double)(clock_now_ns() - start_ns) / (double)NS_PER_S;
}

static int end_of(const struct vm *vm, int wait_status, struct vms_error *error) {
    char tail[600];

    console_tail(&vm->text, tail, sizeof(tail));
    if (vm->text.reason[0])
        return error_set(error, -EIO, "%s; its last lines: %s", vm->text.reason, tail);
    if (WIFSIGNALED(wait_status))
        return error_set(error, -EIO, "it was killed by signal %d; its last lines: %s", WTERMSIG(wait_status),
                         tail);
    if (vm->text.stage == CONSOLE_OFF && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return 0;
    return error_set(error, -EIO, "it ended before its job was done (exit status %d); its last lines: %s",
                     WEXITSTATUS(wait_status), tail);
}

static int give_up(struct vm *vm, int status, const char *what, unsigned seconds, struct vms_error *error) {
    char tail[600];

    take_console(vm);
    console_tail(&vm->text, tail, sizeof(tail));
    vm_end(vm);
    return error_set(error, status, "%s %u s and was killed; its last lines: %s", what, seconds, tail);
}

int vm_wait(struct vm *vm, unsigned ready_s, unsigned deadline_s, struct vms_error *error) {
    uint64_t panic_ns = 0;
    int wait_status = 0;

    while (!wait_a_moment(vm)) {
        if (is_enough(vm)) {
            vm->end_ns = clock_now_ns();
            return 0;
        }
        if (signals_count() > 0) {
            vm_end(vm);
            return error_set(error, -EINTR, "interrupted");
        }
        if (vm->text.panicked && panic_ns == 0)
            panic_ns = clock_now_ns();
        if (panic_ns > 0 && panic_ns < UINT64_MAX && since_s(panic_ns) > PANIC_GRACE_S) {
            (void)kill(vm->pid, SIGKILL);
            panic_ns = UINT64_MAX;
        }
        if (vm->ready_ns == 0 && since_s(vm->start_ns) > ready_s)
            return give_up(vm, -ETIMEDOUT, "it had not reached its first process after", ready_s, error);
        if (since_s(vm->start_ns) > deadline_s)
            return give_up(vm, -ETIMEDOUT, "it had not ended after", deadline_s, error);
    }
    vm->end_ns = clock_now_ns();
    while (vm->console >= 0 && since_s(vm->end_ns) < LAST_WORDS_S) {
        (void)poll(&(struct pollfd){.fd = vm->console, .events = POLLIN}, 1, POLL_MS);
        take_console(vm);
    }
    (void)waitpid(vm->pid, &wait_status, 0);
    vm->pid = 0;
    return end_of(vm, wait_status, error);
}

void vm_end(struct vm *vm) {
    if (vm->pid > 0) {
        (void)kill(vm->pid, SIGKILL);
        (void)waitpid(vm->pid, NULL, 0);
    }
    if (vm->start_ns > 0) {
        if (vm->process >= 0)
            (void)close(vm->process);
        if (vm->console >= 0)
            (void)close(vm->console);
        if (vm->log)
            (void)fclose(vm->log);
    }
    vm->pid = 0;
    vm->process = vm->console = -1;
    vm->log = NULL;
}
