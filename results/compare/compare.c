/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "compare/collect/environment.h"
#include "compare/collect/rounds.h"
#include "compare/comparison/notes.h"
#include "compare/effects/effects.h"
#include "compare/effects/learned.h"
#include "compare/effects/neighbours.h"
#include "compare/effects/pool.h"
#include "compare/gate.h"
#include "compare/words/answer.h"
#include "record/origin.h"

#include <string.h>

struct comparison *compare_new(const struct compare_options *options) {
    struct comparison *comparison = calloc(1, sizeof(*comparison));

    if (!comparison)
        return NULL;
    comparison->options = *options;
    comparison->raw = calloc(1, sizeof(*comparison->raw));
    if (comparison->raw)
        comparison->raw->spill = spill_new();
    if (!comparison->raw || !comparison->raw->spill) {
        compare_free(comparison);
        return NULL;
    }
    return comparison;
}

static int compare_rows(const void *a, const void *b) {
    const struct compare_row *x = a, *y = b;
    double bad_x = compare_badness(x), bad_y = compare_badness(y);
    int difference = (x->other > y->other) - (x->other < y->other);

    if (difference == 0)
        difference = (int)x->identity->resource - (int)y->identity->resource;
    if (difference == 0)
        difference = (x->finding.weight > 0 ? 0 : 1) - (y->finding.weight > 0 ? 0 : 1);
    if (difference == 0)
        difference = (bad_x < bad_y) - (bad_x > bad_y);
    if (difference == 0)
        difference = strcmp(x->label, y->label);
    return difference ? difference : strcmp(x->metric->name, y->metric->name);
}

/* What is emulated tells about mechanisms; beside what is not, the emulator itself is in the loss. */
static int warn_of_origin(struct comparison *comparison) {
    const struct compare_side *first = &comparison->sides[0];
    bool any = false;
    int status = 0;

    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        any |= side->emulated;
        if (status == 0 && side->emulated != first->emulated)
            status = compare_warn(
                comparison, text_new("only one of %s and %s is emulated hardware: the loss includes what "
                                     "emulation costs",
                                     first->label, side->label));
    }
    if (status == 0 && any)
        status = compare_warn(comparison, strdup(ORIGIN_EMULATED));
    if (status == 0 && first->instructions)
        status = compare_warn(comparison, strdup(ORIGIN_INSTRUCTIONS));
    return status;
}

static int warn_of_broken_runs(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        if (side->n_broken == 1)
            status = compare_warn(comparison, text_new("%s", side->broken));
        else if (side->n_broken > 1)
            status =
                compare_warn(comparison, text_new("%s: %zu of %zu runs are incomplete, the first of them %s",
                                                  side->label, side->n_broken, side->n_runs, side->broken));
    }
    return status;
}

static int warn_of_selection(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_sides; i++)
        if (comparison->sides[i].n_selected > 0)
            status = compare_warn(
                comparison,
                text_new(
                    "%s: %zu figures have more than %zu trials: a random selection (--seed) with an equal "
                    "share of each run describes them",
                    comparison->sides[i].label, comparison->sides[i].n_selected, POOL_VALUES_MAX));
    return status;
}

static int warn_of_noise(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        if (side->n_flagged > 0 &&
            compare_warn(comparison, text_new("%s: %zu of %zu trials were disturbed; runs then differ more, "
                                              "which only several runs of each configuration show",
                                              side->label, side->n_flagged, side->n_trials)) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Each configuration with the baseline. */
static int compare_sides(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++) {
        status = compare_pair(comparison, i);
        if (status == 0)
            status =
                environment_differ(comparison, 0, comparison->sides[0].facts, i, comparison->sides[i].facts);
    }
    return status;
}

typedef int step(struct comparison *comparison);

static int take_steps(struct comparison *comparison, step *const *steps, size_t n_steps) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < n_steps; i++)
        status = steps[i](comparison);
    return status;
}

int compare_finish(struct comparison *comparison, struct vms_error *error) {
    static step *const effects[] = {collected_finish, compare_sides, compare_describe,
                                    compare_measure,  compare_judge, neighbours_measure};
    static step *const words[] = {compare_answer, warn_of_origin, warn_of_broken_runs, warn_of_selection,
                                  learned_warn,   rounds_warn,    warn_of_noise};
    int status;

    if (comparison->n_sides < 2)
        return error_set(error, -EINVAL,
                         "a comparison takes a baseline and at least one other configuration");
    earlier_known_sort(&comparison->raw->run_ids);
    status = take_steps(comparison, effects, VMS_LENGTH(effects));
    collected_free(comparison->raw, comparison->n_sides);
    comparison->raw = NULL;
    if (status == 0 && comparison->n_rows > 0)
        qsort(comparison->rows, comparison->n_rows, sizeof(*comparison->rows), compare_rows);
    if (status == 0)
        status = take_steps(comparison, words, VMS_LENGTH(words));
    if (status < 0 && *comparison->trouble.text)
        return error_set(error, status, "%s", comparison->trouble.text);
    return status < 0 ? compare_fail(error, status, "comparing") : 0;
}

static void row_done(struct compare_row *row) {
    free(row->label);
    free(row->title);
    free(row->different);
}

void compare_free(struct comparison *comparison) {
    if (!comparison)
        return;
    collected_free(comparison->raw, comparison->n_sides);
    for (size_t i = 0; i < comparison->n_sides; i++) {
        free(comparison->sides[i].label);
        free(comparison->sides[i].virtualization);
        free(comparison->sides[i].broken);
        free(comparison->sides[i].rounds);
    }
    for (size_t i = 0; i < comparison->n_rows; i++)
        row_done(&comparison->rows[i]);
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        free(comparison->refusals[i].label);
        free(comparison->refusals[i].reason);
    }
    for (size_t i = 0; i < comparison->n_differences; i++) {
        free(comparison->differences[i].what);
        free(comparison->differences[i].values[0]);
        free(comparison->differences[i].values[1]);
    }
    for (size_t i = 0; i < comparison->n_answers; i++)
        free(comparison->answers[i].sentence);
    for (size_t i = 0; i < comparison->n_warnings; i++)
        free(comparison->warnings[i]);
    gate_free(comparison->gate);
    neighbours_done(comparison);
    arena_done(&comparison->arena);
    free(comparison->sides);
    free(comparison->rows);
    free(comparison->refusals);
    free(comparison->differences);
    free(comparison->answers);
    free(comparison->warnings);
    free(comparison);
}
