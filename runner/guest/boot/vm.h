/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that runs: one process, its console, its deadlines, its end. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_VM_H
#define VMSUITE_RUNNER_GUEST_BOOT_VM_H

#include "guest/boot/console.h"
#include "guest/command.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <vmsuite/module.h>

struct vm {
    pid_t pid;            /* 0: none */
    int process, console; /* pidfd, and what it writes */
    FILE *log;            /* the console, kept */
    struct console text;
    enum console_stage until;            /* what vm_wait waits for; CONSOLE_STARTED: the guest's end */
    int beside;                          /* a pidfd whose process's end it waits for, too; 0: none */
    uint64_t start_ns, ready_ns, end_ns; /* of the monotonic clock; 0: not yet */
};

/* Starts the process with its console on a pipe; all of it goes to the file `log`, too. */
int vm_boot(const struct command *command, const char *log, struct vm *ret_vm, struct vms_error *error);

/* Waits until the guest has ended, has come as far as `until`, or the process beside has ended. It is killed,
 * and the sentence says why, where its first process was not reached in `ready_s` (-ETIMEDOUT), where it had
 * not ended in `deadline_s` (-ETIMEDOUT), where its kernel panicked (-EIO), or at a signal to this program
 * (-EINTR). -EIO, too, where it told that it failed or ended before it had powered off. */
int vm_wait(struct vm *vm, unsigned ready_s, unsigned deadline_s, struct vms_error *error);

/* Kills it, if it runs, and frees what it holds; takes one that never was. */
void vm_end(struct vm *vm);

#endif
