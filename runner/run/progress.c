/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/progress.h"

#include "base/clock.h"
#include "base/units.h"
#include "common/estimate.h"
#include "record/record.h"

#include <sys/ioctl.h>
#include <unistd.h>

static const char *const mode_names[] = {"auto", "plain", "json", "none"};

const char *progress_mode_name(size_t index) {
    return index < VMS_LENGTH(mode_names) ? mode_names[index] : NULL;
}

/* What a step counts for in the time left: its estimate and what every trial costs beside it. */
static double step_cost(const struct progress *progress, size_t index) {
    return progress->plan->estimates[index].seconds + 0.01;
}

void progress_begin(struct progress *progress, enum progress_mode mode, const struct outcome_run *run,
                    const struct plan *plan) {
    *progress = (struct progress){.mode = mode,
                                  .live = mode == PROGRESS_AUTO && isatty(STDERR_FILENO),
                                  .file = mode == PROGRESS_JSON ? stdout : stderr,
                                  .run = run,
                                  .plan = plan,
                                  .start_ns = clock_now_ns()};
    for (size_t i = 0; i < plan->n_steps; i++)
        progress->total_cost += step_cost(progress, plan->steps[i].index);
}

static void print_json(const struct progress *progress, json_t *json) {
    if (json)
        (void)json_dumpf(json, progress->file, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fputc('\n', progress->file);
    fflush(progress->file);
    json_decref(json);
}

/* Writes the value of the trial's headline metric, or its status. */
static void format_headline(const struct outcome_case *outcome, const struct outcome_trial *trial,
                            char ret_text[static UNITS_TEXT_SIZE]) {
    if (trial->n_metrics > 0)
        units_format_value(trial->metrics[0].value, outcome->module->metrics[trial->metrics[0].metric].unit,
                           ret_text);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%s", outcome_status_name(trial->status));
}

static void print_live(const struct progress *progress, const struct outcome_case *outcome, unsigned trial) {
    char last[UNITS_TEXT_SIZE] = "-", left[UNITS_TEXT_SIZE] = "?", line[256];
    double elapsed = (double)(clock_now_ns() - progress->start_ns) / NS_PER_S;
    struct winsize window = {.ws_col = 80};

    (void)ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    if (progress->done_cost > 0)
        estimate_format_time(elapsed * (progress->total_cost - progress->done_cost) / progress->done_cost,
                             left);
    if (outcome->n_done > 0)
        format_headline(outcome, &outcome->trials[outcome->n_done - 1], last);
    (void)snprintf(line, sizeof(line), "[%zu/%zu] case %u of %zu %s: trial %u of %u, last %s, %s left",
                   progress->n_done + 1, progress->plan->n_steps, outcome->id, progress->run->n_cases,
                   outcome->group, trial, outcome->n_trials, last, left);
    fprintf(progress->file, "\r\033[K%.*s", window.ws_col > 1 ? window.ws_col - 1 : 79, line);
    fflush(progress->file);
}

void progress_trial(struct progress *progress, const struct outcome_case *outcome, unsigned trial) {
    if (progress->live)
        print_live(progress, outcome, trial);
}

/* The one plain line of a case whose last trial has ended. */
static void print_case(const struct progress *progress, const struct outcome_case *outcome) {
    char last[UNITS_TEXT_SIZE] = "no trial";
    const char *reason = NULL;
    unsigned n_ok = 0;

    for (size_t i = 0; i < outcome->n_done; i++) {
        n_ok += outcome->trials[i].status == OUTCOME_OK;
        if (outcome->trials[i].reason)
            reason = outcome->trials[i].reason;
    }
    if (outcome->n_done > 0)
        format_headline(outcome, &outcome->trials[outcome->n_done - 1], last);
    fprintf(progress->file, "case %u of %zu, %s (%s): %u of %u trials ok, last %s%s%s\n", outcome->id,
            progress->run->n_cases, outcome->group, outcome->module->name, n_ok, outcome->n_trials, last,
            reason ? "; " : "", reason ? reason : "");
    fflush(progress->file);
}

/* True where no step after this one belongs to the case. */
static bool is_last_step(const struct progress *progress, const struct outcome_case *outcome) {
    for (size_t i = progress->n_done; i < progress->plan->n_steps; i++)
        if (&progress->run->cases[progress->plan->steps[i].index] == outcome)
            return false;
    return true;
}

void progress_step(struct progress *progress, const struct outcome_case *outcome,
                   const struct outcome_trial *trial) {
    progress->done_cost += step_cost(progress, progress->plan->steps[progress->n_done].index);
    progress->n_done++;
    if (progress->mode == PROGRESS_JSON && trial) {
        json_t *json = record_trial(outcome, trial);

        (void)json_object_set_new(json, "event", json_string("trial"));
        (void)json_object_set_new(json, "case", json_integer(outcome->id));
        (void)json_object_set_new(json, "group", json_string(outcome->group));
        print_json(progress, json);
    }
    if ((progress->mode == PROGRESS_PLAIN || (progress->mode == PROGRESS_AUTO && !progress->live)) &&
        is_last_step(progress, outcome))
        print_case(progress, outcome);
}

void progress_end(struct progress *progress, const char *record) {
    if (progress->live)
        fprintf(progress->file, "\r\033[K");
    if (progress->mode == PROGRESS_JSON)
        print_json(progress,
                   json_pack("{s:s, s:s, s:s, s:s?}", "event", "end", "run_id", progress->run->run_id,
                             "status", outcome_status_name(progress->run->status), "record", record));
}
