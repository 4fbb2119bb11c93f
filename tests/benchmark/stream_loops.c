/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream-loops BYTES PASSES THREADS: the stream module's portable loops and the plain ones in turn, in one
 * process, on the same arrays with the same threads: what is left between them is the code alone. Prints the
 * median of the paired ratios (plain time / ours) and both medians of the rates. Exit status 1: a ratio is
 * not within 0.97 to 1.03; 2: wrong use, or the arrays are not as they should be. */
#include "benchmark/plain_loops.h"
#include "shared/memory/caches.h"
#include "stream/arrays.h"
#include "stream/verify.h"

#include <gsl/gsl_statistics_double.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define PASSES_MAX 150

static const struct {
    const char *name;
    double bytes; /* per element */
} operations[OPERATIONS] = {[COPY] = {"copy", 16}, {"scale", 16}, {"add", 24}, {"triad", 24}};

static double ours[OPERATIONS][PASSES_MAX], plain[OPERATIONS][PASSES_MAX];

static double time_one(struct arrays *arrays, enum operation operation, bool is_ours) {
    double start = omp_get_wtime();

    if (is_ours)
        arrays_run(arrays, operation);
    else
        plain_run((int)operation, (long)arrays->n);
    return omp_get_wtime() - start;
}

/* An operation that is repeated leaves the same in the arrays. Which goes first changes. */
static void run_pass(struct arrays *arrays, unsigned pass) {
    for (enum operation operation = COPY; operation < OPERATIONS; operation++) {
        bool ours_first = (pass + operation) % 2 == 0;
        double first = time_one(arrays, operation, ours_first);
        double second = time_one(arrays, operation, !ours_first);

        ours[operation][pass] = ours_first ? first : second;
        plain[operation][pass] = ours_first ? second : first;
    }
}

static int show(const struct arrays *arrays, unsigned passes) {
    int status = 0;

    printf("%-8s %6s %12s %12s %7s\n", "", "pairs", "ours", "plain", "ratio");
    for (enum operation operation = COPY; operation < OPERATIONS; operation++) {
        double *our = ours[operation] + 1, *their = plain[operation] + 1, ratios[PASSES_MAX], ratio;
        double bytes = operations[operation].bytes * (double)arrays->n;

        for (unsigned i = 0; i + 1 < passes; i++)
            ratios[i] = their[i] / our[i];
        ratio = gsl_stats_median(ratios, 1, passes - 1);
        printf("%-8s %6u %12.5g %12.5g %7.3f\n", operations[operation].name, passes - 1,
               bytes / gsl_stats_median(our, 1, passes - 1), bytes / gsl_stats_median(their, 1, passes - 1),
               ratio);
        if (ratio < 0.97 || ratio > 1.03)
            status = 1;
    }
    return status;
}

int main(int argc, char **argv) {
    unsigned long bytes = argc == 4 ? strtoul(argv[1], NULL, 10) / 64 * 64 : 0;
    unsigned passes = bytes ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    struct arrays arrays = {.kernels = kernels_choose(KERNEL_PORTABLE, ISA_AUTO)};
    struct vms_error error = {""};
    hwloc_topology_t topology;
    int status;

    if (passes < 2 || passes > PASSES_MAX) {
        fprintf(stderr, "usage: stream-loops BYTES PASSES THREADS (2 to %d passes)\n", PASSES_MAX);
        return 2;
    }
    status = caches_load_topology(&topology, &error);
    if (status == 0)
        status = place_resolve(topology, argv[3], "spread", &arrays.place, &error);
    if (status == 0)
        status = arrays_map(&arrays, bytes, REGION_SYSTEM, &error);
    if (status == 0) {
        omp_set_num_threads((int)arrays.place.threads);
        plain_a = arrays.a;
        plain_b = arrays.b;
        plain_c = arrays.c;
        for (unsigned pass = 0; pass < passes; pass++)
            run_pass(&arrays, pass);
        status = verify_arrays(arrays.a, arrays.b, arrays.c, arrays.n, passes, &error);
    }
    if (status < 0) {
        fprintf(stderr, "stream-loops: %s\n", error.text);
        return 2;
    }
    status = show(&arrays, passes);
    arrays_done(&arrays);
    hwloc_topology_destroy(topology);
    return status;
}
