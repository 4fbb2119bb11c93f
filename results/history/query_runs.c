/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows for each run, and for each value of each trial. */
#include "base/error.h"
#include "base/units.h"
#include "history/query_row.h"
#include "output/terminal.h"

#include <math.h>
#include <string.h>

static void put_run(struct row *row, const struct history_series *series, const struct history_point *point) {
    query_row_series(row, series, point);
    query_row_run(row, point);
    cell_number(row, "value", point_figure(point));
    cell_number(row, "mean", point->mean);
    cell_number(row, "median", point->median);
    cell_number(row, "sd", point->sd);
    cell_whole(row, "trials", point->trials);
    cell_whole(row, "noisy", point->noisy);
    cell_text(row, "record", point->run->record);
}

static void print_run(FILE *file, const struct history_series *series, const struct history_point *point) {
    double share = point->sd / fabs(point->mean) * 100;
    char value[UNITS_TEXT_SIZE], cv[32] = "-";

    units_format_value(point_figure(point), series->unit, value);
    if (isfinite(share))
        (void)snprintf(cv, sizeof(cv), "%.1f%%", share);
    terminal_print(file, "  %-20s %14s %7s %4u  %-24s %-12s %s\n", point->run->started_at, value, cv,
                   point->trials, point->run->kernel, point->run->label, point->run->record);
}

static void print_history(FILE *file, const struct history_series *series, const struct history_point *points,
                          size_t n, size_t skipped, bool is_first) {
    if (!is_first)
        fputc('\n', file);
    terminal_print(file, "%s, %s: %s on %s\n  %-20s %14s %7s %4s  %-24s %-12s %s\n", series->label,
                   series->metric, points->run->configuration, points->run->machine, "started", "figure",
                   "CV", "n", "kernel", "label", "record");
    if (skipped > 0)
        terminal_print(file, "  ... %zu earlier runs\n", skipped);
    for (size_t i = skipped; i < n; i++)
        print_run(file, series, &points[i]);
}

static void write_runs(struct query_answer *answer, const struct history_series *series,
                       const struct history_points *list) {
    const struct query *query = answer->query;

    for (size_t first = 0, count; first < list->n; first += count) {
        const struct history_point *points = list->points + first;
        size_t skipped;

        count = history_points_stretch(list, first);
        skipped = query->last > 0 && count > query->last ? count - query->last : 0;
        if (query->format == QUERY_TABLE)
            print_history(answer->file, series, points, count, skipped, answer->n == 0);
        for (size_t i = skipped; query->format != QUERY_TABLE && i < count; i++) {
            struct row row = query_row_begin(&answer->out, query->format, answer->n + i == skipped);

            if (row.names) {
                put_run(&row, series, &points[i]);
                row = query_row_next(&row);
            }
            put_run(&row, series, &points[i]);
            query_row_end(&row);
        }
        answer->n += count - skipped;
    }
}

int query_runs(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
               struct vms_error *error) {
    struct query_answer answer = {.file = file, .query = query};
    struct history_list list;
    int status = history_list_read(history, &query->choice, &list, error);

    for (size_t i = 0; status == 0 && i < list.n; i++) {
        struct history_points points;

        status = history_points_read(history, &list, list.series[i].id, &points, error);
        if (status == 0)
            write_runs(&answer, &list.series[i], &points);
        history_points_done(&points);
        if (status == 0)
            status = query_row_flush(&answer, error);
    }
    buffer_done(&answer.out);
    history_list_done(&list);
    *ret_n = answer.n;
    return status;
}

static void put_sample(struct row *row, const struct history_series *series,
                       const struct history_point *point, const struct statement *sample) {
    query_row_series(row, series, point);
    query_row_run(row, point);
    cell_whole(row, "case_number", (uint64_t)statement_whole(sample, 1));
    cell_whole(row, "trial", (uint64_t)statement_whole(sample, 2));
    cell_number(row, "value", statement_real(sample, 3));
}

static int write_samples(struct query_answer *answer, struct statement *samples,
                         const struct history_list *list, const struct history_series *series,
                         const struct history_points *points, struct vms_error *error) {
    struct buffer *out = &answer->out;
    int status = 0, step;

    statement_set_whole(samples, 1, series->id);
    while ((step = statement_step(samples, error)) == 1) {
        const struct history_run *run = history_runs_find(&list->runs, statement_whole(samples, 0));
        const struct history_point *point =
            run ? history_points_find(points, run, statement_whole(samples, 1)) : NULL;
        struct row row;

        if (!point || status < 0)
            continue;
        row = query_row_begin(out, answer->query->format, answer->n == 0);
        if (row.names) {
            put_sample(&row, series, point, samples);
            row = query_row_next(&row);
        }
        put_sample(&row, series, point, samples);
        query_row_end(&row);
        answer->n++;
        if (out->length > 1 << 16 || out->failed)
            status = query_row_flush(answer, error);
    }
    return status < 0 ? status : step;
}

int query_samples(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
                  struct vms_error *error) {
    static const char sql[] =
        "SELECT f.run, f.number, v.trial, v.value FROM figures f "
        "JOIN samples v ON v.figure = f.id WHERE f.series = $1 ORDER BY f.run, f.number, v.trial";
    struct query_answer answer = {.file = file, .query = query};
    struct history_list list;
    struct statement *samples = NULL;
    int status = history_list_read(history, &query->choice, &list, error);

    if (status == 0)
        status = database_prepare(history_database(history), sql, &samples, error);
    if (samples)
        statement_stream(samples);
    for (size_t i = 0; status == 0 && i < list.n; i++) {
        struct history_points points;

        status = history_points_read(history, &list, list.series[i].id, &points, error);
        if (status == 0 && points.n > 0)
            status = write_samples(&answer, samples, &list, &list.series[i], &points, error);
        history_points_done(&points);
        if (status == 0)
            status = query_row_flush(&answer, error);
    }
    buffer_done(&answer.out);
    statement_free(samples);
    history_list_done(&list);
    *ret_n = answer.n;
    return status;
}
