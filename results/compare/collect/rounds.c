/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/collect/rounds.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "compare/comparison/notes.h"
#include "stats/effects/table_pairs.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What is said of looks is all there, and can be. */
static bool is_valid(const struct view_run_set *set) {
    return !set->has_looks ||
           (set->first > 0 && set->run > 0 && set->run <= set->of && set->error > 0 && set->error < 1);
}

int rounds_add(struct compare_side *side, const struct view_run_set *set, const char *path,
               struct vms_error *error) {
    struct compare_round *rounds = reallocarray(side->rounds, side->n_runs + 1, sizeof(*rounds));

    if (!rounds)
        return error_memory(error);
    side->rounds = rounds;
    rounds += side->n_runs;
    *rounds = (struct compare_round){
        .run = set->run, .of = set->of, .looks = set->first, .error = set->has_looks ? set->error : 0};
    (void)snprintf(rounds->set, sizeof(rounds->set), "%s", set->id);
    if (!is_valid(set))
        return error_set(
            error, -EINVAL,
            "%.200s: \"run_set\": \"run\" is from 1 to \"runs\", and \"looks\" has \"first\", 1 or "
            "more, and \"error\", between 0 and 1",
            path);
    return 0;
}

/* Rounds that the set has, on any side. */
static size_t count_made(const struct comparison *comparison, const struct compare_round *set) {
    size_t made = 0;

    for (size_t i = 0; i < comparison->n_sides; i++)
        for (size_t j = 0; j < comparison->sides[i].n_runs; j++) {
            const struct compare_round *round = &comparison->sides[i].rounds[j];

            if (strcmp(round->set, set->set) == 0 && round->run > made)
                made = round->run;
        }
    return made;
}

/* What a set allows. */
static void set_errors(const struct comparison *comparison, const struct compare_round *set,
                       double ret_errors[static 2]) {
    size_t made = count_made(comparison, set);
    struct sequential sequential;
    double total = fmin(set->error, comparison->options.error);

    sequential_init(&sequential, total, set->of);
    sequential_resume(&sequential, set->looks, made);
    ret_errors[1] = total - sequential.spent;
    ret_errors[0] = made < set->looks || made >= set->of ? ret_errors[1] : sequential_look(&sequential, made);
}

void rounds_errors(const struct comparison *comparison, double ret_errors[static 2]) {
    ret_errors[0] = ret_errors[1] = comparison->options.error;
    for (size_t i = 0; i < comparison->n_sides && !comparison->options.is_look; i++)
        for (size_t j = 0; j < comparison->sides[i].n_runs; j++) {
            double errors[2];

            if (comparison->sides[i].rounds[j].looks == 0)
                continue;
            set_errors(comparison, &comparison->sides[i].rounds[j], errors);
            ret_errors[0] = fmin(ret_errors[0], errors[0]);
            ret_errors[1] = fmin(ret_errors[1], errors[1]);
        }
}

static bool is_same(const struct compare_round *a, const struct compare_round *b) {
    return a->run > 0 && a->run == b->run && strcmp(a->set, b->set) == 0;
}

/* The index of the only run of the side in that round; the number of runs where none, or several are. */
static size_t find(const struct compare_side *side, const struct compare_round *round) {
    size_t found = side->n_runs;

    for (size_t i = 0; i < side->n_runs; i++) {
        if (!is_same(&side->rounds[i], round))
            continue;
        if (found < side->n_runs)
            return side->n_runs;
        found = i;
    }
    return found;
}

/* Rounds that each side has once. */
static size_t count_shared(const struct compare_side *baseline, const struct compare_side *other,
                           size_t *ret_places) {
    size_t n = 0;

    for (size_t i = 0; i < other->n_runs; i++) {
        ret_places[i] = find(baseline, &other->rounds[i]);
        n += ret_places[i] < baseline->n_runs && find(other, &other->rounds[i]) == i;
    }
    return n;
}

size_t rounds_match(const struct comparison *comparison, size_t other, size_t *ret_places) {
    const struct compare_side *sides[] = {&comparison->sides[0], &comparison->sides[other]};
    size_t n = count_shared(sides[0], sides[1], ret_places);

    if (n == sides[0]->n_runs && n == sides[1]->n_runs && n >= TABLE_PAIRS_MIN)
        return n;
    for (size_t i = 0; i < sides[1]->n_runs; i++)
        ret_places[i] = i;
    return 0;
}

static int warn_of(struct comparison *comparison, size_t other) {
    const struct compare_side *sides[] = {&comparison->sides[0], &comparison->sides[other]};
    cleanup_free size_t *places = calloc(sides[1]->n_runs + 1, sizeof(*places));
    size_t n = places ? count_shared(sides[0], sides[1], places) : 0;

    if (!places)
        return -ENOMEM;
    if (n == 0 || (n == sides[0]->n_runs && n == sides[1]->n_runs))
        return 0;
    return compare_warn(comparison,
                        text_new("%s and %s were measured in turn, but have only %zu rounds in common of "
                                 "%zu and %zu runs: they are compared without pairs",
                                 sides[0]->label, sides[1]->label, n, sides[0]->n_runs, sides[1]->n_runs));
}

/* The verdicts have less than the usual error. */
static int warn_of_looks(struct comparison *comparison) {
    if (!(comparison->error < comparison->options.error))
        return 0;
    return compare_warn(
        comparison,
        text_new("the runs were compared while they were made, so as to end once every answer was "
                 "sure: of an error of %.2g%%, that left %.2g%% for the verdicts here",
                 100 * comparison->options.error, 100 * comparison->error));
}

int rounds_warn(struct comparison *comparison) {
    int status = warn_of_looks(comparison);

    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++)
        status = warn_of(comparison, i);
    return status;
}
