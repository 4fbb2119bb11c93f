/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ranktest.h"

#include "base/cleanup.h"
#include "stats/sort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A value, or the number of a p-value, with where it comes from. */
struct item {
    double value;
    size_t from;
};

/* A sorted copy. NULL without memory. */
static double *new_sorted(const double *values, size_t n) {
    double *sorted = calloc(n, sizeof(*sorted));

    if (!sorted)
        return NULL;
    memcpy(sorted, values, n * sizeof(*sorted));
    sort_numbers(sorted, n);
    return sorted;
}

/* Both lists in one, sorted. NULL without memory. */
static struct item *new_items(const double *a, size_t n_a, const double *b, size_t n_b) {
    cleanup_free double *sorted_a = new_sorted(a, n_a), *sorted_b = new_sorted(b, n_b);
    struct item *items = calloc(n_a + n_b, sizeof(*items));
    size_t at_a = 0, at_b = 0;

    if (!sorted_a || !sorted_b || !items) {
        free(items);
        return NULL;
    }
    while (at_a + at_b < n_a + n_b) {
        const bool takes_a = at_b == n_b || (at_a < n_a && sorted_a[at_a] <= sorted_b[at_b]);

        items[at_a + at_b] = (struct item){takes_a ? sorted_a[at_a] : sorted_b[at_b], !takes_a};
        *(takes_a ? &at_a : &at_b) += 1;
    }
    return items;
}

/* Twice the midrank of each value of a and b together, which is a whole number, sorted; `from` says the
 * side. */
struct ranking {
    size_t n, n_a, n_b;
    size_t *doubled; /* owned; by position in the sorted values */
    size_t sum_a;    /* of the doubled ranks of a */
    double ties;     /* sum of t^3 - t over the groups of equal values */
};

static void rank_group(struct ranking *ranking, const struct item *items, size_t first, size_t end) {
    double size = (double)(end - first);

    ranking->ties += size * size * size - size;
    for (size_t i = first; i < end; i++) {
        ranking->doubled[i] = first + 1 + end; /* twice the mean of the ranks first + 1 to end */
        if (items[i].from == 0)
            ranking->sum_a += ranking->doubled[i];
    }
}

static int rank(const double *a, size_t n_a, const double *b, size_t n_b, struct ranking *ret) {
    size_t n = n_a + n_b;
    cleanup_free struct item *items = new_items(a, n_a, b, n_b);

    *ret = (struct ranking){.n = n, .n_a = n_a, .n_b = n_b, .doubled = calloc(n, sizeof(*ret->doubled))};
    if (!items || !ret->doubled) {
        free(ret->doubled);
        return -ENOMEM;
    }
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && items[end].value == items[first].value;)
            end++;
        rank_group(ret, items, first, end);
    }
    return 0;
}

/* Adds the choices of k that take rank `last` and k - 1 of those before it. */
static void add_ways(const struct ranking *ranking, size_t last, const double *fewer, size_t k,
                     double *ways) {
    const size_t *ranks = ranking->doubled;
    size_t lowest = 0, highest = 0;

    for (size_t i = 0; i + 1 < k; i++) { /* they are sorted */
        lowest += ranks[i];
        highest += ranks[last - 1 - i];
    }
    for (size_t sum = lowest; sum <= highest; sum++)
        ways[sum + ranks[last]] += fewer[sum];
}

/* Counts the choices of n_a of the ranks by their sum, one rank after the other: ways[k][s] += ways[k - 1][s
 * - rank], as far as both can be reached. Doubles hold the counts: up to 40 over 20 = 1.4e11 that is exact to
 * 2^-53, and only sums of positive numbers are formed. */
static double exact_p(const struct ranking *ranking) {
    size_t n_a = ranking->n_a, width = ranking->n * (ranking->n + 1) + 1;
    cleanup_free double *ways = calloc((n_a + 1) * width, sizeof(*ways));
    double below = 0, above = 0, all = 0;

    if (!ways)
        return NAN;
    ways[0] = 1;
    for (size_t i = 0; i < ranking->n; i++) {
        size_t left = ranking->n - i - 1, least = n_a > left ? n_a - left : 1;

        for (size_t k = i + 1 < n_a ? i + 1 : n_a; k >= least; k--)
            add_ways(ranking, i, &ways[(k - 1) * width], k, &ways[k * width]);
    }
    for (size_t sum = 0; sum < width; sum++) {
        double count = ways[n_a * width + sum];

        all += count;
        below += sum <= ranking->sum_a ? count : 0;
        above += sum >= ranking->sum_a ? count : 0;
    }
    return fmin(1, 2 * fmin(below, above) / all);
}

static double normal_p(const struct ranking *ranking) {
    double n_a = (double)ranking->n_a, n_b = (double)ranking->n_b, n = n_a + n_b;
    double distance = fabs((double)ranking->sum_a / 2 - n_a * (n + 1) / 2);
    double variance = n_a * n_b / 12 * (n + 1 - ranking->ties / (n * (n - 1)));

    if (variance <= 0)
        return 1; /* all values are equal */
    return fmin(1, 2 * gsl_cdf_ugaussian_Q(fmax(0, distance - 0.5) / sqrt(variance)));
}

double ranktest_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b) {
    struct ranking ranking;
    double p;

    if (n_a == 0 || n_b == 0)
        return NAN;
    if (n_a > n_b) /* the same test with the smaller table */
        return ranktest_mann_whitney(b, n_b, a, n_a);
    if (rank(a, n_a, b, n_b, &ranking) < 0)
        return NAN;
    p = ranking.n <= RANKTEST_EXACT_MAX ? exact_p(&ranking) : normal_p(&ranking);
    free(ranking.doubled);
    return p;
}

double ranktest_cliff_delta(const double *a, size_t n_a, const double *b, size_t n_b) {
    double pairs = (double)n_a * (double)n_b, u_a;
    struct ranking ranking;

    if (pairs == 0 || rank(a, n_a, b, n_b, &ranking) < 0)
        return NAN;
    /* U counts the pairs with a > b, and half of those that are equal. */
    u_a = (double)ranking.sum_a / 2 - (double)n_a * ((double)n_a + 1) / 2;
    free(ranking.doubled);
    return 1 - 2 * u_a / pairs;
}
