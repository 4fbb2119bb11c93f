/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a case: its histories, what changed when, and the newest runs. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/units.h"
#include "history/query_row.h"
#include "record/value.h"
#include "report/html.h"
#include "report/spark.h"
#include "site/site_parts.h"

#include <math.h>
#include <string.h>

#define RUNS_SHOWN 30
#define FACTS_SHOWN 8

static void write_cell(FILE *file, const char *text) {
    fputs("<td class=\"what\">", file);
    html_text(file, text);
    fputs("</td>", file);
}

/* A record's file by its name, which is another's: only one that needs no escape in an address becomes a
 * link. */
static void write_record(FILE *file, const struct site *site, const char *record) {
    bool is_link = site->records && name_is_safe(record);

    if (is_link) {
        fputs("<a href=\"", file);
        html_text(file, site->records);
        html_text(file, record);
        fputs("\">", file);
    }
    html_text(file, record);
    fputs(is_link ? "</a>" : "", file);
}

static int write_change(FILE *file, const struct site *site, const struct trend_line *line,
                        const struct change_point *change, struct vms_error *error) {
    const struct history_point *before = line->trend[change->at - 1].first,
                               *behind = line->trend[change->at].first;
    cleanup_free char *words = NULL;
    char words_of_change[QUERY_CHANGE_SIZE];
    double levels[2];
    int status = trend_facts_words(site->history, line, change, FACTS_SHOWN, &words, error);

    if (status < 0)
        return status;
    trend_levels(line, change, levels);
    query_change(line->series, levels[0], levels[1], words_of_change);
    fprintf(file, "<tr><td class=\"what %s\">", spark_class(line, change));
    html_text(file, words_of_change);
    fputs("</td>", file);
    write_cell(file, behind->run->started_at);
    write_cell(file, *words ? words : "nothing known");
    fputs("<td class=\"what\"><code>vmsuite compare ", file);
    write_record(file, site, before->run->record);
    fputs(" ", file);
    write_record(file, site, behind->run->record);
    fputs("</code></td></tr>\n", file);
    return 0;
}

static int write_changes(FILE *file, const struct site *site, const struct trend_line *line,
                         struct vms_error *error) {
    int status = 0;

    if (line->changes.n == 0) {
        fprintf(file, "<p>%s</p>\n",
                line->is_searched ? "No change was found."
                                  : "There are too few runs for changes to be found.");
        return 0;
    }
    fputs("<div class=\"wide\"><table><caption>Changes, the newest first</caption><thead><tr><th>change</th>"
          "<th class=\"what\">since</th><th class=\"what\">what else changed</th><th "
          "class=\"what\">compare</th></tr>"
          "</thead><tbody>\n",
          file);
    for (size_t i = line->changes.n; status == 0 && i > 0; i--)
        status = write_change(file, site, line, &line->changes.points[i - 1], error);
    fputs("</tbody></table></div>\n", file);
    return status;
}

static void write_run(FILE *file, const struct site *site, const struct history_series *series,
                      const struct history_point *point) {
    double share = 100 * point->sd / fabs(point->mean);
    char value[UNITS_TEXT_SIZE];

    units_format_value(point_figure(point), series->unit, value);
    fputs("<tr>", file);
    write_cell(file, point->run->started_at);
    fputs("<td>", file);
    html_text(file, value);
    if (isfinite(share))
        fprintf(file, "</td><td>%.1f%%</td><td>%u</td>", share, point->trials);
    else
        fprintf(file, "</td><td>-</td><td>%u</td>", point->trials);
    write_cell(file, point->run->label);
    write_cell(file, point->run->kernel);
    write_cell(file, point->run->version);
    fputs("<td class=\"what\">", file);
    write_record(file, site, point->run->record);
    fputs("</td></tr>\n", file);
}

static void write_runs(FILE *file, const struct site *site, const struct trend_line *line) {
    size_t n = line->points.n, shown = n < RUNS_SHOWN ? n : RUNS_SHOWN;

    fprintf(file,
            "<details class=\"data\"><summary>The newest %zu of %zu runs</summary><div "
            "class=\"wide\"><table><thead><tr>"
            "<th>started</th><th>figure</th><th>CV</th><th>trials</th><th class=\"what\">label</th>"
            "<th class=\"what\">kernel</th><th class=\"what\">vmsuite</th><th "
            "class=\"what\">record</th></tr></thead>"
            "<tbody>\n",
            shown, n);
    for (size_t i = 0; i < shown; i++)
        write_run(file, site, line->series, &line->points.points[n - 1 - i]);
    fputs("</tbody></table></div></details>\n", file);
}

static int write_line(FILE *file, const struct site *site, const struct trend_line *line,
                      struct vms_error *error) {
    int status;

    fputs("<section><h2>", file);
    html_text(file, line->points.points->run->configuration);
    fputs("</h2>\n<p>", file);
    html_text(file, line->points.points->run->machine);
    fputs("</p>\n", file);
    status = site_chart(file, line, error);
    if (status == 0)
        status = write_changes(file, site, line, error);
    write_runs(file, site, line);
    fputs("</section>\n", file);
    return status;
}

int site_case(FILE *file, const struct site *site, const struct trend_line *lines, size_t n,
              struct vms_error *error) {
    const struct history_series *series = lines->series;
    int status = 0;

    site_begin(file, series->label);
    fputs("<p>", file);
    html_text(file, series->metric);
    fputs(" of the module ", file);
    html_text(file, series->module);
    fprintf(file, " (%s is better). <a href=\"index.html\">All histories</a></p></header>\n<main>\n",
            value_better_name(series->better));
    for (size_t i = 0; status == 0 && i < n; i++)
        status = write_line(file, site, &lines[i], error);
    fputs("</main>\n", file);
    site_end(file);
    return status == 0 && ferror(file) ? error_set(error, -EIO, "cannot write a page: %s", strerror(errno))
                                       : status;
}
