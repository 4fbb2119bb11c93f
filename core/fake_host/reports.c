/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_host/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double find_median(const double *values, double *sorted, size_t n) {
    memcpy(sorted, values, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

int fake_trial_add(struct fake_trial *trial, unsigned metric, bool is_distribution, const double *values,
                   size_t n) {
    struct fake_metric *grown = reallocarray(trial->metrics, trial->n_metrics + 1, sizeof(*grown));
    double *copy = calloc(n, sizeof(*copy));

    if (grown)
        trial->metrics = grown;
    if (!grown || !copy) {
        free(copy);
        return -ENOMEM;
    }
    grown[trial->n_metrics] =
        (struct fake_metric){.metric = metric, .is_distribution = is_distribution, .values = copy, .n = n};
    /* The room for the copy is where they are sorted first. */
    grown[trial->n_metrics++].value = find_median(values, copy, n);
    memcpy(copy, values, n * sizeof(*copy));
    return 0;
}

int fake_trial_log(struct fake_trial *trial, const char *text) {
    char **grown = reallocarray(trial->log, trial->n_log + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    trial->log = grown;
    grown[trial->n_log] = strdup(text);
    return grown[trial->n_log] ? (trial->n_log++, 0) : -ENOMEM;
}

static struct fake_fact *find(const struct fake_facts *facts, const char *key) {
    for (size_t i = 0; i < facts->n_facts; i++)
        if (strcmp(facts->facts[i].key, key) == 0)
            return &facts->facts[i];
    return NULL;
}

/* Takes over both texts where it succeeds. */
static int put_fact(struct fake_facts *facts, char *key, char *value) {
    struct fake_fact *found = find(facts, key), *grown;

    if (found) {
        free(found->key);
        free(found->value);
        *found = (struct fake_fact){key, value};
        return 0;
    }
    grown = reallocarray(facts->facts, facts->n_facts + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    facts->facts = grown;
    grown[facts->n_facts++] = (struct fake_fact){key, value};
    return 0;
}

int fake_facts_set(struct fake_facts *facts, const char *key, const char *value) {
    char *own_key = strdup(key), *own_value = strdup(value);

    if (own_key && own_value && put_fact(facts, own_key, own_value) == 0)
        return 0;
    free(own_key);
    free(own_value);
    return -ENOMEM;
}

const char *fake_facts_find(const struct fake_facts *facts, const char *key) {
    const struct fake_fact *found = find(facts, key);

    return found ? found->value : NULL;
}

void fake_facts_done(struct fake_facts *facts) {
    for (size_t i = 0; i < facts->n_facts; i++) {
        free(facts->facts[i].key);
        free(facts->facts[i].value);
    }
    free(facts->facts);
    *facts = (struct fake_facts){0};
}

void fake_trial_done(struct fake_trial *trial) {
    for (size_t i = 0; i < trial->n_metrics; i++)
        free(trial->metrics[i].values);
    for (size_t i = 0; i < trial->n_log; i++)
        free(trial->log[i]);
    free(trial->metrics);
    free(trial->log);
    fake_facts_done(&trial->facts);
    *trial = (struct fake_trial){0};
}
