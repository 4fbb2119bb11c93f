/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures/series.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "record/read/walk.h"

#include <libgen.h>
#include <math.h>
#include <string.h>

char *series_name(const struct series *series) {
    if (!*series->environment)
        return strdup(series->configuration);
    return text_new("%s (%s)", series->configuration, series->environment);
}

bool series_is_secondary(const struct series *series) {
    return series->role == VMS_ROLE_DERIVED || series->role == VMS_ROLE_WORK || series->role == VMS_ROLE_FACT;
}

/* Adds a copy of `name` where the list has none. */
static int add_name(char ***names, size_t *n_names, const char *name) {
    char **grown;

    for (size_t i = 0; i < *n_names; i++)
        if (strcmp((*names)[i], name) == 0)
            return 0;
    grown = reallocarray(*names, *n_names + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    *names = grown;
    grown[*n_names] = strdup(name);
    return grown[(*n_names)++] ? 0 : -ENOMEM;
}

/* The name of the folder that the record lies in. */
static char *folder_of(const char *path) {
    cleanup_free char *absolute = realpath(path, NULL);

    return absolute ? strdup(basename(dirname(absolute))) : NULL;
}

/* A case, while it is put into series. */
struct source {
    struct series_list *list;
    const char *environment, *configuration, *label;
    const struct label_sweeps *sweeps;
    const struct view_case *outcome;
};

/* Fills in the swept parameter where there is one, and it is a number. -ENOMEM. */
static int find_x(struct series *series, const struct source *source) {
    const struct view_param *swept = NULL;
    size_t n = 0;

    for (size_t i = 0; i < source->outcome->n_params; i++) {
        const struct view_param *param = &source->outcome->params[i];

        if (!label_is_swept(source->sweeps, series->group, param->name))
            continue;
        swept = param;
        n++;
    }
    if (n != 1 || isnan(swept->value.number))
        return 0;
    series->x = swept->value.number;
    series->x_name = strdup(swept->name);
    return series->x_name ? 0 : -ENOMEM;
}

/* Owned; NULL without memory. */
static char *new_key(const struct source *source, const char *metric) {
    return text_new("%s\n%s\n%s\n%s", source->environment, source->configuration, source->label, metric);
}

static struct series *add_series(struct series_list *list, const struct source *source,
                                 const struct view_metric *metric, bool is_headline, const char *key) {
    struct series *grown = reallocarray(list->series, list->n_series + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    list->series = grown;
    if (json_object_set_new_nocheck(list->places, key, json_integer((json_int_t)list->n_series)) < 0)
        return NULL;
    grown = &grown[list->n_series++];
    *grown = (struct series){.environment = strdup(source->environment),
                             .configuration = strdup(source->configuration),
                             .label = strdup(source->label),
                             .group = strdup(source->outcome->group),
                             .metric = strdup(metric->name),
                             .resource = source->outcome->resource,
                             .better = metric->better,
                             .shape = metric->shape,
                             .role = metric->role,
                             .unit = units_name(metric->unit),
                             .is_headline = is_headline,
                             .has_loopback = strcmp(source->outcome->path, "loopback") == 0};
    if (!grown->environment || !grown->configuration || !grown->label || !grown->group || !grown->metric ||
        find_x(grown, source) < 0)
        return NULL;
    return grown;
}

static int add_value(struct series *series, const struct view_trial *trial,
                     const struct view_sample *sample) {
    const struct view_distribution *distribution = sample->distribution;
    double *values = reallocarray(series->values, series->n + 1, sizeof(*values));
    unsigned *orders;

    if (!values)
        return -ENOMEM;
    series->values = values;
    orders = reallocarray(series->orders, series->n + 1, sizeof(*orders));
    if (!orders)
        return -ENOMEM;
    series->orders = orders;
    if (isnan(sample->value))
        return 0;
    values[series->n] = sample->value;
    orders[series->n++] = trial->order;
    for (size_t i = 0; distribution && i < STATS_QUANTILES && i < distribution->n_quantiles; i++)
        series->quantiles[i] += (distribution->quantiles[i].value - series->quantiles[i]) / (double)series->n;
    return 0;
}

/* The series of a metric, new where there is none yet. */
static struct series *find_series(struct series_list *list, const struct source *source, size_t metric) {
    const struct view_metric *own = &source->outcome->metrics[metric];
    cleanup_free char *key = new_key(source, own->name);
    const json_t *place = key ? json_object_get(list->places, key) : NULL;

    if (place)
        return &list->series[json_integer_value(place)];
    return key ? add_series(list, source, own, metric == 0, key) : NULL;
}

static int add_trials(struct series *series, const struct view_case *outcome, size_t metric) {
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], metric);

        if (sample && add_value(series, &outcome->trials[i], sample) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int add_failure(struct series_list *list, const struct source *source) {
    struct series_failure *grown = reallocarray(list->failures, list->n_failures + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    list->failures = grown;
    grown += list->n_failures++;
    *grown = (struct series_failure){.configuration = strdup(source->configuration),
                                     .label = strdup(source->label),
                                     .reason = strdup(source->outcome->reason),
                                     .status = source->outcome->status};
    return grown->configuration && grown->label && grown->reason ? 0 : -ENOMEM;
}

static int add_case(void *context, const struct walk_case *at, struct vms_error *error) {
    const struct view_case *outcome = at->outcome;
    struct source *source = context;
    struct series_list *list = source->list;

    source->outcome = outcome;
    source->label = at->label;
    source->sweeps = at->sweeps;
    if (outcome->status != OUTCOME_OK && add_failure(list, source) < 0)
        return error_memory(error);
    for (size_t i = 0; i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++) {
        struct series *series = find_series(list, source, i);

        if (!series || add_trials(series, outcome, i) < 0)
            return error_memory(error);
    }
    return 0;
}

static int add_record(struct series_list *list, struct reader *reader, const char *environment,
                      struct vms_error *error) {
    struct source source = {
        .list = list, .environment = environment, .configuration = reader_head(reader)->label};

    return walk_cases(reader, add_case, &source, error);
}

/* Fills the names of environments and configurations. */
static int collect_names(struct reader *const *readers, size_t n_readers, struct series_list *list) {
    for (size_t i = 0; i < n_readers; i++) {
        cleanup_free char *folder = folder_of(reader_path(readers[i]));

        if (!folder || add_name(&list->environments, &list->n_environments, folder) < 0 ||
            add_name(&list->configurations, &list->n_configurations, reader_head(readers[i])->label) < 0)
            return -ENOMEM;
    }
    return 0;
}

int series_collect(struct reader *const *readers, size_t n_readers, struct series_list *ret_list,
                   struct vms_error *error) {
    struct series_list list = {.places = json_object()};
    int status = !list.places ? -ENOMEM : collect_names(readers, n_readers, &list);

    if (status < 0)
        (void)error_memory(error);
    for (size_t i = 0; status == 0 && i < n_readers; i++) {
        cleanup_free char *folder = folder_of(reader_path(readers[i]));

        status = add_record(&list, readers[i], list.n_environments > 1 && folder ? folder : "", error);
    }
    if (status == 0 && series_link(&list) < 0)
        status = error_memory(error);
    for (size_t i = 0; status == 0 && i < list.n_series; i++)
        stats_describe(list.series[i].values, list.series[i].n, &list.series[i].summary);
    if (status < 0)
        series_done(&list);
    else
        *ret_list = list;
    return status;
}

static void free_names(char **names, size_t n_names) {
    for (size_t i = 0; i < n_names; i++)
        free(names[i]);
    free(names);
}

void series_done(struct series_list *list) {
    for (size_t i = 0; i < list->n_series; i++) {
        struct series *series = &list->series[i];

        free(series->environment);
        free(series->configuration);
        free(series->label);
        free(series->group);
        free(series->metric);
        free(series->x_name);
        free(series->values);
        free(series->orders);
    }
    free(list->series);
    json_decref(list->places);
    free_names(list->configurations, list->n_configurations);
    free_names(list->environments, list->n_environments);
    for (size_t i = 0; i < list->n_failures; i++) {
        free(list->failures[i].configuration);
        free(list->failures[i].label);
        free(list->failures[i].reason);
    }
    free(list->failures);
    *list = (struct series_list){0};
}
