/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/station.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "places/guest_peer.h"
#include "places/station_intake.h"

#include <inttypes.h>
#include <string.h>

#define OPEN_NS (300 * NS_PER_S) /* the machine is looked at, the peer is met */
#define STEP_NS (120 * NS_PER_S) /* beside what trials take */
#define TROUBLES_MAX 10000       /* before one answer: each case's clean-up may go wrong */

/* Waits for the answer of that type. Trouble with cases comes before it, and is noted. */
static int receive(struct station *station, enum agent_type wanted, uint64_t limit_ns, json_t **ret_answer,
                   struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + limit_ns;

    for (unsigned n = 0; n <= TROUBLES_MAX; n++) {
        const struct outcome_case *outcome = NULL;
        json_auto_t *answer = NULL;
        enum agent_type type = AGENT_ERROR;
        int status = channel_receive(&station->channel, deadline_ns, &type, &answer, error);

        if (status < 0)
            return status;
        if (type == wanted) {
            *ret_answer = TAKE(answer);
            return 0;
        }
        if (type != AGENT_TROUBLE)
            return error_set(error, -EPROTO,
                             "the agent there answered something other than what was asked (\"%s\")",
                             agent_rows[type].name);
        status = station_intake_trouble(answer, &station->run, &outcome, error);
        if (status == 0)
            status = journal_append_case(station->book.journal, outcome, error);
        if (status < 0)
            return status;
    }
    return error_set(error, -EPROTO, "the agent there reported too many problems");
}

/* What the configuration expects, and what the place's kind does; the configuration has the last word. */
static json_t *new_expectations(const struct station *station, const struct station_task *task) {
    const json_t *given = json_object_get(task->configuration->json, "expect");
    const struct expectation *expects = station->place->kind->expects;
    json_t *expect = given ? json_deep_copy(given) : json_object();

    for (size_t i = 0; expect && expects && expects[i].key; i++)
        if (!json_object_get(expect, expects[i].key))
            (void)json_object_set_new(expect, expects[i].key, json_string(expects[i].value));
    return expect;
}

/* A guest's own comes before none at all. */
static json_t *new_peer(const struct station *station, const struct station_task *task) {
    if (task->peer && station->guest)
        return guest_peer_seen(&station->place->guest, task->peer);
    if (task->peer || station->guest_peer)
        return json_deep_copy(task->peer ? task->peer : station->guest_peer);
    return json_null();
}

static json_t *new_open(const struct station *station, const struct station_task *task) {
    /* A guest's folder is that of its appliance. */
    const char *scratch = station->guest ? NULL : task->configuration->scratch;
    char seed[24];

    (void)snprintf(seed, sizeof(seed), "%" PRIu64, station->run.seed);
    return agent_message_new(AGENT_OPEN,
                             json_pack("{s:O, s:s, s:o, s:o, s:s?, s:I, s:b}", "suite",
                                       task->configuration->suite_json, "seed", seed, "expect",
                                       new_expectations(station, task), "peer", new_peer(station, task),
                                       "scratch", scratch, "retry_noisy", (json_int_t)task->retry_noisy,
                                       "allow_mismatch", task->allow_mismatch));
}

/* The first time, what the place says of itself is noted. */
static int note(struct station *station, const json_t *opened, struct vms_error *error) {
    const char *mismatch = agent_text(opened, "mismatch");
    int status = station_intake_machine(json_object_get(opened, "environment"), error);

    if (status == 0 && mismatch && !(station->mismatch = strdup(mismatch)))
        status = error_memory(error);
    if (status == 0)
        status = station_intake_modules(json_object_get(opened, "modules"), &station->run, error);
    if (status == 0)
        status = station_intake_warnings(json_object_get(opened, "warnings"), &station->run, error);
    if (status < 0)
        return status;
    station->machines[0] = json_incref(json_object_get(opened, "environment"));
    station->run.facts_s = agent_number(opened, "facts_s");
    station->run.clock_cost_s = agent_number(opened, "clock_cost_s");
    (void)snprintf(station->boot, sizeof(station->boot), "%s", agent_text(opened, "boot"));
    (void)snprintf(station->cpu_group_id, sizeof(station->cpu_group_id), "%s",
                   agent_text(opened, "cpu_group_id"));
    return 0;
}

static int note_again(struct station *station, const json_t *opened, struct vms_error *error) {
    if (agent_text(opened, "mismatch") && !station->mismatch)
        return error_set(error, -EPROTO, "the place has changed: %.300s", agent_text(opened, "mismatch"));
    if (strcmp(agent_text(opened, "boot"), station->boot) != 0 &&
        outcome_run_warn(&station->run, "the place was rebooted during the run") < 0)
        return error_memory(error);
    return 0;
}

int station_find_guest(struct station *station, const struct station_task *task, const struct station *other,
                       struct vms_error *error) {
    const struct guest_settings *settings = &station->place->guest;
    bool needs_peer = false;
    int status;

    if (!settings->present)
        return 0;
    for (size_t i = 0; i < station->run.n_cases; i++)
        needs_peer |= (station->run.cases[i].module->needs & VMS_NEEDS_PEER) != 0;
    status = driven_guest_new(settings, task->bundle->modules, other ? other->guest : NULL, &station->guest,
                              error);
    station->channel.guest = station->guest;
    if (status == 0 && needs_peer && !task->peer)
        status =
            guest_peer_start(settings, task->bundle->modules, &station->peer, &station->guest_peer, error);
    return status;
}

int station_reach(struct station *station, const struct station_task *task, struct vms_error *error) {
    json_auto_t *opened = NULL;
    int status = channel_open(station->place, task->bundle, &station->channel, error);

    if (status == 0)
        status = channel_send(&station->channel, new_open(station, task), error);
    if (status == 0)
        status = receive(station, AGENT_OPENED, OPEN_NS, &opened, error);
    if (status == 0)
        status = station->machines[0] ? note_again(station, opened, error) : note(station, opened, error);
    station->channel.broken |= status == -EPROTO;
    station->is_up = status == 0 && (!station->mismatch || task->allow_mismatch);
    return status;
}

uint64_t station_limit_ns(const struct outcome_case *outcome, unsigned retry_noisy) {
    double runs = 2.0 + outcome->warmup + retry_noisy;
    double seconds = runs * (outcome->deadline_s + 10);

    return STEP_NS + (uint64_t)(seconds * NS_PER_S);
}

/* What concerns a case: "prepare", "take", "finish". */
static int send_case(struct station *station, enum agent_type type, size_t index, unsigned trial,
                     struct vms_error *error) {
    json_t *members = json_pack("{s:I, s:o*}", "case", (json_int_t)station->run.cases[index].id, "trial",
                                trial > 0 ? json_integer(trial) : NULL);

    return channel_send(&station->channel, agent_message_new(type, members), error);
}

int station_prepare(struct station *station, size_t index, struct vms_error *error) {
    return send_case(station, AGENT_PREPARE, index, 0, error);
}

int station_await_prepared(struct station *station, const struct station_task *task, size_t index,
                           struct vms_error *error) {
    json_auto_t *prepared = NULL;

    return receive(station, AGENT_PREPARED, station_limit_ns(&station->run.cases[index], task->retry_noisy),
                   &prepared, error);
}

int station_ask(struct station *station, size_t index, unsigned trial, struct vms_error *error) {
    if (station->guest)
        driven_guest_trial(station->guest, station->run.cases[index].id, trial, false);
    station->asked_s = (double)clock_now_ns() / NS_PER_S;
    return send_case(station, AGENT_TAKE, index, trial, error);
}

int station_await_trial(struct station *station, const struct station_task *task, size_t index,
                        unsigned trial, double start_s, struct outcome_trial *ret_trial,
                        struct vms_error *error) {
    struct outcome_case *outcome = &station->run.cases[index];
    json_auto_t *taken = NULL;
    struct outcome_trial read;
    int status = receive(station, AGENT_TAKEN, station_limit_ns(outcome, task->retry_noisy), &taken, error);

    if (status == 0 && station->guest)
        driven_guest_trial(station->guest, outcome->id, trial, true);
    if (status == 0)
        status = station_intake_trial(taken, outcome, trial, &read, error);
    station->channel.broken |= status == -EPROTO;
    if (status < 0)
        return status;
    read.start_s += station->asked_s - start_s;
    *ret_trial = read;
    return 0;
}

int station_finish(struct station *station, size_t index, struct vms_error *error) {
    json_auto_t *finished = NULL;
    int status = send_case(station, AGENT_FINISH, index, 0, error);

    return status == 0 ? receive(station, AGENT_FINISHED, STEP_NS, &finished, error) : status;
}

int station_end(struct station *station, struct vms_error *error) {
    json_auto_t *closed = NULL;
    int status = channel_send(&station->channel, agent_message_new(AGENT_CLOSE, json_object()), error);

    if (station->guest)
        driven_guest_measured(station->guest);
    if (status == 0)
        status = receive(station, AGENT_CLOSED, STEP_NS, &closed, error);
    if (status == 0)
        status = station_intake_machine(json_object_get(closed, "environment"), error);
    if (status < 0)
        return status;
    station->machines[1] = json_incref(json_object_get(closed, "environment"));
    station->run.facts_s += agent_number(closed, "facts_s");
    return station_intake_warnings(json_object_get(closed, "changes"), &station->run, error);
}

void station_leave(struct station *station) {
    channel_close(&station->channel);
    station->is_up = false;
}

void station_done(struct station *station) {
    station_leave(station);
    local_peer_end(&station->peer);
    json_decref(station->guest_peer);
    driven_guest_free(station->guest);
    logbook_done(&station->book);
    outcome_run_done(&station->run);
    json_decref(station->machines[0]);
    json_decref(station->machines[1]);
    free(station->mismatch);
    *station = (struct station){0};
}
