/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast processors are, and what decides it, from sysfs and /proc/cpuinfo. */
#include "machine/cpu.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/text_list.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Turbo has a switch of each driver's own: acpi-cpufreq's is 1 for on, intel_pstate's is 1 for off. */
static void read_turbo(struct survey *survey) {
    static const char boost[] = CPU_FOLDER "/cpufreq/boost", no_turbo[] = CPU_FOLDER "/intel_pstate/no_turbo";
    int64_t value;

    if (source_integer(survey->source, &value, "%s", no_turbo) == 0)
        fact_boolean(survey, "cpu.turbo", value == 0, no_turbo);
    else if (source_integer(survey->source, &value, "%s", boost) == 0)
        fact_boolean(survey, "cpu.turbo", value != 0, boost);
    else
        fact_none(survey, "cpu.turbo", FACT_UNKNOWN, "no switch is shown; the host may use it", boost);
}

/* The highest of all processors: those of a hybrid machine differ, and the first may be a slow one. */
static void read_frequency_limit(struct survey *survey) {
    static const char name[] = "cpu.frequency_max_hz", where[] = CPU_FOLDER "/cpu*/cpufreq/cpuinfo_max_freq";
    int64_t highest = -1, lowest = INT64_MAX;
    cleanup_free char *both = NULL;
    struct source_names names = {0};
    bool is_unknown = false; /* to a driver that there is */
    int failed = -ENOENT;

    (void)source_list(survey->source, &names, CPU_FOLDER);
    for (size_t i = 0; i < names.n_names; i++) {
        int64_t kilohertz;
        int status;

        if (!cpu_is_folder(names.names[i]))
            continue;
        status = source_integer(survey->source, &kilohertz, CPU_FOLDER "/%s/cpufreq/cpuinfo_max_freq",
                                names.names[i]);
        if (status == 0 && kilohertz == 0) {
            is_unknown = true;
            continue;
        }
        if (status == 0 && (kilohertz < 0 || kilohertz > INT64_MAX / 1000))
            status = -ERANGE;
        if (status < 0) {
            failed = status == -ENOENT ? failed : status;
            continue;
        }
        highest = kilohertz > highest ? kilohertz : highest;
        lowest = kilohertz < lowest ? kilohertz : lowest;
    }
    source_names_done(&names);
    if (highest < 0 && is_unknown && failed == -ENOENT)
        fact_none(survey, name, FACT_UNKNOWN, "the frequency driver does not know it", where);
    else if (highest < 0)
        fact_failed(survey, name, failed, FACT_NOT_APPLICABLE, "no frequency driver", where);
    else if (lowest < highest && !(both = text_new("%s, the lowest says %" PRId64, where, lowest * 1000)))
        survey->out_of_memory = true;
    else
        fact_integer(survey, name, highest * 1000, both ? both : where);
}

/* Drivers and hypervisors that do not know it say 0. */
static void read_frequency(struct survey *survey) {
    static const char path[] = CPU_FOLDER "/cpu0/cpufreq/scaling_cur_freq";
    cleanup_free char *text = NULL, *value = NULL;
    int64_t kilohertz;
    double megahertz = 0;

    if (source_integer(survey->source, &kilohertz, "%s", path) == 0 && kilohertz > 0 &&
        kilohertz <= INT64_MAX / 1000) {
        fact_real(survey, "cpu.frequency_hz", (double)kilohertz * 1e3, path);
        return;
    }
    if (source_text(survey->source, &text, CPUINFO) == 0 && (value = cpuinfo_value(text, "cpu MHz")))
        megahertz = strtod(value, NULL);
    if (megahertz > 0 && isfinite(megahertz))
        fact_real(survey, "cpu.frequency_hz", megahertz * 1e6, CPUINFO);
    else
        fact_none(survey, "cpu.frequency_hz", FACT_UNKNOWN, "neither cpufreq nor /proc/cpuinfo reports it",
                  path);
}

/* Of all processors: they are set one by one. */
static void read_governor(struct survey *survey) {
    static const char where[] = CPU_FOLDER "/cpu*/cpufreq/scaling_governor";
    struct source_names names = {0};
    cleanup_free char *all = NULL;
    int status = source_list(survey->source, &names, CPU_FOLDER);

    for (size_t i = 0; status == 0 && i < names.n_names; i++) {
        cleanup_free char *governor = NULL;

        if (cpu_is_folder(names.names[i]) &&
            source_text(survey->source, &governor, CPU_FOLDER "/%s/cpufreq/scaling_governor",
                        names.names[i]) == 0)
            survey->out_of_memory |= text_list_add(&all, governor) < 0;
    }
    if (all)
        fact_text(survey, "cpu.governor", all, where);
    else
        fact_failed(survey, "cpu.governor", status < 0 ? status : -ENOENT, FACT_NOT_APPLICABLE,
                    "no frequency driver", where);
    source_names_done(&names);
}

void survey_cpu_frequency(struct survey *survey) {
    read_governor(survey);
    read_turbo(survey);
    read_frequency(survey);
    read_frequency_limit(survey);
}
