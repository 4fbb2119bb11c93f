/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel, clock, load, and the program itself. */
#include "machine/subjects.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "source/recorder.h"

#include <string.h>
#include <sys/utsname.h>

static void read_architecture(struct survey *survey) {
    struct utsname name;

    if (source_is_live(survey->source) && uname(&name) == 0) {
        recorder_bytes(survey->source->recorder, "/vmsuite/architecture", name.machine, strlen(name.machine));
        fact_text(survey, "kernel.architecture", name.machine, "uname");
    } else {
        fact_file_text(survey, "kernel.architecture", FACT_UNKNOWN, "the capture does not say",
                       "/vmsuite/architecture");
    }
}

static void read_clock_cost(struct survey *survey) {
    if (source_is_live(survey->source))
        fact_real(survey, "clock.read_cost_s", clock_cost_s(), "clock_gettime");
    else
        fact_none(survey, "clock.read_cost_s", FACT_NOT_APPLICABLE, "a captured machine has no running clock",
                  "clock_gettime");
}

/* "0.52 0.40 0.31 2/345 6789": one minute's load, and tasks that are runnable now. */
static void read_load(struct survey *survey) {
    static const char path[] = "/proc/loadavg";
    cleanup_free char *text = NULL;
    double one, five, fifteen;
    long long running;
    int status = source_text(survey->source, &text, path);

    if (status == 0 && sscanf(text, "%lf %lf %lf %lld/", &one, &five, &fifteen, &running) == 4) {
        fact_real(survey, "load.average_1min", one, path);
        fact_integer(survey, "load.running", running, path);
        return;
    }
    status = status < 0 ? status : -EINVAL;
    fact_failed(survey, "load.average_1min", status, FACT_UNKNOWN, "the kernel does not report it", path);
    fact_failed(survey, "load.running", status, FACT_UNKNOWN, "the kernel does not report it", path);
}

void survey_kernel(struct survey *survey) {
    fact_file_text(survey, "kernel.release", FACT_UNKNOWN, "the kernel does not report it",
                   "/proc/sys/kernel/osrelease");
    fact_file_text(survey, "kernel.version", FACT_UNKNOWN, "the kernel does not report it",
                   "/proc/sys/kernel/version");
    read_architecture(survey);
    fact_file_text(survey, "kernel.command_line", FACT_UNKNOWN, "the kernel does not report it",
                   "/proc/cmdline");
    fact_file_text(survey, "clock.source", FACT_UNKNOWN, "the kernel does not report it",
                   "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    fact_file_text(survey, "clock.available", FACT_UNKNOWN, "the kernel does not report it",
                   "/sys/devices/system/clocksource/clocksource0/available_clocksource");
    read_clock_cost(survey);
    read_load(survey);
    fact_text(survey, "program.compiler", VMSUITE_COMPILER, "build");
    fact_text(survey, "program.flags", VMSUITE_FLAGS, "build");
}
