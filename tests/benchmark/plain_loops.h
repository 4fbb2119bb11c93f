/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STREAM's four loops as plainly as they can be written, built for this very machine: what the stream module
 * is held against. */
#ifndef VMSUITE_TESTS_BENCHMARK_PLAIN_LOOPS_H
#define VMSUITE_TESTS_BENCHMARK_PLAIN_LOOPS_H

enum { PLAIN_COPY, PLAIN_SCALE, PLAIN_ADD, PLAIN_TRIAD, PLAIN_OPERATIONS };

extern double *restrict plain_a, *restrict plain_b, *restrict plain_c;

/* Runs one operation over n elements, with OpenMP's threads. */
void plain_run(int operation, long n);

#endif
