/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/site.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "places/site_intake.h"

#include <inttypes.h>
#include <string.h>

#define OPEN_NS (300 * NS_PER_S) /* the machine is looked at, the peer is met */
#define STEP_NS (120 * NS_PER_S) /* beside what trials take */
#define TROUBLES_MAX 10000       /* before one answer: each case's clean-up may go wrong */

/* Waits for the answer of that type. Trouble with cases comes before it, and is noted. */
static int receive(struct site *site, enum agent_type wanted, uint64_t limit_ns, json_t **ret_answer,
                   struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + limit_ns;

    for (unsigned n = 0; n <= TROUBLES_MAX; n++) {
        const struct outcome_case *outcome = NULL;
        json_auto_t *answer = NULL;
        enum agent_type type = AGENT_ERROR;
        int status = channel_receive(&site->channel, deadline_ns, &type, &answer, error);

        if (status < 0)
            return status;
        if (type == wanted) {
            *ret_answer = TAKE(answer);
            return 0;
        }
        if (type != AGENT_TROUBLE)
            return error_set(error, -EPROTO, "the agent there answered what it was not asked (\"%s\")",
                             agent_rows[type].name);
        status = site_intake_trouble(answer, &site->run, &outcome, error);
        if (status == 0)
            status = journal_append_case(site->book.journal, outcome, error);
        if (status < 0)
            return status;
    }
    return error_set(error, -EPROTO, "the agent there reported trouble without end");
}

/* What the configuration expects, and what the place's kind does; the configuration has the last word. */
static json_t *new_expectations(const struct site *site, const struct site_task *task) {
    const json_t *given = json_object_get(task->configuration->json, "expect");
    const struct expectation *expects = site->place->kind->expects;
    json_t *expect = given ? json_deep_copy(given) : json_object();

    for (size_t i = 0; expect && expects && expects[i].key; i++)
        if (!json_object_get(expect, expects[i].key))
            (void)json_object_set_new(expect, expects[i].key, json_string(expects[i].value));
    return expect;
}

static json_t *new_open(const struct site *site, const struct site_task *task) {
    json_t *peer = task->peer ? json_deep_copy(task->peer) : json_null();
    char seed[24];

    (void)snprintf(seed, sizeof(seed), "%" PRIu64, site->run.seed);
    return agent_message_new(AGENT_OPEN, json_pack("{s:O, s:s, s:o, s:o, s:s?, s:I, s:b}", "suite",
                                                   task->configuration->suite_json, "seed", seed, "expect",
                                                   new_expectations(site, task), "peer", peer, "scratch",
                                                   task->configuration->scratch, "retry_noisy",
                                                   (json_int_t)task->retry_noisy, "allow_mismatch",
                                                   task->allow_mismatch));
}

/* The first time, what the place says of itself is noted. */
static int note(struct site *site, const json_t *opened, struct vms_error *error) {
    const char *mismatch = agent_text(opened, "mismatch");
    int status = site_intake_machine(json_object_get(opened, "environment"), error);

    if (status == 0 && mismatch && !(site->mismatch = strdup(mismatch)))
        status = error_memory(error);
    if (status == 0)
        status = site_intake_modules(json_object_get(opened, "modules"), &site->run, error);
    if (status == 0)
        status = site_intake_warnings(json_object_get(opened, "warnings"), &site->run, error);
    if (status < 0)
        return status;
    site->machines[0] = json_incref(json_object_get(opened, "environment"));
    site->run.facts_s = agent_number(opened, "facts_s");
    site->run.clock_cost_s = agent_number(opened, "clock_cost_s");
    (void)snprintf(site->boot, sizeof(site->boot), "%s", agent_text(opened, "boot"));
    return 0;
}

static int note_again(struct site *site, const json_t *opened, struct vms_error *error) {
    if (agent_text(opened, "mismatch") && !site->mismatch)
        return error_set(error, -EPROTO, "the place is something else than it was: %.300s",
                         agent_text(opened, "mismatch"));
    if (strcmp(agent_text(opened, "boot"), site->boot) != 0 &&
        outcome_run_warn(&site->run, "the place was booted again during the run") < 0)
        return error_memory(error);
    return 0;
}

int site_reach(struct site *site, const struct site_task *task, struct vms_error *error) {
    json_auto_t *opened = NULL;
    int status = channel_open(site->place, task->bundle, &site->channel, error);

    if (status == 0)
        status = channel_send(&site->channel, new_open(site, task), error);
    if (status == 0)
        status = receive(site, AGENT_OPENED, OPEN_NS, &opened, error);
    if (status == 0)
        status = site->machines[0] ? note_again(site, opened, error) : note(site, opened, error);
    site->channel.broken |= status == -EPROTO;
    site->is_up = status == 0 && (!site->mismatch || task->allow_mismatch);
    return status;
}

/* The longest that a trial may take there: it is prepared, warmed up, and repeated where it was noisy. */
static uint64_t limit_of(const struct outcome_case *outcome, unsigned retry_noisy) {
    double runs = 2.0 + outcome->warmup + retry_noisy;
    double seconds = runs * (outcome->deadline_s + 10);

    return STEP_NS + (uint64_t)(seconds * NS_PER_S);
}

int site_take(struct site *site, const struct site_task *task, size_t index, unsigned trial, double start_s,
              struct outcome_trial *ret_trial, struct vms_error *error) {
    struct outcome_case *outcome = &site->run.cases[index];
    double asked_s = (double)clock_now_ns() / NS_PER_S;
    json_auto_t *taken = NULL;
    struct outcome_trial read;
    int status =
        channel_send(&site->channel,
                     agent_message_new(AGENT_TAKE, json_pack("{s:I, s:I}", "case", (json_int_t)outcome->id,
                                                             "trial", (json_int_t)trial)),
                     error);

    if (status == 0)
        status = receive(site, AGENT_TAKEN, limit_of(outcome, task->retry_noisy), &taken, error);
    if (status == 0)
        status = site_intake_trial(taken, outcome, trial, &read, error);
    site->channel.broken |= status == -EPROTO;
    if (status < 0)
        return status;
    read.start_s += asked_s - start_s;
    *ret_trial = read;
    return 0;
}

int site_finish(struct site *site, size_t index, struct vms_error *error) {
    json_t *members = json_pack("{s:I}", "case", (json_int_t)site->run.cases[index].id);
    json_auto_t *finished = NULL;
    int status = channel_send(&site->channel, agent_message_new(AGENT_FINISH, members), error);

    return status == 0 ? receive(site, AGENT_FINISHED, STEP_NS, &finished, error) : status;
}

int site_end(struct site *site, struct vms_error *error) {
    json_auto_t *closed = NULL;
    int status = channel_send(&site->channel, agent_message_new(AGENT_CLOSE, json_object()), error);

    if (status == 0)
        status = receive(site, AGENT_CLOSED, STEP_NS, &closed, error);
    if (status == 0)
        status = site_intake_machine(json_object_get(closed, "environment"), error);
    if (status < 0)
        return status;
    site->machines[1] = json_incref(json_object_get(closed, "environment"));
    site->run.facts_s += agent_number(closed, "facts_s");
    return site_intake_warnings(json_object_get(closed, "changes"), &site->run, error);
}

void site_leave(struct site *site) {
    int (*tick)(void *) = site->channel.tick;
    void *context = site->channel.context;

    channel_close(&site->channel);
    site->channel.tick = tick;
    site->channel.context = context;
    site->is_up = false;
}

void site_done(struct site *site) {
    site_leave(site);
    logbook_done(&site->book);
    outcome_run_done(&site->run);
    json_decref(site->machines[0]);
    json_decref(site->machines[1]);
    free(site->mismatch);
    *site = (struct site){0};
}
