/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/notice/progress.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/units.h"
#include "base/utf8.h"
#include "common/estimate.h"
#include "output/terminal.h"
#include "record/text/json_writer.h"
#include "record/value.h"
#include "record/write/record.h"

#include <math.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const char *const mode_names[] = {"auto", "plain", "json", "none", "trials", "marks"};

const char *progress_mode_name(size_t index) {
    return index < VMS_LENGTH(mode_names) ? mode_names[index] : NULL;
}

#define TICK_MS 1000
/* What every trial costs beside its estimate. */
#define STEP_S 0.01
/* The estimates weigh as much as this many seconds of steps that were done. */
#define PRIOR_S 5.0
/* How long those who read a guest's console are given after the line that begins a trial: they may share its
 * processors. */
#define SETTLE_NS 20000000L

/* What a step counts for: its estimate and, with the first of a case, those of its warm-ups. */
static double step_cost(const struct progress *progress, const struct plan_step *step) {
    unsigned runs = 1 + (step->trial == 1 ? progress->run->cases[step->index].warmup : 0);

    return runs * progress->plan->estimates[step->index].seconds + STEP_S;
}

static double since_s(uint64_t start_ns, uint64_t now_ns) {
    return now_ns > start_ns ? (double)(now_ns - start_ns) / NS_PER_S : 0;
}

/* By the estimates and by how much the steps so far differed from theirs. */
static double time_left_s(const struct progress *progress, uint64_t now_ns) {
    double factor = (progress->done_s + PRIOR_S) / (progress->done_cost + PRIOR_S);
    double left_s = factor * (progress->total_cost - progress->done_cost);

    if (progress->outcome)
        left_s -= fmin(since_s(progress->step_ns, now_ns),
                       factor * step_cost(progress, &progress->plan->steps[progress->n_done]));
    return fmax(left_s, 0);
}

/* In ASCII, as it may be a terminal's. */
static void print_json(const struct progress *progress, json_t *json) {
    if (json)
        (void)json_write_line(progress->file, json);
    fflush(progress->file);
    json_decref(json);
}

static bool is_plain(const struct progress *progress) {
    return progress->mode == PROGRESS_PLAIN || progress->mode == PROGRESS_TRIALS ||
           (progress->mode == PROGRESS_AUTO && !progress->live);
}

/* A line at the beginning and at the end of each trial. */
static bool has_marks(const struct progress *progress) {
    return progress->mode == PROGRESS_TRIALS || progress->mode == PROGRESS_MARKS;
}

void progress_begin(struct progress *progress, enum progress_mode mode, const struct outcome_run *run,
                    const struct plan *plan) {
    char estimate[UNITS_TEXT_SIZE];

    *progress = (struct progress){.mode = mode,
                                  .live = mode == PROGRESS_AUTO && terminal_takes_codes(STDERR_FILENO),
                                  .file = mode == PROGRESS_JSON ? stdout : stderr,
                                  .run = run,
                                  .plan = plan,
                                  .start_ns = clock_now_ns()};
    for (size_t i = 0; i < plan->n_steps; i++)
        progress->total_cost += step_cost(progress, &plan->steps[i]);
    estimate_format_time(progress->total_cost, estimate);
    if (mode == PROGRESS_JSON)
        print_json(progress, json_pack("{s:s, s:s, s:I, s:I, s:f}", "event", "begin", "run_id", run->run_id,
                                       "cases", (json_int_t)run->n_cases, "trials", (json_int_t)plan->n_steps,
                                       "estimate_s", progress->total_cost));
    else if (is_plain(progress) || progress->mode == PROGRESS_MARKS)
        fprintf(progress->file, "%zu case%s, %zu trial%s: about %s%s\n", run->n_cases,
                run->n_cases == 1 ? "" : "s", plan->n_steps, plan->n_steps == 1 ? "" : "s", estimate,
                plan->trouble[0] ? ", as far as modules have estimates" : "");
    fflush(progress->file);
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

/* "preparing memory", "warm-up 1 of 2", "trial 3 of 10". */
static void format_stage(const struct progress *progress, char *ret_text, size_t size) {
    const struct outcome_case *outcome = progress->outcome;

    switch (progress->stage) {
    case PROGRESS_PREPARING:
        (void)snprintf(ret_text, size, "preparing %s", value_resource_name(outcome->module->resource));
        return;
    case PROGRESS_WARM_UP:
        (void)snprintf(ret_text, size, "warm-up %u of %u", progress->number, outcome->warmup);
        return;
    case PROGRESS_TRIAL:
        (void)snprintf(ret_text, size, "trial %u of %u", progress->number, outcome->n_trials);
        return;
    }
}

static void print_live(struct progress *progress) {
    char last[UNITS_TEXT_SIZE] = "-", left[UNITS_TEXT_SIZE], lasted[UNITS_TEXT_SIZE], stage[64] = "",
         line[320];
    const struct outcome_case *outcome = progress->outcome;
    uint64_t now_ns = clock_now_ns();
    struct winsize window = {.ws_col = 80};

    (void)ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    estimate_format_time(time_left_s(progress, now_ns), left);
    estimate_format_time(floor(since_s(progress->stage_ns, now_ns)), lasted);
    if (outcome->n_done > 0)
        format_headline(outcome, &outcome->trials[outcome->n_done - 1], last);
    format_stage(progress, stage, sizeof(stage));
    (void)snprintf(line, sizeof(line), "[%zu/%zu] %s left; case %u of %zu %s: %s, %s; last %s",
                   progress->n_done + 1, progress->plan->n_steps, left, outcome->id, progress->run->n_cases,
                   outcome->group, stage, lasted, last);
    escape_sentence(line, sizeof(line)); /* the group is a stranger's text */
    fprintf(progress->file, "\r\033[K%.*s", (int)utf8_fit(line, window.ws_col > 1 ? window.ws_col - 1 : 79),
            line);
    fflush(progress->file);
    progress->drawn_ns = now_ns;
}

void progress_begin_step(struct progress *progress, const struct outcome_case *outcome) {
    progress->outcome = outcome;
    progress->step_ns = clock_now_ns();
}

/* Waits until it has left: what a console still has to say would be said in the trial. */
static void print_mark(const struct progress *progress, const char *mark, unsigned case_id, unsigned trial) {
    if (!has_marks(progress))
        return;
    fprintf(progress->file, "%s%u %u\n", mark, case_id, trial);
    fflush(progress->file);
    (void)tcdrain(fileno(progress->file));
}

static void begin_trial(const struct progress *progress, unsigned trial) {
    const struct timespec settle = {.tv_nsec = SETTLE_NS};

    print_mark(progress, PROGRESS_TRIAL_BEGINS, progress->outcome->id, trial);
    if (has_marks(progress))
        (void)nanosleep(&settle, NULL);
}

void progress_stage(struct progress *progress, enum progress_stage stage, unsigned number) {
    progress->stage = stage;
    progress->number = number;
    progress->stage_ns = clock_now_ns();
    if (progress->live && progress->outcome)
        print_live(progress);
    if (stage == PROGRESS_TRIAL && progress->outcome)
        begin_trial(progress, number);
}

int progress_tick(struct progress *progress) {
    uint64_t now_ns;

    if (!progress->live || !progress->outcome)
        return -1;
    now_ns = clock_now_ns();
    if (now_ns - progress->drawn_ns >= NS_PER_S) { /* it is called at every message, too */
        print_live(progress);
        return TICK_MS;
    }
    return TICK_MS - (int)((now_ns - progress->drawn_ns) / (NS_PER_S / TICK_MS));
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
    terminal_print(progress->file, "case %u of %zu, %s (%s): %u of %u trials ok, last %s%s%s\n", outcome->id,
                   progress->run->n_cases, outcome->group, outcome->module->name, n_ok, outcome->n_trials,
                   last, reason ? "; " : "", reason ? reason : "");
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
    const struct plan_step *step = &progress->plan->steps[progress->n_done];

    if (trial) {
        progress->done_cost += step_cost(progress, step);
        progress->done_s += since_s(progress->step_ns, clock_now_ns());
    } else {
        progress->total_cost -= step_cost(progress, step);
    }
    if (trial)
        print_mark(progress, PROGRESS_TRIAL_ENDS, outcome->id, trial->trial);
    progress->outcome = NULL;
    progress->n_done++;
    if (progress->mode == PROGRESS_JSON && trial) {
        json_t *json = record_trial(outcome, trial);

        (void)json_object_set_new(json, "event", json_string("trial"));
        (void)json_object_set_new(json, "case", json_integer(outcome->id));
        (void)json_object_set_new(json, "group", json_string(outcome->group));
        print_json(progress, json);
    }
    if (is_plain(progress) && is_last_step(progress, outcome))
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
