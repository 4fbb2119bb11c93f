/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processor, topology, caches, speed and mitigations, from sysfs and /proc/cpuinfo; where sysfs tells no
 * cache, from CPUID. The last-level cache is that of one processor: C libraries add up or report the host's.
 */
#include "base/cleanup.h"
#include "machine/cpuid.h"
#include "machine/facts.h"

#include <ctype.h>
#include <string.h>

#define CPU_FOLDER "/sys/devices/system/cpu"
#define CPUINFO "/proc/cpuinfo"

/* The value of the first line "KEY : VALUE", or NULL. The caller frees. */
static char *cpuinfo_value(const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *colon;

        line += *line == '\n';
        if (strncasecmp(line, key, length) != 0 ||
            (line[length] != '\t' && line[length] != ' ' && line[length] != ':'))
            continue;
        colon = line + length + strspn(line + length, " \t");
        if (*colon != ':')
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        return strndup(colon, strcspn(colon, "\n"));
    }
    return NULL;
}

static void cpuinfo_fact(struct reader *reader, const char *name, const char *text, const char *key,
                         const char *why) {
    cleanup_free char *value = text ? cpuinfo_value(text, key) : NULL;

    if (value && *value)
        fact_text(reader, name, value, CPUINFO);
    else
        fact_none(reader, name, FACT_UNKNOWN, why, CPUINFO);
}

/* ARM's /proc/cpuinfo has numbers only. */
static void read_model(struct reader *reader, const char *text) {
    cleanup_free char *model = cpuinfo_value(text, "model name");
    cleanup_free char *implementer = cpuinfo_value(text, "CPU implementer");
    cleanup_free char *part = cpuinfo_value(text, "CPU part");
    cleanup_free char *both = NULL;

    if (model)
        fact_text(reader, "cpu.model", model, CPUINFO);
    else if (implementer && part && asprintf(&both, "implementer %s part %s", implementer, part) > 0)
        fact_text(reader, "cpu.model", both, CPUINFO);
    else
        fact_none(reader, "cpu.model", FACT_UNKNOWN, "/proc/cpuinfo has no model name", CPUINFO);
}

static void read_cpuinfo(struct reader *reader) {
    static const char *const names[] = {"cpu.model", "cpu.vendor", "cpu.microcode"};
    cleanup_free char *text = NULL;
    int status = source_text(reader->source, &text, CPUINFO);

    if (status < 0) {
        for (size_t i = 0; i < VMS_LENGTH(names); i++)
            fact_failed(reader, names[i], status, FACT_UNKNOWN, "/proc/cpuinfo is not there", CPUINFO);
        return;
    }
    read_model(reader, text);
    cpuinfo_fact(reader, "cpu.vendor", text, "vendor_id", "/proc/cpuinfo has no vendor_id");
    cpuinfo_fact(reader, "cpu.microcode", text, "microcode", "/proc/cpuinfo has no microcode");
}

/* Counts the processors of a list such as "0-3,8". -EINVAL. */
static int count_list(const char *text, int64_t *ret_count) {
    int64_t count = 0;

    while (*text) {
        char *end;
        unsigned long first, last;

        if (!isdigit((unsigned char)*text))
            return -EINVAL;
        first = last = strtoul(text, &end, 10);
        if (*end == '-') {
            text = end + 1;
            last = strtoul(text, &end, 10);
        }
        if (last < first || last > 1 << 20 || (*end != ',' && *end != '\0'))
            return -EINVAL;
        count += (int64_t)(last - first + 1);
        text = *end ? end + 1 : end;
    }
    *ret_count = count;
    return count ? 0 : -EINVAL;
}

static void read_count(struct reader *reader) {
    static const char path[] = CPU_FOLDER "/online";
    cleanup_free char *text = NULL;
    int64_t count;
    int status = source_text(reader->source, &text, "%s", path);

    if (status == 0)
        status = count_list(text, &count);
    if (status == 0)
        fact_integer(reader, "cpu.count", count, path);
    else
        fact_failed(reader, "cpu.count", status, FACT_UNKNOWN, "sysfs does not list processors", path);
}

/* How many different texts a topology file holds over all processors: sockets and cores. */
static int64_t count_different(const struct machine_source *source, const struct source_names *folders,
                               const char *file) {
    char **seen = calloc(folders->n_names + 1, sizeof(*seen));
    size_t n = 0;

    for (size_t i = 0; seen && i < folders->n_names; i++) {
        const char *name = folders->names[i];
        size_t at = 0;
        char *text;

        if (strncmp(name, "cpu", 3) != 0 || !isdigit((unsigned char)name[3]) ||
            source_text(source, &text, CPU_FOLDER "/%s/topology/%s", name, file) < 0)
            continue;
        while (at < n && strcmp(seen[at], text) != 0)
            at++;
        if (at == n)
            seen[n++] = text;
        else
            free(text);
    }
    for (size_t i = 0; i < n; i++)
        free(seen[i]);
    free(seen);
    return (int64_t)n;
}

static void read_topology(struct reader *reader) {
    static const struct {
        const char *name, *file;
    } levels[] = {{"cpu.cores", "thread_siblings_list"}, {"cpu.sockets", "physical_package_id"}};
    struct source_names folders = {0};

    (void)source_list(reader->source, &folders, CPU_FOLDER);
    for (size_t i = 0; i < VMS_LENGTH(levels); i++) {
        int64_t count = count_different(reader->source, &folders, levels[i].file);

        if (count > 0)
            fact_integer(reader, levels[i].name, count, CPU_FOLDER "/cpu*/topology");
        else
            fact_none(reader, levels[i].name, FACT_UNKNOWN, "sysfs tells no topology",
                      CPU_FOLDER "/cpu*/topology");
    }
    source_names_done(&folders);
}

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

static void read_caches(struct reader *reader) {
    static const char *const names[] = {"cpu.l1d_bytes", "cpu.l2_bytes", "cpu.l3_bytes"};
    static const char sysfs[] = CPU_FOLDER "/cpu0/cache";
    int64_t last = 0;
    const char *last_source = sysfs;

    for (unsigned level = 1; level <= 3; level++) {
        const char *source = sysfs;
        int64_t bytes = sysfs_cache(reader->source, level);

        if (bytes == 0) {
            bytes = (int64_t)cpuid_cache_bytes(reader->source, level);
            source = "CPUID";
        }
        if (bytes > 0) {
            fact_integer(reader, names[level - 1], bytes, source);
            last = bytes;
            last_source = source;
        } else {
            fact_none(reader, names[level - 1], FACT_UNKNOWN, "neither sysfs nor CPUID tells this cache",
                      sysfs);
        }
    }
    if (last > 0)
        fact_integer(reader, "cpu.llc_bytes", last, last_source);
    else
        fact_none(reader, "cpu.llc_bytes", FACT_UNKNOWN, "neither sysfs nor CPUID tells a cache", sysfs);
}

static void read_smt(struct reader *reader) {
    static const char path[] = CPU_FOLDER "/smt/active";
    int64_t active;
    int status = source_integer(reader->source, &active, "%s", path);

    if (status == 0)
        fact_boolean(reader, "cpu.smt", active != 0, path);
    else
        fact_failed(reader, "cpu.smt", status, FACT_UNKNOWN, "the kernel does not tell", path);
}

/* Turbo has a switch of each driver's own: acpi-cpufreq's is 1 for on, intel_pstate's is 1 for off. */
static void read_turbo(struct reader *reader) {
    static const char boost[] = CPU_FOLDER "/cpufreq/boost", no_turbo[] = CPU_FOLDER "/intel_pstate/no_turbo";
    int64_t value;

    if (source_integer(reader->source, &value, "%s", no_turbo) == 0)
        fact_boolean(reader, "cpu.turbo", value == 0, no_turbo);
    else if (source_integer(reader->source, &value, "%s", boost) == 0)
        fact_boolean(reader, "cpu.turbo", value != 0, boost);
    else
        fact_none(reader, "cpu.turbo", FACT_UNKNOWN, "no switch is shown; the host may use it", boost);
}

static void read_frequency_limit(struct reader *reader) {
    static const char path[] = CPU_FOLDER "/cpu0/cpufreq/cpuinfo_max_freq";
    int64_t kilohertz;
    int status = source_integer(reader->source, &kilohertz, "%s", path);

    if (status == 0 && kilohertz <= INT64_MAX / 1000)
        fact_integer(reader, "cpu.frequency_max_hz", kilohertz * 1000, path);
    else
        fact_failed(reader, "cpu.frequency_max_hz", status < 0 ? status : -ERANGE, FACT_NOT_APPLICABLE,
                    "no frequency driver", path);
}

static void read_frequency(struct reader *reader) {
    static const char path[] = CPU_FOLDER "/cpu0/cpufreq/scaling_cur_freq";
    cleanup_free char *text = NULL, *value = NULL;
    int64_t kilohertz;

    if (source_integer(reader->source, &kilohertz, "%s", path) == 0 && kilohertz <= INT64_MAX / 1000) {
        fact_real(reader, "cpu.frequency_hz", (double)kilohertz * 1e3, path);
        return;
    }
    if (source_text(reader->source, &text, CPUINFO) == 0 && (value = cpuinfo_value(text, "cpu MHz")))
        fact_real(reader, "cpu.frequency_hz", strtod(value, NULL) * 1e6, CPUINFO);
    else
        fact_none(reader, "cpu.frequency_hz", FACT_UNKNOWN, "neither cpufreq nor /proc/cpuinfo tells it",
                  path);
}

static void read_mitigations(struct reader *reader) {
    static const char folder[] = CPU_FOLDER "/vulnerabilities";
    cleanup_free char *all = NULL;
    struct source_names names;
    int status = source_list(reader->source, &names, folder);

    if (status < 0) {
        fact_failed(reader, "cpu.mitigations", status, FACT_UNKNOWN, "the kernel does not tell", folder);
        return;
    }
    for (size_t i = 0; i < names.n_names; i++) {
        cleanup_free char *text = NULL;
        char *longer;

        /* What does not touch this processor is left out, to keep the line readable. */
        if (source_text(reader->source, &text, "%s/%s", folder, names.names[i]) < 0 ||
            strcmp(text, "Not affected") == 0)
            continue;
        if (asprintf(&longer, "%s%s%s: %s", all ? all : "", all ? "; " : "", names.names[i], text) < 0) {
            reader->out_of_memory = true;
            break;
        }
        free(all);
        all = longer;
    }
    fact_text(reader, "cpu.mitigations", all ? all : "none needed", folder);
    source_names_done(&names);
}

void read_cpu(struct reader *reader) {
    read_cpuinfo(reader);
    read_count(reader);
    read_topology(reader);
    read_caches(reader);
    read_smt(reader);
    fact_file_text(reader, "cpu.governor", FACT_NOT_APPLICABLE, "no frequency driver",
                   CPU_FOLDER "/cpu0/cpufreq/scaling_governor");
    read_turbo(reader);
    read_frequency(reader);
    read_frequency_limit(reader);
    read_mitigations(reader);
}
