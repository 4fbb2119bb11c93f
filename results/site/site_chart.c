/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history as a drawing: few columns however many runs there are, each from its least figure to its
 * greatest. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "report/html.h"
#include "report/spark.h"
#include "site/site_parts.h"

#include <math.h>

#define COLUMNS 360
#define HEIGHT 100.0

struct column {
    double least, most, sum;
    size_t n;
};

struct chart {
    struct column columns[COLUMNS];
    size_t n_columns, n_points;
    double least, most; /* of all */
};

static double x_of(const struct chart *chart, double point) {
    return (double)COLUMNS * (point + 0.5) / (double)chart->n_points;
}

static double y_of(const struct chart *chart, double figure) {
    double span = chart->most - chart->least;

    return span > 0 ? HEIGHT - 5 - (HEIGHT - 10) * (figure - chart->least) / span : HEIGHT / 2;
}

static void fill(struct chart *chart, const struct history_points *points) {
    *chart = (struct chart){.n_points = points->n, .least = INFINITY, .most = -INFINITY};
    chart->n_columns = points->n < COLUMNS ? points->n : COLUMNS;
    for (size_t i = 0; i < points->n; i++) {
        struct column *column = &chart->columns[i * chart->n_columns / points->n];
        double figure = point_figure(&points->points[i]);

        if (!isfinite(figure))
            continue;
        column->least = column->n == 0 ? figure : fmin(column->least, figure);
        column->most = column->n == 0 ? figure : fmax(column->most, figure);
        column->sum += figure;
        column->n++;
        chart->least = fmin(chart->least, figure);
        chart->most = fmax(chart->most, figure);
    }
}

static double middle_of(const struct chart *chart, size_t column) {
    return (double)COLUMNS * ((double)column + 0.5) / (double)chart->n_columns;
}

static void write_band(FILE *file, const struct chart *chart) {
    fputs("<path class=\"band\" d=\"", file);
    for (size_t i = 0; i < chart->n_columns; i++)
        if (chart->columns[i].n > 0)
            fprintf(file, "M%.1f %.1fV%.1f", middle_of(chart, i), y_of(chart, chart->columns[i].least) + 0.5,
                    y_of(chart, chart->columns[i].most) - 0.5);
    fputs("\"/><path class=\"line\" d=\"", file);
    for (size_t i = 0, first = 1; i < chart->n_columns; i++) {
        const struct column *column = &chart->columns[i];

        if (column->n == 0)
            continue;
        fprintf(file, "%c%.1f %.1f", first ? 'M' : 'L', middle_of(chart, i),
                y_of(chart, column->sum / (double)column->n));
        first = 0;
    }
    fputs("\"/>", file);
}

/* A change's place among all runs: that of its first. */
static double place_of(const struct trend_line *line, const struct change_point *change) {
    return (double)(line->trend[change->at].first - line->points.points);
}

static void write_changes(FILE *file, const struct chart *chart, const struct trend_line *line) {
    for (size_t i = 0; i < line->changes.n; i++) {
        const struct change_point *change = &line->changes.points[i];

        fprintf(file, "<path class=\"%s\" d=\"M%.1f 0V%.0f\"/>", spark_class(line, change),
                x_of(chart, place_of(line, change) - 0.5), HEIGHT);
    }
}

int site_chart(FILE *file, const struct trend_line *line, struct vms_error *error) {
    cleanup_free struct chart *chart = calloc(1, sizeof(*chart));
    char least[UNITS_TEXT_SIZE], most[UNITS_TEXT_SIZE];

    if (!chart)
        return error_memory(error);
    fill(chart, &line->points);
    if (!(chart->least <= chart->most))
        return 0;
    units_format_value(chart->least, line->series->unit, least);
    units_format_value(chart->most, line->series->unit, most);
    fputs("<div class=\"chart\"><span>", file);
    html_text(file, most);
    fprintf(
        file,
        "</span><svg viewBox=\"0 0 %d %.0f\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"from ",
        COLUMNS, HEIGHT);
    html_text(file, least);
    fputs(" to ", file);
    html_text(file, most);
    fputs("\">", file);
    write_changes(file, chart, line);
    write_band(file, chart);
    fputs("</svg><span>", file);
    html_text(file, least);
    fputs("</span><p><time>", file);
    html_text(file, line->points.points[0].run->started_at);
    fputs("</time><time>", file);
    html_text(file, line->points.points[line->points.n - 1].run->started_at);
    fputs("</time></p></div>\n", file);
    return 0;
}
