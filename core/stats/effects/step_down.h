/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many claims and one error. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_STEP_DOWN_H
#define VMSUITE_CORE_STATS_EFFECTS_STEP_DOWN_H

#include <stdbool.h>
#include <stddef.h>

/* What one answer and one case may use of the error, as a share of it: the answers of resources share a part,
 * the cases the rest. Answers are few and know how far runs differ from few degrees of freedom, so that they
 * need more of it, but where one run of a side is all there is (`single`) each p-value rests on the prior. */
struct step_down_share {
    double answer, row; /* of each of `n_answers`, of each of `n_rows` (numbers of 1 or more) */
};
struct step_down_share step_down_share(size_t n_answers, size_t n_rows, bool single);

/* Two claims about one row: that it differs, and that it is equivalent. */
struct step_down_row {
    double weight;     /* of the row in the error, > 0; only their proportions count */
    double difference; /* p-values; NaN: not claimed */
    double equivalence;
    double beyond; /* of "the effect is within the margin of equivalence"; NaN, or below `difference`: it is
                      not asked */
    /* set: at most the error allowed where the claim may be made; NaN: not claimed */
    double difference_adjusted, equivalence_adjusted;
};

/*
 * One list of both kinds, stepped down from the smallest p-value over its row's weight (Holm 1979,
 * weighted). Whatever the truth, at most one of a row's two null hypotheses ("no difference", "not
 * equivalent") is true, so that a step answers for the weight of the rows that have a claim left, each
 * once (Shaffer 1986). A row that is beyond the margin at a fiftieth of its part of the error is settled:
 * it is never claimed to be equivalent, and its weight is free for the rest, which answer for that
 * fiftieth instead. With claims made up to 5%, a table holds a false one in at most 5% of cases, whatever
 * depends on what. -ENOMEM.
 */
int step_down(struct step_down_row *rows, size_t n_rows);

/*
 * Adjusts p-values in place by stepping up from the largest (Hochberg 1988): with claims made up to an error,
 * any is false in at most that share where the p-values of true null hypotheses are independent or depend on
 * each other positively (Simes; Sarkar 1998), and if all n are at most the error, all claims may be made. NaN
 * stays, and counts for nothing. -ENOMEM.
 */
int step_up(double *p, size_t n);

#endif
