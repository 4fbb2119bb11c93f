/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many trials were disturbed, and by what, as a table. */
#include "report/html.h"
#include "report/report_parts.h"

/* The names of all flags that any trial bears. */
static json_t *flag_names(const struct condition_list *list) {
    json_t *names = json_object();

    for (size_t i = 0; i < list->n_tallies; i++)
        (void)json_object_update_missing(names, list->tallies[i].flags);
    return names;
}

static void write_head(FILE *file, const struct condition_list *list) {
    fputs("<div class=\"wide\"><table><caption>Trials by what disturbed them</caption><thead><tr>"
          "<th scope=\"col\">flag</th>",
          file);
    for (size_t i = 0; i < list->n_tallies; i++) {
        fputs("<th scope=\"col\">", file);
        html_text(file, list->tallies[i].configuration);
        fputs("</th>", file);
    }
    fputs("</tr></thead>\n<tbody>\n", file);
}

static void write_row(FILE *file, const struct condition_list *list, const char *flag) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, flag);
    fputs("</th>", file);
    for (size_t i = 0; i < list->n_tallies; i++)
        fprintf(file, "<td>%lld</td>",
                (long long)json_integer_value(json_object_get(list->tallies[i].flags, flag)));
    fputs("</tr>\n", file);
}

static void write_totals(FILE *file, const struct condition_list *list) {
    fputs("<tr class=\"differs\"><th scope=\"row\">any</th>", file);
    for (size_t i = 0; i < list->n_tallies; i++)
        fprintf(file, "<td>%zu of %zu</td>", list->tallies[i].n_flagged, list->tallies[i].n_trials);
    fputs("</tr>\n</tbody></table></div>\n", file);
}

void report_noise(FILE *file, const struct report *report) {
    const struct condition_list *list = &report->conditions;
    json_t *names = flag_names(list), *value;
    const char *name;

    if (json_object_size(names) == 0) {
        fputs("<p>No trial was flagged as disturbed.</p>\n", file);
    } else {
        fputs("<p>A disturbed trial is flagged and told, never dropped.</p>\n", file);
        write_head(file, list);
        json_object_foreach (names, name, value)
            write_row(file, list, name);
        write_totals(file, list);
    }
    json_decref(names);
}
