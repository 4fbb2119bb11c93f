/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/looks.h"

#include "base/clock.h"
#include "base/error.h"
#include "compare/compare.h"
#include "compare/effects/effects.h"
#include "compare/load.h"
#include "output/terminal.h"
#include "run/plan/outlook.h"

void looks_init(struct looks *looks, size_t rounds, double budget_s) {
    *looks = (struct looks){.rounds = rounds, .budget_s = budget_s, .start_ns = clock_now_ns()};
    sequential_init(&looks->error, COMPARE_ERROR, rounds);
}

void looks_resume(struct looks *looks, size_t round) {
    sequential_resume(&looks->error, OUTLOOK_RUNS_MIN, round);
}

unsigned looks_first(const struct goal *goal, size_t n_configurations, size_t rounds) {
    return goal_is_set(goal) && n_configurations > 1 && rounds > OUTLOOK_RUNS_MIN ? OUTLOOK_RUNS_MIN : 0;
}

bool looks_is_due(const struct looks *looks, size_t round) {
    return round >= OUTLOOK_RUNS_MIN && round < looks->rounds;
}

bool looks_is_time_up(const struct looks *looks, size_t round, size_t n_made) {
    double seconds = (double)(clock_now_ns() - looks->start_ns) / (double)NS_PER_S;
    double next = seconds / (double)(n_made > 0 ? n_made : 1);

    if (!(looks->budget_s > 0) || round >= looks->rounds || seconds + next <= looks->budget_s)
        return false;
    terminal_print(stderr, "the budget is used up after %zu of %zu rounds: the others are left out\n", round,
                   looks->rounds);
    return true;
}

static void say(const struct looks *looks, size_t round, const struct comparison *comparison) {
    terminal_print(
        stderr,
        "every answer is sure after %zu of %zu rounds, at an error of %.2g%% (%.0f%% is shared by all "
        "looks): the others are left out\n",
        round, looks->rounds, 100 * comparison->options.error, 100 * COMPARE_ERROR);
    for (size_t i = 0; i < comparison->n_answers; i++)
        terminal_print(stderr, "  %s\n", comparison->answers[i].sentence);
}

int looks_take(struct looks *looks, size_t round, const struct set_records *records, bool *ret_sure,
               struct vms_error *error) {
    struct compare_options options = compare_defaults;
    struct comparison *comparison;
    int status;

    options.is_look = true;
    options.error = sequential_look(&looks->error, round);
    comparison = compare_new(&options);
    status = comparison
                 ? compare_load(comparison, records->paths, records->n_paths, records->n_baseline, error)
                 : error_memory(error);
    if (status == 0) {
        *ret_sure = compare_is_sure(comparison);
        if (*ret_sure)
            say(looks, round, comparison);
    }
    compare_free(comparison);
    return status;
}
