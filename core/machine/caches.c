/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Caches, from sysfs, or else from CPUID: as one processor sees them, and those of the last level
 * together. */
#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/text.h"
#include "machine/subjects.h"
#include "source/cpuid.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define CPU_FOLDER "/sys/devices/system/cpu"

/* How much of one last-level cache is believed. Guests of a few processors see the whole cache of a large
 * host, which others use too: of that, this much a processor (a hardware thread). A cache up to the size of a
 * stacked die may belong to a single one (EPYC with 3D V-Cache: 96 MiB for as few cores as are switched on).
 * modules/shared/memory takes the same, so that a working set is chosen by what `env` shows. */
#define SHARE_MAX (INT64_C(32) << 20)
#define WHOLE_MAX (INT64_C(96) << 20)

/* The entry of a processor's data or unified cache at `level`, with its size; -1: sysfs does not show it. */
static int find_cache(const struct machine_source *source, const char *cpu, int64_t level,
                      int64_t *ret_size) {
    for (int i = 0; i < 16; i++) {
        cleanup_free char *type = NULL;
        int64_t found;

        if (source_text(source, &type, CPU_FOLDER "/%s/cache/index%d/type", cpu, i) < 0)
            return -1;
        if (strcmp(type, "Instruction") != 0 &&
            source_integer(source, &found, CPU_FOLDER "/%s/cache/index%d/level", cpu, i) == 0 &&
            found == level &&
            source_integer(source, ret_size, CPU_FOLDER "/%s/cache/index%d/size", cpu, i) == 0)
            return i;
    }
    return -1;
}

static int64_t sysfs_cache(const struct machine_source *source, int64_t level) {
    int64_t size;

    return find_cache(source, "cpu0", level, &size) < 0 ? 0 : size;
}

/* What is believed of a cache that so many processors share. */
static int64_t believe(int64_t size, int64_t processors) {
    int64_t most = SHARE_MAX * (processors > 0 ? processors : 1);

    return size <= WHOLE_MAX || size <= most ? size : most;
}

/* The last level's caches together. */
struct total {
    int64_t shown, believed, processors;
};

static void add_cache(struct total *total, const char *shared, int64_t size) {
    int64_t processors;

    if (cpus_count(shared, &processors) < 0)
        processors = 1;
    total->shown += size;
    total->believed += believe(size, processors);
}

/* All caches of that level, each once by the processors that share it. One whose sharing is unknown is not
 * added to others: it may be the same. Zeros: sysfs shows none. */
static struct total sum_caches(struct survey *survey, int64_t level) {
    struct source_names names = {0};
    cleanup_free char *seen = NULL; /* lists with a newline around each */
    struct total total = {0};
    int64_t unknown = 0;

    (void)source_list(survey->source, &names, CPU_FOLDER);
    for (size_t i = 0; i < names.n_names; i++) {
        const char *cpu = names.names[i];
        cleanup_free char *shared = NULL, *key = NULL;
        char *longer;
        int64_t size;
        int index;

        if (strncmp(cpu, "cpu", 3) != 0 || !isdigit((unsigned char)cpu[3]))
            continue;
        total.processors++;
        index = find_cache(survey->source, cpu, level, &size);
        if (index < 0)
            continue;
        if (source_text(survey->source, &shared, CPU_FOLDER "/%s/cache/index%d/shared_cpu_list", cpu, index) <
                0 ||
            !*shared) {
            unknown = size > unknown ? size : unknown;
            continue;
        }
        if (!(key = text_new("\n%s\n", shared)) || !(longer = text_new("%s%s", seen ? seen : "", key))) {
            survey->out_of_memory = true;
            break;
        }
        if (!seen || !strstr(seen, key))
            add_cache(&total, shared, size);
        free(seen);
        seen = longer;
    }
    source_names_done(&names);
    if (unknown > total.shown)
        total = (struct total){unknown, believe(unknown, total.processors), total.processors};
    return total;
}

/* The last level's caches together, as far as they are plausible for so many processors. */
static void add_total(struct survey *survey, int64_t level, int64_t one, const char *source) {
    static const char name[] = "cpu.llc_total_bytes";
    struct total total = sum_caches(survey, level);
    cleanup_free char *where = NULL;

    if (one <= 0) {
        fact_none(survey, name, FACT_UNKNOWN, "neither sysfs nor CPUID shows a cache", source);
        return;
    }
    if (total.shown < one)
        total = (struct total){one, believe(one, total.processors), total.processors};
    if (total.believed == total.shown) {
        fact_integer(survey, name, total.shown, source);
        return;
    }
    where = text_new("%s, which says %" PRId64 " for %" PRId64 " processors: %" PRId64 " each are believed",
                     source, total.shown, total.processors, SHARE_MAX);
    if (!where) {
        survey->out_of_memory = true;
        return;
    }
    fact_integer(survey, name, total.believed, where);
}

void survey_caches(struct survey *survey) {
    static const char *const names[] = {"cpu.l1d_bytes", "cpu.l2_bytes", "cpu.l3_bytes"};
    static const char sysfs[] = CPU_FOLDER "/cpu0/cache";
    int64_t last = 0, last_level = 0;
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
            last_level = level;
            last_source = source;
        } else {
            fact_none(survey, names[level - 1], FACT_UNKNOWN, "neither sysfs nor CPUID shows this cache",
                      sysfs);
        }
    }
    if (last > 0)
        fact_integer(survey, "cpu.llc_bytes", last, last_source);
    else
        fact_none(survey, "cpu.llc_bytes", FACT_UNKNOWN, "neither sysfs nor CPUID shows a cache", sysfs);
    add_total(survey, last_level, last, last_source);
}
