/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Caches, from sysfs, or else from CPUID. The last-level cache is that of one processor: C libraries add up or
 * report the host's. */
#include "base/cleanup.h"
#include "machine/subjects.h"
#include "source/cpuid.h"

#include <string.h>

#define CPU_FOLDER "/sys/devices/system/cpu"

/* The size at `level` of processor 0's data or unified cache; 0: sysfs does not tell. */
static int64_t sysfs_cache(const struct machine_source *source, int64_t level) {
    for (unsigned i = 0; i < 16; i++) {
        cleanup_free char *type = NULL;
        int64_t found, size;

        if (source_text(source, &type, CPU_FOLDER "/cpu0/cache/index%u/type", i) < 0)
            return 0;
        if (strcmp(type, "Instruction") != 0 &&
            source_integer(source, &found, CPU_FOLDER "/cpu0/cache/index%u/level", i) == 0 &&
            found == level && source_integer(source, &size, CPU_FOLDER "/cpu0/cache/index%u/size", i) == 0)
            return size;
    }
    return 0;
}

void survey_caches(struct survey *survey) {
    static const char *const names[] = {"cpu.l1d_bytes", "cpu.l2_bytes", "cpu.l3_bytes"};
    static const char sysfs[] = CPU_FOLDER "/cpu0/cache";
    int64_t last = 0;
    const char *last_source = sysfs;

    for (unsigned level = 1; level <= 3; level++) {
        const char *source = sysfs;
        int64_t bytes = sysfs_cache(survey->source, level);

        if (bytes == 0) {
            bytes = (int64_t)cpuid_cache_bytes(survey->source, level);
            source = "CPUID";
        }
        if (bytes > 0) {
            fact_integer(survey, names[level - 1], bytes, source);
            last = bytes;
            last_source = source;
        } else {
            fact_none(survey, names[level - 1], FACT_UNKNOWN, "neither sysfs nor CPUID tells this cache",
                      sysfs);
        }
    }
    if (last > 0)
        fact_integer(survey, "cpu.llc_bytes", last, last_source);
    else
        fact_none(survey, "cpu.llc_bytes", FACT_UNKNOWN, "neither sysfs nor CPUID tells a cache", sysfs);
}
