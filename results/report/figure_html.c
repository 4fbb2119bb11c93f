/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure on the page: the drawing, its specification, and the same data as a table. */
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/units.h"
#include "report/html.h"
#include "report/report_parts.h"

static void write_value(FILE *file, const struct figure *figure, const json_t *value) {
    char text[UNITS_TEXT_SIZE];
    enum vms_unit unit;

    if (!json_is_number(value)) {
        fputs("<td>n/a</td>", file);
        return;
    }
    if (figure->kind == FIGURE_OVERHEAD || (figure->y_format && figure->y_format[0] == '+'))
        (void)snprintf(text, sizeof(text), "%+.1f%%", 100 * json_number_value(value));
    else if (figure->y_format)
        (void)snprintf(text, sizeof(text), "%.1f%%", 100 * json_number_value(value));
    else if (figure->y_title)
        (void)snprintf(text, sizeof(text), "%.1f %s", json_number_value(value), figure->y_title);
    else if (units_from_name(figure->unit, &unit) == 0)
        units_format_value(json_number_value(value), unit, text);
    else
        (void)snprintf(text, sizeof(text), "%.4g", json_number_value(value));
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

static void write_table(FILE *file, const struct figure *figure) {
    bool intervals = has_intervals(figure);
    const json_t *row;
    size_t index;

    fputs("<details><summary>The figure as a table</summary><div class=\"wide\"><table><caption>", file);
    html_text(file, figure->title);
    fputs("</caption><thead><tr><th scope=\"col\">configuration</th><th scope=\"col\">", file);
    html_text(file, *figure->x_title ? figure->x_title : "what");
    fprintf(file, "</th><th scope=\"col\">value</th>%s</tr></thead>\n<tbody>\n",
            intervals ? "<th scope=\"col\">from</th><th scope=\"col\">to (95%)</th><th scope=\"col\">n</th>"
                      : "");
    json_array_foreach (figure->rows, index, row) {
        fputs("<tr><th scope=\"row\">", file);
        html_text(file, json_string_value(json_object_get(row, "series")));
        fputs("</th><td class=\"what\">", file);
        html_text(file, json_string_value(json_object_get(row, "x_text")));
        fputs("</td>", file);
        write_value(file, figure, json_object_get(row, "value"));
        if (intervals) {
            write_value(file, figure, json_object_get(row, "low"));
            write_value(file, figure, json_object_get(row, "high"));
            fprintf(file, "<td>%lld</td>", (long long)json_integer_value(json_object_get(row, "n")));
        }
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div></details>\n", file);
}

void report_figure(FILE *file, const struct figure *figure) {
    json_t *spec = figure_spec(figure);
    cleanup_free char *text = json_dumps(spec, JSON_COMPACT | JSON_REAL_PRECISION(17));

    fprintf(file, "<figure id=\"%s\"><figcaption>", figure->id);
    html_element(file, "h3", figure->title);
    html_element(file, "p", figure->caption);
    fprintf(file, "</figcaption>\n<div class=\"drawing\" data-figure=\"%s-spec\"></div>\n", figure->id);
    fprintf(file, "<script type=\"application/json\" id=\"%s-spec\">", figure->id);
    if (text)
        escape_write(file, ESCAPE_SCRIPT, text);
    fputs("</script>\n", file);
    write_table(file, figure);
    fputs("</figure>\n", file);
    json_decref(spec);
}
