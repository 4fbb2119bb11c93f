/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure on the page: the drawing, its specification, and the same data as a table. */
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/units.h"
#include "record/text/json_writer.h"
#include "report/html.h"
#include "report/report_parts.h"
#include "report/spec.h"

static void write_value(FILE *file, const struct figure *figure, const json_t *value) {
    char text[UNITS_TEXT_SIZE];
    enum vms_unit unit;

    if (!json_is_number(value)) {
        fputs("<td>n/a</td>", file);
        return;
    }
    if (figure->y_format && figure->y_format[0] == '+')
        (void)snprintf(text, sizeof(text), "%+.1f%%", 100 * json_number_value(value));
    else if (figure->y_format)
        (void)snprintf(text, sizeof(text), "%.1f%%", 100 * json_number_value(value));
    else if (figure->y_title)
        (void)snprintf(text, sizeof(text), "%.1f %s", json_number_value(value), figure->y_title);
    else if (units_from_name(figure->unit, &unit) == 0)
        units_format_value(json_number_value(value), unit, text);
    else
        units_format_number(json_number_value(value), 4, text);
    fputs("<td>", file);
    html_text(file, text);
    fputs("</td>", file);
}

/* Whether any row has an interval. */
static bool has_intervals(const struct figure *figure) {
    const json_t *row;
    size_t index;

    json_array_foreach (figure->rows, index, row)
        if (json_is_number(json_object_get(row, "low")))
            return true;
    return false;
}

/* What a row says: of a ratio the words that are used everywhere, else the figure with its interval. */
static void write_cells(FILE *file, const struct figure *figure, const json_t *row, bool intervals) {
    const char *words = json_string_value(json_object_get(row, "words"));

    if (words) {
        fputs("<td class=\"what\">", file);
        html_text(file, words);
        fputs("</td>", file);
        return;
    }
    write_value(file, figure, json_object_get(row, "value"));
    if (intervals) {
        write_value(file, figure, json_object_get(row, "low"));
        write_value(file, figure, json_object_get(row, "high"));
        fprintf(file, "<td>%lld</td>", (long long)json_integer_value(json_object_get(row, "n")));
    }
}

static void write_head(FILE *file, const struct figure *figure, bool intervals) {
    fputs("<details class=\"data\"><summary>The figure as a table</summary><div "
          "class=\"wide\"><table><caption>",
          file);
    html_text(file, figure->title);
    fputs("</caption><thead><tr><th scope=\"col\">configuration</th><th scope=\"col\">", file);
    if (figure->kind == FIGURE_RATIOS) {
        fputs("what</th><th scope=\"col\" class=\"what\">cost [95% interval]</th></tr></thead>\n<tbody>\n",
              file);
        return;
    }
    html_text(file, *figure->x_title ? figure->x_title : "what");
    fprintf(file, "</th><th scope=\"col\">value</th>%s</tr></thead>\n<tbody>\n",
            intervals ? "<th scope=\"col\">from</th><th scope=\"col\">to (95%)</th><th scope=\"col\">n</th>"
                      : "");
}

static void write_table(FILE *file, const struct figure *figure) {
    bool intervals = has_intervals(figure);
    const json_t *row;
    size_t index;

    write_head(file, figure, intervals);
    json_array_foreach (figure->rows, index, row) {
        fputs("<tr><th scope=\"row\">", file);
        html_text(file, json_string_value(json_object_get(row, "series")));
        fputs("</th><td class=\"what\">", file);
        html_text(file, json_string_value(json_object_get(row, "x_text")));
        fputs("</td>", file);
        write_cells(file, figure, row, intervals);
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div></details>\n", file);
}

/* Ids of the page are numbers, so that no text of a record is one. */
void report_figure(FILE *file, const struct report *report, const struct figure *figure) {
    size_t number = (size_t)(figure - report->figures.figures) + 1;
    json_auto_t *spec = figure_spec(figure);
    cleanup_free char *text = json_line(spec);

    fprintf(file, "<figure id=\"figure-%zu\" data-name=\"%s\"><figcaption>", number, figure->id);
    html_element(file, "h3", figure->title);
    html_element(file, "p", figure->caption);
    fprintf(file, "</figcaption>\n<div class=\"drawing\" data-figure=\"specification-%zu\"></div>\n", number);
    fprintf(file, "<script type=\"application/json\" id=\"specification-%zu\">", number);
    if (text)
        escape_write(file, ESCAPE_SCRIPT, text);
    fputs("</script>\n", file);
    write_table(file, figure);
    fputs("</figure>\n", file);
}
