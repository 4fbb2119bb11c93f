/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "load.h"

#include "cleanup.h"
#include "error.h"
#include "origin.h"
#include "parts.h"
#include "reader.h"

#include <string.h>

#define LABEL_SIZE 256

struct load {
    struct comparison *comparison;
    struct reader **readers;
    size_t n, n_baseline;
    bool alike; /* all records have the baseline's configuration */
};

static const char *configuration_of(const struct load *load, size_t index) {
    return origin_label(reader_head(load->readers[index]));
}

/* Whether the record belongs to the baseline. */
static bool is_baseline(const struct load *load, size_t index) {
    return index < load->n_baseline ||
           (!load->alike && strcmp(configuration_of(load, index), configuration_of(load, 0)) == 0);
}

static int add_cases(struct comparison *comparison, const struct reader *reader, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        json_t *outcome = NULL;

        status = reader_case(reader, i, &outcome, error);
        if (status == 0)
            status = compare_add_case(comparison, outcome, error);
        json_decref(outcome);
    }
    return status;
}

static int add_record(struct load *load, size_t side, size_t index, struct vms_error *error) {
    const struct reader *reader = load->readers[index];
    char label[LABEL_SIZE];
    int status;

    (void)snprintf(label, sizeof(label), "%s%s", configuration_of(load, index),
                   load->alike && side > 0 ? " (other)" : "");
    status = compare_add_run(load->comparison, side, label, reader_path(reader), reader_head(reader), error);
    return status < 0 ? status : add_cases(load->comparison, reader, error);
}

/* All records that have the configuration of record `first`, if it is the first that has it. */
static int add_other(struct load *load, size_t first, struct vms_error *error) {
    size_t side = load->comparison->n_sides;
    int status = 0;

    for (size_t i = load->n_baseline; i < first; i++)
        if (strcmp(configuration_of(load, i), configuration_of(load, first)) == 0)
            return 0;
    for (size_t i = first; status == 0 && i < load->n; i++)
        if (strcmp(configuration_of(load, i), configuration_of(load, first)) == 0)
            status = add_record(load, side, i, error);
    return status;
}

static int add_all(struct load *load, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < load->n; i++)
        if (is_baseline(load, i))
            status = add_record(load, 0, i, error);
    for (size_t i = load->n_baseline; status == 0 && i < load->n; i++)
        if (!is_baseline(load, i))
            status = add_other(load, i, error);
    return status < 0 ? status : compare_finish(load->comparison, error);
}

/* The same file twice would count its noise twice. */
static int check_runs(const struct load *load, struct vms_error *error) {
    for (size_t i = 0; i < load->n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(reader_text(load->readers[i], "run_id"), reader_text(load->readers[j], "run_id")) == 0)
                return error_set(error, -EINVAL, "%.180s and %.180s are the same run (%.40s)",
                                 reader_path(load->readers[j]), reader_path(load->readers[i]),
                                 reader_text(load->readers[i], "run_id"));
    return 0;
}

int compare_load(struct comparison *comparison, char *const *paths, size_t n_paths, size_t n_baseline,
                 struct vms_error *error) {
    struct load load = {.comparison = comparison, .n = n_paths, .n_baseline = n_baseline, .alike = true};
    int status;

    if (n_baseline == 0 || n_paths <= n_baseline)
        return error_set(error, -EINVAL, "a comparison takes a baseline and at least one other record");
    status = reader_open_all(paths, n_paths, &load.readers, error);
    if (status < 0)
        return status;
    for (size_t i = n_baseline; i < n_paths; i++)
        load.alike &= strcmp(configuration_of(&load, i), configuration_of(&load, 0)) == 0;
    status = check_runs(&load, error);
    if (status == 0)
        status = add_all(&load, error);
    reader_close_all(load.readers, load.n);
    return status;
}
