/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/notice/closing.h"

#include "base/cleanup.h"
#include "noise/noise.h"
#include "output/terminal.h"
#include "run/notice/run_warnings.h"

#define REST_SHOWN 5 /* without --details */

/* The worst trial by the rule, among those that it flags; NULL: there is none. */
static const struct outcome_trial *find_worst(const struct outcome_run *run, enum noise_flag flag) {
    const struct outcome_trial *worst = NULL;

    for (size_t i = 0; i < run->n_cases; i++)
        for (size_t k = 0; k < run->cases[i].n_done; k++) {
            const struct outcome_trial *trial = &run->cases[i].trials[k];

            if ((trial->flags & flag) && trial->has_noise &&
                (!worst || noise_figure(&trial->noise, flag) > noise_figure(&worst->noise, flag)))
                worst = trial;
        }
    return worst;
}

static bool is_disturbed(const struct outcome_trial *trial) {
    for (size_t i = 0; trial->has_noise && i < NOISE_FLAGS; i++)
        if (trial->flags & noise_rules[i].flag)
            return true;
    return false;
}

/* ": up to 87% of the processors' time used by others, up to 3 major page faults" */
static char *new_disturbances(const struct outcome_run *run) {
    char *text = NULL, figure[NOISE_TEXT_SIZE];
    const char *before = ":";
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    for (size_t i = 0; i < NOISE_FLAGS; i++) {
        const struct outcome_trial *worst = find_worst(run, noise_rules[i].flag);

        if (!worst)
            continue;
        noise_format(&worst->noise, noise_rules[i].flag, figure);
        fprintf(file, "%s up to %s", before, figure);
        before = ",";
    }
    return fclose(file) == 0 ? text : NULL;
}

static void print_disturbed(FILE *file, const struct outcome_run *run) {
    size_t n = 0, n_disturbed = 0;
    cleanup_free char *text = new_disturbances(run);

    for (size_t i = 0; i < run->n_cases; i++)
        for (size_t k = 0; k < run->cases[i].n_done; k++, n++)
            n_disturbed += is_disturbed(&run->cases[i].trials[k]);
    if (n_disturbed > 0)
        terminal_print(file, "warning: %zu of %zu trials disturbed%s\n", n_disturbed, n, text ? text : "");
}

static size_t print_range(FILE *file, const struct outcome_run *run, size_t begin, size_t end, size_t most) {
    size_t n = 0;

    for (size_t i = begin; i < end && n < most; i++, n++)
        terminal_print(file, "warning: %s\n", run->warnings[i]);
    return end > begin ? end - begin - n : 0;
}

void closing_warnings(FILE *file, const struct outcome_run *run, const struct closing_kinds *kinds,
                      bool details) {
    size_t n_unsteady = kinds->rest - kinds->stability, left;

    if (details) {
        (void)print_range(file, run, 0, run->n_warnings, run->n_warnings);
        return;
    }
    print_disturbed(file, run);
    if (n_unsteady > 0)
        terminal_print(file, "warning: %zu figure%s over the run or %s into two groups\n", n_unsteady,
                       n_unsteady == 1 ? " drifts" : "s drift", n_unsteady == 1 ? "falls" : "fall");
    left = print_range(file, run, 0, kinds->noise, REST_SHOWN);
    left += print_range(file, run, kinds->rest, run->n_warnings, REST_SHOWN);
    if (left > 0)
        terminal_print(file, "and %zu more warning%s\n", left, left == 1 ? "" : "s");
    if (left > 0 || kinds->rest > kinds->noise)
        fputs("the record has them all, and run --details prints each\n", file);
}

int closing_judge(struct outcome_run *run, const char *mismatch, const char *cpu_group,
                  struct closing_kinds *ret_kinds) {
    int status = 0;

    if (mismatch)
        status = outcome_run_warn(run, "this machine is not what the configuration expects: %s", mismatch);
    ret_kinds->noise = run->n_warnings;
    if (status == 0)
        status = run_warnings_noise(run);
    ret_kinds->stability = run->n_warnings;
    if (status == 0)
        status = run_warnings_stability(run);
    ret_kinds->rest = run->n_warnings;
    if (status == 0)
        status = run_warnings_paths(run);
    if (status == 0)
        status = run_warnings_peer(run, cpu_group);
    return status == 0 ? run_warnings_clocks(run) : status;
}
