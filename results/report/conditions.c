/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/conditions.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/label.h"
#include "record/origin.h"

#include <math.h>
#include <string.h>

static const char *const share_keys[CONDITIONS] = {[CONDITION_STEAL] = "steal",
                                                   [CONDITION_OTHER_LOAD] = "other_load",
                                                   [CONDITION_STALL_CPU] = "stall_cpu",
                                                   [CONDITION_STALL_IO] = "stall_io"};

static double number_of(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* The configuration's number, which is new perhaps; SIZE_MAX without memory. */
static size_t find_tally(struct condition_list *list, const char *configuration) {
    struct condition_tally *grown;

    for (size_t i = 0; i < list->n_tallies; i++)
        if (strcmp(list->tallies[i].configuration, configuration) == 0)
            return i;
    grown = reallocarray(list->tallies, list->n_tallies + 1, sizeof(*grown));
    if (!grown)
        return SIZE_MAX;
    list->tallies = grown;
    grown += list->n_tallies++;
    *grown = (struct condition_tally){.configuration = strdup(configuration), .flags = json_object()};
    return grown->configuration && grown->flags ? list->n_tallies - 1 : SIZE_MAX;
}

static int count_flags(struct condition_tally *tally, const json_t *flags) {
    const json_t *flag;
    size_t index;
    int failed = 0;

    tally->n_trials++;
    tally->n_flagged += json_array_size(flags) > 0;
    json_array_foreach (flags, index, flag) {
        const char *name = json_string_value(flag);

        if (name)
            failed |= json_object_set_new(
                tally->flags, name,
                json_integer(json_integer_value(json_object_get(tally->flags, name)) + 1));
    }
    return failed ? -ENOMEM : 0;
}

static struct condition *add_condition(struct condition_list *list) {
    if (list->n_conditions == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        struct condition *grown = reallocarray(list->conditions, capacity, sizeof(*grown));

        if (!grown)
            return NULL;
        list->conditions = grown;
        list->capacity = capacity;
    }
    return &list->conditions[list->n_conditions++];
}

static int add_trial(struct condition_list *list, size_t configuration, const char *label,
                     const json_t *trial) {
    const json_t *noise = json_object_get(trial, "noise"), *clock = json_object_get(trial, "clock");
    struct condition *condition;

    if (count_flags(&list->tallies[configuration], json_object_get(trial, "flags")) < 0)
        return -ENOMEM;
    if (!json_is_object(noise) && !json_is_object(clock))
        return 0;
    condition = add_condition(list);
    if (!condition)
        return -ENOMEM;
    *condition = (struct condition){.configuration = configuration,
                                    .label = strdup(label),
                                    .order = (unsigned)json_integer_value(json_object_get(trial, "order")),
                                    .rate_ppm = number_of(clock, "rate_ppm"),
                                    .rate_bound_ppm = number_of(clock, "rate_bound_ppm")};
    for (size_t i = 0; i < CONDITIONS; i++)
        condition->shares[i] = number_of(noise, share_keys[i]);
    return condition->label ? 0 : -ENOMEM;
}

static int add_case(struct condition_list *list, struct reader *reader, size_t index,
                    struct vms_error *error) {
    size_t configuration = find_tally(list, origin_label(reader_document(reader))), i;
    cleanup_free char *label = NULL;
    json_t *outcome = NULL;
    const json_t *trial;
    int status = reader_case_json(reader, index, &outcome, error);

    if (status < 0)
        return status;
    label = label_new(json_object_get(reader_document(reader), "suite"), outcome);
    if (!label || configuration == SIZE_MAX)
        status = -ENOMEM;
    json_array_foreach (json_object_get(outcome, "trials"), i, trial)
        if (status == 0)
            status = add_trial(list, configuration, label, trial);
    json_decref(outcome);
    return status < 0 ? error_memory(error) : 0;
}

int conditions_collect(struct reader *const *readers, size_t n_readers, struct condition_list *ret_list,
                       struct vms_error *error) {
    int status = 0;

    *ret_list = (struct condition_list){0};
    for (size_t i = 0; status == 0 && i < n_readers; i++)
        for (size_t j = 0; status == 0 && j < reader_n_cases(readers[i]); j++)
            status = add_case(ret_list, readers[i], j, error);
    return status;
}

void conditions_done(struct condition_list *list) {
    for (size_t i = 0; i < list->n_conditions; i++)
        free(list->conditions[i].label);
    for (size_t i = 0; i < list->n_tallies; i++) {
        free(list->tallies[i].configuration);
        json_decref(list->tallies[i].flags);
    }
    free(list->conditions);
    free(list->tallies);
    *list = (struct condition_list){0};
}
