/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control group allows (cgroups(7)). */
#include "base/cleanup.h"
#include "machine/subjects.h"
#include "source/cgroup.h"

#include <math.h>
#include <string.h>

/* One file that holds the limit of a group, by version. */
struct limit_file {
    const char *hierarchy, *controller, *file, *period; /* `period`: version 1's second file, or NULL */
    const char *source;
};

/* Version 1 says "none" of memory with the largest whole number of pages. */
static bool parse_bytes(const char *text, const char *period, double *ret_limit) {
    int64_t bytes;

    (void)period;
    if (source_parse_integer(text, &bytes) < 0 || bytes < 0 || bytes >= INT64_MAX / 2)
        return false;
    *ret_limit = (double)bytes;
    return true;
}

/* Version 2's "QUOTA PERIOD", or version 1's two numbers; false: no limit. */
static bool parse_cpus(const char *text, const char *period, double *ret_limit) {
    char *end;
    double quota = strtod(text, &end), every = strtod(period ? period : end, NULL);

    if (end == text || !(quota > 0) || !(every > 0))
        return false;
    *ret_limit = quota / every;
    return true;
}

struct limit {
    bool found, limited; /* a group has such a file; one of them limits */
    double value;        /* the lowest */
    const struct limit_file *file;
};

static void read_limit_at(const struct machine_source *source, const struct limit_file *file,
                          const char *group,
                          bool (*parse)(const char *text, const char *period, double *ret_limit),
                          struct limit *limit) {
    cleanup_free char *text = NULL, *period = NULL;
    double value;

    if (source_text(source, &text, "%s%s/%s", file->hierarchy, group, file->file) < 0 ||
        (file->period && source_text(source, &period, "%s%s/%s", file->hierarchy, group, file->period) < 0))
        return;
    if (!limit->found)
        limit->file = file;
    limit->found = true;
    if (!parse(text, period, &value) || (limit->limited && value >= limit->value))
        return;
    limit->limited = true;
    limit->value = value;
}

/* The lowest limit of the group and of all above it, which hold it, too. In a container of version 1 its own
 * group is the top of what is mounted, whatever /proc/self/cgroup calls it. */
static void read_limit(const struct machine_source *source, const struct limit_file *files, size_t n_files,
                       bool (*parse)(const char *text, const char *period, double *ret_limit),
                       struct limit *ret_limit) {
    struct limit limit = {false, false, 0, &files[n_files - 1]};

    for (size_t i = 0; i < n_files && !limit.found; i++) {
        cleanup_free char *group = cgroup_path(source, files[i].controller);
        char *slash = group;

        while (slash) {
            read_limit_at(source, &files[i], group, parse, &limit);
            slash = strrchr(group, '/');
            if (slash)
                *slash = '\0';
        }
    }
    *ret_limit = limit;
}

static void read_memory_limit(struct survey *survey) {
    static const struct limit_file files[] = {
        {"/sys/fs/cgroup", "", "memory.max", NULL, "cgroup memory.max"},
        {"/sys/fs/cgroup/memory", "memory", "memory.limit_in_bytes", NULL, "cgroup memory.limit_in_bytes"}};
    static const char name[] = "cgroup.memory_limit_bytes";
    struct limit limit;

    read_limit(survey->source, files, VMS_LENGTH(files), parse_bytes, &limit);
    if (limit.limited)
        fact_integer(survey, name, (int64_t)limit.value, limit.file->source);
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE,
                  limit.found ? "no limit is set" : "no memory control group", limit.file->source);
}

static void read_cpu_limit(struct survey *survey) {
    static const struct limit_file files[] = {
        {"/sys/fs/cgroup", "", "cpu.max", NULL, "cgroup cpu.max"},
        {"/sys/fs/cgroup/cpu", "cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cgroup cpu.cfs_quota_us"}};
    static const char name[] = "cgroup.cpu_limit";
    struct limit limit;

    read_limit(survey->source, files, VMS_LENGTH(files), parse_cpus, &limit);
    if (limit.limited)
        fact_real(survey, name, limit.value, limit.file->source);
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, limit.found ? "no limit is set" : "no cpu control group",
                  limit.found ? limit.file->source : "cgroup");
}

/* What the group's file says, or that of the nearest group above it which has one: a group without the
 * controller uses what that may use. Owned; NULL: none has one. */
static char *find_processors(const struct machine_source *source, const char *hierarchy,
                             const char *controller, const char *file) {
    cleanup_free char *group = cgroup_path(source, controller), *text = NULL;

    for (char *slash = group; slash;) {
        if (source_text(source, &text, "%s%s/%s", hierarchy, group, file) == 0 && *text)
            return TAKE(text);
        free(text);
        text = NULL;
        slash = strrchr(group, '/');
        if (slash)
            *slash = '\0';
    }
    return NULL;
}

/* The processors that the group may use. */
static void read_processors(struct survey *survey) {
    static const char name[] = "cgroup.cpus";
    cleanup_free char *new = find_processors(survey->source, "/sys/fs/cgroup", "", "cpuset.cpus.effective");
    cleanup_free char *old =
        new ? NULL
            : find_processors(survey->source, "/sys/fs/cgroup/cpuset", "cpuset", "cpuset.effective_cpus");

    if (new)
        fact_text(survey, name, new, "cgroup cpuset.cpus.effective");
    else if (old)
        fact_text(survey, name, old, "cgroup cpuset.effective_cpus");
    else
        fact_none(survey, name, FACT_NOT_APPLICABLE, "no cpuset control group", "cgroup");
}

/* What shares processor time with others as one. */
static void read_cpu_group(struct survey *survey) {
    static const char name[] = "cgroup.cpu_group", weight_name[] = "cgroup.cpu_weight";
    struct cgroup_share share = {.weight = NAN, .file = "cgroup"};
    int status = cgroup_read_share(survey->source, &share);

    if (status == 0)
        fact_text(survey, name, share.group, "/proc/self/cgroup");
    else
        fact_failed(survey, name, status, FACT_NOT_APPLICABLE, "no cpu control group", "/proc/self/cgroup");
    if (isnan(share.weight))
        fact_none(survey, weight_name, FACT_NOT_APPLICABLE, "no weight is set", share.file);
    else
        fact_real(survey, weight_name, share.weight, share.file);
    free(share.group);
}

void survey_control_group(struct survey *survey) {
    read_processors(survey);
    read_memory_limit(survey);
    read_cpu_limit(survey);
    read_cpu_group(survey);
}
