/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/passes.h"

#include "shared/case/report.h"

#include <errno.h>

static void add_time(struct pass_times *times, double seconds) {
    times->shortest = times->sum == 0.0 || seconds < times->shortest ? seconds : times->shortest;
    times->longest = seconds > times->longest ? seconds : times->longest;
    times->sum += seconds;
}

int passes_run(const struct vms_host *host, struct arrays *arrays, unsigned passes,
               struct pass_times times[static OPERATIONS], struct vms_error *error) {
    for (unsigned pass = 0; pass < passes; pass++) {
        for (enum operation operation = COPY; operation < OPERATIONS; operation++) {
            uint64_t begin_ns, end_ns;

            if (host->should_stop(host->context))
                return report_error(error, -ECANCELED, "stopped in pass %u of %u", pass + 1, passes);
            begin_ns = host->now(host->context);
            arrays_run(arrays, operation);
            end_ns = host->now(host->context);
            if (end_ns <= begin_ns)
                return report_error(error, -ERANGE, "arrays of %zu bytes are too small to be timed",
                                    arrays->n * sizeof(double));
            if (pass > 0)
                add_time(&times[operation], 1e-9 * (double)(end_ns - begin_ns));
        }
    }
    return 0;
}
