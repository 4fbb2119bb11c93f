/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A histogram of figures that are 0 or more, whose quantiles are within SKETCH_ERROR of the true ones, and
 * which adds up: those of several trials, or runs, give that of all their samples. Bucket i holds what is
 * above g^(i - 1) and at most g^i, with g = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR) (DDSketch: Masson, Rim,
 * Lee, VLDB 2019).
 */
#ifndef VMSUITE_CORE_STATS_SKETCH_H
#define VMSUITE_CORE_STATS_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKETCH_ERROR 0.01
/* Buckets side by side, which bounds the size: values may differ by a factor of 27,000. Of what is spread
 * further, the lowest share a bucket, so that quantiles above stay as exact. */
#define SKETCH_COUNTS 512
#define SKETCH_INDEX_MAX 40000 /* a double's buckets are from -37,300 to 35,500 */

/* Zeroed: empty. */
struct sketch {
    uint64_t zeros;
    int32_t first; /* bucket that counts[0] is of */
    uint32_t n_counts;
    uint64_t counts[SKETCH_COUNTS];
};

/* Adds a value `count` times. -EDOM: it is negative or not finite. */
int sketch_add(struct sketch *sketch, double value, uint64_t count);
void sketch_merge(struct sketch *sketch, const struct sketch *other);

/* How many values it holds. */
uint64_t sketch_count(const struct sketch *sketch);
/* The value below which the share `q` (0 to 1) lies: that of rank q (n - 1) from 0, rounded down. NaN: it is
 * empty. */
double sketch_quantile(const struct sketch *sketch, double q);

/* The counts as text, "3 0 12": a line, where a list would be a page. sketch_parse sets them from such a
 * text: -EINVAL where it is none. */
#define SKETCH_TEXT_SIZE (21 * SKETCH_COUNTS + 1)
void sketch_format(const struct sketch *sketch, char ret_text[static SKETCH_TEXT_SIZE]);
int sketch_parse(const char *text, struct sketch *sketch);

/* Whether one that somebody else wrote can be used. */
bool sketch_is_valid(const struct sketch *sketch);

#endif
