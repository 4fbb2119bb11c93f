/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/trend.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

/* The point that the run belongs to; NULL: a new one. Runs of a commit mostly follow each other. */
static struct trend_point *find_point(struct trend_line *line, const struct history_point *point,
                                      enum history_by by) {
    for (size_t i = line->n; i > 0; i--)
        if (history_is_common(line->trend[i - 1].first->run, point->run, by))
            return &line->trend[i - 1];
    return NULL;
}

static void drop_oldest(struct trend_line *line, size_t last) {
    size_t n = line->n > last ? line->n - last : 0;

    memmove(line->trend, line->trend + n, (line->n - n) * sizeof(*line->trend));
    line->n -= n;
}

/* Lower figures, and half of those that are as high. */
static double rank_of(const struct trend_line *line, double figure) {
    double rank = 0;

    for (size_t i = 0; i < line->n; i++)
        rank += line->trend[i].figure < figure ? 1 : line->trend[i].figure > figure ? 0 : 0.5;
    return rank;
}

static void find_figures(struct trend_line *line) {
    line->has_logs = true;
    for (size_t i = 0; i < line->n; i++) {
        struct trend_point *point = &line->trend[i];

        line->has_logs &= isfinite(point->log);
        point->figure = isfinite(point->log) ? exp(point->log) : point->figure;
    }
}

static int gather(struct trend_line *line, const struct trend_options *options) {
    line->trend = calloc(line->points.n + 1, sizeof(*line->trend));
    if (!line->trend)
        return -ENOMEM;
    for (size_t i = 0; i < line->points.n; i++) {
        const struct history_point *point = &line->points.points[i];
        double figure = point_figure(point);
        struct trend_point *trend;

        if (!isfinite(figure))
            continue;
        trend = find_point(line, point, options->by);
        if (!trend) {
            trend = &line->trend[line->n++];
            trend->first = point;
        }
        trend->log += (point->log - trend->log) / (double)++trend->n_runs;
        trend->figure += (figure - trend->figure) / (double)trend->n_runs;
    }
    drop_oldest(line, options->last);
    find_figures(line);
    line->is_searched = line->n >= CHANGE_POINT_POINTS_MIN;
    return 0;
}

static int add_line(struct trend *trend, const struct history_series *series,
                    const struct history_points *points, size_t first, size_t n, struct vms_error *error) {
    struct trend_line *grown = reallocarray(trend->lines, trend->n_lines + 1, sizeof(*grown));
    struct trend_line *line;

    if (!grown)
        return error_memory(error);
    trend->lines = grown;
    line = &grown[trend->n_lines];
    *line = (struct trend_line){.series = series};
    line->points.points = points->points + first; /* the arena's, which the last line of a series owns */
    line->points.n = n;
    trend->n_lines++;
    if (gather(line, &trend->options) < 0)
        return error_memory(error);
    trend->n_searched += line->is_searched;
    return 0;
}

static bool is_wanted(const struct trend_options *options, const struct history_series *series,
                      const struct history_run *run) {
    for (size_t i = 0; i < options->n_wanted; i++)
        if (options->wanted[i].work == series->work &&
            strcmp(options->wanted[i].configuration, run->configuration) == 0 &&
            strcmp(options->wanted[i].machine, run->machine) == 0)
            return true;
    return options->wanted == NULL;
}

/* The histories of a series: one for each configuration and kind of machine. */
static int add_series(struct trend *trend, struct history *history, const struct history_series *series,
                      struct vms_error *error) {
    size_t n_before = trend->n_lines, count;
    struct history_points points;
    int status = history_points_read(history, &trend->list, series->id, &points, error);

    for (size_t first = 0; status == 0 && first < points.n; first += count) {
        count = history_points_stretch(&points, first);
        if (is_wanted(&trend->options, series, points.points[first].run))
            status = add_line(trend, series, &points, first, count, error);
    }
    if (trend->n_lines > n_before)
        trend->lines[trend->n_lines - 1].points.arena = points.arena;
    else
        history_points_done(&points);
    return status;
}

/* Figures are searched as logarithms; where one has none, because a rate fell to 0 or a loss was 0, as ranks,
 * so that neither 0 nor the largest outweighs the others. */
static int search_line(struct trend *trend, struct trend_line *line) {
    cleanup_free double *figures = calloc(line->n + 1, sizeof(*figures));

    if (!figures)
        return -ENOMEM;
    for (size_t i = 0; i < line->n; i++)
        figures[i] = line->has_logs ? line->trend[i].log : rank_of(line, line->trend[i].figure);
    return change_points_find(figures, line->n, trend->options.error / (double)trend->n_searched,
                              trend->options.seed, &line->changes);
}

int trend_find(struct history *history, const struct trend_options *options, struct trend *ret_trend,
               struct vms_error *error) {
    int status;

    *ret_trend = (struct trend){.options = *options};
    status = history_list_read(history, &options->choice, &ret_trend->list, error);
    for (size_t i = 0; status == 0 && i < ret_trend->list.n; i++)
        status = add_series(ret_trend, history, &ret_trend->list.series[i], error);
    for (size_t i = 0; status == 0 && i < ret_trend->n_lines; i++) {
        struct trend_line *line = &ret_trend->lines[i];

        if (line->is_searched && search_line(ret_trend, line) < 0)
            return error_memory(error);
        ret_trend->n_worse +=
            trend_is_recent(ret_trend, line) && trend_direction(line, trend_newest(line)) > 0;
    }
    return status;
}

enum trend_gate trend_gate(const struct trend *trend) {
    return trend->n_worse > 0                                          ? TREND_FAILED
           : trend->n_searched < trend->n_lines || trend->n_lines == 0 ? TREND_INCONCLUSIVE
                                                                       : TREND_PASSED;
}

void trend_done(struct trend *trend) {
    for (size_t i = 0; i < trend->n_lines; i++) {
        history_points_done(&trend->lines[i].points);
        free(trend->lines[i].trend);
    }
    free(trend->lines);
    history_list_done(&trend->list);
}

double trend_height(const struct trend_line *line, size_t point) {
    return line->has_logs ? line->trend[point].log : line->trend[point].figure;
}

static double mean_figure(const struct trend_line *line, size_t first, size_t end) {
    double sum = 0;

    for (size_t i = first; i < end; i++)
        sum += line->trend[i].figure;
    return sum / (double)(end - first);
}

void trend_levels(const struct trend_line *line, const struct change_point *change,
                  double ret_levels[static 2]) {
    size_t index = (size_t)(change - line->changes.points);

    if (line->has_logs) {
        ret_levels[0] = 1;
        ret_levels[1] = exp(change->difference);
        return;
    }
    ret_levels[0] = mean_figure(line, index == 0 ? 0 : change[-1].at, change->at);
    ret_levels[1] = mean_figure(line, change->at, index + 1 == line->changes.n ? line->n : change[1].at);
}

double trend_loss(const struct trend_line *line, const struct change_point *change) {
    double levels[2];

    trend_levels(line, change, levels);
    return series_loss(line->series, levels[0], levels[1]);
}

int trend_direction(const struct trend_line *line, const struct change_point *change) {
    double levels[2];
    int up;

    trend_levels(line, change, levels);
    up = (levels[1] > levels[0]) - (levels[1] < levels[0]);
    return line->series->better == VMS_LOWER ? up : line->series->better == VMS_HIGHER ? -up : 0;
}

const struct change_point *trend_newest(const struct trend_line *line) {
    return line->changes.n > 0 ? &line->changes.points[line->changes.n - 1] : NULL;
}

bool trend_is_recent(const struct trend *trend, const struct trend_line *line) {
    const struct change_point *newest = trend_newest(line);

    return newest && newest->at + trend->options.recent >= line->n;
}
