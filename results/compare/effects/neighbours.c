/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/effects/neighbours.h"

#include "base/cleanup.h"
#include "compare/effects/effects.h"
#include "record/value.h"
#include "record/view/tails.h"
#include "stats/effects/fairness.h"
#include "stats/runs/run_noise.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define COUNT " neighbours=" /* in a label */

/* How much slower a side is beside its neighbours than alone: of each of its runs the difference of
 * logarithms, positive is slower. */
struct slowdown {
    double *runs; /* owned; NaN where a run lacks one of both */
    size_t n_runs;
    struct run_noise noise; /* of the runs that have both, alone and beside */
};

/* The subject of the side with that identity, with its neighbours or alone. */
static struct subject *find(const struct collected_side *side, const struct subject *subject, bool alone) {
    struct identity identity = *subject->identity;
    size_t at;

    if (alone)
        identity.neighbours = 0;
    at = identity_index_find(&side->index, &identity);
    return at == SIZE_MAX ? NULL : &side->subjects[at];
}

static struct series *find_series(const struct subject *subject, const char *metric) {
    for (size_t i = 0; subject && i < subject->n_series; i++)
        if (strcmp(subject->series[i].metric->name, metric) == 0)
            return &subject->series[i];
    return NULL;
}

static void fill(const struct series *alone, const struct series *beside, double sign,
                 struct slowdown *slowdown) {
    for (size_t i = 0; i < alone->n_runs; i++)
        for (size_t k = 0; k < beside->n_runs; k++)
            if (alone->runs[i].run == beside->runs[k].run && alone->runs[i].run < slowdown->n_runs) {
                slowdown->runs[alone->runs[i].run] =
                    sign * (beside->runs[k].figure.log - alone->runs[i].figure.log);
                run_noise_add(&slowdown->noise, 0, &alone->runs[i].figure);
                run_noise_add(&slowdown->noise, 1, &beside->runs[k].figure);
            }
}

/* Frees with free(ret->runs). A side without both figures gives NaN. */
static int measure(struct comparison *comparison, size_t side, const struct subject *subject,
                   const char *metric, struct slowdown *ret) {
    struct collected_side *collected = &comparison->raw->sides[side];
    struct series *beside = find_series(find(collected, subject, false), metric);
    struct series *alone = find_series(find(collected, subject, true), metric);
    struct slowdown slowdown = {.n_runs = comparison->sides[side].n_runs};
    int status = 0;

    slowdown.runs = calloc(slowdown.n_runs + 1, sizeof(*slowdown.runs));
    if (!slowdown.runs)
        return -ENOMEM;
    for (size_t i = 0; i < slowdown.n_runs; i++)
        slowdown.runs[i] = NAN;
    if (alone && beside && beside->n_runs > 0 && alone->n_runs > 0) {
        double sign = beside->metric->better == VMS_LOWER ? 1 : -1;

        status = series_load(alone, comparison->raw->spill);
        if (status == 0)
            status = series_load(beside, comparison->raw->spill);
        if (status == 0)
            fill(alone, beside, sign, &slowdown);
        series_unload(alone);
        series_unload(beside);
    }
    if (status < 0)
        free(slowdown.runs);
    else
        *ret = slowdown;
    return status;
}

/* The effect of a mean over runs; of one run its variance is not known yet. Where each run fell to 0 beside
 * the neighbours, it has no end. */
static struct effect effect_of(const struct slowdown *slowdown) {
    double sum = 0, squares = 0, n = 0;
    bool starved = false;

    for (size_t i = 0; i < slowdown->n_runs; i++) {
        starved |= slowdown->runs[i] == (double)INFINITY;
        if (isfinite(slowdown->runs[i])) {
            sum += slowdown->runs[i];
            n++;
        }
    }
    for (size_t i = 0; i < slowdown->n_runs; i++)
        if (isfinite(slowdown->runs[i]))
            squares += (slowdown->runs[i] - sum / n) * (slowdown->runs[i] - sum / n);
    return (struct effect){.estimate = n > 0     ? sum / n
                                       : starved ? (double)INFINITY
                                                 : (double)NAN,
                           .variance = n > 1 ? squares / (n - 1) / n : NAN,
                           .df = n > 1 ? n - 1 : 0,
                           .paired = true};
}

static struct compare_beside *add(struct comparison *comparison, const char *title, const char *resource,
                                  const char *metric) {
    struct compare_beside *grown =
        reallocarray(comparison->besides, comparison->n_besides + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    comparison->besides = grown;
    grown += comparison->n_besides++;
    *grown = (struct compare_beside){.title = title ? strdup(title) : NULL,
                                     .resource = strdup(resource),
                                     .metric = metric ? strdup(metric) : NULL,
                                     .kept = calloc(comparison->n_sides, sizeof(*grown->kept)),
                                     .fairness = NAN};
    return (grown->title || !title) && grown->resource && (grown->metric || !metric) && grown->kept ? grown
                                                                                                    : NULL;
}

/* Fairness counts where each of the places is a side. */
static void set_fairness(const struct comparison *comparison, struct compare_beside *beside) {
    if (comparison->n_sides == beside->neighbours + 1)
        beside->fairness = fairness_index(beside->kept, comparison->n_sides);
}

/* The case's title without its number of neighbours. Owned; NULL without memory. */
static char *new_title(const struct comparison *comparison, const struct subject *subject) {
    cleanup_free char *label = compare_label(&comparison->raw->sides[0], subject);
    char *count = label ? strstr(label, COUNT) : NULL, *rest;

    if (count) {
        rest = count + strlen(COUNT);
        rest += strcspn(rest, " ");
        memmove(count, rest, strlen(rest) + 1);
    }
    return label ? compare_title(label, true) : NULL;
}

/* The figures while they are found: what the trials of each show of their noise. */
struct measuring {
    struct comparison *comparison;
    struct run_noise *noise; /* owned; of the victim, as many as there are figures */
};

static int keep_noise(struct measuring *measuring, const struct run_noise *noise) {
    size_t n = measuring->comparison->n_besides;
    struct run_noise *grown = reallocarray(measuring->noise, n, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    measuring->noise = grown;
    grown[n - 1] = *noise;
    return 0;
}

static int add_figure(struct measuring *measuring, const struct subject *subject, const struct series *series,
                      bool tail) {
    struct comparison *comparison = measuring->comparison;
    cleanup_free char *title = new_title(comparison, subject);
    struct compare_beside *beside = NULL;
    int status;

    if (title)
        beside =
            add(comparison, title, value_resource_name(subject->identity->resource), series->metric->name);
    status = beside ? 0 : -ENOMEM;

    for (size_t side = 0; status == 0 && side < comparison->n_sides; side++) {
        struct slowdown slowdown = {0};
        struct effect effect;

        status = measure(comparison, side, subject, beside->metric, &slowdown);
        if (status < 0)
            break;
        effect = effect_of(&slowdown);
        beside->kept[side] = exp(-effect.estimate);
        if (side == 0) {
            beside->finding = (struct compare_finding){.scale = COMPARE_RATIO, .effect = effect};
            beside->finding.runs[0] = beside->finding.runs[1] = slowdown.n_runs;
            compare_set_loss(&beside->finding, series->metric->better == VMS_LOWER);
            status = keep_noise(measuring, &slowdown.noise);
        }
        free(slowdown.runs);
    }
    if (status < 0)
        return status;
    beside->neighbours = subject->identity->neighbours;
    beside->tail = tail;
    set_fairness(comparison, beside);
    return 0;
}

/* The headline, and the slow ends of latencies. */
static int add_subject(struct measuring *measuring, const struct subject *subject) {
    int status = subject->n_series > 0 ? add_figure(measuring, subject, &subject->series[0], false) : 0;

    for (size_t i = 0; status == 0 && i < subject->n_series; i++)
        if (tails_is_name(subject->series[i].metric->name))
            status = add_figure(measuring, subject, &subject->series[i], true);
    return status;
}

/* The variance of what one run shows: as far as the noise within it goes. */
static int set_noise(const struct measuring *measuring) {
    size_t n = measuring->comparison->n_besides;
    cleanup_free struct variance *variances = calloc(2 * n + 1, sizeof(*variances));
    int status = variances ? run_noise_variances(measuring->noise, n, variances) : -ENOMEM;

    for (size_t i = 0; status == 0 && i < n; i++) {
        struct compare_finding *found = &measuring->comparison->besides[i].finding;
        const struct variance *alone = &variances[2 * i], *beside = alone + 1;
        double sum = alone->value + beside->value;

        if (!isnan(found->effect.variance) || isnan(found->effect.estimate))
            continue;
        found->effect.variance = sum;
        found->effect.df =
            sum > 0
                ? sum * sum /
                      (alone->value * alone->value / alone->df + beside->value * beside->value / beside->df)
                : alone->df + beside->df;
        compare_set_loss(found, found->loss_of_cost);
    }
    return status;
}

/* A resource: the mean of the victim's cases, as independent as they are. */
static int add_resource(struct comparison *comparison, const char *resource, unsigned neighbours) {
    size_t n_figures = comparison->n_besides, n = 0;
    struct compare_beside *whole = add(comparison, NULL, resource, NULL);
    struct effect effect = {.paired = true};
    bool lower = false;
    double df = 0;

    if (!whole)
        return -ENOMEM;
    for (size_t i = 0; i < n_figures; i++) {
        const struct compare_beside *part = &comparison->besides[i];

        if (!part->title || part->tail || part->neighbours != neighbours ||
            strcmp(part->resource, resource) != 0 || isnan(part->finding.effect.estimate))
            continue;
        effect.estimate += part->finding.effect.estimate;
        effect.variance += part->finding.effect.variance;
        lower |= part->finding.loss_of_cost;
        df += part->finding.effect.variance * part->finding.effect.variance / part->finding.effect.df;
        for (size_t side = 0; side < comparison->n_sides; side++)
            whole->kept[side] += log(part->kept[side]);
        n++;
    }
    effect.df = df > 0 ? effect.variance * effect.variance / df : INFINITY;
    effect.estimate = n > 0 ? effect.estimate / (double)n : NAN;
    effect.variance /= (double)(n * n);
    for (size_t side = 0; side < comparison->n_sides; side++)
        whole->kept[side] = n > 0 ? exp(whole->kept[side] / (double)n) : NAN;
    whole->neighbours = neighbours;
    whole->finding = (struct compare_finding){.scale = COMPARE_RATIO, .effect = effect};
    compare_set_loss(&whole->finding, lower);
    set_fairness(comparison, whole);
    return 0;
}

static bool has_resource(const struct comparison *comparison, const struct compare_beside *part) {
    for (size_t i = 0; i < comparison->n_besides; i++)
        if (!comparison->besides[i].title && comparison->besides[i].neighbours == part->neighbours &&
            strcmp(comparison->besides[i].resource, part->resource) == 0)
            return true;
    return false;
}

int neighbours_measure(struct comparison *comparison) {
    const struct collected_side *victim = &comparison->raw->sides[0];
    struct measuring measuring = {.comparison = comparison};
    size_t n_figures;
    int status = 0;

    for (size_t i = 0; status == 0 && i < victim->n_subjects; i++)
        if (victim->subjects[i].identity->neighbours > 0)
            status = add_subject(&measuring, &victim->subjects[i]);
    if (status == 0)
        status = set_noise(&measuring);
    free(measuring.noise);
    n_figures = comparison->n_besides;
    for (size_t i = 0; status == 0 && i < n_figures; i++)
        if (!has_resource(comparison, &comparison->besides[i])) {
            cleanup_free char *resource = strdup(comparison->besides[i].resource);

            status =
                resource ? add_resource(comparison, resource, comparison->besides[i].neighbours) : -ENOMEM;
        }
    return status;
}

void neighbours_done(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_besides; i++) {
        free(comparison->besides[i].title);
        free(comparison->besides[i].resource);
        free(comparison->besides[i].metric);
        free(comparison->besides[i].kept);
    }
    free(comparison->besides);
}
