/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/execute.h"

#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "run/execute/processes.h"
#include "run/execute/wanted.h"

static void on_trouble(void *context, const struct outcome_case *outcome) {
    (void)journal_append_case(context, outcome, NULL);
}

/* Runs one trial and keeps it; an interrupted one is not kept in the journal, so that it is run again on
 * resume. */
static int take_step(const struct execution *execution, struct processes *processes, size_t number,
                     double start_s, struct vms_error *error) {
    const struct plan_step *step = &execution->processes.plan->steps[number];
    struct outcome_case *outcome = &execution->processes.run->cases[step->index];
    struct outcome_trial trial = {
        .trial = step->trial, .order = (unsigned)number + 1, .flags = execution->processes.flags};
    int status = 0;

    if (!wanted_trial(outcome, step->trial)) {
        progress_step(execution->processes.progress, outcome, NULL);
        return 0;
    }
    progress_begin_step(execution->processes.progress, outcome);
    processes_take(processes, step->index, start_s, &trial);
    if (trial.status != OUTCOME_INTERRUPTED)
        status = journal_append(execution->journal, outcome, &trial, error);
    if (outcome_case_add(outcome, &trial) < 0) {
        outcome_trial_done(&trial);
        return error_memory(error);
    }
    if (wanted_no_more(outcome, step->trial))
        processes_end(processes, step->index, false);
    progress_step(execution->processes.progress, outcome, &outcome->trials[outcome->n_done - 1]);
    return status;
}

int execute(const struct execution *execution, struct vms_error *error) {
    struct processes_setting setting = execution->processes;
    struct outcome_run *run = setting.run;
    struct processes *processes = NULL;
    uint64_t start_ns = clock_now_ns();
    double start_s = (double)start_ns / NS_PER_S - execution->before_s;
    int status;

    setting.on_trouble = on_trouble;
    setting.context = execution->journal;
    status = processes_new(&setting, &processes);
    for (size_t i = 0; status == 0 && i < execution->processes.plan->n_steps && signals_count() == 0; i++)
        status = take_step(execution, processes, i, start_s, error);
    processes_free(processes, signals_count() > 0);
    if (signals_count() > 0)
        run->status = OUTCOME_INTERRUPTED;
    run->duration_s = execution->before_s + (double)(clock_now_ns() - start_ns) / NS_PER_S;
    outcome_run_settle(run);
    return status;
}
