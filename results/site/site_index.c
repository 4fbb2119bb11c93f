/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first page: every history in a row, with a search. */
#include "base/error.h"
#include "base/units.h"
#include "history/query_row.h"
#include "report/html.h"
#include "report/spark.h"
#include "site/site_parts.h"

#include <math.h>
#include <string.h>

static void write_row(FILE *file, const struct trend_line *line) {
    char name[SITE_NAME_SIZE], value[UNITS_TEXT_SIZE];

    site_name(line->series, name);
    (void)snprintf(value, sizeof(value), "-");
    if (line->n > 0)
        units_format_value(line->trend[line->n - 1].figure, line->series->unit, value);
    fprintf(file, "<tr><th class=\"what\" scope=\"row\"><a href=\"%s\">", name);
    html_text(file, line->series->label);
    fputs("</a><br><small>", file);
    html_text(file, line->series->metric);
    fputs("</small></th><td class=\"what\">", file);
    html_text(file, line->points.points->run->configuration);
    fputs("<br><small>", file);
    html_text(file, line->points.points->run->machine);
    fprintf(file, "</small></td><td class=\"runs\">%zu</td><td>", line->points.n);
    html_text(file, value);
    fputs("</td>", file);
    spark_write_change(file, line);
    fputs("<td class=\"spark\">", file);
    spark_write(file, line);
    fputs("</td></tr>\n", file);
}

/* From when to when, and how many changed. */
static void write_summary(FILE *file, const struct trend *trend) {
    const char *first = NULL, *last = NULL;
    size_t changed = 0;

    for (size_t i = 0; i < trend->n_lines; i++) {
        const struct history_points *points = &trend->lines[i].points;
        const char *begin = points->points[0].run->started_at,
                   *end = points->points[points->n - 1].run->started_at;

        first = !first || strcmp(begin, first) < 0 ? begin : first;
        last = !last || strcmp(end, last) > 0 ? end : last;
        changed += trend->lines[i].changes.n > 0;
    }
    fprintf(file, "<p>%zu %s", trend->n_lines, trend->n_lines == 1 ? "history" : "histories");
    if (first) {
        fputs(", ", file);
        html_text(file, first);
        fputs(" to ", file);
        html_text(file, last);
    }
    fprintf(file, "; %zu changed.</p></header>\n", changed);
}

int site_index(FILE *file, const struct site *site, struct vms_error *error) {
    const char *resource = "";

    site_begin(file, "What was measured, run after run");
    write_summary(file, site->trend);
    fputs("<main>\n<p class=\"search\" hidden><label>Search <input type=\"search\" id=\"search\" "
          "autocomplete=\"off\" "
          "placeholder=\"case, configuration, machine, slower\"></label> <output id=\"found\"></output></p>\n"
          "<div class=\"wide\"><table id=\"histories\"><thead><tr><th>case</th><th "
          "class=\"what\">configuration</th>"
          "<th>runs</th><th>latest</th><th class=\"what\">newest change</th><th "
          "class=\"what\">history</th></tr></thead>\n",
          file);
    for (size_t i = 0; i < site->trend->n_lines; i++) {
        const struct trend_line *line = &site->trend->lines[i];

        if (strcmp(line->series->resource, resource) != 0) {
            fprintf(file, "%s<tbody><tr><th class=\"resource\" colspan=\"6\">", *resource ? "</tbody>" : "");
            html_text(file, line->series->resource);
            fputs("</th></tr>\n", file);
            resource = line->series->resource;
        }
        write_row(file, line);
    }
    fputs(*resource ? "</tbody></table></div>\n</main>\n" : "</table></div>\n</main>\n", file);
    site_end(file);
    return ferror(file) ? error_set(error, -EIO, "cannot write the index: %s", strerror(errno)) : 0;
}
