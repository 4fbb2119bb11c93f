/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How QEMU is called: what the launchers that use it share. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_QEMU_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_QEMU_H

#include "guest/launchers/launcher.h"

#define QEMU_PROGRAM "qemu-system-x86_64"

/* The emulated processor: without what stops Xen from running on it (SMAP, RDTSCP), and without XSAVE, and so
 * AVX: where a hypervisor switches their state lazily, QEMU 7.2 mixes it up between guests and their results
 * are wrong (LINPACK's residuals show it). Native and nested guests see the same one. */
#define QEMU_CPU "max,-smap,-rdtscp,-xsave"

#define QEMU_SCRATCH "scratch" /* its name of the disk that disk cases write to */
#define QEMU_MONITOR "qmp"     /* in the boot's folder: the socket of its monitor (guest/boot/qmp.h) */

/* 0, or -ENOTSUP where QEMU is not installed. */
int qemu_available(struct vms_error *error);

/* "QEMU emulator version 7.2.22 (Debian ...)"; the caller frees, NULL where it does not say. */
char *qemu_version(void);

/* The words before the kernel: program, machine, memory in MiB, nothing that was not asked for. `accelerator`
 * is "tcg" or "kvm". */
void qemu_add_machine(struct argv *command, const struct guest_settings *settings, const char *accelerator,
                      uint64_t memory_mib);

/* Where its console is: its input and output; or, `driven`, what it prints on stderr, while those lead to a
 * port of virtio-serial, over which the guest's agent speaks. */
void qemu_add_console(struct argv *command, bool driven);

/* A disk of the machine. */
struct qemu_disk {
    const char *file;
    const char *name;   /* any that is not taken */
    const char *format; /* NULL: raw */
    const char *cache;  /* NULL: writeback */
    unsigned queues;    /* 0: as many as QEMU gives */
    bool emulated;      /* a PC's (IDE), rather than made for guests (virtio) */
};
void qemu_add_disk(struct argv *command, const struct qemu_disk *disk);

/* A network card behind "user", or whatever -netdev takes; `address` NULL: QEMU's own. `many`: it has
 * several queues. */
void qemu_add_card(struct argv *command, const char *network, const char *address, bool many, bool emulated);

/* The card that the settings ask for: in QEMU's user network, or on a tap, which the command keeps open. */
int qemu_add_network(struct argv *command, const struct guest_settings *settings, bool emulated,
                     struct vms_error *error);

/* Joins files into a new one in the boot's folder; the caller frees its path, NULL with a sentence. */
char *qemu_join(const struct boot *boot, const char *name, const char *const *files, struct vms_error *error);

/* The whole command of a guest of this machine: the appliance, with the boot's disks and network. */
int qemu_command(const struct boot *boot, const char *accelerator, struct argv *command,
                 struct vms_error *error);

#endif
