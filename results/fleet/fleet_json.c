/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For programs: results/schema/fleet.schema.json. */
#include "fleet/fleet.h"

#include "base/units.h"
#include "record/value.h"

#include <math.h>

static json_t *new_effects(const struct random_effects *effects) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "hosts", value_whole(effects->n));
    failed |= value_set(json, "log_mean", value_number(effects->mean));
    failed |= value_set(json, "log_ci95", value_interval(effects->ci95));
    failed |= value_set(json, "log_between_sd", value_number(effects->between));
    failed |= value_set(json, "between_part", value_number(effects->between_part));
    return value_finish(json, failed);
}

static json_t *new_row(const struct fleet *fleet, const struct fleet_row *row) {
    json_t *json = json_object(), *levels = json_array(), *effects = json_array();
    char words[FLEET_WORDS_SIZE];
    int failed = 0;

    for (size_t i = 0; i < fleet->n_configurations; i++)
        failed |= json_array_append_new(levels, new_effects(&row->level[i]));
    for (size_t i = 0; i < fleet->n_hosts; i++)
        failed |= json_array_append_new(effects, value_number(row->effects[i] - row->centre));
    fleet_words(fleet, row, words);
    failed |= value_set(json, "case", value_text(row->title));
    failed |= value_set(json, "metric", value_text(row->metric->name));
    failed |= value_set(json, "unit", value_text(units_name(row->metric->unit)));
    failed |= value_set(json, "better", value_text(value_better_name(row->metric->better)));
    failed |= value_set(json, "identity", identity_json(row->identity));
    failed |= value_set(json, "words", value_text(words));
    failed |= value_set(json, "levels", levels);
    failed |= value_set(json, "cost", fleet->n_configurations > 1 ? new_effects(&row->cost) : json_null());
    failed |= value_set(json, "paired", json_boolean(row->paired));
    failed |= value_set(json, "log_from_median", effects);
    return value_finish(json, failed);
}

static json_t *new_host(const struct fleet *fleet, const struct fleet_host *host) {
    json_t *json = json_object(), *runs = json_array();
    int failed = 0;

    for (size_t i = 0; i < fleet->n_configurations; i++)
        failed |= json_array_append_new(runs, value_whole(host->runs[i]));
    failed |= value_set(json, "name", value_text(host->name));
    failed |= value_set(json, "runs", runs);
    return value_finish(json, failed);
}

/* Which host in which row. */
static int add_place(json_t *json, const struct fleet *fleet, size_t host, const struct fleet_row *row) {
    int failed = 0;

    failed |= value_set(json, "host", value_text(fleet->hosts[host].name));
    failed |= value_set(json, "case", value_text(row->title));
    failed |= value_set(json, "metric", value_text(row->metric->name));
    return failed;
}

static json_t *new_outlier(const struct fleet *fleet, const struct fleet_outlier *outlier) {
    const struct fleet_row *row = &fleet->rows[outlier->row];
    json_t *json = json_object();
    int failed = add_place(json, fleet, outlier->host, row);

    failed |= value_set(json, "factor", value_number(outlier->factor));
    failed |= value_set(json, "deviations", value_number(row->deviations[outlier->host]));
    return value_finish(json, failed);
}

static json_t *new_gap(const struct fleet *fleet, const struct fleet_gap *gap) {
    json_t *json = json_object();
    int failed = add_place(json, fleet, gap->host, &fleet->rows[gap->row]);

    failed |= value_set(json, "configuration", value_text(fleet->configurations[gap->configuration]));
    failed |= value_set(json, "zeros", value_whole(gap->n_zeros));
    return value_finish(json, failed);
}

static json_t *new_lost(const struct fleet_lost *lost) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "host", value_text(lost->host));
    failed |= value_set(json, "reason", value_text(lost->reason));
    return value_finish(json, failed);
}

json_t *fleet_json(const struct fleet *fleet) {
    json_t *json = json_object(), *names = json_array(), *hosts = json_array(), *lost = json_array(),
           *rows = json_array(), *outliers = json_array(), *gaps = json_array();
    int failed = 0;

    for (size_t i = 0; i < fleet->n_configurations; i++)
        failed |= json_array_append_new(names, value_text(fleet->configurations[i]));
    for (size_t i = 0; i < fleet->n_hosts; i++)
        failed |= json_array_append_new(hosts, new_host(fleet, &fleet->hosts[i]));
    for (size_t i = 0; i < fleet->n_lost; i++)
        failed |= json_array_append_new(lost, new_lost(&fleet->lost[i]));
    for (size_t i = 0; i < fleet->n_rows; i++)
        failed |= json_array_append_new(rows, new_row(fleet, &fleet->rows[i]));
    for (size_t i = 0; i < fleet->n_outliers; i++)
        failed |= json_array_append_new(outliers, new_outlier(fleet, &fleet->outliers[i]));
    for (size_t i = 0; i < fleet->n_gaps; i++)
        failed |= json_array_append_new(gaps, new_gap(fleet, &fleet->gaps[i]));
    failed |= value_set(json, "schema", value_text(FLEET_SCHEMA));
    failed |= value_set(json, "by", value_text(fleet->by));
    failed |= value_set(json, "configurations", names);
    failed |= value_set(json, "hosts", hosts);
    failed |= value_set(json, "lost", lost);
    failed |= value_set(json, "rows", rows);
    failed |= value_set(json, "outliers", outliers);
    failed |= value_set(json, "left_out", gaps);
    return value_finish(json, failed);
}
