/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/station_intake.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "record/write/record.h"
#include "json/members.h"

#include <math.h>
#include <string.h>

#define WARNINGS_MAX 200

static int refuse_metric(const struct vms_metric *metric, const char *what, struct vms_error *error) {
    return error_set(error, -EPROTO, "the place reported metric \"%s\" %s", metric->name, what);
}

/* Raw values say all of a distribution: what was said besides is dropped. */
static int check_distribution(struct outcome_metric *metric, const struct vms_metric *row,
                              struct vms_error *error) {
    struct stats_distribution *said = &metric->distribution;
    double sorted[OUTCOME_RAW_MAX];

    for (size_t i = 0; i < metric->n_raw; i++)
        if (!isfinite(metric->raw[i]))
            return refuse_metric(row, "with a value that is not a number", error);
    if (metric->n_raw > 0) {
        memcpy(sorted, metric->raw, sizeof(sorted));
        stats_distribute(sorted, metric->n_raw, said);
        metric->value = said->quantiles[1];
        return 0;
    }
    if (said->n <= OUTCOME_RAW_MAX || !isfinite(said->mean) || !isfinite(said->sd) || said->sd < 0)
        return refuse_metric(row, "with an impossible distribution", error);
    for (size_t i = 0; i < STATS_QUANTILES; i++)
        if (!isfinite(said->quantiles[i]) || (i > 0 && said->quantiles[i] < said->quantiles[i - 1]))
            return refuse_metric(row, "with an impossible distribution", error);
    metric->value = said->quantiles[1];
    return said->mean >= said->quantiles[0] && said->mean <= said->quantiles[STATS_QUANTILES - 1]
               ? 0
               : refuse_metric(row, "with an impossible distribution", error);
}

static int check_metrics(const struct vms_module *module, struct outcome_trial *trial,
                         struct vms_error *error) {
    for (size_t i = 0; i < trial->n_metrics; i++) {
        struct outcome_metric *metric = &trial->metrics[i];
        const struct vms_metric *row = &module->metrics[metric->metric];

        for (size_t k = 0; k < i; k++)
            if (trial->metrics[k].metric == metric->metric)
                return refuse_metric(row, "twice", error);
        if (metric->is_distribution && check_distribution(metric, row, error) < 0)
            return -EPROTO;
        if (!isfinite(metric->value))
            return refuse_metric(row, "with a value that is not a number", error);
        if (units_is_rate(row->unit) &&
            (metric->is_distribution ? metric->distribution.quantiles[0] : metric->value) < 0)
            return refuse_metric(row, "as a rate below 0", error);
    }
    return 0;
}

static int check_trial(const struct vms_module *module, struct outcome_trial *trial,
                       struct vms_error *error) {
    bool is_ok = trial->status == OUTCOME_OK;

    if (trial->status == OUTCOME_LOST || trial->status == OUTCOME_INTERRUPTED)
        return error_set(error, -EPROTO, "the agent there was stopped");
    if (is_ok != (trial->n_metrics > 0) || is_ok == (trial->reason != NULL))
        return error_set(error, -EPROTO,
                         "the place reported a trial that is %s, with %zu figures and %s reason",
                         outcome_status_name(trial->status), trial->n_metrics, trial->reason ? "a" : "no");
    if (!isfinite(trial->start_s) || !isfinite(trial->duration_s) || trial->duration_s < 0)
        return error_set(error, -EPROTO, "the place reported a trial without a time");
    for (size_t i = 0; i < trial->n_attempts; i++) {
        if (trial->attempts[i].n_attempts > 0 || !isfinite(trial->attempts[i].start_s) ||
            !isfinite(trial->attempts[i].duration_s))
            return error_set(error, -EPROTO, "the place reported an attempt without a time");
        if (check_metrics(module, &trial->attempts[i], error) < 0)
            return -EPROTO;
    }
    return check_metrics(module, trial, error);
}

static int read_path(const json_t *message, struct outcome_case *outcome, struct vms_error *error) {
    static const char *const paths[] = {"loopback", "network"};
    const char *path = members_text(message, "path");

    for (size_t i = 0; path && i < VMS_LENGTH(paths); i++)
        if (strcmp(path, paths[i]) == 0) {
            outcome->path = paths[i];
            return 0;
        }
    return path ? error_set(error, -EPROTO, "the place reported the path \"%.40s\"", path) : 0;
}

int station_intake_trial(const json_t *message, struct outcome_case *outcome, unsigned trial,
                         struct outcome_trial *ret_trial, struct vms_error *error) {
    const json_t *body = json_object_get(message, "trial");
    double start_s = json_number_value(json_object_get(message, "start_s"));
    struct outcome_trial read;
    struct vms_error reason = {""};

    if (json_integer_value(json_object_get(message, "case")) != outcome->id ||
        json_integer_value(json_object_get(body, "trial")) != trial)
        return error_set(error, -EPROTO, "the place answered with another trial than was asked for");
    if (record_read_trial(outcome, body, &read, &reason) < 0)
        return error_set(error, -EPROTO, "the place reported a malformed trial: %.300s", reason.text);
    read.start_s = start_s;
    if (check_trial(outcome->module, &read, error) < 0 || read_path(message, outcome, error) < 0) {
        outcome_trial_done(&read);
        return -EPROTO;
    }
    if (record_read_facts(json_object_get(message, "facts"), &outcome->facts, &reason) < 0) {
        outcome_trial_done(&read);
        return error_set(error, -EPROTO, "the place reported %.300s", reason.text);
    }
    *ret_trial = read;
    return 0;
}

int station_intake_trouble(const json_t *message, struct outcome_run *run,
                           const struct outcome_case **ret_outcome, struct vms_error *error) {
    json_int_t id = json_integer_value(json_object_get(message, "case"));
    const char *status = members_text(message, "status"), *reason = members_text(message, "reason");
    enum outcome_status known = OUTCOME_OK;
    struct outcome_case *outcome;

    if (id < 1 || (size_t)id > run->n_cases || !status || !reason ||
        outcome_status_from_name(status, &known) < 0 || known == OUTCOME_OK)
        return error_set(error, -EPROTO, "the place reported a problem with a case that does not exist");
    outcome = &run->cases[id - 1];
    outcome->status = known;
    free(outcome->reason);
    outcome->reason = strdup(reason);
    *ret_outcome = outcome;
    return outcome->reason ? 0 : error_memory(error);
}

/* Fills in the module's file as it is there. */
static int take_module(const json_t *entry, struct outcome_module *module, struct outcome_run *run,
                       struct vms_error *error) {
    const char *path = members_text(entry, "path"), *sha256 = members_text(entry, "sha256");
    json_int_t version = json_integer_value(json_object_get(entry, "workload_version"));
    char *copy;

    if (!path || !sha256 || strlen(sha256) >= sizeof(module->sha256) ||
        strspn(sha256, "0123456789abcdef") != strlen(sha256))
        return error_set(error, -EPROTO, "the place did not say which file module %s is",
                         module->module->name);
    if (version != module->module->workload_version)
        return error_set(error, -EPROTO, "module %s has workload version %lld there, and %u here",
                         module->module->name, (long long)version, module->module->workload_version);
    if (strcmp(sha256, module->sha256) != 0 &&
        outcome_run_warn(run, "module \"%s\" there, %s, is not the same file as the driver's",
                         module->module->name, path) < 0)
        return error_memory(error);
    copy = strdup(path);
    if (!copy)
        return error_memory(error);
    free(module->path);
    module->path = copy;
    (void)snprintf(module->sha256, sizeof(module->sha256), "%s", sha256);
    module->is_shipped = json_is_true(json_object_get(entry, "shipped"));
    return 0;
}

int station_intake_modules(const json_t *list, struct outcome_run *run, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < run->n_modules; i++) {
        const char *wanted = run->modules[i].module->name;
        const json_t *entry, *found = NULL;
        size_t index;

        json_array_foreach (list, index, entry) {
            const char *name = members_text(entry, "module");

            found = !found && name && strcmp(name, wanted) == 0 ? entry : found;
        }
        status = found ? take_module(found, &run->modules[i], run, error)
                       : error_set(error, -EPROTO, "there is no module %s there", wanted);
    }
    return status;
}

static bool is_text_or_null(const json_t *json) {
    return json_is_string(json) || json_is_null(json);
}

/* An array of objects whose members of these names are texts or null, and no others but `free`. */
static bool is_table(const json_t *list, const char *const *names, const char *free_member) {
    const json_t *row;
    size_t index;

    if (!json_is_array(list))
        return false;
    json_array_foreach (list, index, row) {
        size_t n = 0;

        for (; names[n]; n++)
            if (!is_text_or_null(json_object_get(row, names[n])))
                return false;
        if (free_member) {
            const json_t *value = json_object_get(row, free_member);

            if (!value || json_is_object(value) || json_is_array(value))
                return false;
            n++;
        }
        if (json_object_size(row) != n)
            return false;
    }
    return true;
}

int station_intake_machine(const json_t *machine, struct vms_error *error) {
    static const char *const evidence[] = {"source", "saw", "points_to", "strength", "role", NULL};
    static const char *const facts[] = {"fact", "status", "reason", "source", NULL};

    if (json_object_size(machine) == 4 && members_text(machine, "virtualization") &&
        members_text(machine, "container") &&
        is_table(json_object_get(machine, "evidence"), evidence, NULL) &&
        is_table(json_object_get(machine, "facts"), facts, "value"))
        return 0;
    return error_set(error, -EPROTO, "the place's description of its machine is malformed");
}

int station_intake_warnings(const json_t *list, struct outcome_run *run, struct vms_error *error) {
    const json_t *entry;
    size_t index;

    if (json_array_size(list) > WARNINGS_MAX)
        return error_set(error, -EPROTO, "the place sent too many warnings");
    json_array_foreach (list, index, entry) {
        if (!json_is_string(entry))
            return error_set(error, -EPROTO, "the place sent a warning that is not a text");
        if (outcome_run_warn(run, "%s", json_string_value(entry)) < 0)
            return error_memory(error);
    }
    return 0;
}
