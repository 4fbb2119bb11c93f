/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/step_down.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>

#define ANSWERS_SHARE 0.35
#define ANSWERS_SHARE_SINGLE 0.2
/* The part of its error at which a row is settled. Where that is likely, its distance from the margin is many
 * times what it may be off by, and that it seems equivalent is out of the question. */
#define SETTLED (1.0 / 50)

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

/* Where a list stands. */
struct steps {
    struct claim *claims, *beyond; /* in the order of p-values over weights */
    unsigned *left;                /* claims of each row; 0 of one that is settled */
    size_t n_claims, n_beyond, n_settled;
    double all, weight, settled; /* of all rows, of those with a claim left, of those that are settled */
    double level;                /* the least error at which these are settled */
};

static void steps_done(struct steps *steps) {
    free(steps->claims);
    free(steps->beyond);
    free(steps->left);
}

static int steps_begin(struct step_down_row *rows, size_t n_rows, struct steps *ret) {
    *ret = (struct steps){.claims = calloc(2 * n_rows + 1, sizeof(*ret->claims)),
                          .beyond = calloc(n_rows + 1, sizeof(*ret->beyond)),
                          .left = calloc(n_rows + 1, sizeof(*ret->left))};
    if (!ret->claims || !ret->beyond || !ret->left)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++) {
        struct step_down_row *row = &rows[i];
        size_t before = ret->n_claims;

        ret->n_claims = add_claim(ret->claims, before, row, i, row->difference, &row->difference_adjusted);
        ret->n_claims =
            add_claim(ret->claims, ret->n_claims, row, i, row->equivalence, &row->equivalence_adjusted);
        ret->left[i] = (unsigned)(ret->n_claims - before);
        ret->all += ret->left[i] > 0 ? row->weight : 0;
        if (row->beyond >= row->difference && ret->left[i] == 2)
            ret->beyond[ret->n_beyond++] = (struct claim){row->beyond, row->weight, NULL, i};
    }
    ret->weight = ret->all;
    qsort(ret->claims, ret->n_claims, sizeof(*ret->claims), compare_claims);
    qsort(ret->beyond, ret->n_beyond, sizeof(*ret->beyond), compare_claims);
    return 0;
}

/* What a step answers for. Rows that are settled count for no more than their own weight. */
static double weight_of(const struct steps *steps) {
    return steps->weight + fmin(steps->settled, SETTLED * steps->all);
}

/* The error at which a claim may be made: that of its step, after the rows that are settled at that error. */
static double error_of(struct steps *steps, const struct claim *claim) {
    double ratio = claim->p / claim->weight, error = ratio * weight_of(steps);

    for (; steps->n_settled < steps->n_beyond; steps->n_settled++) {
        const struct claim *next = &steps->beyond[steps->n_settled];
        double level = next->p / next->weight * steps->all / SETTLED;

        if (level > error || steps->left[next->row] != 1) /* its difference comes first */
            break;
        steps->level = level;
        steps->left[next->row] = 0;
        steps->weight -= next->weight;
        steps->settled += next->weight;
        error = fmax(level, ratio * weight_of(steps));
    }
    return fmin(1, fmax(steps->level, error));
}

int step_down(struct step_down_row *rows, size_t n_rows) {
    struct steps steps;
    int status = steps_begin(rows, n_rows, &steps);
    double reached = 0;

    for (size_t i = 0; status == 0 && i < steps.n_claims; i++) {
        const struct claim *claim = &steps.claims[i];
        double error = error_of(&steps, claim);

        if (steps.left[claim->row] == 0) { /* settled: not equivalent */
            *claim->adjusted = 1;
            continue;
        }
        reached = fmax(reached, error);
        *claim->adjusted = reached;
        if (--steps.left[claim->row] == 0)
            steps.weight -= claim->weight;
    }
    steps_done(&steps);
    return status;
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
