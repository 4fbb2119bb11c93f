/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How QEMU is called: what the launchers that use it share. */
#ifndef VMSUITE_RUNNER_GUEST_QEMU_H
#define VMSUITE_RUNNER_GUEST_QEMU_H

#include "launcher.h"

#define QEMU_PROGRAM "qemu-system-x86_64"

/* The emulated processor: without what stops Xen from running on it (SMAP, RDTSCP), so that native and nested
 * guests see the same one. */
#define QEMU_CPU "max,-smap,-rdtscp"

/* 0, or -ENOTSUP where QEMU is not installed. */
int qemu_available(struct vms_error *error);

/* The words before the kernel: program, machine, memory in MiB, console on stdio, nothing that was not asked
 * for. `accelerator` is "tcg" or "kvm". */
void qemu_add_machine(struct command *command, const struct guest_settings *settings, const char *accelerator,
                      uint64_t memory_mib);

/* The boot's disks and network card. */
void qemu_add_devices(struct command *command, const struct boot *boot, bool emulated);

/* Joins files into a new one in the boot's folder; the caller frees its path, NULL with a sentence. */
char *qemu_join(const struct boot *boot, const char *name, const char *const *files, struct vms_error *error);

#endif
