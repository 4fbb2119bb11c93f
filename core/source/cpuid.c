/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/cpuid.h"

#include <sched.h>
#include <string.h>

bool cpuid_text(const struct cpuid_registers *registers, char ret_text[static CPUID_SIGNATURE_SIZE]) {
    uint32_t words[3] = {registers->ebx, registers->ecx, registers->edx};
    size_t length = sizeof(words);

    for (size_t i = 0; i < sizeof(words); i++)
        ret_text[i] = (char)(words[i / 4] >> (8 * (i % 4)) & 0xff);
    while (length > 0 && !ret_text[length - 1])
        length--;
    ret_text[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (ret_text[i] < ' ' || ret_text[i] > '~')
            return false;
    return length > 0;
}

bool cpuid_signature(const struct machine_source *source, uint32_t base,
                     char ret_text[static CPUID_SIGNATURE_SIZE], uint32_t *ret_last) {
    struct cpuid_registers r, nobody;

    if (!source->cpuid || !source->cpuid(source->context, base, 0, &r) || !cpuid_text(&r, ret_text))
        return false;
    /* Intel's processors answer leaves that they do not know with what their last one says. */
    if (source->cpuid(source->context, CPUID_NOBODY, 0, &nobody) && memcmp(&r, &nobody, sizeof(r)) == 0)
        return false;
    *ret_last = r.eax >= base && r.eax < base + CPUID_HYPERVISOR_STEP ? r.eax : base + 1;
    return true;
}

bool cpuid_of_processor(const struct machine_source *source, uint32_t leaf, struct cpuid_registers *ret,
                        int64_t *ret_processor) {
    if (!source->cpuid)
        return false;
    if (!source_is_live(source))
        return source_integer(source, ret_processor, "/vmsuite/processor") == 0 &&
               source->cpuid(source->context, leaf, 0, ret);
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        int before = sched_getcpu();

        if (!source->cpuid(source->context, leaf, 0, ret))
            return false;
        if (before >= 0 && sched_getcpu() == before) {
            *ret_processor = before;
            return true;
        }
    }
    return false;
}

bool cpuid_brand(const struct machine_source *source, char ret_brand[static CPUID_BRAND_SIZE]) {
    char *end, *start = ret_brand;

    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid_registers r;

        if (!source->cpuid || !source->cpuid(source->context, 0x80000002 + i, 0, &r))
            return false;
        memcpy(ret_brand + sizeof(r) * i, &r, sizeof(r));
    }
    ret_brand[CPUID_BRAND_SIZE - 1] = '\0';
    start += strspn(start, " ");
    end = start + strlen(start);
    while (end > start && end[-1] == ' ')
        *--end = '\0';
    memmove(ret_brand, start, strlen(start) + 1);
    return *ret_brand != '\0';
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
