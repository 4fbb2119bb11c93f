/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hypervisors, one row each: every place that names one reads it here. A new hypervisor is a row of
 * hypervisors.c. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_HYPERVISORS_H
#define VMSUITE_CORE_VIRTUALIZATION_HYPERVISORS_H

#include <stdbool.h>
#include <stddef.h>

/* The rows that the rule (verdict.c) has to speak of; all others are HYPERVISOR_OTHER. */
enum hypervisor_id {
    HYPERVISOR_OTHER,
    HYPERVISOR_XEN, /* Xen where its kind of guest is open: never an answer */
    HYPERVISOR_XEN_PV,
    HYPERVISOR_XEN_PVH,
    HYPERVISOR_XEN_HVM,
    HYPERVISOR_XEN_DOM0,
    HYPERVISOR_KVM,
    HYPERVISOR_PVM,
    HYPERVISOR_QEMU,
    HYPERVISOR_HYPER_V
};

enum hypervisor_kind {
    KIND_HARDWARE,    /* the processor runs the guest */
    KIND_PARAVIRTUAL, /* the kernel was changed to run without privileges */
    KIND_EMULATED,    /* a monitor that emulates, unless something else drives the processor */
    KIND_CONTROL,     /* the control domain */
    KIND_PARTITION,   /* a part of a machine that its firmware divides */
    KIND_PROCESS      /* a kernel that is a process of another kernel */
};

#define HYPERVISOR_TEXTS 6

/* Lists end with NULL. Where not said otherwise, a text must be found as a word, whatever its case. */
struct hypervisor {
    enum hypervisor_id id;
    const char *name; /* as records and expectations say it */
    enum hypervisor_kind kind;
    bool interface;                       /* others offer its CPUID leaves: they are no name */
    const char *cpuid[HYPERVISOR_TEXTS];  /* signatures at leaf 0x40000000 and further, whole */
    const char *dmi[HYPERVISOR_TEXTS];    /* in vendor, product, board or BIOS names */
    const char *acpi[HYPERVISOR_TEXTS];   /* OEM ids, or the hypervisor vendor of table FACP */
    const char *tree[HYPERVISOR_TEXTS];   /* in the device tree's "compatible" */
    const char *nodes[HYPERVISOR_TEXTS];  /* nodes that only its device trees have */
    const char *pci[HYPERVISOR_TEXTS];    /* "0xVENDOR:0xDEVICE", or a vendor alone as "0xVENDOR:" */
    const char *kernel[HYPERVISOR_TEXTS]; /* what Linux says after "Hypervisor detected: ", the beginning */
    const char *lines[HYPERVISOR_TEXTS];  /* beginnings of lines in the kernel's log */
    const char *clocks[HYPERVISOR_TEXTS]; /* beginnings of clock sources' names */
    const char *ptp;                      /* the name of its PTP clock, whole */
    const char *bus;                      /* /sys/bus/NAME has devices only on it */
    const char *texts[HYPERVISOR_TEXTS];  /* in the kernel's version, /proc/cpuinfo or /proc/sysinfo */
    /* of its own devices: beginnings, or whole names that end with $ */
    const char *drivers[HYPERVISOR_TEXTS];
    enum hypervisor_id wears[4]; /* what else may be seen in its guests: interfaces, device models */
};

extern const struct hypervisor hypervisors[];
extern const size_t n_hypervisors;

/* Answers that are no hypervisor. */
extern const char virtualization_native[], virtualization_some[], virtualization_unknown[];

/* The row called so, or NULL. */
const struct hypervisor *hypervisor_find(const char *name);
const struct hypervisor *hypervisor_of(enum hypervisor_id id);

/* Whether it is Xen, whatever its kind of guest; false for NULL. */
bool hypervisor_is_xen(const struct hypervisor *hypervisor);

/* Whether guests of `hypervisor` may show `other` without there being a second layer. */
bool hypervisor_wears(const struct hypervisor *hypervisor, const struct hypervisor *other);

/* Every answer that there is, of hypervisors and of those that are none; the last is NULL. Static. */
const char *const *virtualization_names(size_t *ret_n);

/* Whether `text` holds `word` as a word, whatever its case: no letter or digit before it, no letter
 * behind. */
bool text_has_word(const char *text, const char *word);

#endif
