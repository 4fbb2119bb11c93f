/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/timing/bench.h"

#include "shared/case/line.h"
#include "shared/memory/caches.h"

#include <stdlib.h>

int bench_check_affinity(const char *affinity, struct vms_error *error) {
    if (strcmp(affinity, "none") == 0)
        return report_error(error, -EINVAL,
                            "affinity is none, but what is measured must stay on its processor: "
                            "give spread, compact or a list such as 0,3");
    return place_check("2", affinity, error);
}

static int find_place(const char *affinity, struct place *ret_place, struct vms_error *error) {
    hwloc_topology_t topology;
    int status;

    status = caches_load_topology(&topology, error);
    if (status < 0)
        return status;
    status = place_resolve(topology, "2", affinity, ret_place, error);
    hwloc_topology_destroy(topology);
    return status;
}

/* The first line of a file of the kernel's, or "unknown". */
static int report_line(const struct vms_host *host, const char *key, const char *path,
                       struct vms_error *error) {
    char line[128];

    return report_fact(host, error, key, "%s",
                       line_read(path, line, sizeof(line)) && line[0] ? line : "unknown");
}

static int report_facts(const struct vms_host *host, const struct place *place, struct vms_error *error) {
    char text[64];
    int status;

    place_format(place, text, sizeof(text));
    status = report_fact(host, error, "processors", "%s", text);
    if (status == 0)
        status = report_line(host, "clock_source",
                             "/sys/devices/system/clocksource/clocksource0/current_clocksource", error);
    if (status == 0)
        status = report_line(host, "idle_driver", "/sys/devices/system/cpu/cpuidle/current_driver", error);
    if (status == 0)
        status =
            report_line(host, "idle_governor", "/sys/devices/system/cpu/cpuidle/current_governor", error);
    return status;
}

int bench_init(struct bench *bench, const struct vms_host *host, const struct bench_plan *plan,
               struct vms_error *error) {
    int status = bench_check_affinity(plan->affinity, error);

    if (status == 0)
        status = place_save(&bench->before, error);
    if (status == 0)
        status = report_affinity(host, error);
    if (status < 0)
        return status;
    bench->host = host;
    bench->samples = plan->samples;
    bench->interval = plan->interval;
    bench->steps = plan->steps;
    bench->values = calloc(bench->samples, sizeof(*bench->values));
    if (!bench->values)
        return report_error(error, -ENOMEM, "no memory for %zu samples", (size_t)bench->samples);
    status = find_place(plan->affinity, &bench->place, error);
    if (status == 0)
        status = place_bind_first(&bench->place, error);
    return status == 0 ? report_facts(host, &bench->place, error) : status;
}

void bench_done(struct bench *bench) {
    (void)place_restore(&bench->before);
    free(bench->values);
}
