/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/deterministic.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/exit_status.h"
#include "common/locate.h"
#include "output/terminal.h"
#include "record/file/store.h"
#include "study/baseline.h"

static int read_policy(const char *name, struct compare_gate *policy, struct vms_error *error) {
    cleanup_free char *file = locate_document("policies", NULL, name, error);
    json_auto_t *json = NULL;
    double margin;
    int status;

    if (!file)
        return -EINVAL;
    json = store_read(file, error);
    if (!json)
        return -errno;
    status = gate_read(json, policy, &margin, error);
    return status;
}

int deterministic_read(const struct study *study, const char *policy, const char *baseline,
                       struct deterministic *ret_deterministic, struct vms_error *error) {
    struct deterministic deterministic = {0};
    int status = read_policy(policy ? policy : "deterministic", &deterministic.policy, error);

    if (status == 0 && baseline)
        status = baseline_read(baseline, study->suite, &deterministic.baseline, error);
    if (status < 0)
        deterministic_done(&deterministic);
    else
        *ret_deterministic = deterministic;
    return status;
}

void deterministic_done(struct deterministic *deterministic) {
    gate_done(&deterministic->policy);
    json_decref(deterministic->baseline);
    *deterministic = (struct deterministic){0};
}

static int add_records(json_t *configuration, const struct record_list *records,
                       const struct compare_gate *policy, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < records->n_paths; i++) {
        json_auto_t *record = store_read(records->paths[i], error);

        if (!record)
            return -EIO;
        status = baseline_add_record(configuration, record, policy);
    }
    return status < 0 ? error_memory(error) : 0;
}

static int collect(const struct study_run *run, const struct compare_gate *policy, json_t *baseline,
                   struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < run->study->n_entries; i++) {
        json_t *configuration = baseline_add_configuration(baseline, run->study->entries[i].name);
        struct record_list records = {0};

        if (!configuration)
            return error_memory(error);
        status = run_records(run, i, STUDY_INSTRUCTIONS, &records, error);
        if (status == 0)
            status = add_records(configuration, &records, policy, error);
        records_done(&records);
    }
    return status;
}

int deterministic_answer(const struct deterministic *deterministic, const struct study_run *run,
                         struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct baseline_verdict verdict;
    json_auto_t *now = baseline_new(run->study->suite);
    int status = now ? collect(run, &deterministic->policy, now, error) : error_memory(error);

    if (status == 0 && !(path = text_new("%s/baseline.json", run->output)))
        status = error_memory(error);
    if (status == 0)
        status = store_write(path, now, error);
    if (status == 0)
        terminal_print(stderr, "figures of this study, a baseline for later ones: %s\n", path);
    if (status == 0 && deterministic->baseline)
        status = baseline_hold(stdout, deterministic->baseline, now, &verdict) ? EXIT_DONE : EXIT_FAILED;
    return status;
}
