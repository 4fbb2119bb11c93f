/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a series of figures changes: E-divisive (Matteson and James, A nonparametric approach for multiple
 * change point analysis of multivariate data, JASA 109, 2014) with exponent 1. The distance between what is
 * before and behind a place is that of their distributions (energy distance); the greatest is a change where
 * hardly any random order of the figures gives one as great. Then both stretches are searched in the same
 * way, until nothing is found.
 */
#ifndef VMSUITE_CORE_STATS_CHANGE_POINT_H
#define VMSUITE_CORE_STATS_CHANGE_POINT_H

#include <stddef.h>
#include <stdint.h>

#define CHANGE_POINT_STRETCH_MIN 3   /* figures on either side of a change */
#define CHANGE_POINT_POINTS_MIN 8    /* with fewer, nothing can be found: there are too few orders of them */
#define CHANGE_POINT_POINTS_MAX 1000 /* the time goes with the square of their number */
#define CHANGE_POINTS_MAX 32

struct change_point {
    size_t at; /* the first figure behind the change */
    double p;  /* share of random orders with a distance as great */
    /* mean of the stretch behind, up to the next change, less that of the stretch before */
    double difference;
};

struct change_points {
    struct change_point points[CHANGE_POINTS_MAX]; /* in order */
    size_t n;
    double p; /* of the first search: of "nothing changes"; 1 where there was none */
};

/*
 * Searches n figures (none NaN), in the order of time. A series without a change gives one with probability
 * `alpha` at most, whatever the shape of its noise, if the order of its figures says nothing: random orders
 * are drawn from `seed`. Where many series share an error, each has its share of it. -ENOMEM.
 */
int change_points_find(const double *figures, size_t n, double alpha, uint64_t seed,
                       struct change_points *ret);

#endif
