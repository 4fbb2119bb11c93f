/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests whose memory their host cannot read. Sources: AMD APM vol. 3 (CPUID 0x8000001F), Intel TDX Module
 * ABI (CPUID 0x21), Microsoft's TLFS (isolation), Linux (arch/x86/coco, arch/s390/kernel/uv.c,
 * drivers/virt/coco). */
#include "base/cleanup.h"
#include "source/cpuid.h"
#include "source/kernel_log.h"
#include "virtualization/hypervisors.h"
#include "virtualization/virtualization.h"

#include <string.h>

#define FACT "virtualization.confidential"
#define OFFERED ", offered by CPUID; whether it is used is unknown"

/* The kernel's own line goes first: it says what is active. */
static bool read_log(struct survey *survey) {
    cleanup_free char *active = kernel_log_find_encryption(survey->source);

    if (!active || strstr(active, "AMD SME")) /* SME is the host's own encryption */
        return false;
    fact_text(survey, FACT, active, "kernel log");
    return true;
}

static bool read_files(struct survey *survey) {
    static const struct {
        const char *path, *text;
    } files[] = {
        {"/dev/tdx_guest", "Intel TDX"},
        {"/dev/sev-guest", "AMD SEV-SNP"},
        {"/sys/devices/platform/arm-cca-dev", "Arm CCA"},
        {"/dev/arm_cca_guest", "Arm CCA"},
    };
    int64_t value;

    for (size_t i = 0; i < VMS_LENGTH(files); i++)
        if (source_exists(survey->source, "%s", files[i].path)) {
            fact_text(survey, FACT, files[i].text, files[i].path);
            return true;
        }
    if (source_integer(survey->source, &value, "/sys/firmware/uv/prot_virt_guest") < 0 || value != 1)
        return false;
    fact_text(survey, FACT, "IBM Secure Execution", "/sys/firmware/uv/prot_virt_guest");
    return true;
}

/* On hardware these leaves say what the processor can do, so they count under a hypervisor alone. Of SEV's,
 * monitors that pass on what KVM supports show it to any guest: it is an offer, where the kernel's log does
 * not say more. */
static bool read_cpuid(struct survey *survey) {
    static const struct {
        unsigned bit;
        const char *text;
    } sev[] = {{4, "AMD SEV-SNP" OFFERED}, {3, "AMD SEV-ES" OFFERED}, {1, "AMD SEV" OFFERED}};
    const struct machine_source *source = survey->source;
    struct cpuid_registers r;

    if (!source->cpuid || !source->cpuid(source->context, 1, 0, &r) || !(r.ecx >> 31))
        return false;
    if (source->cpuid(source->context, 0x21, 0, &r) && r.ebx == 0x65746e49 && r.edx == 0x5844546c &&
        r.ecx == 0x20202020) { /* "IntelTDX    " from ebx, edx and ecx */
        fact_text(survey, FACT, "Intel TDX", "CPUID 0x21");
        return true;
    }
    if (!source->cpuid(source->context, 0x80000000, 0, &r) || r.eax < 0x8000001f ||
        !source->cpuid(source->context, 0x8000001f, 0, &r))
        return false;
    for (size_t i = 0; i < VMS_LENGTH(sev); i++)
        if (r.eax >> sev[i].bit & 1) {
            fact_text(survey, FACT, sev[i].text, "CPUID 0x8000001f");
            return true;
        }
    return false;
}

/* Hyper-V says how a guest is isolated: leaf 0x40000003 EBX bit 22, then 0x4000000C EBX bits 0 to 3. */
static bool read_hyper_v(struct survey *survey) {
    static const char *const kinds[] = {NULL, "Hyper-V VBS", "AMD SEV-SNP", "Intel TDX"};
    const struct machine_source *source = survey->source;
    char signature[CPUID_SIGNATURE_SIZE];
    struct cpuid_registers r;
    uint32_t last;

    if (!cpuid_signature(source, CPUID_HYPERVISOR, signature, &last) ||
        strcmp(signature, hypervisor_of(HYPERVISOR_HYPER_V)->cpuid[0]) != 0 || last < 0x4000000c ||
        !source->cpuid(source->context, 0x40000003, 0, &r) || !(r.ebx >> 22 & 1) ||
        !source->cpuid(source->context, 0x4000000c, 0, &r) || (r.ebx & 0xf) >= VMS_LENGTH(kinds) ||
        !kinds[r.ebx & 0xf])
        return false;
    fact_text(survey, FACT, kinds[r.ebx & 0xf], "CPUID 0x4000000c");
    return true;
}

void survey_confidential(struct survey *survey) {
    if (!read_log(survey) && !read_files(survey) && !read_hyper_v(survey) && !read_cpuid(survey))
        fact_none(survey, FACT, FACT_NOT_APPLICABLE, "no sign of a confidential guest", "evidence");
}
