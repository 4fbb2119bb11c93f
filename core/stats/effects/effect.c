/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/effect.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Shifts that the prior is taken at: logarithms of standard deviations, evenly. */
#define SHIFTS 41
#define SHIFT_MIN 0.0005
#define SHIFT_MAX 1.0
#define DF_MAX 1e6 /* beyond these Student's t is normal */

/* Upper tail of Student's t; with a variance of 0 the estimate is the truth. */
static double tail(double distance, double variance, double df) {
    if (!(variance > 0))
        return distance > 0 ? 0 : distance < 0 ? 1 : 0.5;
    return df > DF_MAX ? gsl_cdf_ugaussian_Q(distance / sqrt(variance))
                       : gsl_cdf_tdist_Q(distance / sqrt(variance), df);
}

/* The tail where each side that is unknown is off by `shift`. Welch and Satterthwaite: only the noise's
 * variance is estimated. */
static double tail_with_shift(const struct effect *effect, double distance, double shift) {
    double unknown = effect->unknown * fmax(shift * shift, effect->floor);
    double all = unknown + effect->variance;
    double df = effect->variance > 0 ? effect->df * pow(all / effect->variance, 2) : INFINITY;

    return tail(distance, all, df);
}

/* Shifts that runs may have, and how likely each is. */
struct spread {
    double shifts[SHIFTS], weights[SHIFTS];
    double all; /* sum of the weights */
};

static void spread_of(const struct shift_prior *prior, struct spread *ret) {
    double step = log(SHIFT_MAX / SHIFT_MIN) / (SHIFTS - 1);

    ret->all = 0;
    for (size_t i = 0; i < SHIFTS; i++) {
        double shift = SHIFT_MIN * exp((double)i * step), z = log(shift / prior->median) / prior->sigma;

        ret->shifts[i] = shift;
        ret->all += ret->weights[i] = exp(-z * z / 2);
    }
}

/* One-sided p-value for a distance. Reads `spread` where sides are unknown. */
static double p_at(const struct effect *effect, const struct spread *spread, double distance) {
    double sum = 0;

    if (effect->unknown == 0)
        return tail(distance, effect->variance, effect->df);
    for (size_t i = 0; i < SHIFTS; i++)
        sum += spread->weights[i] * tail_with_shift(effect, distance, spread->shifts[i]);
    return fmax(sum / spread->all,
                tail_with_shift(effect, distance, effect->prior.median * exp(effect->prior.sigma)));
}

double effect_p_above(const struct effect *effect, double bound) {
    double distance = effect->estimate - bound;
    struct spread spread;

    if (!isfinite(distance) || !isfinite(effect->variance))
        return NAN;
    if (effect->unknown > 0)
        spread_of(&effect->prior, &spread);
    return p_at(effect, &spread, distance);
}

double effect_p_beyond(const struct effect *effect, double margin) {
    struct effect mirrored = *effect;
    double p;

    mirrored.estimate = fabs(effect->estimate);
    p = 2 * effect_p_above(&mirrored, margin);
    return p > 1 ? 1 : p; /* NaN stays */
}

double effect_p_difference(const struct effect *effect) {
    return effect_p_beyond(effect, 0);
}

double effect_p_equivalence(const struct effect *effect, double margin) {
    struct effect mirrored = *effect;

    mirrored.estimate = -fabs(effect->estimate); /* to the nearer limit: the larger p of the two */
    return effect_p_above(&mirrored, -margin);
}

double effect_guard(const struct effect *effect, double p) {
    double guarded = effect->unknown == 0 ? p / EFFECT_GUARD : p;

    return guarded > 1 ? 1 : guarded;
}

#define ITERATIONS 100
#define PRECISION 1e-6

/* How far from the estimate a bound is whose p-value is `p`: it falls as the distance grows. By false
 * position, on its logarithm, which is nearly a parabola; an end that stays twice counts half (the Illinois
 * method). */
static double distance_at(const struct effect *effect, double p) {
    double low = 0, high = sqrt(effect->variance) + SHIFT_MAX, wanted = log(p), at_low, at_high;
    struct spread spread;
    int side = 0;

    spread_of(&effect->prior, &spread);
    while ((at_high = log(p_at(effect, &spread, high)) - wanted) > 0 && high < 1e300)
        high *= 2;
    at_low = log(p_at(effect, &spread, low)) - wanted;
    for (int i = 0; i < ITERATIONS && high - low > PRECISION * high; i++) {
        double middle =
            isfinite(at_high) ? (low * at_high - high * at_low) / (at_high - at_low) : (low + high) / 2;
        double at = log(p_at(effect, &spread, middle)) - wanted;

        if (fabs(at) < PRECISION)
            return middle;
        if (at > 0) {
            low = middle;
            at_low = at;
            at_high /= side > 0 ? 2 : 1;
            side = 1;
        } else {
            high = middle;
            at_high = at;
            at_low /= side < 0 ? 2 : 1;
            side = -1;
        }
    }
    return high;
}

void effect_interval(const struct effect *effect, double level, double ret_interval[2]) {
    double p = (1 - level) / 2, distance;

    if (!isfinite(effect->estimate) || !isfinite(effect->variance))
        distance = NAN;
    else if (effect->unknown > 0)
        distance = distance_at(effect, p);
    else
        distance = effect->variance > 0 ? gsl_cdf_tdist_Qinv(p, effect->df) * sqrt(effect->variance) : 0;
    ret_interval[0] = effect->estimate - distance;
    ret_interval[1] = effect->estimate + distance;
}
