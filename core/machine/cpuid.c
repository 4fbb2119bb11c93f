/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/cpuid.h"

#include <string.h>

void cpuid_signature(const struct cpuid_registers *registers, char ret_text[static CPUID_SIGNATURE_SIZE]) {
    uint32_t words[3] = {registers->ebx, registers->ecx, registers->edx};
    size_t length = 0;

    for (size_t i = 0; i < sizeof(words); i++) {
        char byte = (char)(words[i / 4] >> (8 * (i % 4)) & 0xff);

        if (byte >= ' ' && byte <= '~')
            ret_text[length++] = byte;
    }
    ret_text[length] = '\0';
}

const char *cpuid_hypervisor_name(const char *signature) {
    /* From the hypervisors' own documentation and sources; KVM pads with NULs, which are left out. */
    static const struct {
        const char *signature, *name;
    } known[] = {
        {"KVMKVMKVM", "kvm"},
        {"Linux KVM Hv", "kvm"}, /* KVM's answer to Hyper-V guests */
        {"TCGTCGTCGTCG", "qemu"},
        {"XenVMMXenVMM", "xen"},
        {"VMwareVMware", "vmware"},
        {"VBoxVBoxVBox", "virtualbox"},
        {"Microsoft Hv", "hyper-v"},
        {"bhyve bhyve ", "bhyve"},
        {"BHyVE BHyVE ", "bhyve"},
        {" lrpepyh  vr", "parallels"},
        {"prl hyperv  ", "parallels"},
        {"ACRNACRNACRN", "acrn"},
        {"OpenBSDVMM58", "openbsd-vmm"},
        {"___ NVMM ___", "nvmm"},
        {"Jailhouse", "jailhouse"},
        {"QNXQVMBSQG", "qnx"},
        {"SRESRESRESRE", "lockheed-lmhs"},
        {"UnisysSpar64", "unisys-spar"},
        {"VirtualApple", "rosetta"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(signature, known[i].signature) == 0)
            return known[i].name;
    return NULL;
}

/* Both leaves describe one cache per subleaf in the same fields. */
static uint64_t cache_of_leaf(const struct machine_source *source, uint32_t leaf, unsigned level) {
    struct cpuid_registers r;

    for (uint32_t subleaf = 0; subleaf < 16; subleaf++) {
        unsigned type;

        if (!source->cpuid(source->context, leaf, subleaf, &r))
            return 0;
        type = r.eax & 0x1f; /* 0 none, 1 data, 2 instruction, 3 unified */
        if (type == 0)
            return 0;
        if (type != 2 && (r.eax >> 5 & 7) == level)
            return ((uint64_t)(r.ebx >> 22) + 1) * ((r.ebx >> 12 & 0x3ff) + 1) * ((r.ebx & 0xfff) + 1) *
                   ((uint64_t)r.ecx + 1);
    }
    return 0;
}

uint64_t cpuid_cache_bytes(const struct machine_source *source, unsigned level) {
    uint64_t bytes = source->cpuid ? cache_of_leaf(source, 4, level) : 0;

    return bytes || !source->cpuid ? bytes : cache_of_leaf(source, 0x8000001d, level);
}
