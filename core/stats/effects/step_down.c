/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/step_down.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>

#define ANSWERS_SHARE 0.35
#define ANSWERS_SHARE_SINGLE 0.2

struct step_down_share step_down_share(size_t n_answers, size_t n_rows, bool single) {
    double share = single ? ANSWERS_SHARE_SINGLE : ANSWERS_SHARE;

    return (struct step_down_share){share / (double)n_answers, (1 - share) / (double)n_rows};
}

struct claim {
    double p, weight;
    double *adjusted; /* borrowed */
    size_t row;
};

static int compare_claims(const void *a, const void *b) {
    const struct claim *x = a, *y = b;
    double p = x->p / x->weight, q = y->p / y->weight;

    return (p > q) - (p < q);
}

static size_t add_claim(struct claim *claims, size_t n, struct step_down_row *row, size_t index, double p,
                        double *adjusted) {
    *adjusted = NAN;
    if (isnan(p))
        return n;
    claims[n] = (struct claim){p, row->weight, adjusted, index};
    return n + 1;
}

int step_down(struct step_down_row *rows, size_t n_rows) {
    cleanup_free struct claim *claims = calloc(2 * n_rows + 1, sizeof(*claims));
    cleanup_free unsigned *left = calloc(n_rows + 1, sizeof(*left)); /* claims of the row */
    double weight = 0, reached = 0;
    size_t n = 0;

    if (!claims || !left)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++) {
        size_t before = n;

        n = add_claim(claims, n, &rows[i], i, rows[i].difference, &rows[i].difference_adjusted);
        n = add_claim(claims, n, &rows[i], i, rows[i].equivalence, &rows[i].equivalence_adjusted);
        left[i] = (unsigned)(n - before);
        weight += left[i] > 0 ? rows[i].weight : 0;
    }
    qsort(claims, n, sizeof(*claims), compare_claims);
    for (size_t i = 0; i < n; i++) {
        reached = fmax(reached, fmin(1, claims[i].p / claims[i].weight * weight));
        *claims[i].adjusted = reached;
        if (--left[claims[i].row] == 0)
            weight -= claims[i].weight;
    }
    return 0;
}

int step_up(double *p, size_t n) {
    cleanup_free struct claim *claims = calloc(n + 1, sizeof(*claims));
    double reached = 1;
    size_t n_claims = 0;

    if (!claims)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            claims[n_claims++] = (struct claim){p[i], 1, &p[i], i};
    qsort(claims, n_claims, sizeof(*claims), compare_claims);
    for (size_t i = n_claims; i-- > 0;) {
        reached = fmin(reached, claims[i].p * (double)(n_claims - i));
        *claims[i].adjusted = reached;
    }
    return 0;
}
