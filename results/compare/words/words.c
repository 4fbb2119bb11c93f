/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/words/words.h"

#include "base/units.h"

#include <math.h>
#include <string.h>

#define PER_CENT_MAX 0.5 /* larger changes are given as a factor */
#define WIDE 1.5         /* an interval whose end is further off than this factor: its near end is said */
#define DIFFERENT_MIN 0.00005 /* what has no digit left is no difference */
#define SMALL 0.0995          /* below it per cents have a decimal */
#define FAR 100               /* an end that is so many times as far as the figure says no more than that */

/* Two digits that matter: "1.2x", "7.9x", "41x", "2300x". */
static void put_factor(double factor, char ret_text[static WORDS_SIZE]) {
    double step = pow(10, floor(log10(factor)) - 1);

    if (factor < 9.95)
        (void)snprintf(ret_text, WORDS_SIZE, "%.1fx", factor);
    else
        (void)snprintf(ret_text, WORDS_SIZE, "%.0fx", round(factor / step) * step);
}

void words_end(double factor, double figure, char ret_text[static WORDS_SIZE]) {
    double most = FAR * pow(10, floor(log10(fmax(figure, 1))));
    char text[WORDS_SIZE];

    put_factor(fmin(factor, most), text);
    (void)snprintf(ret_text, WORDS_SIZE, "%s%.100s", factor > most ? "over " : "", text);
}

static void put_per_cent(double share, char ret_text[static WORDS_SIZE]) {
    double magnitude = fabs(share);
    int digits = magnitude < 0.000995 ? 2 : magnitude < SMALL ? 1 : 0;

    (void)snprintf(ret_text, WORDS_SIZE, "%.*f%%", digits, 100 * share);
}

void words_share(double share, char ret_text[static WORDS_SIZE]) {
    (void)snprintf(ret_text, WORDS_SIZE, "%.3g%%", 100 * share);
}

/* Whether a loss is given in per cent; else as a factor, where there is one. */
static bool is_per_cent(const struct compare_finding *finding) {
    return fabs(finding->loss) <= PER_CENT_MAX || !(finding->cost > 0) || !isfinite(finding->cost);
}

static bool is_fall_to_0(const struct compare_row *row) {
    return row && row->figures[1].value == 0 && row->figures[0].value > 0;
}

static void put_without_loss(const struct compare_row *row, const struct compare_finding *finding,
                             char ret_text[static WORDS_SIZE]) {
    double baseline = row ? row->figures[0].value : NAN, other = row ? row->figures[1].value : NAN;
    char change[UNITS_TEXT_SIZE];

    if (isnan(finding->effect.estimate)) {
        (void)snprintf(ret_text, WORDS_SIZE, "no figure");
    } else if (baseline == 0 && other > 0) {
        (void)snprintf(ret_text, WORDS_SIZE, "rose from 0");
    } else if (row) {
        units_format_value(fabs(other - baseline), row->metric->unit, change);
        (void)snprintf(ret_text, WORDS_SIZE, "%s %s", change, other < baseline ? "less" : "more");
    } else {
        (void)snprintf(ret_text, WORDS_SIZE, "changed");
    }
}

void words_cost(const struct compare_row *row, const struct compare_finding *finding,
                char ret_text[static WORDS_SIZE]) {
    const char *direction = finding->loss >= 0 ? "slower" : "faster";
    char figure[WORDS_SIZE];

    if (isnan(finding->loss)) {
        put_without_loss(row, finding, ret_text);
        return;
    }
    if (is_fall_to_0(row)) {
        (void)snprintf(ret_text, WORDS_SIZE, "fell to 0");
        return;
    }
    if (fabs(finding->loss) < DIFFERENT_MIN) {
        (void)snprintf(ret_text, WORDS_SIZE, "no difference");
        return;
    }
    if (is_per_cent(finding))
        put_per_cent(fabs(finding->loss), figure);
    else
        put_factor(finding->cost > 1 ? finding->cost : 1 / finding->cost, figure);
    (void)snprintf(ret_text, WORDS_SIZE, "%.60s %s", figure, direction);
}

/* An end of an interval beside a figure that is given as a factor, and goes the same way. */
static void put_cost_end(double cost, double figure, char ret_text[static WORDS_SIZE]) {
    double factor = figure > 1 ? cost : 1 / cost;

    if (factor >= 1)
        words_end(factor, fmax(figure, 1 / figure), ret_text);
    else
        (void)snprintf(ret_text, WORDS_SIZE, "%.2fx", factor);
}

/* Whether an end is too far off for a per cent, or goes the other way than a figure that is given as a
 * factor: then both say which way they go, "[4.9x faster, 12x slower]". */
static bool is_far(const struct compare_finding *finding) {
    bool far = fmax(fabs(finding->loss_ci95[0]), fabs(finding->loss_ci95[1])) > PER_CENT_MAX;
    bool crosses = finding->cost_ci95[0] < 1 && finding->cost_ci95[1] > 1;

    if (finding->scale == COMPARE_DIFFERENCE)
        return far;
    return far && (is_per_cent(finding) || crosses) && finding->cost_ci95[0] > 0;
}

static void put_far_end(const struct compare_finding *finding, double loss,
                        char ret_text[static WORDS_SIZE]) {
    double cost = finding->loss_of_cost ? 1 + loss : 1 / (1 - loss);
    bool same_way = (cost > 1) == (finding->cost > 1);
    char figure[WORDS_SIZE];

    if (fabs(loss) > PER_CENT_MAX && cost > 0 && isfinite(cost))
        words_end(fmax(cost, 1 / cost), same_way ? fmax(finding->cost, 1 / finding->cost) : 1, figure);
    else
        put_per_cent(fabs(loss), figure);
    (void)snprintf(ret_text, WORDS_SIZE, "%.40s %s", figure, loss >= 0 ? "slower" : "faster");
}

void words_interval(const struct compare_finding *finding, char ret_text[static WORDS_SIZE]) {
    bool slower = finding->loss >= 0;
    char ends[2][WORDS_SIZE];

    ret_text[0] = '\0';
    if (isnan(finding->loss_ci95[0]) || isnan(finding->loss_ci95[1]))
        return;
    for (size_t i = 0; i < 2; i++) {
        size_t end = slower ? i : 1 - i;

        if (is_far(finding))
            put_far_end(finding, finding->loss_ci95[end], ends[i]);
        else if (is_per_cent(finding))
            put_per_cent(slower ? finding->loss_ci95[end] : -finding->loss_ci95[end], ends[i]);
        else
            put_cost_end(finding->cost_ci95[end], finding->cost, ends[i]);
    }
    (void)snprintf(ret_text, WORDS_SIZE, "[%.60s, %.60s]", ends[0], ends[1]);
}

/* How far the estimate may be off: in percentage points beside a per cent, relative beside a factor. */
static double half_width(const struct compare_finding *finding) {
    if (is_per_cent(finding))
        return (finding->loss_ci95[1] - finding->loss_ci95[0]) / 2;
    return sqrt(finding->cost_ci95[1] / finding->cost_ci95[0]) - 1;
}

static void put_sure(const struct compare_finding *finding, char ret_text[static WORDS_SIZE]) {
    char figure[WORDS_SIZE];

    put_factor(finding->sure > 1 ? finding->sure : 1 / finding->sure, figure);
    (void)snprintf(ret_text, WORDS_SIZE, "at least %.60s %s", figure,
                   finding->sure > 1 ? "slower" : "faster");
}

static bool is_wide(const struct compare_finding *finding) {
    double sure = finding->sure > 1 ? finding->sure : 1 / finding->sure;
    double cost = finding->cost > 1 ? finding->cost : 1 / finding->cost;

    return finding->scale == COMPARE_RATIO && sure > WIDE && cost / sure > WIDE;
}

/* "1 case fell to 0", "2 cases rose from 0": of a resource that lost cases. */
static bool put_lost_cases(const struct compare_finding *finding, char ret_text[static WORDS_SIZE]) {
    size_t n = finding->fallen + finding->risen;

    if (n > 0)
        (void)snprintf(ret_text, WORDS_SIZE, "%zu case%s %s", n, n == 1 ? "" : "s",
                       finding->risen == 0    ? "fell to 0"
                       : finding->fallen == 0 ? "rose from 0"
                                              : "fell to 0 or rose from it");
    return n > 0;
}

void words_short(const struct compare_row *row, const struct compare_finding *finding, double margin,
                 char ret_text[static WORDS_SIZE]) {
    char cost[WORDS_SIZE], share[WORDS_SIZE];
    double width;

    if (put_lost_cases(finding, ret_text))
        return;
    switch (finding->verdict) {
    case COMPARE_EQUIVALENT:
        words_share(margin, share);
        (void)snprintf(ret_text, WORDS_SIZE, "equal within %.60s", share);
        return;
    case COMPARE_SLOWER:
    case COMPARE_FASTER:
        break;
    case COMPARE_UNTESTED:
        words_cost(row, finding, ret_text);
        return;
    default:
        (void)snprintf(ret_text, WORDS_SIZE, "%s", compare_verdict_name(finding->verdict));
        return;
    }
    if (is_wide(finding)) {
        put_sure(finding, ret_text);
        return;
    }
    words_cost(row, finding, cost);
    width = half_width(finding);
    if (!isfinite(width) || is_fall_to_0(row)) {
        (void)snprintf(ret_text, WORDS_SIZE, "%s", cost);
        return;
    }
    put_per_cent(fmax(width, 0.001), share);
    (void)snprintf(ret_text, WORDS_SIZE, "%.70s ±%.60s", cost, share);
}

/* ", 2 more runs of each would tell"; "" for 0. */
static void put_more(size_t runs, char ret_text[static WORDS_SIZE]) {
    *ret_text = '\0';
    if (runs > 0)
        (void)snprintf(ret_text, WORDS_SIZE, ", %zu more run%s of each would tell", runs,
                       runs == 1 ? "" : "s");
}

static void put_open(const struct compare_row *row, const struct compare_finding *finding,
                     char ret_text[static WORDS_SIZE]) {
    char cost[WORDS_SIZE], interval[WORDS_SIZE], more[WORDS_SIZE];

    words_cost(row, finding, cost);
    words_interval(finding, interval);
    put_more(finding->more_runs, more);
    if (finding->reason)
        (void)snprintf(ret_text, WORDS_SIZE, "%s: %.80s", compare_verdict_name(finding->verdict),
                       finding->reason);
    else
        (void)snprintf(ret_text, WORDS_SIZE, "%s: %.40s%s%.48s%.48s", compare_verdict_name(finding->verdict),
                       cost, *interval ? " " : "", interval, more);
}

/* Of a resource that lost cases, with what the others say. */
static void put_lost_and_others(const struct compare_finding *finding, double margin,
                                char ret_text[static WORDS_SIZE]) {
    struct compare_finding others = *finding;
    char lost[WORDS_SIZE], words[WORDS_SIZE];

    others.verdict = finding->others;
    others.fallen = others.risen = 0;
    (void)put_lost_cases(finding, lost);
    words_long(NULL, &others, margin, words);
    (void)snprintf(ret_text, WORDS_SIZE, "%.50s%s%.90s", lost,
                   isnan(others.loss) ? "" : "; the others: ", isnan(others.loss) ? "" : words);
}

void words_long(const struct compare_row *row, const struct compare_finding *finding, double margin,
                char ret_text[static WORDS_SIZE]) {
    char cost[WORDS_SIZE], interval[WORDS_SIZE];

    if (finding->fallen + finding->risen > 0) {
        put_lost_and_others(finding, margin, ret_text);
        return;
    }
    if (finding->verdict == COMPARE_UNDECIDED || finding->verdict == COMPARE_UNCONFIRMED) {
        put_open(row, finding, ret_text);
        return;
    }
    if (finding->verdict == COMPARE_EQUIVALENT || is_wide(finding)) {
        words_short(row, finding, margin, cost);
    } else {
        words_cost(row, finding, cost);
    }
    words_interval(finding, interval);
    if (is_fall_to_0(row)) /* there is no less */
        interval[0] = '\0';
    (void)snprintf(ret_text, WORDS_SIZE, "%.60s%s%.60s", cost, *interval ? " " : "", interval);
}

void words_figure(const struct compare_row *row, size_t side, char ret_text[static WORDS_SIZE]) {
    char text[UNITS_TEXT_SIZE] = "n/a";

    if (isfinite(row->figures[side].value))
        units_format_value(row->figures[side].value, row->metric->unit, text);
    (void)snprintf(ret_text, WORDS_SIZE, "%s", text);
}

void words_gate(const struct compare_row *row, char ret_text[static WORDS_SIZE]) {
    char limit[WORDS_SIZE], more[WORDS_SIZE];

    *ret_text = '\0';
    if (row->gate != COMPARE_GATE_FAILED && row->gate != COMPARE_GATE_OPEN)
        return;
    words_share(row->limit, limit);
    put_more(row->gate_more_runs, more);
    (void)snprintf(ret_text, WORDS_SIZE, ", %sabove the limit of %.30s%.60s",
                   row->gate == COMPARE_GATE_OPEN ? "perhaps " : "", limit, more);
}
