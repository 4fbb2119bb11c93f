/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/fleet.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "compare/comparison/comparison.h"
#include "record/identity/identity_index.h"
#include "record/identity/label.h"
#include "record/json.h"
#include "record/read/roster.h"
#include "stats/runs/run_figure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_STEP 64

/* While records are read: where things are expected. */
struct reading {
    struct fleet *fleet;
    struct view_case outcome;
    struct identity_index index;            /* of each case, its first row */
    size_t configuration, host, room, next; /* room: cells of each row; next: the row that is expected */
    bool counts_instructions;               /* the first record's clock does */
};

static int find_configuration(struct reading *reading, const char *path, const char *name,
                              struct vms_error *error) {
    struct fleet *fleet = reading->fleet;

    for (reading->configuration = 0; reading->configuration < fleet->n_configurations;
         reading->configuration++)
        if (strcmp(fleet->configurations[reading->configuration], name) == 0)
            return 0;
    if (fleet->n_configurations == FLEET_SIDES)
        return error_set(error, -EINVAL,
                         "%.200s: has configuration \"%.80s\", a third one: hosts are compared in one "
                         "configuration, or in two",
                         path, name);
    fleet->configurations[fleet->n_configurations] = strdup(name);
    return fleet->configurations[fleet->n_configurations++] ? 0 : error_memory(error);
}

/* Empty cells from `first` on. */
static int grow_row(struct fleet_row *row, size_t first, size_t room) {
    for (size_t i = 0; i < FLEET_SIDES; i++) {
        struct fleet_cell *cells = reallocarray(row->cells[i], room, sizeof(*cells));

        if (!cells)
            return -ENOMEM;
        row->cells[i] = cells;
        for (size_t k = first; k < room; k++)
            cells[k] = (struct fleet_cell){.log = NAN, .own = NAN};
    }
    return 0;
}

/* The newest first: records of a host mostly follow each other. */
static int find_host(struct reading *reading, const char *name) {
    struct fleet *fleet = reading->fleet;
    struct fleet_host *hosts;

    for (size_t i = fleet->n_hosts; i-- > 0;)
        if (strcmp(fleet->hosts[i].name, name) == 0) {
            reading->host = i;
            return 0;
        }
    hosts = reallocarray(fleet->hosts, fleet->n_hosts + 1, sizeof(*hosts));
    if (!hosts)
        return -ENOMEM;
    fleet->hosts = hosts;
    hosts[fleet->n_hosts] = (struct fleet_host){.name = strdup(name)};
    if (!hosts[fleet->n_hosts].name)
        return -ENOMEM;
    reading->host = fleet->n_hosts++;
    if (reading->host < reading->room)
        return 0;
    for (size_t i = 0; i < fleet->n_rows; i++)
        if (grow_row(&fleet->rows[i], reading->room, reading->room + HOSTS_STEP) < 0)
            return -ENOMEM;
    reading->room += HOSTS_STEP;
    return 0;
}

/* `known`: a row of the same case with another headline; SIZE_MAX: there is none. */
static struct fleet_row *new_row(struct reading *reading, const struct view_head *head,
                                 const struct identity_metric *headline, size_t known) {
    struct fleet *fleet = reading->fleet;
    struct fleet_row *rows = reallocarray(fleet->rows, fleet->n_rows + 1, sizeof(*rows));
    struct identity_metric *metric = arena_new(&fleet->arena, sizeof(*metric));

    if (rows)
        fleet->rows = rows;
    if (!rows || !metric)
        return NULL;
    *metric = *headline;
    metric->name = arena_text(&fleet->arena, headline->name, strlen(headline->name));
    rows[fleet->n_rows] = (struct fleet_row){
        .identity = identity_new(&fleet->arena, head, &reading->outcome), .metric = metric, .same = SIZE_MAX};
    if (!rows[fleet->n_rows].identity || !metric->name)
        return NULL;
    if (known < fleet->n_rows) {
        rows[fleet->n_rows].same = rows[known].same;
        rows[known].same = fleet->n_rows;
    } else if (identity_index_add(&reading->index, rows[fleet->n_rows].identity, fleet->n_rows) < 0) {
        return NULL;
    }
    return grow_row(&rows[fleet->n_rows++], 0, reading->room) < 0 ? NULL : &rows[fleet->n_rows - 1];
}

/* Records of one suite have their cases in one order, so that the expected row is mostly the right one. */
static struct fleet_row *find_row(struct reading *reading, const struct view_head *head) {
    struct fleet *fleet = reading->fleet;
    const struct view_metric *own = &reading->outcome.metrics[0];
    const struct identity_metric metric = {own->name, own->unit, own->better, own->side};
    const struct identity *identity;
    size_t at = reading->next, first;

    arena_reset(&fleet->scratch);
    identity = identity_new(&fleet->scratch, head, &reading->outcome);
    if (!identity)
        return NULL;
    if (at >= fleet->n_rows || !identity_is_same_metric(fleet->rows[at].metric, &metric) ||
        !identity_is_same(fleet->rows[at].identity, identity)) {
        first = at = identity_index_find(&reading->index, identity);
        while (at < fleet->n_rows && !identity_is_same_metric(fleet->rows[at].metric, &metric))
            at = fleet->rows[at].same;
        if (at >= fleet->n_rows)
            return new_row(reading, head, &metric, first);
    }
    reading->next = at + 1;
    return &fleet->rows[at];
}

/* What a run says: its figure, and how well its trials show that. */
static void add_run(struct fleet_cell *cell, double *values, size_t n) {
    struct run_figure figure;

    run_figure_of(values, n, &figure);
    cell->n_zeros += !isfinite(figure.log);
    if (!isfinite(figure.log))
        return;
    cell->sum += figure.log;
    cell->squares += figure.log * figure.log;
    cell->trial_squares += figure.squares;
    cell->trial_df += (double)n - 1;
    cell->trial_share = RUN_TRIM_VARIANCE / (double)n;
    cell->n_runs++;
}

static int add_case(struct reading *reading, const struct view_head *head) {
    const struct view_case *outcome = &reading->outcome;
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));
    struct fleet_row *row;
    size_t n = 0;

    if (!values)
        return -ENOMEM;
    if (outcome->n_metrics == 0 || !outcome->metrics[0].is_summarised ||
        outcome->metrics[0].better == VMS_NEITHER)
        return 0;
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], 0);

        if (outcome->trials[i].status == OUTCOME_OK && sample && isfinite(sample->value))
            values[n++] = sample->value;
    }
    if (n == 0)
        return 0;
    row = find_row(reading, head);
    if (!row)
        return -ENOMEM;
    add_run(&row->cells[reading->configuration][reading->host], values, n);
    return 0;
}

/* Which host and which configuration the record is of. */
static int find_place(struct reading *reading, const struct view_head *head, const char *path,
                      struct vms_error *error) {
    struct fleet *fleet = reading->fleet;
    const char *host = json_text(json_object_get(head->document, "labels"), fleet->by);
    int status = find_configuration(reading, path, head->label, error);

    if (status < 0)
        return status;
    if (!*host)
        return error_set(error, -EINVAL,
                         "%.200s: has no label \"%.80s\": give one to each run, --label %.80s=NAME", path,
                         fleet->by, fleet->by);
    if (fleet->n_records == 0)
        reading->counts_instructions = head->counts_instructions;
    else if (reading->counts_instructions != head->counts_instructions)
        return error_set(error, -EINVAL,
                         "%.200s: its clock counts instructions and the first record's real time, or the "
                         "other way round: the two cannot be compared",
                         path);
    return find_host(reading, host) < 0 ? error_memory(error) : 0;
}

static int add_record(void *user, struct reader *reader, struct vms_error *error) {
    struct reading *reading = user;
    const struct view_head *head = reader_head(reader);
    int status = find_place(reading, head, reader_path(reader), error);

    reading->next = 0;
    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        status = reader_case(reader, i, &reading->outcome, error);
        if (status == 0 && add_case(reading, head) < 0)
            status = error_memory(error);
    }
    if (status < 0)
        return status;
    reading->fleet->n_records++;
    reading->fleet->hosts[reading->host].runs[reading->configuration]++;
    return 0;
}

static void settle(struct fleet_cell *cell) {
    double n = cell->n_runs;

    if (cell->n_runs == 0)
        return;
    cell->log = cell->sum / n;
    cell->squares = fmax(cell->squares - cell->sum * cell->log, 0); /* of the deviations from now on */
    if (cell->n_runs > 1)
        cell->own = cell->squares / (n - 1) / n;
    else if (cell->trial_df > 0)
        cell->own = cell->trial_squares / cell->trial_df * cell->trial_share;
}

static int set_titles(struct fleet *fleet) {
    cleanup_free const struct identity **cases = calloc(fleet->n_rows + 1, sizeof(struct identity *));
    struct label_cases among = {0};
    int status;

    for (size_t i = 0; cases && i < fleet->n_rows; i++)
        cases[i] = fleet->rows[i].identity;
    status = cases ? label_cases_init(&among, cases, fleet->n_rows) : -ENOMEM;
    for (size_t i = 0; status == 0 && i < fleet->n_rows; i++) {
        cleanup_free char *label = label_among(&among, i, '=');

        fleet->rows[i].title = label ? compare_title(label, true) : NULL;
        status = fleet->rows[i].title ? 0 : -ENOMEM;
    }
    label_cases_done(&among);
    return status;
}

int fleet_read(struct fleet *fleet, const char *by, char *const *paths, size_t n_paths,
               struct vms_error *error) {
    struct reading reading = {.fleet = fleet};
    struct roster roster = {0};
    int status;

    *fleet = (struct fleet){.by = by};
    status = roster_init(&roster, paths, n_paths, add_record, &reading, error);
    roster_done(&roster);
    reader_case_done(&reading.outcome);
    identity_index_done(&reading.index);
    for (size_t i = 0; status == 0 && i < fleet->n_rows; i++)
        for (size_t k = 0; k < FLEET_SIDES * fleet->n_hosts; k++)
            settle(&fleet->rows[i].cells[k % FLEET_SIDES][k / FLEET_SIDES]);
    return status == 0 && set_titles(fleet) < 0 ? error_memory(error) : status;
}

int fleet_note_lost(struct fleet *fleet, const char *host, const char *reason) {
    struct fleet_lost *lost = reallocarray(fleet->lost, fleet->n_lost + 1, sizeof(*lost));

    if (!lost)
        return -ENOMEM;
    fleet->lost = lost;
    lost[fleet->n_lost] = (struct fleet_lost){strdup(host), strdup(reason)};
    fleet->n_lost++;
    return lost[fleet->n_lost - 1].host && lost[fleet->n_lost - 1].reason ? 0 : -ENOMEM;
}

void fleet_done(struct fleet *fleet) {
    for (size_t i = 0; i < fleet->n_rows; i++) {
        free(fleet->rows[i].title);
        free(fleet->rows[i].cells[0]);
        free(fleet->rows[i].cells[1]);
        free(fleet->rows[i].deviations);
        free(fleet->rows[i].effects);
    }
    for (size_t i = 0; i < fleet->n_hosts; i++)
        free(fleet->hosts[i].name);
    for (size_t i = 0; i < fleet->n_lost; i++) {
        free(fleet->lost[i].host);
        free(fleet->lost[i].reason);
    }
    for (size_t i = 0; i < fleet->n_configurations; i++)
        free(fleet->configurations[i]);
    free(fleet->rows);
    free(fleet->hosts);
    free(fleet->lost);
    free(fleet->outliers);
    free(fleet->gaps);
    arena_done(&fleet->arena);
    arena_done(&fleet->scratch);
    *fleet = (struct fleet){0};
}
