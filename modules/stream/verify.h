/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the arrays hold what the passes must have left in them. */
#ifndef VMSUITE_MODULES_STREAM_VERIFY_H
#define VMSUITE_MODULES_STREAM_VERIFY_H

#include <vmsuite/module.h>

/* STREAM's bound for 8-byte elements: |found - expected| / |expected| (stream.c, checkSTREAMresults). STREAM
 * holds the mean over each array to it; here every element is held to it. */
#define VERIFY_BOUND 1e-13

/* What all elements of the arrays start as, and the factor of Scale and Triad. */
#define STREAM_A 1.0
#define STREAM_B 2.0
#define STREAM_C 0.0
#define STREAM_Q 3.0

/* The most passes that can be verified: the values grow 15 times each pass, and their rounding errors with
 * them. */
#define VERIFY_PASSES_MAX "200"

/* Checks the n elements of each array after `passes` passes (at least 1) of Copy, Scale, Add, Triad against
 * the closed form a = 15^k, b = 3 * 15^(k-1), c = 4 * 15^(k-1). -EBADMSG names the array, the element and
 * both values. */
int verify_arrays(const double *a, const double *b, const double *c, size_t n, unsigned passes,
                  struct vms_error *error);

#endif
