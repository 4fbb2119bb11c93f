/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/comparison/account.h"

#include "record/write/record.h"

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

/* Whether any host wrote into the trial's record: most trials have no fact of one, and are not searched for
 * each. */
static bool has_host(const struct view_trial *trial) {
    for (size_t i = 0; i < trial->n_facts; i++)
        if (strncmp(trial->facts[i].key, RECORD_FACT_HOST, strlen(RECORD_FACT_HOST)) == 0)
            return true;
    return false;
}

static void add_host(struct account *account, const struct view_trial *trial) {
    add(&account->host_cpu, fact_number(trial, RECORD_FACT_HOST_CPU), trial->duration_s);
    add(&account->host_guest, fact_number(trial, RECORD_FACT_HOST_GUEST), trial->duration_s);
    add(&account->exits, fact_number(trial, RECORD_FACT_HOST_EXITS), trial->duration_s);
    add(&account->device_exits, fact_number(trial, RECORD_FACT_DEVICE_EXITS), trial->duration_s);
    for (size_t k = 0; k < HOST_REASONS; k++)
        add(&account->reasons[k], fact_number(trial, host_reasons[k].fact), trial->duration_s);
    add(&account->switches, fact_number(trial, RECORD_FACT_HOST_SWITCHES), trial->duration_s);
}

void account_add(struct account *account, const struct view_case *outcome) {
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_trial *trial = &outcome->trials[i];

        if (trial->status != OUTCOME_OK)
            continue;
        if (has_host(trial))
            add_host(account, trial);
        if (trial->noise)
            add(&account->steal, trial->noise->steal * trial->duration_s, trial->duration_s);
    }
}

double account_rate(const struct account_sum *sum) {
    return sum->duration_s > 0 ? sum->count / sum->duration_s : (double)NAN;
}

/* By the unit of the rate: work in a second. */
static const struct {
    enum vms_unit unit;
    double scale;
    struct view_metric metric;
} rates[] = {
#define PAID(name)                                                                                           \
    {                                                                                                        \
        name, true, VMS_UNIT_SECONDS, VMS_LOWER, VMS_LOCAL, VMS_SCALAR, VMS_ROLE_DERIVED, {                  \
            0                                                                                                \
        }                                                                                                    \
    }
    {VMS_BYTES_PER_SECOND, 1e9, PAID(ACCOUNT_PER_GIGABYTE)},
    {VMS_BITS_PER_SECOND, 8e9, PAID(ACCOUNT_PER_GIGABYTE)},
    {VMS_PER_SECOND, 1, PAID(ACCOUNT_PER_TRANSACTION)},
#undef PAID
};

bool account_is_metric(const char *name) {
    return strcmp(name, ACCOUNT_PER_GIGABYTE) == 0 || strcmp(name, ACCOUNT_PER_TRANSACTION) == 0;
}

/* The row of the case's first rate: its metric, and the row of `rates`. */
static bool find_rate(const struct view_case *outcome, size_t *ret_metric, size_t *ret_row) {
    for (size_t i = 0; i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++)
        for (size_t k = 0; k < VMS_LENGTH(rates); k++)
            if (outcome->metrics[i].unit == rates[k].unit && outcome->metrics[i].better == VMS_HIGHER) {
                *ret_metric = i;
                *ret_row = k;
                return true;
            }
    return false;
}

size_t account_values(const struct view_case *outcome, const struct view_metric **ret_metric,
                      double *values) {
    size_t metric, row, n = 0;

    if (!find_rate(outcome, &metric, &row))
        return 0;
    *ret_metric = &rates[row].metric;
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_trial *trial = &outcome->trials[i];
        const struct view_sample *sample = view_find_sample(trial, metric);
        double processors = fact_number(trial, RECORD_FACT_HOST_CPU) / trial->duration_s;

        if (trial->status == OUTCOME_OK && sample && sample->value > 0 && isfinite(processors))
            values[n++] = rates[row].scale * processors / sample->value;
    }
    return n;
}
