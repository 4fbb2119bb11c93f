/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histories that a store has of the cases of this page. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "history/machine_kind.h"
#include "record/identity/identity.h"
#include "record/read/walk.h"
#include "report/html.h"
#include "report/report_parts.h"
#include "report/spark.h"

#include <math.h>
#include <string.h>

#define FACTS_SHOWN 3

/* What the records have, while it is looked up. */
struct looking {
    struct report *report;
    const struct view_head *head;
    const char *machine;
};

static bool is_known(const struct report *report, const struct trend_wanted *wanted) {
    for (size_t i = 0; i < report->n_wanted; i++)
        if (report->wanted[i].work == wanted->work &&
            strcmp(report->wanted[i].configuration, wanted->configuration) == 0 &&
            strcmp(report->wanted[i].machine, wanted->machine) == 0)
            return true;
    return false;
}

static int want(void *context, const struct walk_case *at, struct vms_error *error) {
    const struct looking *looking = context;
    struct report *report = looking->report;
    struct trend_wanted wanted = {.configuration = looking->head->label, .machine = looking->machine}, *grown;
    struct arena arena = {0};
    const struct identity *identity = identity_new(&arena, looking->head, at->outcome);
    json_auto_t *json = identity ? identity_json(identity) : NULL;
    int status = json ? trend_find_work(report->history, json, &wanted.work, error) : error_memory(error);

    arena_done(&arena);
    if (status <= 0 || is_known(report, &wanted))
        return status < 0 ? status : 0;
    grown = reallocarray(report->wanted, report->n_wanted + 1, sizeof(*grown));
    if (!grown)
        return error_memory(error);
    report->wanted = grown;
    grown[report->n_wanted++] = wanted;
    return 0;
}

int report_add_history(struct report *report, struct history *history, struct vms_error *error) {
    struct trend_options options = {
        .last = TREND_LAST, .recent = TREND_RECENT, .error = TREND_ERROR, .seed = TREND_SEED};
    int status = 0;

    report->history = history;
    report->machines = calloc(report->n_readers + 1, sizeof(*report->machines));
    for (size_t i = 0; status == 0 && i < report->n_readers; i++) {
        const struct view_head *head = reader_head(report->readers[i]);
        char *machine = report->machines ? machine_kind(head) : NULL;

        if (!machine)
            return error_memory(error);
        report->machines[i] = machine;
        status = walk_cases(report->readers[i], want, &(struct looking){report, head, machine}, error);
    }
    options.wanted = report->wanted;
    options.n_wanted = report->n_wanted;
    if (status == 0 && report->n_wanted > 0)
        status = trend_find(history, &options, &report->trend, error);
    return status;
}

void report_forget_history(struct report *report) {
    for (size_t i = 0; report->machines && i < report->n_readers; i++)
        free(report->machines[i]);
    free(report->machines);
    free(report->wanted);
    trend_done(&report->trend);
}

static void write_cell(FILE *file, const char *text) {
    fputs("<td class=\"what\">", file);
    html_text(file, text);
    fputs("</td>", file);
}

/* What else changed with the newest change. */
static int write_facts(FILE *file, const struct report *report, const struct trend_line *line,
                       struct vms_error *error) {
    const struct change_point *newest = trend_newest(line);
    cleanup_free char *words = NULL;
    int status = newest ? trend_facts_words(report->history, line, newest, FACTS_SHOWN, &words, error) : 0;

    if (status == 0)
        write_cell(file, !newest ? "" : *words ? words : "nothing known");
    return status;
}

static int write_line(FILE *file, const struct report *report, const struct trend_line *line,
                      struct vms_error *error) {
    const struct history_run *run = line->points.points->run;
    char value[UNITS_TEXT_SIZE];
    int status;

    units_format_value(line->n > 0 ? line->trend[line->n - 1].figure : (double)NAN, line->series->unit,
                       value);
    fputs("<tr><th class=\"what\" scope=\"row\">", file);
    html_text(file, line->series->label);
    fputs("<br><small>", file);
    html_text(file, line->series->metric);
    fputs("</small></th><td class=\"what\">", file);
    html_text(file, run->configuration);
    fputs("<br><small>", file);
    html_text(file, run->machine);
    fprintf(file, "</small></td><td>%zu</td><td>", line->points.n);
    html_text(file, value);
    fputs("</td>", file);
    spark_write_change(file, line);
    status = write_facts(file, report, line, error);
    fputs("<td class=\"spark\">", file);
    spark_write(file, line);
    fputs("</td></tr>\n", file);
    return status;
}

int report_trends(FILE *file, const struct report *report, struct vms_error *error) {
    const struct trend *trend = &report->trend;
    size_t changed = 0;
    int status = 0;

    if (!report->history)
        return 0;
    for (size_t i = 0; i < trend->n_lines; i++)
        changed += trend->lines[i].changes.n > 0;
    fprintf(
        file,
        "<details class=\"part\" id=\"history\"><summary><h2>Since when: %zu of %zu histories changed</h2>"
        "</summary>\n",
        changed, trend->n_lines);
    if (trend->n_lines == 0)
        fputs("<p>The store has no run of these cases under these configurations on this kind of "
              "machine.</p>\n",
              file);
    else
        fputs(
            "<p class=\"note\">The newest 200 runs of each history in the store were searched (E-divisive). "
            "Where nothing changes, one page in twenty still shows a change.</p>\n<div class=\"wide\"><table>"
            "<thead><tr><th class=\"what\">case</th><th class=\"what\">configuration</th><th>runs</th>"
            "<th>latest</th><th class=\"what\">newest change</th><th class=\"what\">what else changed</th>"
            "<th class=\"what\">history</th></tr></thead><tbody>\n",
            file);
    for (size_t i = 0; status == 0 && i < trend->n_lines; i++)
        status = write_line(file, report, &trend->lines[i], error);
    fputs(trend->n_lines == 0 ? "</details>\n" : "</tbody></table></div></details>\n", file);
    return status;
}
