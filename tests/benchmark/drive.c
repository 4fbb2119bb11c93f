/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drive MODULE TRIALS [PARAMETER=VALUE]... runs a module under the fake host and prints the median of each
 * metric over the trials, "NAME VALUE", in base units: one side of a benchmark by paired.py. */
#include "fakes/fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIALS_MAX 1000

struct driven {
    double values[TRIALS_MAX];
    size_t n;
};

static void set_parameters(struct fake_host *fake, char **words) {
    for (; *words; words++) {
        char *equals = strchr(*words, '=');

        if (!equals) {
            fprintf(stderr, "drive: %s: not PARAMETER=VALUE\n", *words);
            exit(2);
        }
        *equals = '\0';
        fake_host_set(fake, *words, equals + 1);
    }
}

static int run_trials(struct fake_host *fake, size_t trials, struct driven *driven) {
    struct vms_error error = {""};

    for (size_t t = 0; t < trials; t++) {
        if (fake_host_run(fake, &error) < 0) {
            fprintf(stderr, "drive: %s: %s\n", fake->module->name, error.text);
            return 1;
        }
        for (size_t i = 0; i < fake->trial.n_metrics; i++) {
            struct driven *metric = &driven[fake->trial.metrics[i].metric];

            metric->values[metric->n++] = fake->trial.metrics[i].value;
        }
    }
    return 0;
}

static void print_medians(const struct vms_module *module, struct driven *driven) {
    struct stats_summary summary;

    for (size_t i = 0; i < module->n_metrics; i++) {
        if (driven[i].n == 0)
            continue;
        stats_summarise(driven[i].values, driven[i].n, 1, &summary);
        printf("%s %.17g\n", module->metrics[i].name, summary.median);
    }
}

int main(int argc, char **argv) {
    unsigned long trials = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    struct fake_host fake;
    struct driven *driven;
    int status;

    if (trials < 1 || trials > TRIALS_MAX) {
        fprintf(stderr, "usage: drive MODULE TRIALS [PARAMETER=VALUE]... (1 to %d trials)\n", TRIALS_MAX);
        return 2;
    }
    fake_host_init(&fake, argv[1]);
    set_parameters(&fake, argv + 3);
    driven = calloc(fake.module->n_metrics, sizeof(*driven));
    status = driven ? run_trials(&fake, trials, driven) : 1;
    if (status == 0)
        print_medians(fake.module, driven);
    free(driven);
    fake_host_done(&fake);
    return status;
}
