/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/notice/run_warnings.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "stats/stability.h"

#include <math.h>
#include <string.h>

#define PASSED_ON                                                                                            \
    "something between them, such as QEMU's user network, address translation or a tunnel, passes the data " \
    "on and is part of the figures"

/* "stream", "tcp-small (case 4)": groups with several cases need the number. */
static char *case_label(const struct outcome_run *run, const struct outcome_case *outcome) {
    unsigned n = 0;

    for (size_t i = 0; i < run->n_cases; i++)
        n += strcmp(run->cases[i].group, outcome->group) == 0;
    return n > 1 ? text_new("%s (case %u)", outcome->group, outcome->id) : strdup(outcome->group);
}

/* "3", "3, 4" or "3 to 9", behind what is there already. */
static void put_range(FILE *out, unsigned first, unsigned last) {
    fprintf(out, "%s%u", ftell(out) > 0 ? ", " : "", first);
    if (last > first)
        fprintf(out, "%s%u", last > first + 1 ? " to " : ", ", last);
}

/* The numbers of the trials that carry the flag, "3, 7 to 9", how many, and the worst of them. NULL without
 * memory. */
static char *flagged_trials(const struct outcome_case *outcome, enum noise_flag flag, size_t *ret_n,
                            const struct outcome_trial **ret_worst) {
    unsigned first = 0, last = 0;
    char *numbers = NULL;
    size_t size;
    FILE *out = open_memstream(&numbers, &size);

    *ret_worst = NULL;
    *ret_n = 0;
    if (!out)
        return NULL;
    for (size_t i = 0; i < outcome->n_done; i++) {
        const struct outcome_trial *trial = &outcome->trials[i];

        if (!(trial->flags & flag) || !trial->has_noise)
            continue;
        if (*ret_n > 0 && trial->trial != last + 1)
            put_range(out, first, last);
        if (*ret_n == 0 || trial->trial != last + 1)
            first = trial->trial;
        last = trial->trial;
        ++*ret_n;
        if (!*ret_worst || noise_figure(&trial->noise, flag) > noise_figure(&(*ret_worst)->noise, flag))
            *ret_worst = trial;
    }
    if (*ret_n > 0)
        put_range(out, first, last);
    if (fclose(out) == 0)
        return numbers;
    free(numbers);
    return NULL;
}

static int warn_of_flag(struct outcome_run *run, const struct outcome_case *outcome, const char *label,
                        const struct noise_rule *rule) {
    const struct outcome_trial *worst;
    size_t n;
    cleanup_free char *numbers = flagged_trials(outcome, rule->flag, &n, &worst);
    char figure[NOISE_TEXT_SIZE];

    if (!numbers)
        return -ENOMEM;
    if (!worst)
        return 0;
    noise_format(&worst->noise, rule->flag, figure);
    return outcome_run_warn(run, "%s: trial%s %s: %s%s", label, n > 1 ? "s" : "", numbers,
                            n > 1 ? "up to " : "", figure);
}

int run_warnings_noise(struct outcome_run *run) {
    int status = 0;

    for (size_t i = 0; i < run->n_cases; i++) {
        cleanup_free char *label = case_label(run, &run->cases[i]);

        if (!label)
            return -ENOMEM;
        for (size_t j = 0; j < NOISE_FLAGS && status == 0; j++)
            status = warn_of_flag(run, &run->cases[i], label, &noise_rules[j]);
    }
    return status;
}

/* The headline's values with the times they were taken at; the number of values. */
static size_t headline(const struct outcome_case *outcome, double *values, double *order) {
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_done; i++) {
        const struct outcome_trial *trial = &outcome->trials[i];

        if (trial->status != OUTCOME_OK || trial->n_metrics == 0)
            continue;
        values[n] = trial->metrics[0].value;
        order[n++] = trial->start_s;
    }
    return n;
}

static int warn_of_case(struct outcome_run *run, const struct outcome_case *outcome) {
    cleanup_free double *values = calloc(2 * outcome->n_done + 1, sizeof(*values));
    cleanup_free char *label = case_label(run, outcome);
    struct stability stability;
    int status;

    if (!values || !label)
        return -ENOMEM;
    status = stability_judge(values, values + outcome->n_done,
                             headline(outcome, values, values + outcome->n_done), &stability);
    if (status == 0 && stability.drifts)
        status =
            outcome_run_warn(run,
                             "%s: its figure drifts over the run by %+.1f%% (rank correlation with the order "
                             "%.2f, p = %.2g): trials are not alike",
                             label, 100 * stability.change, stability.rho, stability.p);
    if (status == 0 && stability.bimodal)
        status =
            outcome_run_warn(run,
                             "%s: its figure falls into two groups of %zu and %zu trials, %.1f%% apart: mean "
                             "and median represent neither",
                             label, stability.n_low, stability.n - stability.n_low, 100 * stability.apart);
    return status;
}

/* A clock that runs wrong makes every rate wrong by as much. */
int run_warnings_clocks(struct outcome_run *run) {
    int status = 0;

    for (size_t i = 0; i < run->n_cases && status == 0; i++) {
        const struct outcome_case *outcome = &run->cases[i];
        const struct clock_offset *worst = NULL;
        unsigned flagged = 0;

        for (size_t k = 0; k < outcome->n_done; k++) {
            const struct clock_offset *clock = &outcome->trials[k].clock;

            flagged += clock->flagged;
            if (clock->flagged && (!worst || fabs(clock->rate_ppm) > fabs(worst->rate_ppm)))
                worst = clock;
        }
        if (worst)
            status = outcome_run_warn(
                run,
                "case %u (%s): the clocks of this machine and the peer do not agree in %u of %zu "
                "trials: the peer's runs up to %+.0f ppm (within %.0f ppm) against ours, or "
                "jumped by %g s; one side's rates are wrong by that",
                outcome->id, outcome->group, flagged, outcome->n_done, worst->rate_ppm, worst->rate_bound_ppm,
                worst->step_s);
    }
    return status;
}

static const char *fact_of(const struct outcome_case *outcome, const char *key) {
    for (size_t i = 0; i < outcome->facts.n_facts; i++)
        if (strcmp(outcome->facts.facts[i].key, key) == 0)
            return outcome->facts.facts[i].value;
    return "";
}

/* Whether one end sees a network and the other does not: something between ends the one path and begins the
 * other, so that packets of one end are none of the other's. */
static bool paths_differ(const struct outcome_case *outcome) {
    const char *there = fact_of(outcome, "peer_path");

    return outcome->path && *there && strcmp(outcome->path, there) != 0;
}

static bool is_translated(const struct outcome_case *outcome) {
    return strcmp(fact_of(outcome, "path_translated"), "yes") == 0;
}

/* Whether the two ends of the case's path know its MTU, and differ. */
static bool mtus_differ(const struct outcome_case *outcome) {
    const char *here = fact_of(outcome, "path_mtu"), *there = fact_of(outcome, "peer_path_mtu");

    return *here && *there && strcmp(here, there) != 0;
}

static bool is_odd(const struct outcome_case *outcome) {
    return paths_differ(outcome) || is_translated(outcome) || mtus_differ(outcome);
}

static bool same_path(const struct outcome_case *a, const struct outcome_case *b) {
    static const char *const keys[] = {"path_interface",      "path_mtu",     "path_translated", "peer_path",
                                       "peer_path_interface", "peer_path_mtu"};

    for (size_t i = 0; i < VMS_LENGTH(keys); i++)
        if (strcmp(fact_of(a, keys[i]), fact_of(b, keys[i])) != 0)
            return false;
    return true;
}

static bool was_said(const struct outcome_run *run, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (same_path(&run->cases[i], &run->cases[index]))
            return true;
    return false;
}

static const char *or_unknown(const char *text) {
    return *text ? text : "unknown";
}

static int warn_of_path(struct outcome_run *run, const struct outcome_case *outcome) {
    const char *here = or_unknown(fact_of(outcome, "path_interface")),
               *there = or_unknown(fact_of(outcome, "peer_path_interface"));

    if (paths_differ(outcome))
        return outcome_run_warn(
            run, "the two ends see different paths: %s here (%s), %s at the peer (%s): " PASSED_ON,
            outcome->path, here, fact_of(outcome, "peer_path"), there);
    if (is_translated(outcome))
        return outcome_run_warn(
            run, "the two ends (%s here, %s at the peer) see different addresses of each other: " PASSED_ON,
            here, there);
    return outcome_run_warn(run,
                            "the two ends of the network path have different MTUs: %s bytes here (%s), %s at "
                            "the peer (%s); packets are fragmented, dropped or smaller than one end expects",
                            fact_of(outcome, "path_mtu"), here, fact_of(outcome, "peer_path_mtu"), there);
}

int run_warnings_paths(struct outcome_run *run) {
    int status = 0;

    for (size_t i = 0; i < run->n_cases && status == 0; i++) {
        const struct outcome_case *outcome = &run->cases[i];

        if (is_odd(outcome) && !was_said(run, i))
            status = warn_of_path(run, outcome);
    }
    return status;
}

size_t run_warnings_count_loaded(const struct outcome_case *outcome) {
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_done; i++)
        n += (outcome->trials[i].flags & (NOISE_OTHER_LOAD | NOISE_STALL_CPU)) != 0;
    return n;
}

int run_warnings_peer(struct outcome_run *run, const char *cpu_group) {
    const char *group = "";
    size_t n = 0;

    for (size_t i = 0; i < run->n_cases; i++) {
        const struct outcome_case *outcome = &run->cases[i];

        if (strcmp(fact_of(outcome, "peer_cpu_group_other"), "yes") != 0)
            continue;
        group = fact_of(outcome, "peer_cpu_group");
        n += run_warnings_count_loaded(outcome);
    }
    if (n == 0)
        return 0;
    return outcome_run_warn(
        run,
        "the peer shares this machine's processors by another control group than this end "
        "(%s, %s), and a busy machine gives each group its part, however much runs in it: "
        "%zu trials of network cases met a load by others, so that their figures depend on "
        "the groups, too",
        group, cpu_group, n);
}

int run_warnings_stability(struct outcome_run *run) {
    int status = 0;

    for (size_t i = 0; i < run->n_cases && status == 0; i++)
        status = warn_of_case(run, &run->cases[i]);
    return status;
}

static bool may_change(const char *name) {
    static const char *const names[] = {"memory.available_bytes", "memory.swap_free_bytes",
                                        "cpu.frequency_hz", "storage.free_bytes", "clock.read_cost_s"};

    for (size_t i = 0; i < VMS_LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return strncmp(name, "load.", strlen("load.")) == 0;
}

static bool same_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_fact(const struct machine_fact *a, const struct machine_fact *b) {
    return a->status == b->status && a->type == b->type && same_text(a->text, b->text) &&
           a->integer == b->integer && a->real == b->real && a->boolean == b->boolean;
}

static void format_fact(const struct machine_fact *fact, char *ret_text, size_t size) {
    char number[UNITS_TEXT_SIZE];

    units_format_number(fact->real, 6, number);
    if (fact->text)
        (void)snprintf(ret_text, size, "%s", fact->text);
    else if (fact->type == FACT_INTEGER)
        (void)snprintf(ret_text, size, "%lld", (long long)fact->integer);
    else if (fact->type == FACT_REAL)
        (void)snprintf(ret_text, size, "%s", number);
    else
        (void)snprintf(ret_text, size, "%s", fact->boolean ? "yes" : "no");
}

int run_warnings_changes(struct outcome_run *run, const struct machine *before, const struct machine *after) {
    int status = 0;

    for (size_t i = 0; i < before->n_facts && status == 0; i++) {
        const struct machine_fact *old = &before->facts[i], *new = machine_find(after, old->name);
        char was[200], is[200];

        if (!new || may_change(old->name) || same_fact(old, new))
            continue;
        format_fact(old, was, sizeof(was));
        format_fact(new, is, sizeof(is));
        status = outcome_run_warn(run, "the machine changed during the run: %s was \"%s\" and is \"%s\"",
                                  old->name, was, is);
    }
    return status;
}

int run_warnings_stalls(struct outcome_run *run, const struct machine *before, const struct machine *after) {
    static const char *const moments[] = {"before the first trial", "between trials and after the last one"};
    const struct machine *const machines[] = {before, after};
    int status = 0;

    for (size_t i = 0; i < VMS_LENGTH(machines) && status == 0; i++) {
        const struct machine_fact *fact = machine_find(machines[i], "load.steal_under_reported");

        if (fact && fact->status == FACT_VALUE && strncmp(fact->text, "yes: ", 5) == 0)
            status = outcome_run_warn(
                run,
                "steal is under-reported: %s, while nothing of this run was running, %s of the processors' "
                "time was taken that the kernel reports nowhere",
                moments[i], fact->text + 5);
    }
    return status;
}
