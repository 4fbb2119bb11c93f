/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUID (Intel SDM vol. 2A, AMD APM vol. 3). What it shows is believed of this layer only where it is the
 * processor that the kernel describes: a kernel that runs without privileges (Xen PV, PVM, user-mode Linux)
 * sees another one than a program that executes the instruction, which reaches the layer below. */
#include "base/cleanup.h"
#include "source/cpuid.h"
#include "virtualization/clues.h"

#include <stddef.h>
#include <string.h>

#define CPUINFO "/proc/cpuinfo"
#define EMULATED_BRAND "QEMU TCG CPU" /* QEMU's emulation names its processors so (target/i386/cpu.c) */
#define HYPER_V_INTERFACE UINT32_C(0x31237648) /* "Hv#1" */

/* The value of the first line "KEY : VALUE" at or behind `text`, copied; NULL: there is none. */
static char *value_of(const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *colon;

        line += *line == '\n';
        if (strncmp(line, key, length) != 0)
            continue;
        colon = line + length + strspn(line + length, " \t");
        if (*colon == ':')
            return strndup(colon + 1 + strspn(colon + 1, " \t"),
                           strcspn(colon + 1 + strspn(colon + 1, " \t"), "\n"));
    }
    return NULL;
}

/* Kernels trim and squeeze blanks, each in its way. */
static bool same_but_blanks(const char *a, const char *b) {
    for (;; a++, b++) {
        a += strspn(a, " \t");
        b += strspn(b, " \t");
        if (!*a || *a != *b)
            return *a == *b;
    }
}

static bool same_brand(struct survey *survey, struct clues *clues, const char *cpuinfo) {
    cleanup_free char *model = value_of(cpuinfo, "model name");
    char brand[CPUID_BRAND_SIZE];

    if (!model || !*model || strcmp(model, "unknown") == 0 || !cpuid_brand(survey->source, brand) ||
        same_but_blanks(model, brand))
        return true;
    (void)clue_add(clues, survey, (struct clue){.strength = CLUE_CPUID, .meaning = CLUE_SOME}, brand,
                   "CPUID 0x80000002, unlike " CPUINFO);
    return false;
}

/* Whether the processor whose CPUID was asked has the APIC id that the kernel shows for it. */
static bool same_apic(struct survey *survey, struct clues *clues, const char *cpuinfo) {
    struct cpuid_registers r;
    int64_t processor;
    bool known = cpuid_of_processor(survey->source, 1, &r, &processor);

    for (const char *block = strstr(cpuinfo, "processor"); known && block;
         block = strstr(block + 1, "\nprocessor")) {
        cleanup_free char *number = value_of(block, "processor"), *id = value_of(block, "initial apicid");
        char saw[64];

        if (!number || !id || strtoll(number, NULL, 10) != processor)
            continue;
        if ((strtoul(id, NULL, 10) & 0xff) == r.ebx >> 24)
            return true;
        (void)snprintf(saw, sizeof(saw), "APIC id %u", r.ebx >> 24);
        (void)clue_add(clues, survey, (struct clue){.strength = CLUE_CPUID, .meaning = CLUE_SOME}, saw,
                       "CPUID 1, unlike " CPUINFO);
        return false;
    }
    return true;
}

static void read_leaf(struct survey *survey, struct clues *clues, uint32_t leaf) {
    struct clue clue = {.strength = CLUE_CPUID, .meaning = CLUE_SOME, .below = !clues->cpuid_ours};
    char signature[CPUID_SIGNATURE_SIZE];
    struct cpuid_registers next;
    uint32_t last;

    if (!cpuid_signature(survey->source, leaf, signature, &last))
        return;
    for (size_t i = 0; i < n_hypervisors && !clue.hypervisor; i++)
        for (size_t j = 0; j < HYPERVISOR_TEXTS && hypervisors[i].cpuid[j]; j++)
            if (strcmp(signature, hypervisors[i].cpuid[j]) == 0)
                clue.hypervisor = &hypervisors[i];
    if (clue.hypervisor)
        clue.meaning = clue.hypervisor->interface ? CLUE_INTERFACE : CLUE_NAMES;
    (void)clue_add(clues, survey, clue, signature, "CPUID 0x%08x", leaf);
    /* Hyper-V's interface may be signed with any word that its owner likes. */
    if (!clue.hypervisor && survey->source->cpuid(survey->source->context, leaf + 1, 0, &next) &&
        next.eax == HYPER_V_INTERFACE) {
        clue.meaning = CLUE_INTERFACE;
        clue.hypervisor = hypervisor_of(HYPERVISOR_HYPER_V);
        (void)clue_add(clues, survey, clue, "Hv#1", "CPUID 0x%08x", leaf + 1);
    }
}

/* The brand string is the real processor's in all hypervisors but QEMU's emulation, and passed on by those
 * that run on it. */
static void read_brand(struct survey *survey, struct clues *clues, const char *cpuinfo) {
    cleanup_free char *model = value_of(cpuinfo, "model name");

    if (model && strstr(model, EMULATED_BRAND))
        (void)clue_add(clues, survey,
                       (struct clue){.strength = CLUE_PROCESSOR,
                                     .meaning = CLUE_NAMES,
                                     .hypervisor = hypervisor_of(HYPERVISOR_QEMU)},
                       EMULATED_BRAND, "model name in " CPUINFO);
}

void clues_read_cpuid(struct survey *survey, struct clues *clues) {
    const struct machine_source *source = survey->source;
    cleanup_free char *cpuinfo = NULL;
    struct cpuid_registers r;
    struct clue clue = {.strength = CLUE_CPUID};
    bool brand, apic;

    if (source_text(source, &cpuinfo, CPUINFO) == 0)
        read_brand(survey, clues, cpuinfo);
    if (!clues->cpuid || !source->cpuid(source->context, 1, 0, &r))
        return;
    brand = !cpuinfo || same_brand(survey, clues, cpuinfo);
    apic = !cpuinfo || same_apic(survey, clues, cpuinfo);
    clues->cpuid_ours = brand && apic;
    clue.meaning = r.ecx >> 31 ? CLUE_SOME : CLUE_NATIVE;
    clue.below = !clues->cpuid_ours;
    (void)clue_add(clues, survey, clue, r.ecx >> 31 ? "hypervisor bit set" : "hypervisor bit clear",
                   "CPUID 1");
    for (uint32_t leaf = CPUID_HYPERVISOR; r.ecx >> 31 && leaf < CPUID_HYPERVISOR_END;
         leaf += CPUID_HYPERVISOR_STEP)
        read_leaf(survey, clues, leaf);
}
