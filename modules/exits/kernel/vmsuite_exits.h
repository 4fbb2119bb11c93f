/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/* What the module exits asks of its driver in the appliance's kernel (vmsuite_exits.c): the operations that
 * no program may do. Read by both. */
#ifndef VMSUITE_MODULES_EXITS_KERNEL_VMSUITE_EXITS_H
#define VMSUITE_MODULES_EXITS_KERNEL_VMSUITE_EXITS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VMSUITE_EXITS_DEVICE "vmsuite-exits" /* in /dev */
#define VMSUITE_EXITS_COUNT_MAX 65536

enum vmsuite_exits_operation {
    VMSUITE_EXITS_CPUID,     /* leaf 0, in a bare loop */
    VMSUITE_EXITS_HYPERCALL, /* a number that is no call's */
    VMSUITE_EXITS_RDMSR,     /* where the local APIC is (0x1b), which a guest may not read by itself */
    VMSUITE_EXITS_IOAPIC,    /* the register select of the I/O APIC, which KVM answers in the kernel */
    VMSUITE_EXITS_HPET,      /* the capabilities of the timer HPET, which QEMU answers */
    VMSUITE_EXITS_PORT_61,   /* reading I/O ports, of which exits/port.h says why they are harmless */
    VMSUITE_EXITS_PORT_80,
    VMSUITE_EXITS_PORT_ED,
    VMSUITE_EXITS_PORT_CF8, /* what chooses a register of PCI's configuration, which device models answer */
    VMSUITE_EXITS_SELF_IPI, /* until it has been handled */
    VMSUITE_EXITS_IPI,      /* to another processor and until that has handled it */
};

/* Done `count` times in a row on the processor of the caller; `ns` is what it took together. Fails with
 * EOPNOTSUPP where this machine has no such thing, and with ENODEV where the processor does not exist. */
struct vmsuite_exits_request {
    __u32 operation;
    __u32 processor; /* the other one of an IPI */
    __u64 count;
    __u64 ns;
};
#define VMSUITE_EXITS_RUN _IOWR('v', 1, struct vmsuite_exits_request)

#endif
