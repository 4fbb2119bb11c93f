/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/design.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "output/terminal.h"
#include "run/plan/outlook.h"
#include "run/plan/plan.h"
#include "run/set/run_set.h"

#include <errno.h>
#include <math.h>

#define TRIALS_LEAST 2 /* one trial shows no noise */
#define TRIALS_MIN 3   /* unless the budget is short */
#define TRIALS_MOST 30 /* beyond these a run gets hardly sharper */
#define TRIAL_LEAST_S 0.01

/* The time of one trial of all of a benchmark's cases, for each benchmark. */
static int estimate_trials(const struct suite *suite, double *ret_seconds, struct vms_error *error) {
    struct outcome_run run = {0};
    struct plan plan;
    int status = plan_make(suite, &run, &plan, error);

    for (size_t i = 0; status == 0 && i < run.n_cases; i++)
        ret_seconds[plan.benchmarks[i] - suite->benchmarks] += fmax(plan.estimates[i].seconds, TRIAL_LEAST_S);
    if (status == 0)
        plan_done(&plan);
    outcome_run_done(&run);
    return status;
}

static double run_seconds(const struct suite *suite, const double *seconds) {
    double sum = DESIGN_RUN_S;

    for (size_t i = 0; i < suite->n_benchmarks; i++)
        sum += (suite->benchmarks[i].trials + suite->benchmarks[i].warmup) * seconds[i];
    return sum;
}

static unsigned best_trials(const struct suite *suite, size_t index, double seconds) {
    const struct suite_benchmark *benchmark = &suite->benchmarks[index];
    struct plan_noise noise = outlook_noise(benchmark->module->resource);
    double besides = DESIGN_RUN_S / (double)suite->n_benchmarks + benchmark->warmup * seconds;
    size_t best = plan_best_trials(&noise, besides, seconds, TRIALS_MOST);

    return best < TRIALS_MIN ? TRIALS_MIN : (unsigned)best;
}

/* Takes trials from those that have most of them until a run takes no more than `limit_s`; false: they have
 * no more to give. */
static bool shorten(struct suite *suite, const double *seconds, double limit_s) {
    while (run_seconds(suite, seconds) > limit_s) {
        struct suite_benchmark *longest = NULL;

        for (size_t i = 0; i < suite->n_benchmarks; i++)
            if (suite->benchmarks[i].trials > TRIALS_LEAST && !(suite->benchmarks[i].target > 0) &&
                (!longest || suite->benchmarks[i].trials > longest->trials))
                longest = &suite->benchmarks[i];
        if (!longest)
            return false;
        longest->trials--;
    }
    return true;
}

int design_suite(const struct goal *goal, const struct design_rounds *rounds, struct suite *suite,
                 struct design *ret_design, struct vms_error *error) {
    cleanup_free double *seconds = calloc(suite->n_benchmarks + 1, sizeof(*seconds));
    double n = (double)rounds->n_configurations, besides_s = rounds->besides_s;
    int status = seconds ? estimate_trials(suite, seconds, error) : error_memory(error);

    if (status < 0)
        return status;
    for (size_t i = 0; !rounds->keeps_trials && i < suite->n_benchmarks; i++)
        if (!(suite->benchmarks[i].target > 0))
            suite->benchmarks[i].trials = best_trials(suite, i, seconds[i]);
    if (!rounds->keeps_trials && goal->budget_s > 0)
        (void)shorten(suite, seconds, (goal->budget_s / OUTLOOK_RUNS_MIN - besides_s) / n);
    return design_runs(goal, suite, n * run_seconds(suite, seconds) + besides_s, RUN_SET_RUNS_MAX, ret_design,
                       error);
}

int design_runs(const struct goal *goal, const struct suite *suite, double round_s, size_t most,
                struct design *ret_design, struct vms_error *error) {
    double allowed = goal->budget_s > 0 ? floor(goal->budget_s / round_s) : (double)most;
    struct design design = {.reaches = true};
    size_t limit = allowed < (double)most ? (size_t)allowed : most, needed = limit;
    char one[UNITS_TEXT_SIZE], budget[UNITS_TEXT_SIZE];

    if (limit == 0) {
        estimate_format_time(round_s, one);
        estimate_format_time(goal->budget_s, budget);
        return error_set(
            error, -EINVAL,
            "one run of each configuration takes about %s, and the budget is %s: give more, fewer "
            "trials, or a smaller suite",
            one, budget);
    }
    if (goal->find > 0) {
        needed = limit < OUTLOOK_RUNS_MIN ? 0 : outlook_runs(suite, goal->find, limit);
        design.reaches = needed > 0;
    }
    design.runs = (unsigned)(needed > 0 ? needed : limit);
    design.seconds = design.runs * round_s;
    *ret_design = design;
    return 0;
}

void design_print(FILE *file, const struct design *design, const struct goal *goal) {
    char time_text[UNITS_TEXT_SIZE];

    estimate_format_time(design->seconds, time_text);
    terminal_print(file, "planned: %u run%s of each configuration, about %s in all\n", design->runs,
                   design->runs == 1 ? "" : "s", time_text);
    if (!design->reaches && goal->budget_s > 0)
        terminal_print(
            file, "the difference that --find names may be missed: the budget does not allow more runs\n");
    else if (!design->reaches)
        terminal_print(file,
                       "the difference that --find names may be missed: it is too small for any sensible "
                       "number of runs\n");
}
