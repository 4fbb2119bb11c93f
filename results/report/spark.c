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
        least = fmin(least, line->trend[i].log);
        most = fmax(most, line->trend[i].log);
    }
    fputs("<svg class=\"spark\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" "
          "aria-hidden=\"true\"><path d=\"",
          file);
    for (size_t i = 0; i < columns; i++) {
        double value = line->trend[i * line->n / columns].log;
        double y = most > least ? 19 - 18 * (value - least) / (most - least) : 10;

        fprintf(file, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                100 * (double)i / (double)(columns > 1 ? columns - 1 : 1), y);
    }
    fputs("\"/></svg>", file);
}

void spark_write_change(FILE *file, const struct trend_line *line) {
    const struct change_point *newest = trend_newest(line);
    char change[32];

    if (!newest) {
        fprintf(file, "<td class=\"what\">%s</td>", line->is_searched ? "steady" : "too few runs");
        return;
    }
    query_change(line->series, trend_loss(line, newest), change);
    fprintf(file, "<td class=\"what %s\">", trend_loss(line, newest) > 0 ? "slower" : "faster");
    html_text(file, change);
    fputs("<br><small>since ", file);
    html_text(file, line->trend[newest->at].first->run->started_at);
    fputs("</small></td>", file);
}
