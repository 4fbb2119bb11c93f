/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/plan/outlook.h"

#include "compare/effects/effects.h"
#include "compare/words/matrix.h"
#include "output/terminal.h"
#include "record/value.h"
#include "stats/effects/step_down.h"

#include <math.h>

/* A factor is easier to read than more per cent than this, as in a comparison. */
#define SHARE_MAX 0.5

/* Of most headlines of each resource, on two-core guests of a shared host: docs/method.md, "Planning". */
static const struct plan_noise noises[] = {
    [VMS_NETWORK] = {.between = 0.08, .within = 0.08, .correlation = 0.5},
    [VMS_MEMORY] = {.between = 0.03, .within = 0.03, .correlation = 0.5},
    [VMS_DISK] = {.between = 0.08, .within = 0.10, .correlation = 0.5},
    [VMS_CPU] = {.between = 0.03, .within = 0.02, .correlation = 0.5}};

struct plan_noise outlook_noise(enum vms_resource resource) {
    return noises[resource];
}

static struct outlook *find_or_add(struct outlook *list, size_t *n, enum vms_resource resource) {
    for (size_t i = 0; i < *n; i++)
        if (list[i].resource == resource)
            return &list[i];
    list[*n] = (struct outlook){.resource = resource, .plan = {.trials = SIZE_MAX}};
    return &list[(*n)++];
}

/* "auto" has a cap, which is rarely reached. */
static size_t trials_of(const struct suite_benchmark *benchmark) {
    return benchmark->target > 0 && benchmark->trials > SUITE_TRIALS ? SUITE_TRIALS : benchmark->trials;
}

size_t outlook_list(const struct suite *suite, size_t runs, struct outlook ret[static OUTLOOK_RESOURCES]) {
    size_t n = 0, n_rows = 0;
    struct step_down_share share;

    for (size_t i = 0; i < suite->n_benchmarks; i++) {
        const struct suite_benchmark *benchmark = &suite->benchmarks[i];
        struct outlook *outlook = find_or_add(ret, &n, benchmark->module->resource);
        size_t n_cases = suite_count_cases(benchmark, SIZE_MAX / 2), trials = trials_of(benchmark);

        outlook->n_cases += n_cases;
        n_rows += n_cases;
        outlook->plan.trials = trials < outlook->plan.trials ? trials : outlook->plan.trials;
    }
    share = step_down_share(n, n_rows, runs < 2);
    for (size_t i = 0; i < n; i++) {
        bool single =
            ret[i].n_cases == 1; /* its answer is the case's own: one claim with the error of both */
        double alpha = COMPARE_ERROR * (share.answer + (single ? share.row : 0));

        ret[i].noise = noises[ret[i].resource];
        ret[i].noise.within /= sqrt((double)ret[i].n_cases); /* runs shift all cases alike, at worst */
        ret[i].plan = (struct plan_sides){.runs = runs,
                                          .trials = ret[i].plan.trials,
                                          .rows = single ? n_rows : n,
                                          .alpha = alpha,
                                          .prior = compare_prior(value_resource_name(ret[i].resource))};
    }
    return n;
}

size_t outlook_runs(const struct suite *suite, double find, size_t most) {
    struct outlook list[OUTLOOK_RESOURCES];
    size_t n = outlook_list(suite, OUTLOOK_RUNS_MIN, list), needed = OUTLOOK_RUNS_MIN;

    for (size_t i = 0; i < n && needed > 0; i++)
        needed = plan_runs(&list[i].plan, &list[i].noise, find, OUTLOOK_POWER, needed, most);
    return needed;
}

/* In the words of a comparison: "5% slower" has lost 5% of its speed. */
static void print_difference(FILE *file, double effect) {
    double share = -expm1(-effect);

    if (share <= SHARE_MAX)
        terminal_print(file, "%.2g%%", 100 * share);
    else
        terminal_print(file, "a factor of %.2g", exp(effect));
}

void outlook_print(FILE *file, const struct suite *suite, size_t runs) {
    struct outlook list[OUTLOOK_RESOURCES];
    size_t n = outlook_list(suite, runs, list);

    terminal_print(file, "%zu run%s of each configuration find%s", runs, runs == 1 ? "" : "s",
                   runs == 1 ? "s" : "");
    for (size_t i = 0; i < n; i++) {
        terminal_print(file, "%s", i > 0 ? ", " : " ");
        print_difference(file, plan_smallest(&list[i].plan, &list[i].noise, OUTLOOK_POWER));
        terminal_print(file, " in %s", matrix_heading(value_resource_name(list[i].resource)));
    }
    terminal_print(
        file, "\n(the smallest slowdowns that a comparison shows in %.0f%% of cases, with the usual noise)\n",
        100 * OUTLOOK_POWER);
}
