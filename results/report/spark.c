/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/spark.h"

#include "history/query_row.h"
#include "report/html.h"

#include <math.h>

#define SPARK_COLUMNS 40

void spark_write(FILE *file, const struct trend_line *line) {
    size_t columns = line->n < SPARK_COLUMNS ? line->n : SPARK_COLUMNS;
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < line->n; i++) {
        least = fmin(least, trend_height(line, i));
        most = fmax(most, trend_height(line, i));
    }
    fputs("<svg class=\"spark\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" "
          "aria-hidden=\"true\"><path d=\"",
          file);
    for (size_t i = 0; i < columns; i++) {
        double value = trend_height(line, i * line->n / columns);
        double y = most > least ? 19 - 18 * (value - least) / (most - least) : 10;

        fprintf(file, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                100 * (double)i / (double)(columns > 1 ? columns - 1 : 1), y);
    }
    fputs("\"/></svg>", file);
}

const char *spark_class(const struct trend_line *line, const struct change_point *change) {
    int direction = trend_direction(line, change);

    return direction > 0 ? "slower" : direction < 0 ? "faster" : "other";
}

void spark_write_change(FILE *file, const struct trend_line *line) {
    const struct change_point *newest = trend_newest(line);
    char change[QUERY_CHANGE_SIZE];
    double levels[2];

    if (!newest) {
        fprintf(file, "<td class=\"what\">%s</td>", line->is_searched ? "steady" : "too few runs");
        return;
    }
    trend_levels(line, newest, levels);
    query_change(line->series, levels[0], levels[1], change);
    fprintf(file, "<td class=\"what %s\">", spark_class(line, newest));
    html_text(file, change);
    fputs("<br><small>since ", file);
    html_text(file, line->trend[newest->at].first->run->started_at);
    fputs("</small></td>", file);
}
