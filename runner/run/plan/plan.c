/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/plan/plan.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "module/param.h"
#include "output/terminal.h"
#include "run/plan/foresee.h"
#include "run/plan/outlook.h"
#include "run/plan/validate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

/* The least time that a trial is given before it is ended. */
#define DEADLINE_LEAST_S 60.0
/* How far a trial may go beyond its estimate: guests under emulation are a hundred times slower. */
#define DEADLINE_FACTOR 20.0

/* Gives the case its values: `index` counts through the sweeps' product, the last parameter fastest. */
static int choose_values(const struct suite_benchmark *benchmark, size_t index,
                         struct outcome_case *outcome) {
    size_t n_params = benchmark->module->n_params;
    struct vms_error error;

    outcome->values = calloc(n_params + 1, sizeof(*outcome->values));
    outcome->texts = calloc(n_params + 1, sizeof(*outcome->texts));
    if (!outcome->values || !outcome->texts)
        return -ENOMEM;
    for (size_t i = n_params; i-- > 0;) {
        const struct suite_sweep *sweep = &benchmark->sweeps[i];
        const struct vms_param *param = &benchmark->module->params[i];

        outcome->texts[i] = strdup(sweep->texts[index % sweep->n_texts]);
        index /= sweep->n_texts;
        if (!outcome->texts[i] || param_parse(param, outcome->texts[i], &outcome->values[i], &error) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Each case's seed comes from the run's and its number (the finaliser of SplitMix64; Steele et al. 2014). */
static uint64_t case_seed(uint64_t seed, unsigned id) {
    uint64_t mixed = seed + id * UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

static int add_case(const struct suite_benchmark *benchmark, size_t index, bool together,
                    struct outcome_run *run, struct plan *plan) {
    struct outcome_case *outcome = &run->cases[run->n_cases];

    plan->benchmarks[run->n_cases++] = benchmark;
    outcome->id = (unsigned)run->n_cases;
    outcome->group = strdup(benchmark->group);
    outcome->module = benchmark->module;
    outcome->n_trials = benchmark->trials;
    outcome->target = benchmark->target;
    outcome->warmup = benchmark->warmup;
    outcome->deadline_s = benchmark->deadline_s;
    outcome->seed = case_seed(run->seed, outcome->id);
    outcome->together = together;
    outcome->cpus = benchmark->cpus ? strdup(benchmark->cpus) : NULL;
    return outcome->group && (outcome->cpus || !benchmark->cpus) ? choose_values(benchmark, index, outcome)
                                                                 : -ENOMEM;
}

static size_t count_cases(const struct suite *suite) {
    size_t n = 0;

    for (size_t i = 0; i < suite->n_benchmarks && n <= PLAN_CASES_MAX; i++)
        n += suite_count_cases(&suite->benchmarks[i], PLAN_CASES_MAX);
    return suite->together ? 2 * n : n;
}

/* Whether a suite comes to no more than PLAN_CASES_MAX cases. -E2BIG with a sentence. */
static int check_count(const struct suite *suite, struct vms_error *error) {
    if (count_cases(suite) > PLAN_CASES_MAX)
        return error_set(error, -E2BIG,
                         "suite \"%s\" comes to more than %d cases; shorten its lists of values", suite->name,
                         PLAN_CASES_MAX);
    return 0;
}

static int add_cases(const struct suite *suite, struct outcome_run *run, struct plan *plan,
                     struct vms_error *error) {
    size_t n = count_cases(suite);
    int status = check_count(suite, error);

    if (status < 0)
        return status;
    run->cases = calloc(n + 1, sizeof(*run->cases));
    plan->benchmarks = calloc(n + 1, sizeof(const struct suite_benchmark *));
    if (!run->cases || !plan->benchmarks)
        return error_memory(error);
    for (size_t i = 0; i < suite->n_benchmarks; i++) {
        size_t n_cases = suite_count_cases(&suite->benchmarks[i], PLAN_CASES_MAX);

        for (size_t k = 0; k < n_cases; k++)
            if (add_case(&suite->benchmarks[i], k, false, run, plan) < 0 ||
                (suite->together && add_case(&suite->benchmarks[i], k, true, run, plan) < 0))
                return error_memory(error);
    }
    return validate_cases(run->cases, run->n_cases, error);
}

/* Rounds: trial 1 of every case in random order, then trial 2 of every case, ... */
static void add_rounds(const struct outcome_run *run, struct plan *plan) {
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    unsigned most = 0;

    gsl_rng_set(generator, (unsigned long)run->seed);
    for (size_t i = 0; i < run->n_cases; i++)
        most = run->cases[i].n_trials > most ? run->cases[i].n_trials : most;
    for (unsigned trial = 1; trial <= most; trial++) {
        size_t before = plan->n_steps;

        for (size_t i = 0; i < run->n_cases; i++)
            if (trial <= run->cases[i].n_trials)
                plan->steps[plan->n_steps++] = (struct plan_step){i, trial};
        gsl_ran_shuffle(generator, plan->steps + before, plan->n_steps - before, sizeof(*plan->steps));
    }
    gsl_rng_free(generator);
}

static void add_sequence(const struct outcome_run *run, struct plan *plan) {
    for (size_t i = 0; i < run->n_cases; i++)
        for (unsigned trial = 1; trial <= run->cases[i].n_trials; trial++)
            plan->steps[plan->n_steps++] = (struct plan_step){i, trial};
}

static void set_deadlines(struct outcome_run *run, const struct plan *plan) {
    for (size_t i = 0; i < run->n_cases; i++) {
        double estimated = DEADLINE_FACTOR * plan->estimates[i].seconds;

        if (run->cases[i].deadline_s <= 0)
            run->cases[i].deadline_s = DEADLINE_LEAST_S + estimated;
        run->cases[i].deadline_s = fmin(run->cases[i].deadline_s, ESTIMATE_SECONDS_MAX);
    }
}

int plan_make(const struct suite *suite, struct outcome_run *run, struct plan *ret_plan,
              struct vms_error *error) {
    struct plan plan = {0};
    size_t n = 0;
    int status = add_cases(suite, run, &plan, error);

    for (size_t i = 0; status == 0 && i < run->n_cases; i++)
        n += run->cases[i].n_trials;
    plan.steps = calloc(n + 1, sizeof(*plan.steps));
    plan.estimates = calloc(run->n_cases + 1, sizeof(*plan.estimates));
    if (status == 0 && (!plan.steps || !plan.estimates))
        status = error_memory(error);
    if (status < 0) {
        plan_done(&plan);
        return status;
    }
    if (suite->sequential)
        add_sequence(run, &plan);
    else
        add_rounds(run, &plan);
    estimate_cases(run->cases, run->n_cases, plan.estimates, plan.trouble);
    set_deadlines(run, &plan);
    *ret_plan = plan;
    return 0;
}

int plan_check(const struct suite *suite, struct vms_error *error) {
    struct outcome_run run = {0};
    struct plan plan;
    int status = plan_make(suite, &run, &plan, error);

    if (status == 0) {
        status = validate_memory(run.cases, plan.estimates, run.n_cases, error);
        plan_done(&plan);
    }
    outcome_run_done(&run);
    return status;
}

void plan_done(struct plan *plan) {
    free(plan->steps);
    free(plan->estimates);
    free(plan->benchmarks);
    *plan = (struct plan){0};
}

static void print_case(FILE *file, const struct outcome_case *outcome,
                       const struct suite_benchmark *benchmark) {
    const struct vms_module *module = outcome->module;
    const char *gap = "  ";

    terminal_print(file, "%5u  %-16s %-8s %2u trials, %u warm-up", outcome->id, outcome->group, module->name,
                   outcome->n_trials, outcome->warmup);
    for (size_t i = 0; i < module->n_params; i++)
        if (benchmark->sweeps[i].is_given) {
            terminal_print(file, "%s%s=%s", gap, module->params[i].name, outcome->texts[i]);
            gap = " ";
        }
    fputc('\n', file);
}

/* Adds what a case costs in all: seconds and traffic of every run; of disk and memory the largest counts. */
static void add_cost(const struct outcome_case *outcome, const struct vms_estimate *estimate,
                     struct vms_estimate *total) {
    unsigned runs = outcome->n_trials + outcome->warmup;
    uint64_t traffic;

    total->seconds += runs * estimate->seconds;
    if (__builtin_mul_overflow(estimate->traffic, runs, &traffic) ||
        __builtin_add_overflow(total->traffic, traffic, &total->traffic))
        total->traffic = UINT64_MAX;
    total->disk = estimate->disk > total->disk ? estimate->disk : total->disk;
    total->memory = estimate->memory > total->memory ? estimate->memory : total->memory;
}

void plan_print(FILE *file, const struct plan *plan, const struct outcome_run *run,
                const struct suite *suite) {
    char time_text[UNITS_TEXT_SIZE], disk[UNITS_TEXT_SIZE], memory[UNITS_TEXT_SIZE], traffic[UNITS_TEXT_SIZE];
    struct vms_estimate total = {0};

    terminal_print(file, "suite %s%s%s\n", suite->name, suite->description ? ": " : "",
                   suite->description ? suite->description : "");
    for (size_t i = 0; i < run->n_cases; i++) {
        print_case(file, &run->cases[i], plan->benchmarks[i]);
        add_cost(&run->cases[i], &plan->estimates[i], &total);
    }
    estimate_format_time(total.seconds, time_text);
    estimate_format_bytes(total.disk, disk);
    estimate_format_bytes(total.memory, memory);
    estimate_format_bytes(total.traffic, traffic);
    terminal_print(
        file,
        "Parameters that are not shown have their defaults (`vmsuite list MODULE`).\n"
        "%zu case%s, %zu trial%s; estimated%s: %s, %s of disk and %s of memory at the most, %s of traffic\n",
        run->n_cases, run->n_cases == 1 ? "" : "s", plan->n_steps, plan->n_steps == 1 ? "" : "s",
        run->set.runs > 1 ? " for each run" : "", time_text, disk, memory, traffic);
    outlook_print(file, suite, run->set.runs > 0 ? run->set.runs : 1);
    foresee_print(file, run->cases, run->n_cases);
    if (plan->trouble[0])
        terminal_print(file, "The estimate is incomplete: %s.\n", plan->trouble);
}
