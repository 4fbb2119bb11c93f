/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/query_row.h"

#include "base/error.h"
#include "base/units.h"
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

void query_change(const struct history_series *series, double loss, char ret_text[static 32]) {
    /* The same work takes so many times as long. */
    double cost = series->better == VMS_LOWER ? 1 + loss : 1 / (1 - loss);

    ret_text[0] = '\0';
    if (isnan(loss))
        return;
    if (fabs(loss) < 0.0005)
        (void)snprintf(ret_text, 32, "equal");
    else if (fabs(loss) < 0.5)
        (void)snprintf(ret_text, 32, "%.1f%% %s", fabs(loss) * 100, loss > 0 ? "slower" : "faster");
    else
        (void)snprintf(ret_text, 32, "%.3gx %s", loss > 0 ? cost : 1 / cost, loss > 0 ? "slower" : "faster");
}
