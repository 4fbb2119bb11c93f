/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From clues to a name. The clues are gathered by clues_read, the judgement is a pure function of them. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_VIRTUALIZATION_H
#define VMSUITE_CORE_VIRTUALIZATION_VIRTUALIZATION_H

#include "facts/survey.h"

#define CLUES_SIGNATURES 4

/* What each source speaks for: a name of struct machine, "xen" without a kind, "unknown-hypervisor" (some
 * hypervisor), or NULL where it says nothing. All texts are static. */
struct clues {
    bool cpuid;                               /* CPUID could be asked */
    bool hypervisor_bit;                      /* leaf 1, ECX bit 31 */
    const char *signatures[CLUES_SIGNATURES]; /* in the order of their leaves */
    size_t n_signatures;
    const char *xen; /* "xen", or its kind, from Xen's own interfaces */
    bool xen_forced; /* Xen's forced emulation answered: a PV guest */
    bool firmware;   /* DMI, ACPI or a device tree was there to be read */
    const char *dmi;
    bool dmi_cloud; /* the DMI clue names a cloud that has bare machines, too */
    const char *acpi;
    const char *device_tree;
    const char *devices; /* PCI ids, vmbus, PTP clock */
    bool emulated_brand; /* the processor's name is that of QEMU's emulation, at whatever layer */
    const char *kernel_log;
};

/* Gathers clues, and a row of evidence for each. */
void clues_read(struct survey *survey, struct clues *ret_clues);

/* The nearest layer of virtualization. Order and reasons stand in the function. */
const char *clues_judge(const struct clues *clues);

/* The layer below the judged one, or NULL where none was seen. A Xen PV guest's plain CPUID belongs to the
 * layer below; a processor that QEMU emulates keeps its name through layers that pass it on. */
const char *clues_layer_below(const struct clues *clues, const char *judged);

/* Whether a clue that speaks for `clue` is compatible with `judged` (KVM under QEMU's DMI is; native is not).
 */
bool clues_agree(const char *judged, const char *clue);

/* "paravirtualised guest", "hardware-assisted guest", "emulation", "none", "control domain", "unknown". */
const char *virtualization_kind(const char *judged);

/* The facts of both kinds of layer. */
void survey_virtualization(struct survey *survey);
void survey_container(struct survey *survey);

#endif
