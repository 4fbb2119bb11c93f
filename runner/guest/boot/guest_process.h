/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that runs: one process, its console, its deadlines, its end. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_GUEST_PROCESS_H
#define VMSUITE_RUNNER_GUEST_BOOT_GUEST_PROCESS_H

#include "guest/boot/boot_limits.h"
#include "guest/boot/console.h"
#include "guest/tools/argv.h"

#include <stdint.h>
#include <sys/types.h>
#include <vmsuite/module.h>

struct guest_process {
    pid_t pid;          /* 0: none */
    int pidfd, console; /* pidfd, and what it writes */
    int log;            /* borrowed: where the console is kept */
    size_t logged;      /* bytes */
    struct console text;
    enum console_stage until; /* what guest_process_wait waits for; CONSOLE_STARTED: the guest's end */
    int beside;               /* a pidfd whose process's end it waits for, too; 0: none */
    /* Of the monotonic clock; 0: not yet. able: it measures or serves; answer: its program has spoken; off:
     * it said that it powers off. */
    uint64_t start_ns, ready_ns, able_ns, answer_ns, off_ns, end_ns;
    uint64_t heard_ns, panic_ns; /* when it last said something, or its start; when its kernel panicked */
};

/* Starts the process with its console on a pipe; all of it goes to the descriptor `log`, too, which stays the
 * caller's. */
int guest_process_start(const struct argv *command, int log, struct guest_process *ret_process,
                        struct vms_error *error);

/* Waits until the guest has ended, has come as far as `until`, or the process beside has ended. It is killed,
 * and the sentence says why, where it exceeds one of the limits (-ETIMEDOUT), where its kernel panicked
 * (-EIO), or at a signal to this program (-EINTR). -EIO, too, where it said that it failed or ended before it
 * had powered off. */
int guest_process_wait(struct guest_process *process, const struct boot_limits *limits,
                       struct vms_error *error);

/* Kills it, if it runs, and frees what it holds; accepts one that was never started. */
void guest_process_end(struct guest_process *process);

#endif
