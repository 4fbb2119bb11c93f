/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain-stream BYTES PASSES THREADS: STREAM around the plain loops, in a program of its own. THREADS 0: all.
 * Prints the best rates in B/s. */
#include "benchmark/plain_loops.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

/* As the module has them, so that only the loops differ: elements between the arrays (STREAM's OFFSET), and
 * where the first one begins (a kernel that gives huge pages unasked gives them to both or to neither). */
#define PAD 128
#define BIG_PAGE ((size_t)2 << 20)

static const struct {
    const char *name;
    double bytes; /* per element */
} operations[PLAIN_OPERATIONS] = {{"copy", 16}, {"scale", 16}, {"add", 24}, {"triad", 24}};

static void run_pass(int pass, long n, double best[static PLAIN_OPERATIONS]) {
    for (int operation = 0; operation < PLAIN_OPERATIONS; operation++) {
        double start = omp_get_wtime(), rate;

        plain_run(operation, n);
        rate = operations[operation].bytes * (double)n / (omp_get_wtime() - start);
        if (pass > 0 && rate > best[operation])
            best[operation] = rate;
    }
}

int main(int argc, char **argv) {
    size_t bytes = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    double *arrays, best[PLAIN_OPERATIONS] = {0};
    int passes = bytes ? atoi(argv[2]) : 0;
    long n = (long)(bytes / sizeof(double));

    if (passes < 2) {
        fprintf(stderr, "usage: plain-stream BYTES PASSES THREADS\n");
        return 2;
    }
    if (atoi(argv[3]) > 0)
        omp_set_num_threads(atoi(argv[3]));
    arrays = aligned_alloc(BIG_PAGE, (3 * (bytes + PAD * sizeof(double)) / BIG_PAGE + 1) * BIG_PAGE);
    if (!arrays)
        return 1;
    plain_a = arrays;
    plain_b = plain_a + n + PAD;
    plain_c = plain_b + n + PAD;
#pragma omp parallel for
    for (long i = 0; i < n; i++) {
        plain_a[i] = 1.0;
        plain_b[i] = 2.0;
        plain_c[i] = 0.0;
    }
    for (int pass = 0; pass < passes; pass++)
        run_pass(pass, n, best);
    for (int i = 0; i < PLAIN_OPERATIONS; i++)
        printf("%s %.17g\n", operations[i].name, best[i]);
    free(arrays);
    return 0;
}
