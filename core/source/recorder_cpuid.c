/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/cpuid.h"
#include "source/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void write_registers(FILE *out, uint32_t leaf, uint32_t subleaf, const struct cpuid_registers *r) {
    (void)fprintf(out, "%08x %x %08x %08x %08x %08x\n", leaf, subleaf, r->eax, r->ebx, r->ecx, r->edx);
}

static void write_leaf(FILE *out, const struct machine_source *source, uint32_t leaf, uint32_t subleaf) {
    struct cpuid_registers r;

    if (source->cpuid(source->context, leaf, subleaf, &r))
        write_registers(out, leaf, subleaf, &r);
}

/* The leaves that are read, and every hypervisor leaf. Leaf 3, a serial number on old processors, is left
 * out. */
static void write_cpuid(struct recorder *recorder, FILE *out, const struct machine_source *source) {
    static const uint32_t plain[] = {0,          0x21,       0x80000000, 0x80000001,  0x80000002,
                                     0x80000003, 0x80000004, 0x8000001f, CPUID_NOBODY};
    struct cpuid_registers r;

    int64_t processor;

    (void)fputs("# leaf subleaf eax ebx ecx edx\n", out);
    if (cpuid_of_processor(source, 1, &r, &processor)) {
        char text[24];
        int length = snprintf(text, sizeof(text), "%" PRId64 "\n", processor);

        write_registers(out, 1, 0, &r);
        recorder_bytes(recorder, "/vmsuite/processor", text, (size_t)length);
    } else {
        write_leaf(out, source, 1, 0);
    }
    for (size_t i = 0; i < VMS_LENGTH(plain); i++)
        write_leaf(out, source, plain[i], 0);
    for (uint32_t subleaf = 0; subleaf < 5; subleaf++)
        write_leaf(out, source, 4, subleaf);
    for (uint32_t subleaf = 0; subleaf < 5; subleaf++)
        write_leaf(out, source, 0x8000001d, subleaf);
    if (!source->cpuid(source->context, 1, 0, &r) || !(r.ecx >> 31))
        return;
    for (uint32_t base = CPUID_HYPERVISOR; base < CPUID_HYPERVISOR_END; base += CPUID_HYPERVISOR_STEP) {
        char signature[CPUID_SIGNATURE_SIZE];
        uint32_t last;

        if (!cpuid_signature(source, base, signature, &last))
            continue;
        for (uint32_t leaf = base; leaf <= last && leaf < base + 16; leaf++)
            write_leaf(out, source, leaf, 0);
    }
}

static void write_xen_cpuid(FILE *out, const struct machine_source *source) {
    struct cpuid_registers r;

    for (uint32_t leaf = CPUID_HYPERVISOR; leaf <= CPUID_HYPERVISOR + 2; leaf++)
        if (source->xen_cpuid && source->xen_cpuid(source->context, leaf, &r))
            (void)fprintf(out, "xen %08x %08x %08x %08x %08x\n", leaf, r.eax, r.ebx, r.ecx, r.edx);
}

void recorder_cpuid(struct recorder *recorder, const struct machine_source *source) {
    char *text = NULL;
    size_t size;
    FILE *out = recorder->status < 0 ? NULL : open_memstream(&text, &size);

    if (!out) {
        recorder->status = recorder->status < 0 ? recorder->status : -ENOMEM;
        return;
    }
    if (source->cpuid)
        write_cpuid(recorder, out, source);
    write_xen_cpuid(out, source);
    if (fclose(out) == 0)
        recorder_bytes(recorder, "/cpuid", text, size);
    else
        recorder->status = -ENOMEM;
    free(text);
}
