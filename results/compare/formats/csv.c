/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For a spreadsheet: one line per row (RFC 4180, lines end in LF); what there is not is an empty cell. */
#include "compare/formats/formats.h"

#include "base/escape.h"
#include "base/number.h"
#include "base/units.h"
#include "compare/explain/explain.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

static void put_text(FILE *file, enum escape language, const char *text) {
    escape_write(file, language, text);
    fputc(',', file);
}

static void put_number(FILE *file, double number) {
    char text[NUMBER_TEXT_SIZE];

    if (isfinite(number)) {
        (void)number_format(number, text);
        fputs(text, file);
    }
    fputc(',', file);
}

/* Empty where there is no loss, or nothing was counted. */
static void put_explained(FILE *file, const struct comparison *comparison, const struct compare_row *row) {
    struct explanation found = {
        .exits = NAN, .processor = NAN, .stalls = NAN, .unexplained = NAN, .added = NAN};

    if (explain_wants(row))
        explain_row(comparison, row, &found);
    put_number(file, found.added);
    put_number(file, found.exits);
    put_number(file, found.processor);
    put_number(file, found.stalls);
    put_number(file, found.unexplained);
}

static void put_bill(FILE *file, const struct compare_row *row, size_t side) {
    struct host_bill bill;

    explain_bill_read(row, side, &bill);
    put_number(file, bill.processors);
    put_number(file, bill.per_gigabyte);
    put_number(file, bill.per_transaction);
}

static void put_row(FILE *file, enum escape language, const struct comparison *comparison,
                    const struct compare_row *row) {
    put_text(file, language, comparison->sides[0].label);
    put_text(file, language, comparison->sides[row->other].label);
    put_text(file, language, compare_resource(row));
    put_text(file, language, row->identity->group);
    put_text(file, language, row->identity->module);
    put_text(file, language, row->label);
    put_text(file, language, row->metric->name);
    put_text(file, language, units_name(row->metric->unit));
    put_text(file, language, value_better_name(row->metric->better));
    for (size_t i = 0; i < 2; i++) {
        fprintf(file, "%zu,%zu,", row->figures[i].n_runs, row->figures[i].n_trials);
        put_number(file, row->figures[i].value);
        put_number(file, row->figures[i].median);
        put_number(file, row->figures[i].mean);
        put_number(file, row->figures[i].cv);
    }
    put_number(file, row->finding.loss);
    put_number(file, row->finding.loss_ci95[0]);
    put_number(file, row->finding.loss_ci95[1]);
    put_number(file, row->ratio);
    put_number(file, row->ratio_ci95[0]);
    put_number(file, row->ratio_ci95[1]);
    put_number(file, row->finding.p);
    put_number(file, row->finding.p_difference);
    put_number(file, row->finding.p_equivalence);
    put_number(file, row->p_ranks);
    put_number(file, row->cliff_delta);
    put_number(file, row->limit);
    put_explained(file, comparison, row);
    put_bill(file, row, 0);
    put_bill(file, row, 1);
    fprintf(file, "%s,%s\n", row->gate == COMPARE_GATE_FAILED ? "true" : "false",
            compare_verdict_name(row->finding.verdict));
}

int compare_write_csv(FILE *file, const struct comparison *comparison, const struct compare_view *view) {
    enum escape language = view->spreadsheet ? ESCAPE_SPREADSHEET : ESCAPE_CSV;

    fputs("baseline,other,resource,group,module,label,metric,unit,better,"
          "baseline_runs,baseline_trials,baseline_value,baseline_median,baseline_mean,baseline_cv,"
          "other_runs,other_trials,other_value,other_median,other_mean,other_cv,"
          "loss,loss_low,loss_high,ratio,ratio_low,ratio_high,"
          "p,p_difference,p_equivalence,p_ranks,cliff_delta,limit,"
          "added,explained_exits,explained_processor,explained_stalls,unexplained,"
          "baseline_host_processors,baseline_host_cpu_per_gigabyte,baseline_host_cpu_per_transaction,"
          "other_host_processors,other_host_cpu_per_gigabyte,other_host_cpu_per_transaction,failed,verdict\n",
          file);
    for (size_t i = 0; i < comparison->n_rows; i++)
        put_row(file, language, comparison, &comparison->rows[i]);
    return 0;
}
