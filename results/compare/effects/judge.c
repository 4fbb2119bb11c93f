/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From effects to verdicts: one list of claims over the whole comparison. */
#include "compare/effects/effects.h"

#include "base/cleanup.h"
#include "compare/collect/rounds.h"
#include "stats/effects/effort.h"
#include "stats/effects/step_down.h"

#include <math.h>
#include <string.h>

/* The answer is the row's own: one hypothesis, tested once. */
static struct compare_answer *find_own_answer(struct comparison *comparison, const struct compare_row *row) {
    for (size_t i = 0; row->headline && i < comparison->n_answers; i++) {
        struct compare_answer *answer = &comparison->answers[i];

        if (answer->n_cases == 1 && answer->other == row->other &&
            strcmp(answer->resource, compare_resource(row)) == 0)
            return answer;
    }
    return NULL;
}

/* Resources share a part of the error, cases the rest. */
static void weigh(struct comparison *comparison) {
    struct step_down_share share;
    bool single = false;
    size_t n_rows = 0;

    for (size_t i = 0; i < comparison->n_sides; i++)
        single |= comparison->sides[i].n_runs < 2;
    for (size_t i = 0; i < comparison->n_rows; i++)
        n_rows += comparison->rows[i].finding.weight > 0;
    share = step_down_share(comparison->n_answers, n_rows, single);
    for (size_t i = 0; i < comparison->n_answers; i++)
        comparison->answers[i].finding.weight = comparison->answers[i].n_cases == 1 ? 0 : share.answer;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct compare_row *row = &comparison->rows[i];

        if (row->finding.weight > 0)
            row->finding.weight = share.row + (find_own_answer(comparison, row) ? share.answer : 0);
    }
}

/* In the unit of the effect: of the metric, where there is no ratio. */
static double margin_of(const struct comparison *comparison, const struct compare_finding *finding,
                        double baseline) {
    return finding->scale == COMPARE_DIFFERENCE ? comparison->options.margin * fabs(baseline)
                                                : log1p(comparison->options.margin);
}

static double p_equivalence(const struct compare_finding *finding, double margin) {
    if (finding->scale == COMPARE_IDENTICAL)
        return 0;
    if (isnan(finding->effect.estimate) || isnan(finding->effect.variance) || !(margin > 0) ||
        (finding->scale == COMPARE_DIFFERENCE && compare_is_single(finding)))
        return NAN;
    return effect_p_equivalence(&finding->effect, margin);
}

static struct step_down_row claim(const struct compare_finding *finding, double margin) {
    const struct effect *effect = &finding->effect;
    struct step_down_row row = {
        .weight = finding->weight, .difference = NAN, .equivalence = NAN, .beyond = NAN};

    if (finding->weight > 0) {
        row.difference = effect_guard(effect, finding->p);
        row.equivalence = effect_guard(effect, p_equivalence(finding, margin));
        /* Where runs show how far they differ. */
        if (finding->scale == COMPARE_RATIO && effect->unknown == 0)
            row.beyond = effect_guard(effect, effect_p_beyond(effect, margin));
    }
    return row;
}

static const char *reason_of(const struct compare_finding *finding) {
    if (isnan(finding->p) && finding->scale == COMPARE_DIFFERENCE)
        return compare_is_single(finding)
                   ? "one run of each says nothing about figures that are 0 or negative"
                   : "runs that all gave the same figure do not show how far they may differ";
    if (isnan(finding->effect.estimate))
        return "no case has a figure in every run";
    if (isnan(finding->p))
        return "one trial of one run shows no noise";
    return NULL;
}

static void decide(struct compare_finding *finding, double margin, double error,
                   const struct step_down_row *claimed) {
    size_t runs = finding->runs[0] < finding->runs[1] ? finding->runs[0] : finding->runs[1], wanted;

    finding->p_difference = claimed->difference_adjusted;
    finding->p_equivalence = claimed->equivalence_adjusted;
    finding->sure = NAN;
    if (!(finding->weight > 0)) {
        finding->verdict = COMPARE_UNTESTED;
    } else if (finding->p_equivalence <= error) {
        finding->verdict = COMPARE_EQUIVALENT;
    } else if (finding->p_difference <= error) {
        finding->verdict = finding->effect.estimate > 0 ? COMPARE_SLOWER : COMPARE_FASTER;
        finding->sure = finding->cost_ci95[finding->effect.estimate > 0 ? 0 : 1];
    } else {
        finding->verdict = compare_is_single(finding) ? COMPARE_UNCONFIRMED : COMPARE_UNDECIDED;
        finding->reason = reason_of(finding);
        wanted = finding->scale == COMPARE_RATIO
                     ? effort_runs(&finding->effect, runs, margin, error * finding->weight)
                     : 0;
        finding->more_runs = wanted > runs ? wanted - runs : 0;
    }
}

static struct compare_finding *finding_at(struct comparison *comparison, size_t index) {
    return index < comparison->n_rows ? &comparison->rows[index].finding
                                      : &comparison->answers[index - comparison->n_rows].finding;
}

static double baseline_at(const struct comparison *comparison, size_t index) {
    return index < comparison->n_rows ? comparison->rows[index].figures[0].value : 1;
}

/* A resource of which a case is lost has become worse, whatever its other cases say: that case is not in
 * their mean. */
static void note_lost_cases(const struct comparison *comparison, struct compare_answer *answer) {
    struct compare_finding *finding = &answer->finding;

    finding->fallen = finding->risen = 0;
    for (size_t i = 0; answer->n_cases > 1 && i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (row->other != answer->other || !row->headline || !(row->finding.weight > 0) ||
            row->finding.scale != COMPARE_DIFFERENCE || row->finding.verdict != COMPARE_SLOWER ||
            strcmp(compare_resource(row), answer->resource) != 0)
            continue;
        finding->fallen += row->figures[1].value == 0;
        finding->risen += row->figures[0].value == 0;
    }
    finding->others = finding->verdict;
    if (finding->fallen + finding->risen > 0)
        finding->verdict = COMPARE_SLOWER;
}

/* The verdicts of all claims that were stepped down, at an error. */
static void decide_all(struct comparison *comparison, const struct step_down_row *claims, double error) {
    comparison->error = error;
    for (size_t i = 0; i < comparison->n_rows + comparison->n_answers; i++) {
        struct compare_finding *finding = finding_at(comparison, i);

        decide(finding, margin_of(comparison, finding, baseline_at(comparison, i)), error, &claims[i]);
    }
    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct compare_answer *answer = find_own_answer(comparison, &comparison->rows[i]);

        if (answer && comparison->rows[i].finding.weight > 0)
            answer->finding = comparison->rows[i].finding;
    }
    for (size_t i = 0; i < comparison->n_answers; i++)
        note_lost_cases(comparison, &comparison->answers[i]);
}

bool compare_is_sure(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_answers; i++) {
        enum compare_verdict verdict = comparison->answers[i].finding.verdict;

        if (verdict == COMPARE_UNDECIDED || verdict == COMPARE_UNCONFIRMED || verdict == COMPARE_UNTESTED)
            return false;
    }
    return comparison->n_answers > 0;
}

int compare_judge(struct comparison *comparison) {
    size_t n = comparison->n_rows + comparison->n_answers;
    cleanup_free struct step_down_row *claims = calloc(n + 1, sizeof(*claims));
    double errors[2];

    if (!claims)
        return -ENOMEM;
    weigh(comparison);
    for (size_t i = 0; i < n; i++) {
        const struct compare_finding *finding = finding_at(comparison, i);

        claims[i] = claim(finding, margin_of(comparison, finding, baseline_at(comparison, i)));
    }
    if (step_down(claims, n) < 0)
        return -ENOMEM;
    rounds_errors(comparison, errors);
    decide_all(comparison, claims, errors[0]);
    if (errors[1] > errors[0] && !compare_is_sure(comparison))
        decide_all(comparison, claims, errors[1]);
    return 0;
}
