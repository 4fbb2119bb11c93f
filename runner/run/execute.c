/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "run/child.h"
#include "run/enough.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The processes of the cases, one place per case. */
struct processes {
    struct child *children;
    const struct scratch *scratch;
    char **folders; /* in it, one each */
    size_t n_alive, n_max;
};

static bool has_trial(const struct outcome_case *outcome, unsigned trial) {
    for (size_t i = 0; i < outcome->n_done; i++)
        if (outcome->trials[i].trial == trial && outcome->trials[i].status != OUTCOME_INTERRUPTED)
            return true;
    return false;
}

static bool is_given_up(const struct outcome_case *outcome) {
    unsigned failures = 0;

    for (size_t i = 0; i < outcome->n_done; i++) {
        switch (outcome->trials[i].status) {
        case OUTCOME_UNSUPPORTED:
        case OUTCOME_TIMEOUT:
        case OUTCOME_CRASHED:
            return true;
        case OUTCOME_FAILED:
            failures++;
            break;
        case OUTCOME_OK:
        case OUTCOME_INTERRUPTED:
            failures = 0;
            break;
        }
    }
    return failures >= EXECUTE_FAILURES_MAX;
}

/* A clean-up that went wrong: the figures stand, but the case is not what it should be. */
static void note_trouble(const struct execution *execution, struct outcome_case *outcome,
                         struct outcome_trial *trouble) {
    if (trouble->status == OUTCOME_OK)
        return;
    if (outcome->status == OUTCOME_OK) {
        outcome->status = trouble->status;
        outcome->reason = TAKE(trouble->reason);
        (void)journal_append_case(execution->journal, outcome, NULL);
    }
}

static void end_process(const struct execution *execution, struct processes *processes, size_t index,
                        bool at_once) {
    struct outcome_trial trouble = {0};

    if (child_lives(&processes->children[index]))
        processes->n_alive--;
    child_end(&processes->children[index], at_once, &trouble);
    note_trouble(execution, &execution->run->cases[index], &trouble);
    outcome_trial_done(&trouble);
    if (processes->folders[index])
        scratch_case_done(processes->scratch, processes->folders[index]);
    free(TAKE(processes->folders[index]));
}

/* Bytes that the process of a case is thought to hold; 0 where there is none. */
static uint64_t held_by(const struct execution *execution, const struct processes *processes, size_t index) {
    return child_lives(&processes->children[index]) ? execution->plan->estimates[index].memory : 0;
}

/* Ends what holds most until there is memory for the next, but not what holds so little that as many of them
 * as are kept would not matter. Waiting processes must not take what the next would find free on a machine of
 * its own: some modules size their work by that. */
static void make_room_in_memory(const struct execution *execution, struct processes *processes, size_t next) {
    uint64_t room = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / EXECUTE_MEMORY_PART;

    for (;;) {
        uint64_t held = execution->plan->estimates[next].memory;
        size_t largest = next;

        for (size_t i = 0; i < execution->run->n_cases; i++) {
            held += held_by(execution, processes, i);
            if (held_by(execution, processes, i) > held_by(execution, processes, largest))
                largest = i;
        }
        if (held <= room || held_by(execution, processes, largest) <= room / EXECUTE_PROCESSES_MAX)
            return;
        end_process(execution, processes, largest, false);
    }
}

/* How many processes may be kept. The soft limit of open files is raised to what they take, if it can be. */
static size_t processes_max(void) {
    const rlim_t wanted = EXECUTE_PROCESSES_MAX * EXECUTE_PROCESS_FILES + EXECUTE_OTHER_FILES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return EXECUTE_PROCESSES_MAX;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted)
        return EXECUTE_PROCESSES_MAX;
    return limit.rlim_cur > EXECUTE_OTHER_FILES + EXECUTE_PROCESS_FILES
               ? (limit.rlim_cur - EXECUTE_OTHER_FILES) / EXECUTE_PROCESS_FILES
               : 1;
}

/* Ends the process that has been idle longest, where there are as many as may be kept. */
static void make_room(const struct execution *execution, struct processes *processes) {
    size_t n_cases = execution->run->n_cases, oldest = n_cases;

    if (processes->n_alive < processes->n_max)
        return;
    for (size_t i = 0; i < n_cases; i++)
        if (child_lives(&processes->children[i]) &&
            (oldest == n_cases || processes->children[i].used_ns < processes->children[oldest].used_ns))
            oldest = i;
    end_process(execution, processes, oldest, false);
}

static void prefix_reason(struct outcome_trial *trial, const char *prefix) {
    char *reason = NULL;

    if (!trial->reason || asprintf(&reason, "%s: %s", prefix, trial->reason) < 0)
        return;
    free(trial->reason);
    trial->reason = reason;
}

/* Runs the trials that do not count. A failure is the coming trial's. */
static void warm_up(struct progress *progress, struct child *child, struct outcome_case *outcome,
                    struct outcome_trial *trial) {
    for (unsigned i = 0; i < outcome->warmup && trial->status == OUTCOME_OK; i++) {
        struct outcome_trial unused = {0};

        progress_stage(progress, PROGRESS_WARM_UP, i + 1);
        child_run_trial(child, outcome, &unused);
        if (unused.status != OUTCOME_OK) {
            trial->status = unused.status;
            trial->reason = TAKE(unused.reason);
            prefix_reason(trial, "in warm-up");
        }
        outcome_trial_done(&unused);
    }
}

static void start_process(const struct execution *execution, struct processes *processes, size_t index,
                          struct outcome_trial *trial) {
    struct outcome_case *outcome = &execution->run->cases[index];
    struct child *child = &processes->children[index];
    struct worker_task task = {.outcome = outcome,
                               .destroys = execution->destroys,
                               .cpus = outcome->cpus,
                               .peer = outcome->module->needs & VMS_NEEDS_PEER ? execution->peer : NULL};
    struct vms_error error = {""};

    progress_stage(execution->progress, PROGRESS_PREPARING, 0);
    make_room_in_memory(execution, processes, index);
    make_room(execution, processes);
    if (outcome->module->needs & VMS_NEEDS_SCRATCH) {
        task.scratch = processes->folders[index] = scratch_case(execution->scratch, outcome->id, &error);
        if (!task.scratch)
            trial->status = OUTCOME_FAILED;
    }
    if (trial->status == OUTCOME_OK && child_start(&task, execution->progress, child, &error) < 0)
        trial->status = OUTCOME_FAILED;
    if (trial->status != OUTCOME_OK) {
        trial->reason = strdup(error.text);
        return;
    }
    processes->n_alive++;
    child_await_ready(child, outcome, trial);
    if (trial->status == OUTCOME_OK)
        warm_up(execution->progress, child, outcome, trial);
}

/* A peer of our own that has ended is why, not a connection that is refused. */
static void blame_peer(const struct execution *execution, const struct outcome_case *outcome,
                       struct outcome_trial *trial) {
    struct vms_error error;

    if (trial->status == OUTCOME_OK || !(outcome->module->needs & VMS_NEEDS_PEER) ||
        !local_peer_has_ended(execution->local_peer, &error))
        return;
    free(trial->reason);
    trial->reason = strdup(error.text);
}

static void run_step(const struct execution *execution, struct processes *processes, size_t index,
                     double start_s, struct outcome_trial *trial) {
    struct outcome_case *outcome = &execution->run->cases[index];
    struct child *child = &processes->children[index];

    if (!child_lives(child))
        start_process(execution, processes, index, trial);
    trial->start_s = (double)clock_now_ns() / NS_PER_S;
    if (trial->status == OUTCOME_OK) {
        progress_stage(execution->progress, PROGRESS_TRIAL, trial->trial);
        child_run_trial(child, outcome, trial);
    }
    trial->start_s -= start_s;
    blame_peer(execution, outcome, trial);
    /* Whatever went wrong, the next trial begins with a new process. */
    if (trial->status != OUTCOME_OK)
        end_process(execution, processes, index, true);
}

static bool is_noisy(const struct outcome_trial *trial) {
    for (size_t i = 0; i < NOISE_FLAGS; i++)
        if (trial->flags & noise_rules[i].flag)
            return trial->status == OUTCOME_OK;
    return false;
}

/* Measures a noisy trial again, as often as was asked for. What was noisy is kept with it. */
static void repeat_noisy(const struct execution *execution, struct processes *processes, size_t index,
                         double start_s, struct outcome_trial *trial) {
    for (unsigned i = 0; i < execution->retry_noisy && is_noisy(trial) && signals_count() == 0; i++) {
        struct outcome_trial again = {
            .trial = trial->trial, .order = trial->order, .flags = execution->flags | OUTCOME_REPEATED};

        run_step(execution, processes, index, start_s, &again);
        if (again.status == OUTCOME_INTERRUPTED || outcome_trial_repeat(&again, trial) < 0) {
            outcome_trial_done(&again);
            return;
        }
        *trial = again;
    }
}

/* Runs one trial and keeps it; an interrupted one is not kept in the journal, so that it is run again on
 * resume. */
static int take_step(const struct execution *execution, struct processes *processes, size_t number,
                     double start_s, struct vms_error *error) {
    const struct plan_step *step = &execution->plan->steps[number];
    struct outcome_case *outcome = &execution->run->cases[step->index];
    struct outcome_trial trial = {
        .trial = step->trial, .order = (unsigned)number + 1, .flags = execution->flags};
    int status = 0;

    (void)enough_trials(outcome); /* a resumed run may have had enough before */
    if (step->trial > outcome->n_trials || has_trial(outcome, step->trial) || is_given_up(outcome)) {
        progress_step(execution->progress, outcome, NULL);
        return 0;
    }
    progress_begin_step(execution->progress, outcome);
    run_step(execution, processes, step->index, start_s, &trial);
    repeat_noisy(execution, processes, step->index, start_s, &trial);
    if (trial.status != OUTCOME_INTERRUPTED)
        status = journal_append(execution->journal, outcome, &trial, error);
    if (outcome_case_add(outcome, &trial) < 0) {
        outcome_trial_done(&trial);
        return error_memory(error);
    }
    if (enough_trials(outcome) || step->trial == outcome->n_trials)
        end_process(execution, processes, step->index, false);
    progress_step(execution->progress, outcome, &outcome->trials[outcome->n_done - 1]);
    return status;
}

int execute(const struct execution *execution, struct vms_error *error) {
    struct outcome_run *run = execution->run;
    struct processes processes = {.scratch = execution->scratch,
                                  .children = calloc(run->n_cases + 1, sizeof(struct child)),
                                  .folders = calloc(run->n_cases + 1, sizeof(char *)),
                                  .n_max = processes_max()};
    uint64_t start_ns = clock_now_ns();
    double start_s = (double)start_ns / NS_PER_S - execution->before_s;
    int status = processes.children && processes.folders ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < execution->plan->n_steps && signals_count() == 0; i++)
        status = take_step(execution, &processes, i, start_s, error);
    for (size_t i = 0; processes.children && i < run->n_cases; i++)
        end_process(execution, &processes, i, signals_count() > 0);
    if (signals_count() > 0)
        run->status = OUTCOME_INTERRUPTED;
    run->duration_s = execution->before_s + (double)(clock_now_ns() - start_ns) / NS_PER_S;
    outcome_run_settle(run);
    free(processes.children);
    free(processes.folders);
    return status;
}
