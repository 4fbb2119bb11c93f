/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the interval of a fleet's mean covers the truth: hosts differ by `between`, each is known by the
 * mean of its trials, whose variance comes from the trials of all. `simulate_fleet FLEETS [SEED]` prints a
 * row a cell, in per cent. */
#include "stats/effects/random_effects.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HOSTS_MAX 1000
#define NOISE 0.03

enum shape { NORMAL, HEAVY, UNEVEN, DEPENDENT, SHAPES };
static const char *const shape_names[SHAPES] = {"normal", "t3", "uneven noise", "ar 0.9"};

/* Of a trial with the one before it. */
#define CORRELATION 0.9

struct cell {
    size_t hosts;
    unsigned trials;
    double between;
    enum shape shape;
};

/* A host's deviation from the population's mean. */
static double draw_host(gsl_rng *rng, const struct cell *cell) {
    return cell->shape == HEAVY ? cell->between * gsl_ran_tdist(rng, 3) / sqrt(3)
                                : gsl_ran_gaussian(rng, 1) * cell->between;
}

static void draw(gsl_rng *rng, const struct cell *cell, double *effects, double *variances) {
    static double all[HOSTS_MAX], df[HOSTS_MAX], shares[HOSTS_MAX];

    for (size_t i = 0; i < cell->hosts; i++) {
        double noise = NOISE * (cell->shape == UNEVEN ? exp(gsl_ran_gaussian(rng, 0.7)) : 1);
        double correlation = cell->shape == DEPENDENT ? CORRELATION : 0;
        double host = draw_host(rng, cell), sum = 0, squares = 0, off = gsl_ran_gaussian(rng, noise);

        for (unsigned k = 0; k < cell->trials; k++) {
            double value = host + off;

            off = correlation * off + sqrt(1 - correlation * correlation) * gsl_ran_gaussian(rng, noise);
            sum += value;
            squares += value * value;
        }
        effects[i] = sum / cell->trials;
        all[i] = squares - sum * effects[i];
        df[i] = cell->trials - 1;
        shares[i] = 1.0 / cell->trials;
    }
    random_effects_within(all, df, shares, cell->hosts, variances);
}

static void run_cell(gsl_rng *rng, const struct cell *cell, unsigned long fleets) {
    static double effects[HOSTS_MAX], variances[HOSTS_MAX];
    unsigned long covered = 0;
    double between = 0, share;

    for (unsigned long i = 0; i < fleets; i++) {
        struct random_effects result;

        draw(rng, cell, effects, variances);
        random_effects_pool(effects, variances, cell->hosts, &result);
        covered += result.ci95[0] <= 0 && 0 <= result.ci95[1];
        between += result.between / (double)fleets;
    }
    share = (double)covered / (double)fleets;
    printf("%5zu %6u %8.1f  %-12s  %7.1f (%.2f) %8.2f\n", cell->hosts, cell->trials, 100 * cell->between,
           shape_names[cell->shape], 100 * share, 100 * sqrt(share * (1 - share) / (double)fleets),
           100 * between);
}

int main(int argc, char **argv) {
    static const size_t hosts[] = {2, 3, 5, 10, 30, 100};
    static const unsigned trials[] = {3, 10};
    static const double betweens[] = {0, 0.005, 0.02, 0.1};
    unsigned long fleets = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(rng, argc > 2 ? strtoul(argv[2], NULL, 10) : 1);
    puts("hosts trials between%  shape         covered (s.e.)  found%");
    for (int shape = 0; shape < SHAPES; shape++)
        for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
            for (size_t k = 0; k < sizeof(trials) / sizeof(trials[0]); k++)
                for (size_t m = 0; m < sizeof(betweens) / sizeof(betweens[0]); m++)
                    run_cell(rng, &(struct cell){hosts[i], trials[k], betweens[m], (enum shape)shape},
                             fleets);
    gsl_rng_free(rng);
    return 0;
}
