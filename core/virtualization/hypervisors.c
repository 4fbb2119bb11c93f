/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources: the hypervisors' own documentation and code, pci.ids, the ACPI specification 5.2.6 (OEM ids),
 * Linux (arch/x86/kernel/cpu and hypervisor names, drivers/ptp, drivers/firmware/smccc,
 * arch/riscv/kernel/sbi.c and the SBI specification's table of implementations, arch/s390/kernel/early.c),
 * and tests/data/machines/README.md. */
#include "virtualization/hypervisors.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char virtualization_native[] = "native", virtualization_some[] = "unknown-hypervisor",
           virtualization_unknown[] = "unknown";

/* What Xen's guests of every kind may show: QEMU is HVM's device model, Hyper-V's interface is for
 * Windows. */
#define XEN_WEARS                                                                                            \
    { HYPERVISOR_XEN, HYPERVISOR_QEMU, HYPERVISOR_HYPER_V }

const struct hypervisor hypervisors[] = {
    {.id = HYPERVISOR_XEN_HVM,
     .name = "xen-hvm",
     .dmi = {"HVM domU"},
     .pci = {"0x5853:0x0001"},
     .wears = XEN_WEARS},
    {.id = HYPERVISOR_XEN,
     .name = "xen",
     .cpuid = {"XenVMMXenVMM"},
     .dmi = {"Xen"},
     .acpi = {"Xen"},
     .tree = {"xen"},
     .kernel = {"Xen"},
     .lines = {"SBI implementation ID=0x7"},
     .clocks = {"xen"},
     .bus = "xen",
     .drivers = {"vbd$", "vif$", "xen"},
     .wears = {HYPERVISOR_QEMU, HYPERVISOR_HYPER_V}},
    {.id = HYPERVISOR_XEN_PV, .name = "xen-pv", .kind = KIND_PARAVIRTUAL, .wears = XEN_WEARS},
    {.id = HYPERVISOR_XEN_PVH, .name = "xen-pvh", .wears = XEN_WEARS},
    {.id = HYPERVISOR_XEN_DOM0, .name = "xen-dom0", .kind = KIND_CONTROL, .wears = XEN_WEARS},
    {.id = HYPERVISOR_KVM,
     .name = "kvm",
     .interface = true,
     .cpuid = {"KVMKVMKVM", "Linux KVM Hv"}, /* the second is its answer to guests made for Hyper-V */
     .dmi = {"KVM Virtual Machine", "Red Hat KVM"},
     .tree = {"linux,kvm"},
     .kernel = {"KVM"},
     .lines = {"smccc: KVM:", "SBI implementation ID=0x3"},
     .clocks = {"kvm-clock"},
     .ptp = "KVM virtual PTP",
     .texts = {"KVM/Linux"},
     .wears = {HYPERVISOR_QEMU, HYPERVISOR_HYPER_V, HYPERVISOR_XEN}},
    {.id = HYPERVISOR_PVM,
     .name = "pvm",
     .kind = KIND_PARAVIRTUAL,
     .interface = true,
     .kernel = {"PVM"},
     .wears = {HYPERVISOR_KVM, HYPERVISOR_QEMU}},
    {.id = HYPERVISOR_QEMU,
     .name = "qemu",
     .kind = KIND_EMULATED,
     .cpuid = {"TCGTCGTCGTCG"},
     .dmi = {"QEMU", "Bochs"},
     .acpi = {"BOCHS", "QEMU"},
     .tree = {"qemu", "riscv-virtio", "IBM pSeries (emulated by qemu)"},
     .pci = {"0x1234:0x1111", "0x1b36:"},
     .texts = {"emulated by qemu"},
     .wears = {HYPERVISOR_HYPER_V}},
    {.id = HYPERVISOR_HYPER_V,
     .name = "hyper-v",
     .interface = true,
     .cpuid = {"Microsoft Hv"},
     .dmi = {"Microsoft Corporation Virtual Machine"},
     .acpi = {"VRTUAL"},
     .pci = {"0x1414:0x5353"},
     .kernel = {"Microsoft Hyper-V"},
     .clocks = {"hyperv_clocksource"},
     .ptp = "hyperv",
     .bus = "vmbus",
     .drivers = {"hv_"}},
    {.name = "vmware",
     .cpuid = {"VMwareVMware"},
     .dmi = {"VMware"},
     .acpi = {"VMWARE"},
     .tree = {"vmware"},
     .pci = {"0x15ad:0x0740", "0x15ad:0x07b0"}, /* not its display, which VirtualBox copies */
     .kernel = {"VMware"},
     .ptp = "ptp_vmw",
     .drivers = {"vmxnet3$", "vmw_"},
     .wears = {HYPERVISOR_HYPER_V}},
    {.name = "virtualbox",
     .cpuid = {"VBoxVBoxVBox"},
     .dmi = {"VirtualBox", "innotek GmbH"},
     .acpi = {"VBOX"},
     .pci = {"0x80ee:0xcafe", "0x80ee:0xbeef"},
     .drivers = {"vboxguest$"},
     .wears = {HYPERVISOR_KVM, HYPERVISOR_HYPER_V}},
    {.name = "firecracker",
     .dmi = {"Firecracker"},
     .acpi = {"FIRECK"},
     .wears = {HYPERVISOR_KVM, HYPERVISOR_PVM}},
    {.name = "cloud-hypervisor",
     .dmi = {"Cloud Hypervisor"},
     .acpi = {"CLOUDH"},
     .wears = {HYPERVISOR_KVM, HYPERVISOR_PVM, HYPERVISOR_HYPER_V}},
    {.name = "crosvm", .dmi = {"crosvm"}, .acpi = {"CROSVM"}, .wears = {HYPERVISOR_KVM}},
    {.name = "bhyve",
     .cpuid = {"bhyve bhyve ", "BHyVE BHyVE "},
     .dmi = {"BHYVE"},
     .acpi = {"BHYVE"},
     .kernel = {"Bhyve"},
     .lines = {"SBI implementation ID=0xb"},
     .pci = {"0xfb5d:"},
     .wears = {HYPERVISOR_HYPER_V}},
    {.name = "parallels",
     .cpuid = {" lrpepyh  vr", "prl hyperv  "},
     .dmi = {"Parallels"},
     .acpi = {"PRLS"},
     .pci = {"0x1ab8:"},
     .wears = {HYPERVISOR_KVM, HYPERVISOR_HYPER_V}},
    {.name = "apple-virtualization",
     .cpuid = {"Apple VZ"},
     .dmi = {"Apple Virtualization"},
     .wears = {HYPERVISOR_QEMU}},
    {.name = "acrn",
     .cpuid = {"ACRNACRNACRN"},
     .dmi = {"ACRN"},
     .acpi = {"ACRN"},
     .tree = {"acrn"},
     .kernel = {"ACRN"}},
    {.name = "openbsd-vmm", .cpuid = {"OpenBSDVMM58"}, .dmi = {"OpenBSD"}, .kernel = {"OpenBSD"}},
    {.name = "nvmm", .cpuid = {"___ NVMM ___"}, .wears = {HYPERVISOR_QEMU}},
    {.name = "jailhouse", .cpuid = {"Jailhouse"}, .tree = {"jailhouse"}, .kernel = {"Jailhouse"}},
    {.name = "qnx", .cpuid = {"QNXQVMBSQG"}, .dmi = {"QNX"}, .tree = {"qnx"}},
    {.name = "lockheed-lmhs", .cpuid = {"SRESRESRESRE"}},
    {.name = "unisys-spar", .cpuid = {"UnisysSpar64"}},
    {.name = "rosetta", .cpuid = {"VirtualApple"}},
    {.name = "powervm", .kind = KIND_PARTITION, .nodes = {"ibm,partition-name"}},
    {.name = "zvm", .texts = {"z/VM"}},
    {.name = "prsm", .kind = KIND_PARTITION, .texts = {"LPAR Name:"}},
    {.name = "xvisor", .tree = {"xvisor"}, .lines = {"SBI implementation ID=0x2"}},
    {.name = "gunyah", .tree = {"gunyah-hypervisor"}, .nodes = {"hypervisor/gunyah-vm-config"}},
    {.name = "user-mode-linux", .kind = KIND_PROCESS, .texts = {"User Mode Linux"}},
    {.name = "gvisor",
     .kind = KIND_PROCESS,
     .lines = {"Starting gVisor"},
     .texts = {"#1 SMP Sun Jan 10 15:06:54 PST 2016"}}, /* the only version that it ever reports */
};
const size_t n_hypervisors = sizeof(hypervisors) / sizeof(hypervisors[0]);

const struct hypervisor *hypervisor_find(const char *name) {
    for (size_t i = 0; i < n_hypervisors; i++)
        if (strcmp(hypervisors[i].name, name) == 0)
            return &hypervisors[i];
    return NULL;
}

const struct hypervisor *hypervisor_of(enum hypervisor_id id) {
    for (size_t i = 0; id != HYPERVISOR_OTHER && i < n_hypervisors; i++)
        if (hypervisors[i].id == id)
            return &hypervisors[i];
    return NULL;
}

bool hypervisor_is_xen(const struct hypervisor *hypervisor) {
    return hypervisor && hypervisor->id >= HYPERVISOR_XEN && hypervisor->id <= HYPERVISOR_XEN_DOM0;
}

bool hypervisor_wears(const struct hypervisor *hypervisor, const struct hypervisor *other) {
    if (hypervisor == other || (hypervisor_is_xen(hypervisor) && hypervisor_is_xen(other)))
        return true;
    for (size_t i = 0; i < sizeof(hypervisor->wears) / sizeof(hypervisor->wears[0]); i++)
        if (hypervisor->wears[i] != HYPERVISOR_OTHER && hypervisor->wears[i] == other->id)
            return true;
    return false;
}

const char *const *virtualization_names(size_t *ret_n) {
    static const char *names[sizeof(hypervisors) / sizeof(hypervisors[0]) + 4];
    size_t n = 0;

    names[n++] = virtualization_native;
    for (size_t i = 0; i < n_hypervisors; i++)
        if (hypervisors[i].id != HYPERVISOR_XEN)
            names[n++] = hypervisors[i].name;
    names[n++] = virtualization_some;
    names[n++] = virtualization_unknown;
    if (ret_n)
        *ret_n = n;
    return names;
}

bool text_has_word(const char *text, const char *word) {
    size_t length = strlen(word);

    for (const char *at = text; *at; at++)
        if (strncasecmp(at, word, length) == 0 && (at == text || !isalnum((unsigned char)at[-1])) &&
            !isalpha((unsigned char)at[length]))
            return true;
    return false;
}
