/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtualization/virtualization.h"

#include <string.h>

static bool same(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

static bool is_xen(const char *name) {
    return name && strncmp(name, "xen", 3) == 0;
}

/* Which kind of Xen guest, where no interface of Xen's told it (kernels before 4.13 have no guest_type). */
static const char *xen_kind(const struct clues *clues) {
    bool signed_xen = false;

    if (clues->xen && strcmp(clues->xen, "xen") != 0)
        return clues->xen;
    for (size_t i = 0; i < clues->n_signatures; i++)
        signed_xen |= same(clues->signatures[i], "xen");
    if (clues->xen_forced || !signed_xen)
        return "xen-pv"; /* only a PV guest does not see Xen in a plain CPUID */
    /* Both have ACPI tables and Xen's bus; DMI and a platform device on PCI are made for HVM only. */
    return is_xen(clues->dmi) || same(clues->devices, "xen-hvm") ? "xen-hvm" : "xen-pvh";
}

/* What firmware and devices say, the more deliberate source first. */
static const char *product(const struct clues *clues) {
    bool guest = !clues->cpuid || clues->hypervisor_bit;
    const char *said[] = {clues->dmi_cloud && !guest ? NULL : clues->dmi, clues->acpi, clues->device_tree,
                          clues->devices};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (said[i] && strcmp(said[i], "unknown-hypervisor") != 0)
            return said[i];
    return NULL;
}

/* Monitors that offer another hypervisor's CPUID interface to their guests. */
static bool offers(const char *monitor, const char *interface) {
    static const struct {
        const char *monitor, *interface;
    } known[] = {
        {"firecracker", "kvm"}, {"cloud-hypervisor", "kvm"}, {"crosvm", "kvm"},
        {"virtualbox", "kvm"},  {"virtualbox", "hyper-v"},   {"cloud-hypervisor", "hyper-v"},
        {"parallels", "kvm"},   {"bhyve", "hyper-v"},        {"vmware", "hyper-v"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (same(monitor, known[i].monitor) && same(interface, known[i].interface))
            return true;
    return false;
}

/* Among stacked signatures, Hyper-V's at the first leaf is an interface for Windows guests that Xen, KVM and
 * others put before their own. */
static const char *signed_by(const struct clues *clues) {
    for (size_t i = 0; i < clues->n_signatures; i++)
        if (!same(clues->signatures[i], "hyper-v"))
            return clues->signatures[i];
    return clues->n_signatures > 0 ? clues->signatures[0] : NULL;
}

const char *clues_judge(const struct clues *clues) {
    const char *signature = signed_by(clues), *named = product(clues);

    /* Xen's own interfaces come first: to a PV guest the plain CPUID and the firmware tables show the layer
     * below Xen, and an HVM guest can be told to hide Xen's leaves from the kernel. */
    if (clues->xen || clues->xen_forced || same(signature, "xen"))
        return xen_kind(clues);
    /* CPUID is answered by the hypervisor itself; firmware tables can be copied from another machine. So the
     * firmware only refines it: Firecracker and others use KVM's interface. */
    if (signature && offers(named, signature))
        return named;
    if (signature)
        return signature;
    if (is_xen(named))
        return xen_kind(clues);
    if (named)
        return named;
    if (clues->hypervisor_bit)
        return clues->kernel_log && !is_xen(clues->kernel_log) ? clues->kernel_log : "unknown-hypervisor";
    if (!clues->cpuid && clues->kernel_log)
        return clues->kernel_log;
    if (clues->acpi || clues->device_tree || clues->devices || (clues->dmi && !clues->dmi_cloud))
        return "unknown-hypervisor";
    return clues->cpuid || clues->firmware ? "native" : "unknown";
}

const char *clues_layer_below(const struct clues *clues, const char *judged) {
    bool pv = same(judged, "xen-pv") || same(judged, "xen-dom0");
    const char *signature = signed_by(clues);

    if (pv && signature && !is_xen(signature))
        return signature;
    if (pv && product(clues) && !is_xen(product(clues)))
        return product(clues);
    return clues->emulated_brand && !same(judged, "qemu") ? "qemu" : NULL;
}

bool clues_agree(const char *judged, const char *clue) {
    if (!clue || same(judged, clue))
        return true;
    if (same(clue, "unknown-hypervisor"))
        return !same(judged, "native");
    if (is_xen(judged) && (same(clue, "xen") || same(clue, "qemu") || same(clue, "hyper-v")))
        return true; /* qemu: the device model of HVM; hyper-v: Xen's interface for Windows */
    if (same(judged, "xen-dom0") && is_xen(clue))
        return true; /* a control domain is a PV or PVH domain, too */
    if (same(judged, "kvm") && (same(clue, "qemu") || same(clue, "hyper-v")))
        return true; /* qemu: KVM's usual monitor; hyper-v: KVM's interface for Windows */
    return offers(judged, clue);
}

const char *virtualization_kind(const char *judged) {
    if (same(judged, "native"))
        return "none";
    if (same(judged, "qemu"))
        return "emulation";
    if (same(judged, "xen-dom0"))
        return "control domain";
    if (same(judged, "xen-pv"))
        return "paravirtualised guest";
    if (same(judged, "unknown") || same(judged, "unknown-hypervisor"))
        return "unknown";
    return "hardware-assisted guest";
}
