/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel, clock, load, and the program itself. */
#include "machine/facts.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "machine/capture.h"

#include <string.h>
#include <sys/utsname.h>

static void read_architecture(struct reader *reader) {
    struct utsname name;

    if (source_is_live(reader->source) && uname(&name) == 0) {
        capture_bytes(reader->source->capture, "/vmsuite/architecture", name.machine, strlen(name.machine));
        fact_text(reader, "kernel.architecture", name.machine, "uname");
    } else {
        fact_file_text(reader, "kernel.architecture", FACT_UNKNOWN, "the capture does not tell",
                       "/vmsuite/architecture");
    }
}

static void read_clock_cost(struct reader *reader) {
    if (source_is_live(reader->source))
        fact_real(reader, "clock.read_cost_s", clock_cost_s(), "clock_gettime");
    else
        fact_none(reader, "clock.read_cost_s", FACT_NOT_APPLICABLE, "a captured machine has no running clock",
                  "clock_gettime");
}

/* "0.52 0.40 0.31 2/345 6789": one minute's load, and tasks that are runnable now. */
static void read_load(struct reader *reader) {
    static const char path[] = "/proc/loadavg";
    cleanup_free char *text = NULL;
    double one, five, fifteen;
    long long running;
    int status = source_text(reader->source, &text, path);

    if (status == 0 && sscanf(text, "%lf %lf %lf %lld/", &one, &five, &fifteen, &running) == 4) {
        fact_real(reader, "load.average_1min", one, path);
        fact_integer(reader, "load.running", running, path);
        return;
    }
    status = status < 0 ? status : -EINVAL;
    fact_failed(reader, "load.average_1min", status, FACT_UNKNOWN, "the kernel does not tell", path);
    fact_failed(reader, "load.running", status, FACT_UNKNOWN, "the kernel does not tell", path);
}

void read_kernel(struct reader *reader) {
    fact_file_text(reader, "kernel.release", FACT_UNKNOWN, "the kernel does not tell",
                   "/proc/sys/kernel/osrelease");
    fact_file_text(reader, "kernel.version", FACT_UNKNOWN, "the kernel does not tell",
                   "/proc/sys/kernel/version");
    read_architecture(reader);
    fact_file_text(reader, "kernel.command_line", FACT_UNKNOWN, "the kernel does not tell", "/proc/cmdline");
    fact_file_text(reader, "clock.source", FACT_UNKNOWN, "the kernel does not tell",
                   "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    fact_file_text(reader, "clock.available", FACT_UNKNOWN, "the kernel does not tell",
                   "/sys/devices/system/clocksource/clocksource0/available_clocksource");
    read_clock_cost(reader);
    read_load(reader);
    fact_text(reader, "program.compiler", VMSUITE_COMPILER, "build");
    fact_text(reader, "program.flags", VMSUITE_FLAGS, "build");
}
