/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/series.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/label.h"
#include "record/origin.h"

#include <libgen.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool series_is_distribution(const struct series *series) {
    return strcmp(text_of(series->entry, "shape"), "distribution") == 0;
}

char *series_name(const struct series *series) {
    char *name;

    if (!*series->environment)
        return strdup(series->configuration);
    return asprintf(&name, "%s (%s)", series->configuration, series->environment) < 0 ? NULL : name;
}

bool series_is_headline(const struct series *series) {
    return json_array_get(json_object_get(series->outcome, "summary"), 0) == series->entry;
}

bool series_is_secondary(const struct series *series) {
    const char *role = text_of(series->entry, "role");

    return strcmp(role, "derived") == 0 || strcmp(role, "work") == 0 || strcmp(role, "fact") == 0;
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

/* Fills in the swept parameter where there is one, and it is a number. */
static void find_x(struct series *series, const json_t *suite) {
    const char *name;
    json_t *value;
    size_t n = 0;

    json_object_foreach (json_object_get(series->outcome, "params"), name, value) {
        if (!label_is_swept(suite, series->group, name))
            continue;
        n++;
        series->x_name = name;
        series->x = json_number_value(value);
        if (!json_is_number(value))
            n = 2;
    }
    if (n != 1)
        series->x_name = NULL;
}

/* A case, while it is put into series. */
struct source {
    const char *environment, *configuration, *label;
    const json_t *suite, *outcome;
};

static struct series *find_series(struct series_list *list, const struct source *source, const char *metric) {
    for (size_t i = 0; i < list->n_series; i++) {
        struct series *series = &list->series[i];

        if (strcmp(series->metric, metric) == 0 && strcmp(series->label, source->label) == 0 &&
            strcmp(series->configuration, source->configuration) == 0 &&
            strcmp(series->environment, source->environment) == 0)
            return series;
    }
    return NULL;
}

static struct series *add_series(struct series_list *list, const struct source *source, size_t summary) {
    struct series *grown = reallocarray(list->series, list->n_series + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    list->series = grown;
    grown = &grown[list->n_series];
    *grown = (struct series){.environment = strdup(source->environment),
                             .configuration = strdup(source->configuration),
                             .label = strdup(source->label),
                             .outcome = json_copy((json_t *)source->outcome)};
    list->n_series++;
    if (!grown->environment || !grown->configuration || !grown->label || !grown->outcome)
        return NULL;
    (void)json_object_del(grown->outcome, "trials");
    grown->entry = json_array_get(json_object_get(grown->outcome, "summary"), summary);
    grown->group = text_of(grown->outcome, "group");
    grown->metric = text_of(grown->entry, "metric");
    grown->unit = text_of(grown->entry, "unit");
    find_x(grown, source->suite);
    return grown;
}

static int add_value(struct series *series, const json_t *trial, const json_t *metric) {
    const json_t *value = json_object_get(metric, "value"),
                 *percentiles = json_object_get(metric, "percentiles");
    double *values = reallocarray(series->values, series->n + 1, sizeof(*values));
    unsigned *orders;

    if (!values)
        return -ENOMEM;
    series->values = values;
    orders = reallocarray(series->orders, series->n + 1, sizeof(*orders));
    if (!orders)
        return -ENOMEM;
    series->orders = orders;
    if (!json_is_number(value))
        return 0;
    values[series->n] = json_number_value(value);
    orders[series->n++] = (unsigned)json_integer_value(json_object_get(trial, "order"));
    for (size_t i = 0; i < STATS_QUANTILES && percentiles; i++) {
        double quantile = json_number_value(json_object_get(json_array_get(percentiles, i), "value"));

        series->quantiles[i] += (quantile - series->quantiles[i]) / (double)series->n;
    }
    return 0;
}

static int add_trials(struct series *series, const json_t *trials) {
    const json_t *trial, *metric;
    size_t i, j;

    json_array_foreach (trials, i, trial)
        json_array_foreach (json_object_get(trial, "metrics"), j, metric)
            if (strcmp(text_of(metric, "metric"), series->metric) == 0 &&
                add_value(series, trial, metric) < 0)
                return -ENOMEM;
    return 0;
}

static int add_case(struct series_list *list, const struct source *source) {
    const json_t *summaries = json_object_get(source->outcome, "summary"), *summary;
    size_t index;

    if (strcmp(text_of(source->outcome, "status"), "ok") != 0) {
        json_t *failure = json_pack("{s:s, s:s, s:s, s:s}", "configuration", source->configuration, "label",
                                    source->label, "status", text_of(source->outcome, "status"), "reason",
                                    text_of(source->outcome, "reason"));

        if (json_array_append_new(list->failures, failure) < 0)
            return -ENOMEM;
    }
    json_array_foreach (summaries, index, summary) {
        struct series *series = find_series(list, source, text_of(summary, "metric"));

        if (!series)
            series = add_series(list, source, index);
        if (!series || add_trials(series, json_object_get(source->outcome, "trials")) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int add_record(struct series_list *list, struct reader *reader, const char *environment,
                      struct vms_error *error) {
    struct source source = {.environment = environment,
                            .configuration = origin_label(reader_document(reader)),
                            .suite = json_object_get(reader_document(reader), "suite")};
    int status = 0;

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        cleanup_free char *label = NULL;
        json_t *outcome = NULL;

        status = reader_case_json(reader, i, &outcome, error);
        if (status < 0)
            break;
        label = label_new(source.suite, outcome);
        source.outcome = outcome;
        source.label = label;
        if (!label || add_case(list, &source) < 0)
            status = error_memory(error);
        json_decref(outcome);
    }
    return status;
}

/* Fills the names of environments and configurations. */
static int collect_names(struct reader *const *readers, size_t n_readers, struct series_list *list) {
    for (size_t i = 0; i < n_readers; i++) {
        cleanup_free char *folder = folder_of(reader_path(readers[i]));

        if (!folder || add_name(&list->environments, &list->n_environments, folder) < 0 ||
            add_name(&list->configurations, &list->n_configurations,
                     origin_label(reader_document(readers[i]))) < 0)
            return -ENOMEM;
    }
    return 0;
}

int series_collect(struct reader *const *readers, size_t n_readers, struct series_list *ret_list,
                   struct vms_error *error) {
    struct series_list list = {.failures = json_array()};
    int status = list.failures ? collect_names(readers, n_readers, &list) : -ENOMEM;

    if (status < 0)
        (void)error_memory(error);
    for (size_t i = 0; status == 0 && i < n_readers; i++) {
        cleanup_free char *folder = folder_of(reader_path(readers[i]));

        status = add_record(&list, readers[i], list.n_environments > 1 && folder ? folder : "", error);
    }
    for (size_t i = 0; status == 0 && i < list.n_series; i++)
        stats_summarise(list.series[i].values, list.series[i].n, 1, &list.series[i].summary);
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
        json_decref(series->outcome);
        free(series->values);
        free(series->orders);
    }
    free(list->series);
    free_names(list->configurations, list->n_configurations);
    free_names(list->environments, list->n_environments);
    json_decref(list->failures);
    *list = (struct series_list){0};
}
