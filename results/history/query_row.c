/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/query_row.h"

#include "base/error.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct row query_row_begin(struct buffer *out, enum query_format format, bool is_first) {
    const struct tidy_style *style = format == QUERY_JSONL         ? &tidy_jsonl
                                     : format == QUERY_SPREADSHEET ? &tidy_spreadsheet
                                                                   : &tidy_csv;

    buffer_add_text(out, style->begin);
    return (struct row){.out = out, .style = style, .first = true, .names = is_first && style->has_names};
}

struct row query_row_next(const struct row *names) {
    query_row_end(names);
    buffer_add_text(names->out, names->style->begin);
    return (struct row){.out = names->out, .style = names->style, .first = true};
}

void query_row_end(const struct row *row) {
    buffer_add_text(row->out, row->style->end);
}

void query_row_series(struct row *row, const struct history_series *series,
                      const struct history_point *point) {
    cell_text(row, "case", series->label);
    cell_text(row, "module", series->module);
    cell_text(row, "resource", series->resource);
    cell_text(row, "metric", series->metric);
    cell_text(row, "unit", units_name(series->unit));
    cell_text(row, "better", value_better_name(series->better));
    cell_text(row, "configuration", point->run->configuration);
    cell_text(row, "machine", point->run->machine);
}

void query_row_run(struct row *row, const struct history_point *point) {
    cell_text(row, "run_id", point->run->run_id);
    cell_text(row, "started_at", point->run->started_at);
    cell_optional(row, "label", point->run->label);
    cell_optional(row, "kernel", point->run->kernel);
    cell_optional(row, "hypervisor", point->run->hypervisor);
    cell_text(row, "version", point->run->version);
}

int query_row_flush(struct query_answer *answer, struct vms_error *error) {
    struct buffer *out = &answer->out;
    size_t length = out->length;

    if (out->failed)
        return error_memory(error);
    out->length = 0;
    if ((length > 0 && fwrite(out->bytes, 1, length, answer->file) != length) || ferror(answer->file))
        return error_set(error, -EIO, "cannot write the answer: %s", strerror(errno));
    return 0;
}

/* Without a ratio. */
static void put_amount(const struct history_series *series, double before, double behind,
                       char ret_text[static QUERY_CHANGE_SIZE]) {
    char change[UNITS_TEXT_SIZE];

    if (behind == 0 && before > 0) {
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "fell to 0");
    } else if (before == 0 && behind > 0) {
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "rose from 0");
    } else {
        units_format_value(fabs(behind - before), series->unit, change);
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "%s %s", change, behind > before ? "more" : "less");
    }
}

/* The same work takes so many times as long; of what is neither better nor worse, there is so many times as
 * much. */
static double cost_of(const struct history_series *series, double before, double behind) {
    return series->better == VMS_HIGHER ? before / behind : behind / before;
}

void query_change(const struct history_series *series, double before, double behind,
                  char ret_text[static QUERY_CHANGE_SIZE]) {
    static const char *const words[2][2] = {{"faster", "slower"}, {"less", "more"}};
    char factor[UNITS_TEXT_SIZE];
    double cost = cost_of(series, before, behind), share = behind / before - 1;
    const char *word = words[series->better == VMS_NEITHER][cost > 1];

    ret_text[0] = '\0';
    units_format_number(fmax(cost, 1 / cost), 3, factor);
    if (isnan(before) || isnan(behind))
        return;
    if (before == behind || fabs(share) < 0.0005)
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "equal");
    else if (!(before > 0) || !(behind > 0))
        put_amount(series, before, behind, ret_text);
    else if (fabs(share) < 0.5)
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "%.1f%% %s", fabs(share) * 100, word);
    else
        (void)snprintf(ret_text, QUERY_CHANGE_SIZE, "%sx %s", factor, word);
}
