/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain-stream BYTES PASSES THREADS: STREAM's four loops as plainly as they can be written, built for this
 * very machine: what the stream module is held against. THREADS 0: all. Prints the best rates in B/s. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static double *restrict a, *restrict b, *restrict c;

#define PAD 128 /* elements between the arrays, as the module has it: STREAM's OFFSET */

static double best[4];

static void keep(int pass, int operation, double bytes, double seconds) {
    if (pass > 0 && bytes / seconds > best[operation])
        best[operation] = bytes / seconds;
}

static void run_pass(int pass, long n) {
    double start = omp_get_wtime();

#pragma omp parallel for
    for (long i = 0; i < n; i++)
        c[i] = a[i];
    keep(pass, 0, 16.0 * n, omp_get_wtime() - start);
    start = omp_get_wtime();
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        b[i] = 3.0 * c[i];
    keep(pass, 1, 16.0 * n, omp_get_wtime() - start);
    start = omp_get_wtime();
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        c[i] = a[i] + b[i];
    keep(pass, 2, 24.0 * n, omp_get_wtime() - start);
    start = omp_get_wtime();
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        a[i] = b[i] + 3.0 * c[i];
    keep(pass, 3, 24.0 * n, omp_get_wtime() - start);
}

int main(int argc, char **argv) {
    static const char *const names[] = {"copy", "scale", "add", "triad"};
    size_t bytes = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    double *arrays;
    int passes = bytes ? atoi(argv[2]) : 0;
    long n = (long)(bytes / sizeof(double));

    if (passes < 2) {
        fprintf(stderr, "usage: plain-stream BYTES PASSES THREADS\n");
        return 2;
    }
    if (atoi(argv[3]) > 0)
        omp_set_num_threads(atoi(argv[3]));
    arrays = aligned_alloc(64, 3 * (bytes + PAD * sizeof(double)));
    if (!arrays)
        return 1;
    a = arrays;
    b = a + n + PAD;
    c = b + n + PAD;
#pragma omp parallel for
    for (long i = 0; i < n; i++) {
        a[i] = 1.0;
        b[i] = 2.0;
        c[i] = 0.0;
    }
    for (int pass = 0; pass < passes; pass++)
        run_pass(pass, n);
    for (int i = 0; i < 4; i++)
        printf("%s %.17g\n", names[i], best[i]);
    free(arrays);
    return 0;
}
