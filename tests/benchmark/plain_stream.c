/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain-stream BYTES PASSES THREADS: STREAM's four loops as plainly as they can be written, built for this
 * very machine: what the stream module is held against. THREADS 0: all. Prints the best rates in B/s. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static double *restrict a, *restrict b, *restrict c;

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
    int passes = bytes ? atoi(argv[2]) : 0;
    long n = (long)(bytes / sizeof(double));

    if (passes < 2) {
        fprintf(stderr, "usage: plain-stream BYTES PASSES THREADS\n");
        return 2;
    }
    if (atoi(argv[3]) > 0)
        omp_set_num_threads(atoi(argv[3]));
    a = aligned_alloc(64, bytes);
    b = aligned_alloc(64, bytes);
    c = aligned_alloc(64, bytes);
    if (!a || !b || !c)
        return 1;
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
    free(a);
    free(b);
    free(c);
    return 0;
}
