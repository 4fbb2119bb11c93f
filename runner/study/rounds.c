/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/rounds.h"

#include "places/place_visits.h"
#include "run/plan/outlook.h"
#include "run/set/design.h"

double rounds_estimate_boot(const struct study_entry *entry, enum study_clock clock, char *ret_trouble) {
    return place_visits_estimate(&entry->configurations[clock], &entry->place, ret_trouble);
}

static int design(const struct study *study, struct design *ret_design, struct vms_error *error) {
    double round_s = 0;

    for (size_t i = 0; i < study->n_entries; i++)
        if (study->entries[i].has[STUDY_REAL_TIME])
            round_s += rounds_estimate_boot(&study->entries[i], STUDY_REAL_TIME, NULL);
    return design_runs(&study->goal, &study->entries[0].configurations[STUDY_REAL_TIME].suite, round_s,
                       STUDY_ROUNDS_MAX, ret_design, error);
}

int rounds_choose(struct study *study, struct vms_error *error) {
    struct design chosen;
    int status;

    if (!goal_is_set(&study->goal) || !study->clocks[STUDY_REAL_TIME])
        return 0;
    status = design(study, &chosen, error);
    if (status == 0)
        study->rounds[STUDY_REAL_TIME] = chosen.runs;
    return status;
}

void rounds_print(FILE *file, const struct study *study) {
    struct vms_error error;
    struct design chosen;

    if (!study->clocks[STUDY_REAL_TIME])
        return;
    if (goal_is_set(&study->goal) && design(study, &chosen, &error) == 0)
        design_print(file, &chosen, &study->goal);
    outlook_print(file, &study->entries[0].configurations[STUDY_REAL_TIME].suite,
                  study->rounds[STUDY_REAL_TIME]);
}
