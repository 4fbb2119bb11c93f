/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_session.h"

#include "agent/agent_open.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "record/value.h"
#include "record/write/record.h"
#include "run/notice/run_warnings.h"

#include <string.h>

/* Finds the case that a message names. */
static int find_case(const struct agent_session *session, const json_t *message, size_t *ret_index,
                     struct vms_error *error) {
    uint32_t id = agent_whole(message, "case");

    if (!session->is_open || id == 0 || id > session->run.n_cases)
        return error_set(error, -EPROTO, "case %u is not in the suite that was opened", id);
    *ret_index = id - 1;
    return 0;
}

int agent_session_open(struct agent_session *session, const json_t *message, json_t **ret_answer,
                       struct vms_error *error) {
    if (session->suite.name || session->local_peer.keeper.pid > 0)
        return error_set(error, -EPROTO, "this agent already has its task");
    return agent_open(session, message, ret_answer, error);
}

static json_t *new_taken(const struct outcome_case *outcome, const struct outcome_trial *trial) {
    return agent_message_new(AGENT_TAKEN,
                             json_pack("{s:I, s:s?, s:o, s:f, s:o}", "case", (json_int_t)outcome->id, "path",
                                       outcome->path, "facts", record_facts(&outcome->facts), "start_s",
                                       trial->start_s, "trial", record_trial(outcome, trial)));
}

int agent_session_take(struct agent_session *session, const json_t *message, json_t **ret_answer,
                       struct vms_error *error) {
    struct outcome_trial trial = {.trial = agent_whole(message, "trial"),
                                  .order = 1,
                                  .flags = session->mismatched ? OUTCOME_MISMATCH : 0};
    size_t index = 0;
    int status = find_case(session, message, &index, error);

    if (status == 0 && (trial.trial == 0 || trial.trial > SUITE_TRIALS_MAX))
        status = error_set(error, -EPROTO, "there is no trial %u", trial.trial);
    if (status < 0)
        return status;
    processes_take(session->processes, index, (double)clock_now_ns() / NS_PER_S, &trial);
    *ret_answer = new_taken(&session->run.cases[index], &trial);
    outcome_trial_done(&trial);
    return *ret_answer ? 0 : error_memory(error);
}

/* "prepared" or "finished". */
static json_t *new_case_answer(const struct agent_session *session, enum agent_type type, size_t index) {
    return agent_message_new(type, json_pack("{s:I}", "case", (json_int_t)session->run.cases[index].id));
}

int agent_session_prepare(struct agent_session *session, const json_t *message, json_t **ret_answer,
                          struct vms_error *error) {
    size_t index = 0;
    int status = find_case(session, message, &index, error);

    if (status < 0)
        return status;
    processes_prepare(session->processes, index);
    *ret_answer = new_case_answer(session, AGENT_PREPARED, index);
    return *ret_answer ? 0 : error_memory(error);
}

int agent_session_finish(struct agent_session *session, const json_t *message, json_t **ret_answer,
                         struct vms_error *error) {
    size_t index = 0;
    int status = find_case(session, message, &index, error);

    if (status < 0)
        return status;
    processes_end(session->processes, index, false);
    *ret_answer = new_case_answer(session, AGENT_FINISHED, index);
    return *ret_answer ? 0 : error_memory(error);
}

/* What changed on the machine, and what it lost between trials, as sentences. */
static json_t *new_changes(struct outcome_run *run, const struct machine *before,
                           const struct machine *after) {
    size_t n = run->n_warnings;
    int status = run_warnings_changes(run, before, after);
    json_t *changes = NULL;
    int failed = 0;

    if (status == 0 && run_warnings_stalls(run, before, after) == 0)
        changes = json_array();
    for (size_t i = n; changes && i < run->n_warnings; i++)
        failed |= json_array_append_new(changes, json_string(run->warnings[i]));
    return value_finish(changes, failed);
}

int agent_session_close(struct agent_session *session, json_t **ret_answer, struct vms_error *error) {
    struct machine_source source = machine_source_here();
    struct machine after;
    uint64_t start_ns;

    if (!session->is_open)
        return error_set(error, -EPROTO, "there is nothing to close");
    processes_free(TAKE(session->processes), false);
    session->is_open = false;
    start_ns = clock_now_ns();
    if (machine_read(&source, session->scratch.folder, &after) < 0)
        return error_memory(error);
    (void)idle_watch_note(&session->idle.found, &after);
    *ret_answer = agent_message_new(
        AGENT_CLOSED, json_pack("{s:o, s:f, s:o}", "environment", record_machine(&after), "facts_s",
                                (double)(clock_now_ns() - start_ns) / NS_PER_S, "changes",
                                new_changes(&session->run, &session->before, &after)));
    machine_done(&after);
    return *ret_answer ? 0 : error_memory(error);
}

int agent_session_serve(struct agent_session *session, const json_t *message, json_t **ret_answer,
                        struct vms_error *error) {
    if (session->suite.name || session->local_peer.keeper.pid > 0)
        return error_set(error, -EPROTO, "this agent already has its task");
    return agent_serve(session, message, ret_answer, error);
}

void agent_session_done(struct agent_session *session) {
    processes_free(session->processes, signals_count() > 0);
    local_peer_end(&session->local_peer);
    scratch_done(&session->scratch);
    machine_done(&session->before);
    plan_done(&session->plan);
    outcome_run_done(&session->run);
    suite_done(&session->suite);
    token_done(&session->peer.token);
    *session = (struct agent_session){0};
}
