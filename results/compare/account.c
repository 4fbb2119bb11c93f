/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/account.h"

#include "record/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number that a fact of the trial gives, or NaN. */
static double fact_number(const struct view_trial *trial, const char *key) {
    for (size_t i = 0; i < trial->n_facts; i++) {
        char *end;
        double number;

        if (strcmp(trial->facts[i].key, key) != 0)
            continue;
        number = strtod(trial->facts[i].value, &end);
        return end != trial->facts[i].value && *end == '\0' && number >= 0 ? number : (double)NAN;
    }
    return NAN;
}

static void add(struct account_sum *sum, double count, double duration_s) {
    if (!isfinite(count) || !(duration_s > 0))
        return;
    sum->count += count;
    sum->duration_s += duration_s;
}

void account_add(struct account *account, const struct view_case *outcome) {
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_trial *trial = &outcome->trials[i];

        if (trial->status != OUTCOME_OK)
            continue;
        add(&account->host_cpu, fact_number(trial, RECORD_FACT_HOST_CPU), trial->duration_s);
        add(&account->exits, fact_number(trial, RECORD_FACT_HOST_EXITS), trial->duration_s);
        if (trial->noise)
            add(&account->steal, trial->noise->steal * trial->duration_s, trial->duration_s);
    }
}

double account_rate(const struct account_sum *sum) {
    return sum->duration_s > 0 ? sum->count / sum->duration_s : (double)NAN;
}
