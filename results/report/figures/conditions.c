/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures/conditions.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/read/walk.h"

#include <math.h>
#include <string.h>

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
    *grown = (struct condition_tally){.configuration = strdup(configuration)};
    return grown->configuration ? list->n_tallies - 1 : SIZE_MAX;
}

static struct condition_flag *find_flag(const struct condition_tally *tally, const char *name) {
    for (size_t i = 0; i < tally->n_flags; i++)
        if (strcmp(tally->flags[i].name, name) == 0)
            return &tally->flags[i];
    return NULL;
}

size_t condition_count(const struct condition_tally *tally, const char *flag) {
    const struct condition_flag *found = find_flag(tally, flag);

    return found ? found->n_trials : 0;
}

/* Counts one more trial with the flag, which is new perhaps. */
static int count_flag(struct condition_tally *tally, const char *name) {
    struct condition_flag *flag = find_flag(tally, name), *grown;

    if (!flag) {
        grown = reallocarray(tally->flags, tally->n_flags + 1, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        tally->flags = grown;
        flag = &grown[tally->n_flags];
        *flag = (struct condition_flag){.name = strdup(name)};
        if (!flag->name)
            return -ENOMEM;
        tally->n_flags++;
    }
    flag->n_trials++;
    return 0;
}

static int count_flags(struct condition_tally *tally, const struct view_trial *trial) {
    int status = 0;

    tally->n_trials++;
    tally->n_flagged += trial->n_flags > 0;
    for (size_t i = 0; status == 0 && i < trial->n_flags; i++)
        status = count_flag(tally, trial->flags[i]);
    return status;
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
                     const struct view_trial *trial) {
    const struct noise *noise = trial->noise;
    const struct clock_offset *clock = trial->clock;
    struct condition *condition;

    if (count_flags(&list->tallies[configuration], trial) < 0)
        return -ENOMEM;
    if (!noise && !clock)
        return 0;
    condition = add_condition(list);
    if (!condition)
        return -ENOMEM;
    *condition = (struct condition){.configuration = configuration,
                                    .label = strdup(label),
                                    .order = trial->order,
                                    .rate_ppm = clock ? clock->rate_ppm : (double)NAN,
                                    .rate_bound_ppm = clock ? clock->rate_bound_ppm : (double)NAN};
    condition->shares[CONDITION_STEAL] = noise ? noise->steal : (double)NAN;
    condition->shares[CONDITION_OTHER_LOAD] = noise ? noise->other_load : (double)NAN;
    condition->shares[CONDITION_STALL_CPU] = noise ? noise->stall_cpu : (double)NAN;
    condition->shares[CONDITION_STALL_IO] = noise ? noise->stall_io : (double)NAN;
    return condition->label ? 0 : -ENOMEM;
}

/* A record, while its trials are counted. */
struct counting {
    struct condition_list *list;
    size_t configuration;
};

static int add_case(void *context, const struct walk_case *at, struct vms_error *error) {
    const struct counting *counting = context;

    for (size_t i = 0; i < at->outcome->n_trials; i++)
        if (add_trial(counting->list, counting->configuration, at->label, &at->outcome->trials[i]) < 0)
            return error_memory(error);
    return 0;
}

static int add_record(struct condition_list *list, struct reader *reader, struct vms_error *error) {
    size_t configuration = find_tally(list, reader_head(reader)->label);

    return configuration == SIZE_MAX
               ? error_memory(error)
               : walk_cases(reader, add_case, &(struct counting){list, configuration}, error);
}

int conditions_collect(struct reader *const *readers, size_t n_readers, struct condition_list *ret_list,
                       struct vms_error *error) {
    int status = 0;

    *ret_list = (struct condition_list){0};
    for (size_t i = 0; status == 0 && i < n_readers; i++)
        status = add_record(ret_list, readers[i], error);
    return status;
}

void conditions_done(struct condition_list *list) {
    for (size_t i = 0; i < list->n_conditions; i++)
        free(list->conditions[i].label);
    for (size_t i = 0; i < list->n_tallies; i++) {
        free(list->tallies[i].configuration);
        for (size_t j = 0; j < list->tallies[i].n_flags; j++)
            free(list->tallies[i].flags[j].name);
        free(list->tallies[i].flags);
    }
    free(list->conditions);
    free(list->tallies);
    *list = (struct condition_list){0};
}
