/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/query.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "export/cell.h"
#include "history/query_row.h"
#include "output/terminal.h"
#include "stats/sort.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static const char *const formats[] = {"table", "csv", "jsonl"};

const char *query_format_name(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index] : NULL;
}

/* The latest of a history, and what was before. */
struct latest {
    const struct history_point *point;
    double median, loss; /* of the figures before; NaN where there are none */
    size_t before;       /* of which `median` is */
};

/* The points of a history, one for all runs that share it, in place: the mean of their figures, and the
 * newest of its runs. Their number. */
static size_t share_points(struct history_point *points, size_t n, enum history_by by) {
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = kept;

        while (at > 0 && !history_is_common(points[at - 1].run, points[i].run, by))
            at--;
        if (at == 0) {
            points[kept] = points[i];
            points[kept++].trials = 1; /* runs */
            continue;
        }
        points[at - 1].trials++;
        points[at - 1].log += (points[i].log - points[at - 1].log) / points[at - 1].trials;
        points[at - 1].mean += (points[i].mean - points[at - 1].mean) / points[at - 1].trials;
        points[at - 1].run = points[i].run;
    }
    return kept;
}

static int find_latest(const struct history_series *series, const struct history_point *points, size_t n,
                       unsigned last, struct latest *ret) {
    size_t before = n - 1 < last ? n - 1 : last;
    cleanup_free double *figures = calloc(before + 1, sizeof(*figures));

    if (!figures)
        return -ENOMEM;
    for (size_t i = 0; i < before; i++)
        figures[i] = point_figure(&points[n - 1 - before + i]);
    *ret = (struct latest){.point = &points[n - 1], .median = NAN, .before = before};
    if (before > 0) {
        sort_numbers(figures, before);
        ret->median = gsl_stats_median_from_sorted_data(figures, 1, before);
    }
    ret->loss = series_loss(series, ret->median, point_figure(ret->point));
    return 0;
}

static void put_latest(struct row *row, const struct history_series *series, const struct latest *latest) {
    query_row_series(row, series, latest->point);
    query_row_run(row, latest->point);
    cell_number(row, "value", point_figure(latest->point));
    cell_number(row, "median_before", latest->median);
    cell_whole(row, "runs_before", latest->before);
    cell_number(row, "loss", latest->loss);
}

/* The kinds of machine of a table, which rows name by their number. */
struct machines {
    char **names; /* owned */
    size_t n;
};

/* The number of the machine, from 1; 0 without memory. */
static size_t machines_number(struct machines *machines, const char *name) {
    char **names;

    for (size_t i = 0; i < machines->n; i++)
        if (strcmp(machines->names[i], name) == 0)
            return i + 1;
    names = reallocarray(machines->names, machines->n + 1, sizeof(*names));
    if (!names)
        return 0;
    machines->names = names;
    names[machines->n] = strdup(name);
    return names[machines->n] ? ++machines->n : 0;
}

static void machines_done(struct machines *machines) {
    for (size_t i = 0; i < machines->n; i++)
        free(machines->names[i]);
    free(machines->names);
}

static int print_latest(FILE *file, const struct history_series *series, const struct latest *latest,
                        struct machines *machines) {
    char value[UNITS_TEXT_SIZE], median[UNITS_TEXT_SIZE], change[QUERY_CHANGE_SIZE];
    size_t machine = machines_number(machines, latest->point->run->machine);

    units_format_value(point_figure(latest->point), series->unit, value);
    units_format_value(latest->median, series->unit, median);
    query_change(series, latest->median, point_figure(latest->point), change);
    terminal_print(file, "    %-20s %13s  %13s %6zu  %-11s [%zu]\n", latest->point->run->configuration, value,
                   latest->before > 0 ? median : "-", latest->before, change, machine);
    return machine > 0 ? 0 : -ENOMEM;
}

/* Rows of one series, before they are written. */
static int write_series(struct query_answer *answer, const struct history_series *series,
                        const struct history_points *list, struct machines *machines) {
    const struct query *query = answer->query;
    int status = 0;

    if (query->format == QUERY_TABLE)
        terminal_print(answer->file, "  %s %s\n", series->label, series->metric);

    for (size_t first = 0, count, shared; status == 0 && first < list->n; first += count) {
        struct latest latest;

        count = history_points_stretch(list, first);
        shared = query->by == HISTORY_BY_RUN ? count : share_points(list->points + first, count, query->by);
        status = find_latest(series, list->points + first, shared, query->last, &latest);
        if (status < 0)
            break;
        if (query->format != QUERY_TABLE) {
            struct row row = query_row_begin(&answer->out, query->format, answer->n == 0);

            if (row.names) {
                put_latest(&row, series, &latest);
                row = query_row_next(&row);
            }
            put_latest(&row, series, &latest);
            query_row_end(&row);
        } else {
            status = print_latest(answer->file, series, &latest, machines);
        }
        answer->n++;
    }
    return status;
}

static void print_headings(FILE *file, const struct history_series *series, enum history_by by,
                           const char *before) {
    if (strcmp(before, series->resource) == 0)
        return;
    if (*before)
        fputc('\n', file);
    terminal_print(file, "%-24s %13s  %13s %6s  %s\n", series->resource, "latest", "median before",
                   by == HISTORY_BY_RUN ? "runs" : "points", "change");
}

int query_latest(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
                 struct vms_error *error) {
    struct query_answer answer = {.file = file, .query = query};
    struct history_list list;
    struct machines machines = {0};
    const char *resource = "";
    int status = history_list_read(history, &query->choice, &list, error);

    for (size_t i = 0; status == 0 && i < list.n; i++) {
        const struct history_series *series = &list.series[i];
        struct history_points points;

        status = history_points_read(history, &list, series->id, &points, error);
        if (status == 0 && points.n > 0) {
            if (query->format == QUERY_TABLE)
                print_headings(file, series, query->by, resource);
            resource = series->resource;
            if (write_series(&answer, series, &points, &machines) < 0)
                status = error_memory(error);
        }
        history_points_done(&points);
        if (status == 0)
            status = query_row_flush(&answer, error);
    }
    for (size_t i = 0; status == 0 && i < machines.n; i++)
        terminal_print(file, "%s[%zu] %s\n", i == 0 ? "machines: " : "          ", i + 1, machines.names[i]);
    machines_done(&machines);
    buffer_done(&answer.out);
    history_list_done(&list);
    *ret_n = answer.n;
    return status;
}
