/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain-solve N single|double SECONDS: a bare loop around ?getrf_ and ?getrs_ with one thread, what the
 * linpack module's openblas solver is held against. It solves the very system that the module makes under the
 * fake host: another one, with other pivots, takes up to 1 % more or less. Prints its rate in flop/s by the
 * same convention. */
#include "linpack/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEED 42 /* the fake host's */

void openblas_set_num_threads(int threads);
void sgetrf_(const int *m, const int *n, float *a, const int *lda, int *pivots, int *info);
void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivots, int *info);
void sgetrs_(const char *trans, const int *n, const int *nrhs, const float *a, const int *lda,
             const int *pivots, float *b, const int *ldb, int *info, size_t trans_length);
void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a, const int *lda,
             const int *pivots, double *b, const int *ldb, int *info, size_t trans_length);

static double now(void) {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double solve_single(int n, const float *made, float *work, int *pivots) {
    size_t matrix = (size_t)n * n;
    int one = 1, info;
    double start;

    memcpy(work, made, (matrix + n) * sizeof(*work));
    start = now();
    sgetrf_(&n, &n, work, &n, pivots, &info);
    sgetrs_("N", &n, &one, work, &n, pivots, work + matrix, &n, &info, 1);
    return now() - start;
}

static double solve_double(int n, const double *made, double *work, int *pivots) {
    size_t matrix = (size_t)n * n;
    int one = 1, info;
    double start;

    memcpy(work, made, (matrix + n) * sizeof(*work));
    start = now();
    dgetrf_(&n, &n, work, &n, pivots, &info);
    dgetrs_("N", &n, &one, work, &n, pivots, work + matrix, &n, &info, 1);
    return now() - start;
}

int main(int argc, char **argv) {
    int n = argc == 4 ? atoi(argv[1]) : 0, solved = 0;
    int is_double = argc == 4 && strcmp(argv[2], "double") == 0;
    double least = argc == 4 ? atof(argv[3]) : 0, sum = 0;
    size_t numbers = (size_t)n * n + n;
    size_t size = is_double ? sizeof(double) : sizeof(float);
    void *made = malloc(numbers * size), *work = malloc(numbers * size);
    int *pivots = malloc(n * sizeof(*pivots));

    if (n < 1 || !made || !work || !pivots)
        return 2;
    openblas_set_num_threads(1);
    system_generate(SEED, (size_t)n, is_double, made, (char *)made + (size_t)n * n * size);
    for (; sum < least; solved++)
        sum += is_double ? solve_double(n, made, work, pivots) : solve_single(n, made, work, pivots);
    printf("solve %.17g\n", solved * (2.0 / 3.0 * n * n * n + 2.0 * n * n) / sum);
    free(made);
    free(work);
    free(pivots);
    return 0;
}
