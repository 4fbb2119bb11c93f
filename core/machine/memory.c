/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, NUMA, huge pages, swap and overcommit (proc(5)). */
#include "base/cleanup.h"
#include "machine/subjects.h"

#include <ctype.h>
#include <string.h>

#define MEMINFO "/proc/meminfo"

/* "KEY:   123 kB" in bytes; "KEY: 123" as it is. */
static void meminfo_fact(struct survey *survey, const char *name, const char *text, const char *key) {
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        int64_t value;
        char *end;

        line += *line == '\n';
        if (strncmp(line, key, length) != 0 || line[length] != ':')
            continue;
        value = strtoll(line + length + 1, &end, 10);
        if (end == line + length + 1 || value < 0 || value > INT64_MAX / 1024)
            break;
        fact_integer(survey, name, strncmp(end, " kB", 3) == 0 ? value * 1024 : value, MEMINFO);
        return;
    }
    fact_none(survey, name, FACT_UNKNOWN, "/proc/meminfo does not report it", MEMINFO);
}

static void read_meminfo(struct survey *survey) {
    static const struct {
        const char *name, *key;
    } rows[] = {
        {"memory.total_bytes", "MemTotal"},       {"memory.available_bytes", "MemAvailable"},
        {"memory.swap_bytes", "SwapTotal"},       {"memory.swap_free_bytes", "SwapFree"},
        {"memory.huge_pages", "HugePages_Total"}, {"memory.huge_page_bytes", "Hugepagesize"},
    };
    cleanup_free char *text = NULL;
    int status = source_text(survey->source, &text, MEMINFO);

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        if (status < 0)
            fact_failed(survey, rows[i].name, status, FACT_UNKNOWN, "/proc/meminfo is not there", MEMINFO);
        else
            meminfo_fact(survey, rows[i].name, text, rows[i].key);
    }
}

static void read_nodes(struct survey *survey) {
    static const char folder[] = "/sys/devices/system/node";
    struct source_names names;
    int64_t count = 0;
    int status = source_list(survey->source, &names, folder);

    if (status < 0) {
        fact_failed(survey, "memory.numa_nodes", status, FACT_UNKNOWN, "this kernel has no NUMA support",
                    folder);
        return;
    }
    for (size_t i = 0; i < names.n_names; i++)
        count += strncmp(names.names[i], "node", 4) == 0 && isdigit((unsigned char)names.names[i][4]);
    fact_integer(survey, "memory.numa_nodes", count, folder);
    source_names_done(&names);
}

/* "always [madvise] never": the word in brackets. */
static void read_huge_page_mode(struct survey *survey) {
    static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
    cleanup_free char *text = NULL;
    char *word, *end;
    int status = source_text(survey->source, &text, path);

    if (status < 0) {
        fact_failed(survey, "memory.thp", status, FACT_NOT_APPLICABLE,
                    "this kernel has no transparent huge pages", path);
        return;
    }
    word = strchr(text, '[');
    end = word ? strchr(word, ']') : NULL;
    if (end)
        *end = '\0';
    fact_text(survey, "memory.thp", end ? word + 1 : text, path);
}

static void read_overcommit(struct survey *survey) {
    static const char path[] = "/proc/sys/vm/overcommit_memory";
    static const char *const words[] = {"heuristic", "always", "never"};
    int64_t mode;
    int status = source_integer(survey->source, &mode, path);

    if (status == 0 && mode >= 0 && mode <= 2)
        fact_text(survey, "memory.overcommit", words[mode], path);
    else
        fact_failed(survey, "memory.overcommit", status < 0 ? status : -ERANGE, FACT_UNKNOWN,
                    "the kernel does not report it", path);
}

void survey_memory(struct survey *survey) {
    read_meminfo(survey);
    read_nodes(survey);
    read_huge_page_mode(survey);
    read_overcommit(survey);
}
