/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/processes.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "common/signals.h"
#include "run/worker/child.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct processes {
    struct processes_setting setting;
    struct child *children; /* one per case */
    char **folders;         /* in the scratch folder, one each */
    size_t n_alive, n_max;
};

/* A clean-up that went wrong: the figures stand, but the case is not what it should be. */
static void note_trouble(const struct processes *processes, struct outcome_case *outcome,
                         struct outcome_trial *trouble) {
    if (trouble->status == OUTCOME_OK || outcome->status != OUTCOME_OK)
        return;
    outcome->status = trouble->status;
    outcome->reason = TAKE(trouble->reason);
    processes->setting.on_trouble(processes->setting.context, outcome);
}

void processes_end(struct processes *processes, size_t index, bool at_once) {
    struct outcome_case *outcome = &processes->setting.run->cases[index];
    struct outcome_trial trouble = {0};

    if (child_lives(&processes->children[index]))
        processes->n_alive--;
    child_end(&processes->children[index], outcome, at_once, &trouble);
    note_trouble(processes, outcome, &trouble);
    outcome_trial_done(&trouble);
    if (processes->folders[index])
        scratch_case_done(processes->setting.scratch, processes->folders[index]);
    free(TAKE(processes->folders[index]));
}

/* Bytes that the process of a case is thought to hold; 0 where there is none. */
static uint64_t held_by(const struct processes *processes, size_t index) {
    return child_lives(&processes->children[index]) ? processes->setting.plan->estimates[index].memory : 0;
}

/* Ends what holds most until there is memory for the next, but not what holds so little that as many of them
 * as are kept would not matter. Waiting processes must not take what the next would find free on a machine of
 * its own: some modules size their work by that. */
static void make_room_in_memory(struct processes *processes, size_t next) {
    uint64_t room =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / PROCESSES_MEMORY_PART;

    for (;;) {
        uint64_t held = processes->setting.plan->estimates[next].memory;
        size_t largest = next;

        for (size_t i = 0; i < processes->setting.run->n_cases; i++) {
            held += held_by(processes, i);
            if (held_by(processes, i) > held_by(processes, largest))
                largest = i;
        }
        if (held <= room || held_by(processes, largest) <= room / PROCESSES_MAX)
            return;
        processes_end(processes, largest, false);
    }
}

/* How many processes may be kept. The soft limit of open files is raised to what they take, if it can be. */
static size_t processes_max(void) {
    const rlim_t wanted = PROCESSES_MAX * PROCESSES_FILES + PROCESSES_OTHER_FILES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return PROCESSES_MAX;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted)
        return PROCESSES_MAX;
    return limit.rlim_cur > PROCESSES_OTHER_FILES + PROCESSES_FILES
               ? (limit.rlim_cur - PROCESSES_OTHER_FILES) / PROCESSES_FILES
               : 1;
}

/* Ends the process that has been idle longest, where there are as many as may be kept. */
static void make_room(struct processes *processes) {
    size_t n_cases = processes->setting.run->n_cases, oldest = n_cases;

    if (processes->n_alive < processes->n_max)
        return;
    for (size_t i = 0; i < n_cases; i++)
        if (child_lives(&processes->children[i]) &&
            (oldest == n_cases || processes->children[i].used_ns < processes->children[oldest].used_ns))
            oldest = i;
    processes_end(processes, oldest, false);
}

static void prefix_reason(struct outcome_trial *trial, const char *prefix) {
    char *reason = NULL;

    if (!trial->reason || !(reason = text_new("%s: %s", prefix, trial->reason)))
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

static void start_process(struct processes *processes, size_t index, struct outcome_trial *trial) {
    struct outcome_case *outcome = &processes->setting.run->cases[index];
    struct child *child = &processes->children[index];
    struct worker_task task = {.outcome = outcome,
                               .destroys = processes->setting.destroys,
                               .cpus = outcome->cpus,
                               .peer =
                                   outcome->module->needs & VMS_NEEDS_PEER ? processes->setting.peer : NULL};
    struct vms_error error = {""};

    progress_stage(processes->setting.progress, PROGRESS_PREPARING, 0);
    make_room_in_memory(processes, index);
    make_room(processes);
    if (outcome->module->needs & VMS_NEEDS_SCRATCH) {
        task.scratch = processes->folders[index] =
            scratch_case(processes->setting.scratch, outcome->id, &error);
        task.scratch_root = processes->setting.scratch->fd;
        if (!task.scratch)
            trial->status = OUTCOME_FAILED;
    }
    if (trial->status == OUTCOME_OK && child_start(&task, processes->setting.progress, child, &error) < 0)
        trial->status = OUTCOME_FAILED;
    if (trial->status != OUTCOME_OK) {
        trial->reason = strdup(error.text);
        return;
    }
    processes->n_alive++;
    child_await_ready(child, outcome, trial);
    if (trial->status == OUTCOME_OK)
        warm_up(processes->setting.progress, child, outcome, trial);
}

void processes_prepare(struct processes *processes, size_t index) {
    struct outcome_trial trouble = {0};

    if (!child_lives(&processes->children[index]))
        start_process(processes, index, &trouble);
    if (trouble.status != OUTCOME_OK)
        processes_end(processes, index, true);
    outcome_trial_done(&trouble);
}

/* A peer of our own that has ended is why, not a connection that is refused. */
static void blame_peer(const struct processes_setting *setting, const struct outcome_case *outcome,
                       struct outcome_trial *trial) {
    struct vms_error error;

    if (trial->status == OUTCOME_OK || !(outcome->module->needs & VMS_NEEDS_PEER) ||
        !local_peer_has_ended(setting->local_peer, &error))
        return;
    free(trial->reason);
    trial->reason = strdup(error.text);
}

static void run_step(struct processes *processes, size_t index, double start_s, struct outcome_trial *trial) {
    struct outcome_case *outcome = &processes->setting.run->cases[index];
    struct child *child = &processes->children[index];

    if (!child_lives(child))
        start_process(processes, index, trial);
    trial->start_s = (double)clock_now_ns() / NS_PER_S;
    if (trial->status == OUTCOME_OK) {
        progress_stage(processes->setting.progress, PROGRESS_TRIAL, trial->trial);
        child_run_trial(child, outcome, trial);
    }
    trial->start_s -= start_s;
    blame_peer(&processes->setting, outcome, trial);
    /* Whatever went wrong, the next trial begins with a new process. */
    if (trial->status != OUTCOME_OK)
        processes_end(processes, index, true);
}

static bool is_noisy(const struct outcome_trial *trial) {
    for (size_t i = 0; i < NOISE_FLAGS; i++)
        if (trial->flags & noise_rules[i].flag)
            return trial->status == OUTCOME_OK;
    return false;
}

/* Measures a noisy trial again, as often as was asked for. What was noisy is kept with it. */
static void repeat_noisy(struct processes *processes, size_t index, double start_s,
                         struct outcome_trial *trial) {
    for (unsigned i = 0; i < processes->setting.retry_noisy && is_noisy(trial) && signals_count() == 0; i++) {
        struct outcome_trial again = {.trial = trial->trial,
                                      .order = trial->order,
                                      .flags = processes->setting.flags | OUTCOME_REPEATED};

        run_step(processes, index, start_s, &again);
        if (again.status == OUTCOME_INTERRUPTED || outcome_trial_repeat(&again, trial) < 0) {
            outcome_trial_done(&again);
            return;
        }
        *trial = again;
    }
}

void processes_take(struct processes *processes, size_t index, double start_s, struct outcome_trial *trial) {
    /* Of those that run at the same time, others may have begun, and none is measured again. */
    bool alone = !processes->setting.run->cases[index].together;

    if (alone && processes->setting.idle)
        idle_watch_look(processes->setting.idle);
    run_step(processes, index, start_s, trial);
    if (alone)
        repeat_noisy(processes, index, start_s, trial);
}

int processes_new(const struct processes_setting *setting, struct processes **ret_processes) {
    struct processes *processes = calloc(1, sizeof(*processes));

    if (!processes)
        return -ENOMEM;
    *processes = (struct processes){.setting = *setting,
                                    .children = calloc(setting->run->n_cases + 1, sizeof(struct child)),
                                    .folders = calloc(setting->run->n_cases + 1, sizeof(char *)),
                                    .n_max = processes_max()};
    if (!processes->children || !processes->folders) {
        free(processes->children);
        free(processes->folders);
        free(processes);
        return -ENOMEM;
    }
    *ret_processes = processes;
    return 0;
}

void processes_free(struct processes *processes, bool at_once) {
    if (!processes)
        return;
    for (size_t i = 0; i < processes->setting.run->n_cases; i++)
        processes_end(processes, i, at_once);
    free(processes->children);
    free(processes->folders);
    free(processes);
}
