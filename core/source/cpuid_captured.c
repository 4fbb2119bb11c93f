/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUID of a captured machine, from its file "cpuid". */
#include "base/cleanup.h"
#include "source/cpuid.h"
#include "source/source.h"

#include <inttypes.h>
#include <string.h>

/* Whether a line may be of this leaf: looked at first, since a machine asks for many leaves. */
static bool is_of(const char *line, const char *prefix, uint32_t leaf) {
    return strncmp(line, prefix, strlen(prefix)) == 0 && strtoul(line + strlen(prefix), NULL, 16) == leaf;
}

/* Finds the line of this leaf. `prefix` is "" or "xen "; a Xen line has no subleaf. */
static bool find_line(const char *root, const char *prefix, uint32_t leaf, uint32_t subleaf,
                      struct cpuid_registers *ret) {
    struct machine_source source = {.root = root};
    cleanup_free char *text = NULL;
    char *line, *rest;

    if (source_text(&source, &text, "/cpuid") < 0)
        return false;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        struct cpuid_registers r;
        uint32_t at, sub = 0;
        int n;

        if (!is_of(line, prefix, leaf))
            continue;
        if (*prefix)
            n = sscanf(line, "xen %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32, &at, &r.eax,
                       &r.ebx, &r.ecx, &r.edx) +
                1;
        else
            n = sscanf(line, "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32, &at,
                       &sub, &r.eax, &r.ebx, &r.ecx, &r.edx);
        if (n == 6 && at == leaf && sub == subleaf) {
            *ret = r;
            return true;
        }
    }
    return false;
}

bool cpuid_look_up(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret) {
    return find_line(context, "", leaf, subleaf, ret);
}

bool cpuid_look_up_xen(void *context, uint32_t leaf, struct cpuid_registers *ret) {
    return find_line(context, "xen ", leaf, 0, ret);
}

struct machine_source machine_source_here(void) {
    return (struct machine_source){.root = "", .cpuid = cpuid_execute, .xen_cpuid = cpuid_execute_xen};
}

struct machine_source machine_source_at(const char *root) {
    return (struct machine_source){
        .root = root, .cpuid = cpuid_look_up, .xen_cpuid = cpuid_look_up_xen, .context = (void *)root};
}
