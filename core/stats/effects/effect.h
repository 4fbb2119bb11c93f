/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of an effect: its estimate, and how far that may be off. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_EFFECT_H
#define VMSUITE_CORE_STATS_EFFECTS_EFFECT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Standard deviations that runs of one configuration may have from run to run, where they do not show it:
 * their logarithms are normal. With a median of 2% and a sigma of 1, one in twenty is above 10%.
 */
struct shift_prior {
    double median;
    double sigma;
};

/*
 * An effect is a difference of two sides' means over runs; mostly of logarithms, so that it is a ratio's.
 * Where both sides have several runs, (estimate - truth) / sqrt(variance) is Student's t with `df` degrees of
 * freedom. A side with one run does not show how far its run is off: `unknown` such sides add a variance
 * each, which `prior` spreads, and which is at least `floor`, what the other side shows.
 */
struct effect {
    double estimate;
    double variance, df; /* variance of 0: known exactly; infinite or NaN: unknown, as p-values are then;
                            infinite df: a variance that is known */
    unsigned unknown;    /* 0, 1 or 2 */
    double floor;
    struct shift_prior prior;
    bool paired; /* from the differences of rounds that both sides share */
};

/*
 * One-sided p-value of "the effect is not above `bound`"; of "it is not below": that of the mirrored effect.
 * Where sides are unknown it is the mean over the prior, but at least what it is for a shift that is one
 * standard deviation above the prior's median: a mean over small shifts and large ones is no bound where the
 * true shift is among the larger ones.
 */
double effect_p_above(const struct effect *effect, double bound);

/* Two-sided p-value of "there is no effect". */
double effect_p_difference(const struct effect *effect);

/* Two one-sided tests (Schuirmann 1987): p-value of "the effect is not within -margin and margin". */
double effect_p_equivalence(const struct effect *effect, double margin);

/* Two-sided p-value of "the effect is within -margin and margin". */
double effect_p_beyond(const struct effect *effect, double margin);

#define EFFECT_GUARD 0.9 /* see effect_guard */

/* A p-value of the effect as a claim may rest on it. Where runs tell the variance, Welch's degrees of freedom
 * are approximate, and with few runs and unequal sides up to a tenth more claims are false than they say. NaN
 * stays. */
double effect_guard(const struct effect *effect, double p);

/* The interval that holds the truth with probability `level`; the plausible range where runs are
 * `unknown`. */
void effect_interval(const struct effect *effect, double level, double ret_interval[2]);

#endif
