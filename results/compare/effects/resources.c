/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each resource costs: its cases averaged within each run. */
#include "compare/effects/ratios.h"

#include "base/cleanup.h"
#include "compare/effects/effects.h"
#include "compare/effects/learned.h"

#include <math.h>
#include <string.h>

static const char *const resources[] = {"network", "memory", "disk", "cpu"};
#define N_RESOURCES VMS_LENGTH(resources)

/* The runs' figures of a resource while its cases are added. */
struct mean_row {
    double *figures; /* owned: of all runs of both sides */
    struct variance noise[2];
    size_t *rows; /* owned: indices of its cases among those of the table */
    size_t n;
};

static bool is_complete(const double *figures, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isnan(figures[i]))
            return false;
    return true;
}

static void add_case(struct mean_row *mean, size_t row, const double *figures, size_t n_runs,
                     const struct variance noise[2]) {
    for (size_t i = 0; i < n_runs; i++)
        mean->figures[i] += figures[i];
    for (size_t side = 0; side < 2; side++) {
        mean->noise[side].value += noise[side].value;
        mean->noise[side].df += noise[side].df;
    }
    mean->rows[mean->n++] = row;
}

static void finish_mean(struct mean_row *mean, size_t n_runs) {
    double n = (double)mean->n;

    for (size_t i = 0; i < n_runs; i++)
        mean->figures[i] /= n;
    for (size_t side = 0; side < 2; side++)
        mean->noise[side].value /= n * n;
}

static int average(const struct ratios *ratios, const char *resource, struct mean_row *ret_mean) {
    size_t n_runs = ratios->n_runs[0] + ratios->n_runs[1];

    ret_mean->figures = calloc(n_runs + 1, sizeof(*ret_mean->figures));
    ret_mean->rows = calloc(ratios->n_rows + 1, sizeof(*ret_mean->rows));
    if (!ret_mean->figures || !ret_mean->rows)
        return -ENOMEM;
    for (size_t i = 0; i < ratios->n_rows; i++) {
        const struct compare_row *row = &ratios->comparison->rows[ratios->rows[i]];
        const double *figures = ratios->figures + i * n_runs;

        if (row->headline && strcmp(compare_resource(row), resource) == 0 && is_complete(figures, n_runs))
            add_case(ret_mean, i, figures, n_runs, ratios->noise + 2 * i);
    }
    if (ret_mean->n > 0)
        finish_mean(ret_mean, n_runs);
    return 0;
}

/* Counts the headline rows that the answer is about, and finds the last of them. */
static const struct compare_row *count_cases(const struct ratios *ratios, const char *resource,
                                             size_t *ret_n) {
    const struct compare_row *found = NULL;

    *ret_n = 0;
    for (size_t i = 0; i < ratios->comparison->n_rows; i++) {
        const struct compare_row *row = &ratios->comparison->rows[i];

        if (row->other != ratios->other || !row->headline || !(row->finding.weight > 0) ||
            strcmp(compare_resource(row), resource) != 0)
            continue;
        found = row;
        ++*ret_n;
    }
    return found;
}

static struct compare_answer *add_answer(struct comparison *comparison) {
    struct compare_answer *grown =
        reallocarray(comparison->answers, comparison->n_answers + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    comparison->answers = grown;
    grown += comparison->n_answers++;
    *grown = (struct compare_answer){0};
    return grown;
}

/* An answer that waits for its effect; a resource with one case has that case's. */
static int begin_answer(const struct ratios *ratios, const char *resource, const struct mean_row *mean) {
    size_t n_cases;
    const struct compare_row *row = count_cases(ratios, resource, &n_cases);
    struct compare_answer *answer;

    if (!row)
        return 0;
    answer = add_answer(ratios->comparison);
    if (!answer)
        return -ENOMEM;
    *answer = (struct compare_answer){.other = ratios->other,
                                      .resource = resource,
                                      .n_cases = n_cases,
                                      .n_left_out = n_cases == 1 ? 0 : n_cases - mean->n,
                                      .finding = {.runs = {ratios->n_runs[0], ratios->n_runs[1]},
                                                  .weight = 1,
                                                  .effect = {.estimate = NAN, .variance = NAN, .df = 1}}};
    compare_set_loss(&answer->finding, false); /* nothing is known where no case has a ratio */
    if (n_cases == 1)
        answer->finding = row->finding;
    return 0;
}

static struct compare_answer *find_answer(const struct ratios *ratios, const char *resource) {
    for (size_t i = 0; i < ratios->comparison->n_answers; i++) {
        struct compare_answer *answer = &ratios->comparison->answers[i];

        if (answer->other == ratios->other && strcmp(answer->resource, resource) == 0)
            return answer;
    }
    return NULL;
}

static int measure_means(const struct ratios *ratios, const struct mean_row means[N_RESOURCES]) {
    struct effect_row rows[N_RESOURCES];
    struct effect effects[N_RESOURCES];
    struct effect_table table = {rows, 0, {ratios->n_runs[0], ratios->n_runs[1]}, ratios->rounds};
    const char *names[N_RESOURCES];
    int status = 0;

    for (size_t i = 0; status == 0 && i < N_RESOURCES; i++) {
        struct effect_row *row = &rows[table.n_rows];

        if (means[i].n == 0)
            continue;
        names[table.n_rows++] = resources[i];
        *row = (struct effect_row){.runs = {means[i].figures, means[i].figures + ratios->n_runs[0]},
                                   .noise = {means[i].noise[0], means[i].noise[1]},
                                   .prior = ratios_prior(ratios->comparison, resources[i])};
        status = learned_set(ratios->learned, ratios->n_runs, means[i].rows, means[i].n, row,
                             &find_answer(ratios, resources[i])->finding.earlier);
    }
    if (status == 0)
        status = table_effects(&table, effects);
    for (size_t i = 0; status == 0 && i < table.n_rows; i++) {
        struct compare_answer *answer = find_answer(ratios, names[i]);

        if (answer->n_cases == 1)
            continue;
        answer->finding.effect = effects[i];
        compare_set_loss(&answer->finding, false);
    }
    return status;
}

int compare_measure_resources(const struct ratios *ratios) {
    struct mean_row means[N_RESOURCES] = {0};
    int status = 0;

    for (size_t i = 0; status == 0 && i < N_RESOURCES; i++) {
        status = average(ratios, resources[i], &means[i]);
        if (status == 0)
            status = begin_answer(ratios, resources[i], &means[i]);
    }
    if (status == 0)
        status = measure_means(ratios, means);
    for (size_t i = 0; i < N_RESOURCES; i++) {
        free(means[i].figures);
        free(means[i].rows);
    }
    return status;
}
