/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, NUMA, huge pages, swap, overcommit, and what the control group allows (proc(5), cgroups(7)). */
#include "base/cleanup.h"
#include "machine/facts.h"

#include <ctype.h>
#include <string.h>

#define MEMINFO "/proc/meminfo"

/* "KEY:   123 kB" in bytes; "KEY: 123" as it is. */
static void meminfo_fact(struct reader *reader, const char *name, const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        int64_t value;
        char *end;

        line += *line == '\n';
        if (strncmp(line, key, length) != 0 || line[length] != ':')
            continue;
        value = strtoll(line + length + 1, &end, 10);
        if (value < 0 || value > INT64_MAX / 1024)
            break;
        fact_integer(reader, name, strncmp(end, " kB", 3) == 0 ? value * 1024 : value, MEMINFO);
        return;
    }
    fact_none(reader, name, FACT_UNKNOWN, "/proc/meminfo does not tell", MEMINFO);
}

static void read_meminfo(struct reader *reader) {
    static const struct {
        const char *name, *key;
    } rows[] = {
        {"memory.total_bytes", "MemTotal"},       {"memory.available_bytes", "MemAvailable"},
        {"memory.swap_bytes", "SwapTotal"},       {"memory.swap_free_bytes", "SwapFree"},
        {"memory.huge_pages", "HugePages_Total"}, {"memory.huge_page_bytes", "Hugepagesize"},
    };
    cleanup_free char *text = NULL;
    int status = source_text(reader->source, &text, MEMINFO);

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        if (status < 0)
            fact_failed(reader, rows[i].name, status, FACT_UNKNOWN, "/proc/meminfo is not there", MEMINFO);
        else
            meminfo_fact(reader, rows[i].name, text, rows[i].key);
    }
}

static void read_nodes(struct reader *reader) {
    static const char folder[] = "/sys/devices/system/node";
    struct source_names names;
    int64_t count = 0;
    int status = source_list(reader->source, &names, folder);

    if (status < 0) {
        fact_failed(reader, "memory.numa_nodes", status, FACT_UNKNOWN, "a kernel without NUMA", folder);
        return;
    }
    for (size_t i = 0; i < names.n_names; i++)
        count += strncmp(names.names[i], "node", 4) == 0 && isdigit((unsigned char)names.names[i][4]);
    fact_integer(reader, "memory.numa_nodes", count, folder);
    source_names_done(&names);
}

/* "always [madvise] never": the word in brackets. */
static void read_huge_page_mode(struct reader *reader) {
    static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
    cleanup_free char *text = NULL;
    char *word, *end;
    int status = source_text(reader->source, &text, path);

    if (status < 0) {
        fact_failed(reader, "memory.thp", status, FACT_NOT_APPLICABLE, "a kernel without them", path);
        return;
    }
    word = strchr(text, '[');
    end = word ? strchr(word, ']') : NULL;
    if (end)
        *end = '\0';
    fact_text(reader, "memory.thp", end ? word + 1 : text, path);
}

static void read_overcommit(struct reader *reader) {
    static const char path[] = "/proc/sys/vm/overcommit_memory";
    static const char *const words[] = {"heuristic", "always", "never"};
    int64_t mode;
    int status = source_integer(reader->source, &mode, path);

    if (status == 0 && mode >= 0 && mode <= 2)
        fact_text(reader, "memory.overcommit", words[mode], path);
    else
        fact_failed(reader, "memory.overcommit", status < 0 ? status : -ERANGE, FACT_UNKNOWN,
                    "the kernel does not tell", path);
}

/* Our control group below its hierarchy, "" for the root. Line "0::PATH" (version 2) or "N:CONTROLLER:PATH".
 */
static char *group_path(struct reader *reader, const char *controller) {
    cleanup_free char *text = NULL;
    char *rest, *line;

    if (source_text(reader->source, &text, "/proc/self/cgroup") < 0)
        return NULL;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        const char *controllers = strchr(line, ':');
        const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        size_t length = path ? (size_t)(path - controllers - 1) : 0;

        if (path && length == strlen(controller) && strncmp(controllers + 1, controller, length) == 0)
            return strdup(strcmp(path + 1, "/") == 0 ? "" : path + 1);
    }
    return NULL;
}

/* One number of version 2's cpu.max "QUOTA PERIOD"; false: no limit. */
static bool parse_cpu_max(const char *text, double *ret_cpus) {
    char *end;
    double quota = strtod(text, &end), period = strtod(end, NULL);

    if (end == text || quota <= 0 || period <= 0)
        return false;
    *ret_cpus = quota / period;
    return true;
}

static void read_memory_limit(struct reader *reader) {
    cleanup_free char *v2 = group_path(reader, ""), *v1 = group_path(reader, "memory"), *text = NULL;
    const char *source = "cgroup memory.max";
    int64_t bytes;

    if (!v2 || source_text(reader->source, &text, "/sys/fs/cgroup%s/memory.max", v2) < 0) {
        source = "cgroup memory.limit_in_bytes";
        if (!v1 ||
            source_text(reader->source, &text, "/sys/fs/cgroup/memory%s/memory.limit_in_bytes", v1) < 0) {
            fact_none(reader, "cgroup.memory_limit_bytes", FACT_NOT_APPLICABLE, "no memory control group",
                      source);
            return;
        }
    }
    /* Version 1 says "none" with the largest whole number of pages. */
    if (source_parse_integer(text, &bytes) == 0 && bytes < INT64_MAX / 2)
        fact_integer(reader, "cgroup.memory_limit_bytes", bytes, source);
    else
        fact_none(reader, "cgroup.memory_limit_bytes", FACT_NOT_APPLICABLE, "no limit is set", source);
}

static void read_cpu_limit(struct reader *reader) {
    cleanup_free char *v2 = group_path(reader, ""), *v1 = group_path(reader, "cpu"), *text = NULL;
    int64_t quota, period;
    double cpus;

    if (v2 && source_text(reader->source, &text, "/sys/fs/cgroup%s/cpu.max", v2) == 0) {
        if (parse_cpu_max(text, &cpus))
            fact_real(reader, "cgroup.cpu_limit", cpus, "cgroup cpu.max");
        else
            fact_none(reader, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no limit is set", "cgroup cpu.max");
    } else if (v1 &&
               source_integer(reader->source, &quota, "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", v1) == 0 &&
               source_integer(reader->source, &period, "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", v1) == 0) {
        if (quota > 0 && period > 0)
            fact_real(reader, "cgroup.cpu_limit", (double)quota / (double)period, "cgroup cpu.cfs_quota_us");
        else
            fact_none(reader, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no limit is set",
                      "cgroup cpu.cfs_quota_us");
    } else {
        fact_none(reader, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no cpu control group", "cgroup");
    }
}

void read_memory(struct reader *reader) {
    read_meminfo(reader);
    read_nodes(reader);
    read_huge_page_mode(reader);
    read_overcommit(reader);
    read_memory_limit(reader);
    read_cpu_limit(reader);
}
