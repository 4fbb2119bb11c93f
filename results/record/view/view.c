/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/view/view.h"

#include <string.h>

const struct view_param *view_find_param(const struct view_case *outcome, const char *name) {
    for (size_t i = 0; i < outcome->n_params; i++)
        if (strcmp(outcome->params[i].name, name) == 0)
            return &outcome->params[i];
    return NULL;
}

const struct view_metric *view_find_metric(const struct view_case *outcome, const char *name) {
    for (size_t i = 0; i < outcome->n_metrics; i++)
        if (strcmp(outcome->metrics[i].name, name) == 0)
            return &outcome->metrics[i];
    return NULL;
}

const struct view_sample *view_find_sample(const struct view_trial *trial, size_t metric) {
    /* Trials report their metrics in one order, mostly that of the case. */
    if (metric < trial->n_samples && trial->samples[metric].metric == metric)
        return &trial->samples[metric];
    for (size_t i = 0; i < trial->n_samples; i++)
        if (trial->samples[i].metric == metric)
            return &trial->samples[i];
    return NULL;
}

const struct view_machine_fact *view_find_fact(const struct view_machine *machine, const char *name) {
    for (size_t i = 0; i < machine->n_facts; i++)
        if (strcmp(machine->facts[i].name, name) == 0)
            return &machine->facts[i];
    return NULL;
}

bool view_is_same_value(const struct view_value *a, const struct view_value *b) {
    if (a->kind == VIEW_REAL && b->kind == VIEW_REAL)
        return a->number == b->number;
    return a->kind == b->kind && strcmp(a->text, b->text) == 0;
}
