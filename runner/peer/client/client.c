/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/client/client.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "peer/client/pump.h"
#include "peer/wire/handshake.h"
#include "peer/wire/net.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRIES 6
#define PAUSE_MS 20 /* before the second try, up to twice as long; then doubled each time */
#define ANSWER_LIMIT_NS (10 * NS_PER_S) /* for what the peer does without work: starting a trial */

struct peer_client {
    int fd;
    struct frame_stream stream;
    struct sockaddr_storage own, other;
    uint8_t cookie[VMS_COOKIE_SIZE];
    struct peer_path path, far_path; /* as either end sees it */
    struct peer_machine far_machine;
    uint32_t trial; /* number of the last one that was begun */
    struct pump pump;
    struct clock_sync sync;
    struct clock_offset clock; /* of the last trial that has ended */
    int over;                  /* why the peer ended the session after that trial; 0: it has not */
    struct vms_error last_words;
};

static json_t *texts_as_json(const struct vms_module *module, char *const *texts) {
    json_auto_t *params = json_object();

    for (size_t i = 0; params && i < module->n_params; i++)
        if (json_object_set_new(params, module->params[i].name, json_string(texts[i])) < 0)
            return NULL;
    return TAKE(params);
}

static int ask_open(struct peer_client *client, const struct peer_work *work, uint64_t deadline_ns,
                    struct vms_error *error) {
    json_auto_t *params = texts_as_json(work->module, work->texts), *json = NULL;
    struct message open = {.type = MESSAGE_OPEN,
                           .module = work->module->name,
                           .workload_version = work->module->workload_version,
                           .params = params,
                           .seed = work->seed};
    struct message answer;
    int status;

    if (!params)
        return error_set(error, -ENOMEM, "no memory to open a session with the peer");
    status = peer_send(&client->stream, &open, deadline_ns, error);
    if (status < 0 ||
        (status = peer_receive(&client->stream, MESSAGE_FROM_PEER, deadline_ns, &json, &answer, error)) < 0)
        return status;
    if (answer.type != MESSAGE_OPENED)
        return error_set(error, -EPROTO, "the peer did not answer as it should when a session was opened");
    memcpy(client->cookie, answer.cookie, sizeof(client->cookie));
    client->far_path = answer.path;
    client->far_machine = answer.machine;
    return 0;
}

static int open_once(const struct peer_address *address, const struct peer_work *work, uint64_t deadline_ns,
                     struct peer_client **ret_client, struct vms_error *error) {
    struct peer_client *client = calloc(1, sizeof(*client));
    int status;

    if (!client)
        return error_set(error, -ENOMEM, "no memory to open a session with the peer");
    client->fd = -1;
    clock_offset_estimate(NULL, 0, &client->clock);
    status = net_connect(address->host, address->port, deadline_ns, &client->fd, error);
    frame_stream_init(&client->stream, client->fd);
    if (status < 0 || (status = pump_init(&client->pump, &client->stream, &client->sync, error)) < 0 ||
        (status = net_ends(client->fd, &client->own, &client->other, error)) < 0 ||
        (status = handshake_client(&client->stream, &address->token, deadline_ns, error)) < 0 ||
        (status = ask_open(client, work, deadline_ns, error)) < 0) {
        peer_client_close(client);
        return status;
    }
    peer_path_read(client->fd, &client->path);
    *ret_client = client;
    return 0;
}

/* Random, so that clients that were turned away together do not come back together. */
static void pause_before_try(unsigned n_tries) {
    uint32_t least_ms = PAUSE_MS << n_tries, pause_ms = least_ms + randombytes_uniform(least_ms);
    const struct timespec pause = {.tv_sec = pause_ms / 1000, .tv_nsec = (long)(pause_ms % 1000) * 1000000};

    (void)nanosleep(&pause, NULL);
}

/* Nobody but we ourselves answers for the peer that this run started. */
static int explain_own(const struct peer_address *address, int status, struct vms_error *error) {
    struct vms_error reason = *error;

    if (address->pid <= 0 || (status != -ENETUNREACH && status != -ETIMEDOUT && status != -EADDRNOTAVAIL))
        return status;
    return error_set(
        error, status,
        "the peer that this run started itself cannot be reached (%.300s); is the loopback interface up? "
        "Run `ip link set lo up`",
        reason.text);
}

int peer_client_open(const struct peer_address *address, const struct peer_work *work, uint64_t deadline_ns,
                     struct peer_client **ret_client, struct vms_error *error) {
    struct vms_error reason = {""};
    int status;

    for (unsigned n_tries = 0;; n_tries++) {
        status = open_once(address, work, deadline_ns, ret_client, &reason);
        if ((status != -EBUSY && status != -ECONNRESET) || n_tries + 1 == TRIES ||
            clock_now_ns() >= deadline_ns)
            break;
        pause_before_try(n_tries);
    }
    return status < 0 ? error_set(error, explain_own(address, status, &reason), "%s", reason.text) : 0;
}

void peer_client_locate(const struct peer_client *client, struct peer_address *address) {
    char host[PEER_HOST_SIZE] = "";

    if (getnameinfo((const struct sockaddr *)&client->other, sizeof(client->other), host, sizeof(host), NULL,
                    0, NI_NUMERICHOST) == 0)
        memcpy(address->host, host, sizeof(address->host));
}

static int client_put(void *context, const void *message, size_t length, uint64_t deadline) {
    return pump_put(&(*(struct peer_client **)context)->pump, message, length, deadline);
}

static ssize_t client_get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    return pump_get(&(*(struct peer_client **)context)->pump, buffer, capacity, deadline);
}

void peer_client_lend(struct peer_client *client, struct vms_host *host) {
    host->peer = client->other;
    host->address = client->own;
    net_clear_port(&host->peer);
    net_clear_port(&host->address);
    memcpy(host->cookie, client->cookie, sizeof(host->cookie));
    host->put = client_put;
    host->get = client_get;
}

/* Asks for a trial, and waits until it has started. */
static int ask_trial(struct peer_client *client, const struct message *trial, struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + ANSWER_LIMIT_NS;
    struct message answer;
    int status;

    if ((status = peer_send(&client->stream, trial, deadline_ns, error)) < 0)
        return status;
    do { /* past an answer about clocks that came too late to be waited for */
        json_auto_t *json = NULL;

        status = peer_receive(&client->stream, MESSAGE_FROM_PEER, deadline_ns, &json, &answer, error);
        if (status < 0)
            return status;
    } while (answer.type == MESSAGE_CLOCK_ANSWER);
    if (answer.type != MESSAGE_STARTED || answer.trial != trial->trial)
        return error_set(error, -EPROTO, "the peer did not answer as it should when a trial was begun");
    return 0;
}

int peer_client_begin(struct peer_client *client, double limit_s, struct vms_error *error) {
    const struct message trial = {
        .type = MESSAGE_TRIAL, .trial = client->trial + 1, .limit_s = fmin(limit_s, MESSAGE_TRIAL_LIMIT_S)};
    int status;

    if (client->pump.running)
        return error_set(error, -EBUSY, "the trial before has not ended on the peer");
    if (client->over < 0)
        return error_set(error, client->over, "%s", client->last_words.text);
    if (!(limit_s > 0))
        return error_set(error, -ETIMEDOUT, "no time is left for a trial with the peer");
    clock_sync_restart(&client->sync);
    if ((status = clock_sync_burst(&client->sync, &client->stream, error)) < 0 && status != -ETIMEDOUT)
        return status;
    if ((status = ask_trial(client, &trial, error)) < 0)
        return status;
    client->trial = trial.trial;
    return pump_start(&client->pump, trial.trial, error);
}

int peer_client_end(struct peer_client *client, uint64_t deadline_ns, struct vms_error *error) {
    const struct pump *pump = &client->pump;

    if (!pump->running)
        return error_set(error, -EINVAL, "no trial was begun on the peer");
    if (!pump_wait(&client->pump, deadline_ns))
        return error_set(error, -ETIMEDOUT, "its half of the trial did not end in time");
    pump_stop(&client->pump);
    /* Without these the clocks are known less well, but the trial is what it is. */
    if (pump->ending == 0) {
        int status = clock_sync_burst(&client->sync, &client->stream, &client->last_words);

        client->over = status == -ETIMEDOUT ? 0 : status;
    }
    clock_sync_estimate(&client->sync, &client->clock);
    return pump->ending < 0 ? error_set(error, pump->ending, "%s", pump->reason.text) : 0;
}

const struct clock_offset *peer_client_clock(const struct peer_client *client) {
    return &client->clock;
}

const struct peer_path *peer_client_path(const struct peer_client *client) {
    return &client->path;
}

const struct peer_path *peer_client_far_path(const struct peer_client *client) {
    return &client->far_path;
}

const struct peer_machine *peer_client_far_machine(const struct peer_client *client) {
    return &client->far_machine;
}

void peer_client_close(struct peer_client *client) {
    if (!client)
        return;
    if (client->fd >= 0)
        (void)shutdown(client->fd, SHUT_RDWR); /* so that the thread waits for nothing */
    pump_done(&client->pump);
    frame_stream_done(&client->stream);
    if (client->fd >= 0)
        (void)close(client->fd);
    free(client);
}
