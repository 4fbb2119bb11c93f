/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row is put together from stretches that are written once: what is of the case, of the metric and of the
 * trial stays the same over many rows. */
#include "export/cell.h"

#include "base/text.h"
#include "base/units.h"
#include "record/value.h"
#include "record/write/record_clock.h"
#include "record/write/record_noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column whose name depends on the records or on a table. */
struct column {
    const char *source; /* the name without its prefix: of a parameter, inside of `name` */
    char *name;         /* owned */
};

struct tidy {
    struct column *params; /* owned */
    size_t n_params;
    struct column noise[RECORD_NOISE_KEYS], clock[RECORD_CLOCK_KEYS], quantiles[STATS_QUANTILES];
    struct buffer scalar_tail; /* the cells behind "value" of what is no distribution */
    struct buffer of_case, *of_metrics, of_trial_before, of_trial_behind; /* stretches */
    size_t n_metrics;
};

static int column_init(struct column *column, const char *prefix, const char *source) {
    column->name = text_new("%s%s", prefix, source);
    if (!column->name)
        return -ENOMEM;
    column->source = column->name + strlen(prefix);
    return 0;
}

/* Stretches, in the order of the columns. */

static void put_case(struct row *stretch, const struct tidy *tidy, const struct view_head *head,
                     const struct view_case *outcome) {
    cell_text(stretch, "run_id", head->run_id);
    cell_text(stretch, "configuration", head->label);
    cell_text(stretch, "started_at", head->started_at);
    cell_optional(stretch, "environment", head->machine.virtualization);
    cell_optional(stretch, "container", head->machine.container);
    cell_optional(stretch, "clock", head->clock);
    cell_whole(stretch, "case", outcome->id);
    cell_text(stretch, "resource", value_resource_name(outcome->resource));
    cell_text(stretch, "group", outcome->group);
    cell_text(stretch, "module", outcome->module);
    cell_whole(stretch, "workload_version", outcome->workload_version);
    cell_optional(stretch, "path", outcome->path);
    cell_optional(stretch, "cpus", outcome->cpus);
    cell_whole(stretch, "neighbours", outcome->neighbours);
    cell_whole(stretch, "warmup", outcome->warmup);
    for (size_t i = 0; i < tidy->n_params; i++) {
        const struct view_param *param = view_find_param(outcome, tidy->params[i].source);

        cell_value(stretch, tidy->params[i].name, param ? &param->value : NULL);
    }
}

static void put_metric(struct row *stretch, const struct view_metric *metric) {
    const bool known = metric && metric->is_summarised;

    cell_text(stretch, "metric", metric ? metric->name : NULL);
    cell_text(stretch, "unit", known ? units_name(metric->unit) : NULL);
    cell_text(stretch, "better", known ? value_better_name(metric->better) : NULL);
    cell_text(stretch, "side", known ? value_side_name(metric->side) : NULL);
    cell_text(stretch, "shape", known ? value_shape_name(metric->shape) : NULL);
}

/* Without a trial: a case that has none. */
static void put_trial_before(struct row *stretch, const struct view_trial *trial) {
    if (trial) {
        cell_whole(stretch, "trial", trial->trial);
        cell_whole(stretch, "order", trial->order);
        cell_number(stretch, "start_s", trial->start_s);
        cell_number(stretch, "duration_s", trial->duration_s);
    } else {
        cell_null(stretch, "trial");
        cell_null(stretch, "order");
        cell_null(stretch, "start_s");
        cell_null(stretch, "duration_s");
    }
}

/* The quantile of a distribution, NaN where it has none. */
static double find_quantile(const struct view_distribution *distribution, double q) {
    for (size_t i = 0; i < distribution->n_quantiles; i++)
        if (distribution->quantiles[i].q == q)
            return distribution->quantiles[i].value;
    return NAN;
}

/* The cells behind "value"; without a distribution they are empty. */
static void put_distribution(struct row *stretch, const struct tidy *tidy,
                             const struct view_distribution *distribution) {
    if (distribution)
        cell_whole(stretch, "n", distribution->n);
    else
        cell_null(stretch, "n");
    cell_number(stretch, "mean", distribution ? distribution->mean : (double)NAN);
    cell_number(stretch, "sd", distribution ? distribution->sd : (double)NAN);
    for (size_t i = 0; i < STATS_QUANTILES; i++)
        cell_number(stretch, tidy->quantiles[i].name,
                    distribution ? find_quantile(distribution, stats_quantiles[i]) : (double)NAN);
    cell_list(stretch, "values", distribution ? distribution->values : NULL,
              distribution ? distribution->n_values : 0);
}

/* Flags are single words: with spaces between them. */
static void put_flags(struct row *stretch, const struct view_trial *trial) {
    struct buffer flags = {0};

    for (size_t i = 0; trial && i < trial->n_flags; i++) {
        if (i > 0)
            buffer_add_char(&flags, ' ');
        buffer_add_text(&flags, trial->flags[i]);
    }
    buffer_add(&flags, "", 1);
    cell_text(stretch, "flags", flags.failed ? "" : flags.bytes);
    buffer_done(&flags);
}

static void put_trial_behind(struct row *stretch, const struct tidy *tidy, const struct view_case *outcome,
                             const struct view_trial *trial) {
    const struct noise *noise = trial ? trial->noise : NULL;
    const struct clock_offset *clock = trial ? trial->clock : NULL;

    cell_text(stretch, "status", outcome_status_name(trial ? trial->status : outcome->status));
    put_flags(stretch, trial);
    cell_optional(stretch, "reason", trial ? trial->reason : outcome->reason);
    for (size_t i = 0; i < RECORD_NOISE_KEYS; i++)
        cell_number(stretch, tidy->noise[i].name, noise ? record_noise_figure(noise, i) : (double)NAN);
    if (clock)
        cell_whole(stretch, tidy->clock[0].name, clock->n);
    else
        cell_null(stretch, tidy->clock[0].name);
    for (size_t i = 1; i < RECORD_CLOCK_KEYS; i++)
        cell_number(stretch, tidy->clock[i].name, clock ? record_clock_figure(clock, i) : (double)NAN);
}

/* Columns. */

static int add_param(struct tidy *tidy, const char *name) {
    struct column *grown;

    for (size_t i = 0; i < tidy->n_params; i++)
        if (strcmp(tidy->params[i].source, name) == 0)
            return 0;
    grown = reallocarray(tidy->params, tidy->n_params + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    tidy->params = grown;
    return column_init(&grown[tidy->n_params++], "param_", name);
}

static int columns_init(struct tidy *tidy) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < RECORD_NOISE_KEYS; i++)
        status = column_init(&tidy->noise[i], "noise_", record_noise_keys[i]);
    for (size_t i = 0; status == 0 && i < RECORD_CLOCK_KEYS; i++)
        status = column_init(&tidy->clock[i], "clock_", record_clock_keys[i]);
    for (size_t i = 0; status == 0 && i < STATS_QUANTILES; i++) {
        char quantile[32];

        (void)snprintf(quantile, sizeof(quantile), "%g", stats_quantiles[i]);
        status = column_init(&tidy->quantiles[i], "q", quantile);
    }
    return status;
}

static void columns_done(struct column *columns, size_t n_columns) {
    for (size_t i = 0; i < n_columns; i++)
        free(columns[i].name);
}

int tidy_look(struct export *export, struct reader *reader, struct vms_error *error) {
    struct tidy *tidy = export->state;
    struct view_case outcome = {0};
    int status = 0;

    if (!tidy) {
        export->state = tidy = calloc(1, sizeof(*tidy));
        status = tidy ? columns_init(tidy) : -ENOMEM;
    }
    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        status = reader_case_params(reader, i, &outcome, error);
        for (size_t j = 0; status == 0 && j < outcome.n_params; j++)
            status = add_param(tidy, outcome.params[j].name);
    }
    reader_case_done(&outcome);
    return status;
}

int tidy_begin(struct export *export, const struct tidy_style *style) {
    static const struct view_head head = {
        .run_id = "", .machine = {.virtualization = "", .container = ""}, .clock = ""};
    static const struct view_case outcome = {.path = "", .cpus = "", .reason = "", .resource = VMS_CPU};
    struct tidy *tidy = export->state;
    struct row tail = {.out = &tidy->scalar_tail, .style = style};
    struct row names = {.out = &export->out, .style = style, .first = true, .names = true};

    put_distribution(&tail, tidy, NULL);
    if (!style->has_names)
        return 0;
    buffer_add_text(&export->out, style->begin);
    put_case(&names, tidy, &head, &outcome);
    put_metric(&names, NULL);
    put_trial_before(&names, NULL);
    cell_null(&names, "value");
    put_distribution(&names, tidy, NULL);
    put_trial_behind(&names, tidy, &outcome, NULL);
    buffer_add_text(&export->out, style->end);
    return 0;
}

/* Rows. */

static void add_buffer(struct buffer *out, const struct buffer *stretch) {
    if (stretch->failed)
        out->failed = true;
    else
        buffer_add(out, stretch->bytes, stretch->length);
}

/* Begins a stretch anew. */
static struct row restart(struct buffer *buffer, const struct tidy_style *style) {
    buffer->length = 0;
    return (struct row){.out = buffer, .style = style};
}

static int write_metrics(struct tidy *tidy, const struct tidy_style *style, const struct view_case *outcome) {
    if (outcome->n_metrics > tidy->n_metrics) {
        struct buffer *grown = reallocarray(tidy->of_metrics, outcome->n_metrics, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        memset(grown + tidy->n_metrics, 0, (outcome->n_metrics - tidy->n_metrics) * sizeof(*grown));
        tidy->of_metrics = grown;
        tidy->n_metrics = outcome->n_metrics;
    }
    for (size_t i = 0; i < outcome->n_metrics; i++) {
        struct row stretch = restart(&tidy->of_metrics[i], style);

        put_metric(&stretch, &outcome->metrics[i]);
    }
    return 0;
}

/* A row; without a sample that of a trial, or case, without figures. */
static void write_row(struct export *export, const struct tidy_style *style, const struct view_case *outcome,
                      const struct view_sample *sample) {
    const struct tidy *tidy = export->state;
    struct row stretch = {.out = &export->out, .style = style};
    const size_t metric = sample ? sample->metric : 0;

    buffer_add_text(&export->out, style->begin);
    add_buffer(&export->out, &tidy->of_case);
    if (metric < outcome->n_metrics)
        add_buffer(&export->out, &tidy->of_metrics[metric]);
    else
        put_metric(&stretch, NULL);
    add_buffer(&export->out, &tidy->of_trial_before);
    cell_number(&stretch, "value", sample ? sample->value : (double)NAN);
    if (sample && sample->distribution)
        put_distribution(&stretch, tidy, sample->distribution);
    else
        add_buffer(&export->out, &tidy->scalar_tail);
    add_buffer(&export->out, &tidy->of_trial_behind);
    buffer_add_text(&export->out, style->end);
}

static int write_trial(struct export *export, const struct tidy_style *style, const struct view_case *outcome,
                       const struct view_trial *trial) {
    struct tidy *tidy = export->state;
    struct row before = restart(&tidy->of_trial_before, style),
               behind = restart(&tidy->of_trial_behind, style);

    put_trial_before(&before, trial);
    put_trial_behind(&behind, tidy, outcome, trial);
    for (size_t i = 0; trial && i < trial->n_samples; i++)
        write_row(export, style, outcome, &trial->samples[i]);
    if (!trial || trial->n_samples == 0)
        write_row(export, style, outcome, NULL);
    return export_flush(export, false);
}

int tidy_add(struct export *export, const struct tidy_style *style, const struct export_case *item) {
    struct tidy *tidy = export->state;
    struct row of_case = restart(&tidy->of_case, style);
    int status = write_metrics(tidy, style, item->outcome);

    of_case.first = true;
    put_case(&of_case, tidy, item->head, item->outcome);
    for (size_t i = 0; status == 0 && i < item->outcome->n_trials; i++)
        status = write_trial(export, style, item->outcome, &item->outcome->trials[i]);
    return status == 0 && item->outcome->n_trials == 0 ? write_trial(export, style, item->outcome, NULL)
                                                       : status;
}

void tidy_done(void *state) {
    struct tidy *tidy = state;

    if (!tidy)
        return;
    columns_done(tidy->params, tidy->n_params);
    columns_done(tidy->noise, RECORD_NOISE_KEYS);
    columns_done(tidy->clock, RECORD_CLOCK_KEYS);
    columns_done(tidy->quantiles, STATS_QUANTILES);
    for (size_t i = 0; i < tidy->n_metrics; i++)
        buffer_done(&tidy->of_metrics[i]);
    buffer_done(&tidy->scalar_tail);
    buffer_done(&tidy->of_case);
    buffer_done(&tidy->of_trial_before);
    buffer_done(&tidy->of_trial_behind);
    free(tidy->of_metrics);
    free(tidy->params);
    free(tidy);
}
