/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever bytes an agent sends, frames and messages are taken or refused, and what was
 * taken of them is a trial that can be written and read back. The first byte chooses who reads: the driver,
 * or an agent. */
#include "agent/agent_message.h"
#include "fakes/fixed_run.h"
#include "input.h"
#include "peer/wire/frame.h"
#include "places/station_intake.h"
#include "record/write/record.h"

#include <fcntl.h>
#include <unistd.h>

#define INPUT_MAX 65536 /* what a pipe holds */

/* What was taken goes into journal and record. */
static void take_trial(const json_t *message, struct outcome_case *outcome) {
    struct outcome_trial trial, again;
    struct vms_error error = {""};
    json_t *json;

    for (unsigned number = 1; number <= 3; number++) {
        if (station_intake_trial(message, outcome, number, &trial, &error) < 0) {
            require(error.text[0]);
            continue;
        }
        trial.order = 1;
        json = record_trial(outcome, &trial);
        require(json && record_read_trial(outcome, json, &again, NULL) == 0);
        json_decref(json);
        outcome_trial_done(&again);
        outcome_trial_done(&trial);
    }
}

static void take(const json_t *message, enum agent_type type, struct outcome_run *run) {
    const struct outcome_case *outcome = NULL;
    struct vms_error error = {""};

    switch (type) {
    case AGENT_TAKEN:
        for (size_t i = 0; i < run->n_cases; i++)
            take_trial(message, &run->cases[i]);
        break;
    case AGENT_TROUBLE:
        (void)station_intake_trouble(message, run, &outcome, &error);
        break;
    case AGENT_OPENED:
        (void)station_intake_machine(json_object_get(message, "environment"), &error);
        (void)station_intake_modules(json_object_get(message, "modules"), run, &error);
        (void)station_intake_warnings(json_object_get(message, "warnings"), run, &error);
        break;
    case AGENT_CLOSED:
        (void)station_intake_machine(json_object_get(message, "environment"), &error);
        (void)station_intake_warnings(json_object_get(message, "changes"), run, &error);
        break;
    default:
        break;
    }
}

static void read_all(int fd, enum agent_origin origin) {
    struct frame_stream stream;
    struct outcome_run run;
    struct vms_error error = {""};
    json_t *message = NULL;

    fixed_run_init(&run);
    frame_stream_init_pipes(&stream, fd, -1);
    while (frame_receive_json(&stream, &message, 0, &error) == 0) {
        enum agent_type type = AGENT_ERROR;

        if (agent_message_check(message, origin, &type, &error) == 0)
            take(message, type, &run);
        else
            require(error.text[0]);
        json_decref(message);
    }
    require(error.text[0]);
    frame_stream_done(&stream);
    outcome_run_done(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int ends[2];

    if (size < 1 || size > INPUT_MAX)
        return 0;
    require(pipe2(ends, O_CLOEXEC) == 0);
    require(write(ends[1], data + 1, size - 1) == (ssize_t)size - 1);
    (void)close(ends[1]);
    read_all(ends[0], data[0] & 1 ? AGENT_FROM_DRIVER : AGENT_FROM_AGENT);
    (void)close(ends[0]);
    return 0;
}
