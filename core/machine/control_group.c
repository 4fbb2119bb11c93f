/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control group allows (cgroups(7)). */
#include "base/cleanup.h"
#include "machine/subjects.h"
#include "source/cgroup.h"

#include <string.h>

/* One number of version 2's cpu.max "QUOTA PERIOD"; false: no limit. */
static bool parse_cpu_max(const char *text, double *ret_cpus) {
    char *end;
    double quota = strtod(text, &end), period = strtod(end, NULL);

    if (end == text || quota <= 0 || period <= 0)
        return false;
    *ret_cpus = quota / period;
    return true;
}

static void read_memory_limit(struct survey *survey) {
    cleanup_free char *v2 = cgroup_path(survey->source, ""), *v1 = cgroup_path(survey->source, "memory"),
                      *text = NULL;
    const char *source = "cgroup memory.max";
    int64_t bytes;

    if (!v2 || source_text(survey->source, &text, "/sys/fs/cgroup%s/memory.max", v2) < 0) {
        source = "cgroup memory.limit_in_bytes";
        if (!v1 ||
            source_text(survey->source, &text, "/sys/fs/cgroup/memory%s/memory.limit_in_bytes", v1) < 0) {
            fact_none(survey, "cgroup.memory_limit_bytes", FACT_NOT_APPLICABLE, "no memory control group",
                      source);
            return;
        }
    }
    /* Version 1 says "none" with the largest whole number of pages. */
    if (source_parse_integer(text, &bytes) == 0 && bytes < INT64_MAX / 2)
        fact_integer(survey, "cgroup.memory_limit_bytes", bytes, source);
    else
        fact_none(survey, "cgroup.memory_limit_bytes", FACT_NOT_APPLICABLE, "no limit is set", source);
}

static void read_cpu_limit(struct survey *survey) {
    cleanup_free char *v2 = cgroup_path(survey->source, ""), *v1 = cgroup_path(survey->source, "cpu"),
                      *text = NULL;
    int64_t quota, period;
    double cpus;

    if (v2 && source_text(survey->source, &text, "/sys/fs/cgroup%s/cpu.max", v2) == 0) {
        if (parse_cpu_max(text, &cpus))
            fact_real(survey, "cgroup.cpu_limit", cpus, "cgroup cpu.max");
        else
            fact_none(survey, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no limit is set", "cgroup cpu.max");
    } else if (v1 &&
               source_integer(survey->source, &quota, "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", v1) == 0 &&
               source_integer(survey->source, &period, "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", v1) == 0) {
        if (quota > 0 && period > 0)
            fact_real(survey, "cgroup.cpu_limit", (double)quota / (double)period, "cgroup cpu.cfs_quota_us");
        else
            fact_none(survey, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no limit is set",
                      "cgroup cpu.cfs_quota_us");
    } else {
        fact_none(survey, "cgroup.cpu_limit", FACT_NOT_APPLICABLE, "no cpu control group", "cgroup");
    }
}

/* The processors that the group may use. */
static void read_processors(struct survey *survey) {
    static const char name[] = "cgroup.cpus";
    cleanup_free char *v2 = cgroup_path(survey->source, ""), *v1 = cgroup_path(survey->source, "cpuset");
    cleanup_free char *text = NULL;

    if (v2 && source_text(survey->source, &text, "/sys/fs/cgroup%s/cpuset.cpus.effective", v2) == 0 && *text)
        fact_text(survey, name, text, "cgroup cpuset.cpus.effective");
    else if (v1 &&
             source_text(survey->source, &text, "/sys/fs/cgroup/cpuset%s/cpuset.effective_cpus", v1) == 0 &&
             *text)
        fact_text(survey, name, text, "cgroup cpuset.effective_cpus");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, "no cpuset control group", "cgroup");
}

void survey_control_group(struct survey *survey) {
    read_processors(survey);
    read_memory_limit(survey);
    read_cpu_limit(survey);
}
