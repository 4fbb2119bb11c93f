/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/gate.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "stats/effects/effort.h"
#include "stats/effects/step_down.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static double limit_of(const struct compare_gate *gate, const struct compare_row *row) {
    const struct gate_subject subject = {compare_resource(row), row->identity->group, row->identity->module,
                                         row->metric->name};
    const struct gate_rule *rule = gate_find_rule(gate, &subject);

    return rule ? rule->fail_above : gate->fail_above;
}

/* The limit as an effect: what is better when higher may lose a share of at most 1. */
static double limit_effect(const struct compare_row *row) {
    if (row->finding.scale == COMPARE_DIFFERENCE)
        return row->limit * fabs(row->figures[0].value);
    if (row->finding.loss_of_cost)
        return log1p(row->limit);
    return row->limit < 1 ? -log1p(-row->limit) : (double)INFINITY;
}

/* One-sided, of "the loss is not above the limit", for the row's effect, or that with other noise. */
static double p_above(const struct compare_row *row, const struct effect *effect) {
    const struct compare_finding *finding = &row->finding;
    double limit = limit_effect(row), p;

    if (finding->scale == COMPARE_IDENTICAL || !isfinite(limit))
        return 1;
    p = finding->scale == COMPARE_DIFFERENCE && effect->unknown > 0 ? (double)NAN
                                                                    : effect_p_above(effect, limit);
    /* Figures that fall to 0, or rise from it, in every trial have a p-value of their own (zeros.c). */
    if (finding->scale == COMPARE_DIFFERENCE && effect->estimate > limit && !isnan(finding->p))
        p = isnan(p) || row->figures[0].value == 0 || row->figures[1].value == 0 ? finding->p / 2 : p;
    return isnan(p) ? 1 : p;
}

/* Whether the loss is further than whole runs are off, by a level that is there for an assumed spread that is
 * too small. Few trials tell little of their noise; the row's own p-value answers for that, so that here the
 * noise is taken for what it seems. */
static bool is_beyond_shift(const struct compare_row *row, double share) {
    struct effect effect = row->finding.effect;

    effect.df = INFINITY;
    return p_above(row, &effect) <= share * GATE_ERROR_SHIFT;
}

/* `share` of the gate's error may be spent. */
static bool is_beyond_doubt(const struct compare_row *row, double share) {
    if (compare_is_single(&row->finding))
        return row->p_above <= share * GATE_ERROR_SINGLE && is_beyond_shift(row, share);
    return row->p_above <= share * GATE_ERROR;
}

static enum compare_gate_state state_of(const struct compare_row *row, double share) {
    const struct compare_finding *finding = &row->finding;

    if (isnan(row->limit) || finding->verdict == COMPARE_UNTESTED)
        return COMPARE_NOT_GATED;
    if (finding->verdict == COMPARE_SLOWER && is_beyond_doubt(row, share))
        return COMPARE_GATE_FAILED;
    if (finding->verdict == COMPARE_EQUIVALENT || !(finding->effect.estimate > limit_effect(row)))
        return COMPARE_GATE_PASSED;
    return compare_is_single(finding) || finding->verdict == COMPARE_SLOWER || finding->p <= GATE_SUSPICION
               ? COMPARE_GATE_OPEN
               : COMPARE_GATE_PASSED;
}

/* With how many more runs of each a loss like this would be above the limit beyond doubt, the error being
 * that of one of `n_gated` rows. */
static size_t runs_that_would_tell(const struct compare_row *row, size_t n_gated, double share) {
    const struct compare_finding *finding = &row->finding;
    struct effect effect = finding->effect;
    size_t runs = finding->runs[0] < finding->runs[1] ? finding->runs[0] : finding->runs[1], wanted;

    if (row->gate != COMPARE_GATE_OPEN || finding->more_runs > 0 || finding->scale != COMPARE_RATIO)
        return 0;
    effect.estimate -= limit_effect(row);
    wanted = effort_runs(&effect, runs, 0, 2 * share * GATE_ERROR / (double)n_gated);
    return wanted > runs ? wanted - runs : 0;
}

static bool is_undecided(const struct compare_row *row) {
    return row->gate != COMPARE_NOT_GATED &&
           (row->finding.verdict == COMPARE_UNDECIDED || row->finding.verdict == COMPARE_UNCONFIRMED);
}

/* Each row's p-value of "not above", among all that are gated: stepped down, which holds whatever depends on
 * what, and up where a side has one run. There the shift that is assumed keeps each p-value away from 0,
 * however large the loss, and a table whose rows have all lost would not be known by any of them. */
static int adjust(struct comparison *comparison) {
    cleanup_free struct step_down_row *claims = calloc(comparison->n_rows + 1, sizeof(*claims));
    cleanup_free double *up = calloc(comparison->n_rows + 1, sizeof(*up));

    if (!claims || !up)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        const struct effect *effect = &row->finding.effect;
        bool gated = !isnan(row->limit) && row->finding.verdict != COMPARE_UNTESTED;

        up[i] = gated ? effect_guard(effect, p_above(row, effect)) : (double)NAN;
        claims[i] = (struct step_down_row){.weight = 1, .difference = up[i], .equivalence = NAN};
    }
    if (step_down(claims, comparison->n_rows) < 0 || step_up(up, comparison->n_rows) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct compare_row *row = &comparison->rows[i];

        row->p_above = compare_is_single(&row->finding) ? up[i] : claims[i].difference_adjusted;
    }
    return 0;
}

const char *gate_outcome_name(enum gate_outcome outcome) {
    static const char *const names[] = {
        [GATE_PASSED] = "passed", [GATE_FAILED] = "failed", [GATE_INCONCLUSIVE] = "inconclusive"};

    return names[outcome];
}

char *gate_sentence(const struct comparison *comparison) {
    const struct compare_gate *gate = comparison->gate;

    if (comparison->n_rows == 0)
        return text_new("Gate %s: nothing was compared", gate_outcome_name(gate->outcome));
    if (gate->n_gated == 0)
        return text_new(
            "Gate %s: nothing that was compared has a limit: give one with --fail-above, or in the "
            "policy",
            gate_outcome_name(gate->outcome));
    return text_new("Gate %s: %zu above the limit, %zu perhaps above it, %zu undecided, %zu not compared%s",
                    gate_outcome_name(gate->outcome), gate->n_failed, gate->n_open, gate->n_undecided,
                    comparison->n_refusals, gate->strict ? " (strict: these fail, too)" : "");
}

static void count(struct comparison *comparison, struct compare_gate *gate) {
    /* Looks at a set of runs spend the gate's error as they spend that of the verdicts. */
    double share = comparison->error / comparison->options.error;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct compare_row *row = &comparison->rows[i];

        row->gate = state_of(row, share);
        gate->n_failed += row->gate == COMPARE_GATE_FAILED;
        gate->n_open += row->gate == COMPARE_GATE_OPEN;
        gate->n_undecided += is_undecided(row);
        gate->n_gated += row->gate != COMPARE_NOT_GATED;
    }
    for (size_t i = 0; i < comparison->n_rows; i++)
        comparison->rows[i].gate_more_runs = runs_that_would_tell(&comparison->rows[i], gate->n_gated, share);
    /* What held nothing to a limit has found nothing: it must not pass. */
    gate->outcome = gate->n_failed > 0                       ? GATE_FAILED
                    : gate->n_open > 0 || gate->n_gated == 0 ? GATE_INCONCLUSIVE
                                                             : GATE_PASSED;
    if (gate->strict &&
        (gate->n_undecided > 0 || gate->n_open > 0 || gate->n_gated == 0 || comparison->n_refusals > 0))
        gate->outcome = GATE_FAILED;
}

int gate_apply(struct comparison *comparison, const struct compare_gate *gate, struct vms_error *error) {
    struct compare_gate *owned = malloc(sizeof(*owned));

    if (!owned) {
        struct compare_gate rules = *gate;

        gate_done(&rules);
        return error_memory(error);
    }
    *owned = *gate;
    comparison->gate = owned;
    for (size_t i = 0; i < comparison->n_rows; i++)
        comparison->rows[i].limit = limit_of(owned, &comparison->rows[i]);
    if (adjust(comparison) < 0)
        return error_memory(error);
    count(comparison, owned);
    return 0;
}
