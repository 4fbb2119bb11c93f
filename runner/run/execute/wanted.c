/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/wanted.h"

#include "run/execute/enough.h"

static bool has_trial(const struct outcome_case *outcome, unsigned trial) {
    for (size_t i = 0; i < outcome->n_done; i++)
        if (outcome->trials[i].trial == trial)
            return outcome->trials[i].status != OUTCOME_INTERRUPTED &&
                   outcome->trials[i].status != OUTCOME_LOST;
    return false;
}

bool wanted_is_given_up(const struct outcome_case *outcome) {
    unsigned failures = 0;

    for (size_t i = 0; i < outcome->n_done; i++) {
        switch (outcome->trials[i].status) {
        case OUTCOME_UNSUPPORTED:
        case OUTCOME_TIMEOUT:
        case OUTCOME_CRASHED:
            return true;
        case OUTCOME_FAILED:
            failures++;
            break;
        case OUTCOME_OK:
        case OUTCOME_LOST:
        case OUTCOME_INTERRUPTED:
            failures = 0;
            break;
        }
    }
    return failures >= WANTED_FAILURES_MAX;
}

bool wanted_trial(struct outcome_case *outcome, unsigned trial) {
    (void)enough_trials(outcome); /* a resumed run may have had enough before */
    return trial <= outcome->n_trials && !has_trial(outcome, trial) && !wanted_is_given_up(outcome);
}

bool wanted_no_more(struct outcome_case *outcome, unsigned trial) {
    return enough_trials(outcome) || trial == outcome->n_trials;
}
