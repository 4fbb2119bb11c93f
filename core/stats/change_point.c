/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/change_point.h"

#include "base/cleanup.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#define AS_FAR_MAX 5 /* random orders that may be as far apart as a change */
#define ORDERS_MAX 100000

struct search {
    const double *figures;
    double *order; /* a random one */
    gsl_rng *random;
};

/* The greatest energy distance of a place in the stretch, and the place. */
static double find_greatest(const double *figures, size_t n, size_t *ret_at) {
    double before = 0, across = 0, behind = 0, greatest = -1;

    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            behind += fabs(figures[i] - figures[j]);
    for (size_t at = 1; at + CHANGE_POINT_STRETCH_MIN <= n; at++) {
        double moved = figures[at - 1], to_before = 0, to_behind = 0, k = (double)at, m = (double)(n - at),
               distance;

        for (size_t i = 0; i + 1 < at; i++)
            to_before += fabs(moved - figures[i]);
        for (size_t i = at; i < n; i++)
            to_behind += fabs(moved - figures[i]);
        before += to_before;
        behind -= to_behind;
        across += to_behind - to_before;
        if (at < CHANGE_POINT_STRETCH_MIN)
            continue;
        distance = 2 * across / (k * m) - 2 * before / (k * (k - 1)) - 2 * behind / (m * (m - 1));
        distance *= k * m / (k + m);
        if (distance > greatest) {
            greatest = distance;
            *ret_at = at;
        }
    }
    return greatest;
}

/* The share of random orders that are as far apart, counted until it is sure to be above alpha. */
static double find_p(const struct search *search, size_t first, size_t n, double greatest, double alpha) {
    size_t orders = (size_t)fmin(ceil(AS_FAR_MAX / alpha), ORDERS_MAX) - 1;
    size_t most = (size_t)(alpha * (double)(orders + 1)), as_far = 1, drawn = 0, at;

    memcpy(search->order, search->figures + first, n * sizeof(*search->order));
    while (drawn < orders && as_far <= most) {
        gsl_ran_shuffle(search->random, search->order, n, sizeof(*search->order));
        as_far += find_greatest(search->order, n, &at) >= greatest;
        drawn++;
    }
    return (double)as_far / (double)(drawn + 1);
}

static void insert(struct change_points *found, struct change_point point) {
    size_t i = found->n++;

    for (; i > 0 && found->points[i - 1].at > point.at; i--)
        found->points[i] = found->points[i - 1];
    found->points[i] = point;
}

/* Searches a stretch, and what a change leaves on both sides of it with half of the error each. Returns the
 * p-value. */
static double search_stretch(const struct search *search, size_t first, size_t n, double alpha,
                             struct change_points *found) {
    struct change_point point = {0};
    double greatest;
    size_t at = 0;

    if (n < CHANGE_POINT_POINTS_MIN || found->n == CHANGE_POINTS_MAX)
        return 1;
    greatest = find_greatest(search->figures + first, n, &at);
    point.p = greatest > 0 ? find_p(search, first, n, greatest, alpha) : 1;
    if (point.p > alpha)
        return point.p;
    point.at = first + at;
    insert(found, point);
    (void)search_stretch(search, first, at, alpha / 2, found);
    (void)search_stretch(search, first + at, n - at, alpha / 2, found);
    return point.p;
}

static double mean_of(const double *figures, size_t first, size_t end) {
    double sum = 0;

    for (size_t i = first; i < end; i++)
        sum += figures[i];
    return sum / (double)(end - first);
}

int change_points_find(const double *figures, size_t n, double alpha, uint64_t seed,
                       struct change_points *ret) {
    cleanup_free double *order = calloc(n + 1, sizeof(*order));
    struct search search = {figures, order, order ? gsl_rng_alloc(gsl_rng_mt19937) : NULL};

    if (!search.random)
        return -ENOMEM;
    gsl_rng_set(search.random, (unsigned long)((seed ^ seed >> 32) & 0xffffffff)); /* it takes 32 bits */
    ret->n = 0;
    ret->p = search_stretch(&search, 0, n, alpha, ret);
    gsl_rng_free(search.random);
    for (size_t i = 0; i < ret->n; i++) {
        size_t before = i == 0 ? 0 : ret->points[i - 1].at, end = i + 1 == ret->n ? n : ret->points[i + 1].at;

        ret->points[i].difference =
            mean_of(figures, ret->points[i].at, end) - mean_of(figures, before, ret->points[i].at);
    }
    return 0;
}
