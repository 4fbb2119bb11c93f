/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a session begins: the handshake, and the module that the client asks for. */
#include "peer/server/session_state.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"
#include "common/estimate.h"
#include "module/param.h"
#include "peer/wire/net.h"

#include <sodium.h>
#include <string.h>

#define OPEN_LIMIT_NS (10 * NS_PER_S) /* from the handshake to the request to open */

/* What a session takes beside its module's work. */
#define SESSION_MEMORY (UINT64_C(4) << 20)

/* Parses the parameters that the client gave; those it left out keep their defaults. */
static int parse_values(struct session *session, json_t *params, struct vms_error *error) {
    const char *name;
    json_t *value;
    int status;

    session->values = calloc(session->module->n_params + 1, sizeof(*session->values));
    if (!session->values)
        return error_set(error, -ENOMEM, "no memory for the parameters");
    if ((status = param_defaults(session->module, session->values, error)) < 0)
        return status;
    json_object_foreach (params, name, value) {
        int row = param_find(session->module, name);

        if (row < 0)
            return error_set(error, -EINVAL, "the module %s has no parameter \"%s\" here",
                             session->module->name, name);
        status = param_parse(&session->module->params[row], json_string_value(value), &session->values[row],
                             error);
        if (status < 0)
            return status;
    }
    return 0;
}

/* Holds what the module's half will about allocate against what this peer grants. Its own estimate is the
 * same as the client's: each half of a case holds about what the whole is said to. */
static int promise_memory(struct session *session) {
    const struct outcome_case asked = {.id = 1, .module = session->module, .values = session->values};
    struct ledger *ledger = session->setup->ledger;
    char trouble[ESTIMATE_TROUBLE_SIZE], text[300], wanted[UNITS_TEXT_SIZE], most[UNITS_TEXT_SIZE];
    struct vms_estimate estimate = {0};
    uint64_t bytes;

    estimate_cases(&asked, 1, &estimate, trouble);
    if (trouble[0])
        return session_refuse(session, CODE_PARAMETERS, trouble);
    bytes = estimate.memory < INT64_MAX - SESSION_MEMORY ? estimate.memory + SESSION_MEMORY : INT64_MAX;
    session->trial_setup.memory = bytes;
    if (ledger_promise(ledger, session->setup->entry, bytes))
        return 0;
    units_format_bytes(bytes >> 20 << 20, wanted);
    units_format_bytes(ledger_memory_max(ledger), most);
    (void)snprintf(text, sizeof(text),
                   "a session with these parameters takes about %s of memory; %s %s (--memory)", wanted,
                   bytes > ledger_memory_max(ledger) ? "the peer grants"
                                                     : "other sessions leave less than that of",
                   most);
    return session_refuse(session, bytes > ledger_memory_max(ledger) ? CODE_PARAMETERS : CODE_BUSY, text);
}

/* Finds what the client asks for. */
static int open_module(struct session *session, const struct message *open) {
    struct vms_error error;
    char text[300];

    session->module = module_list_find(session->setup->modules, open->module);
    if (!session->module || !session->module->serve) {
        message_clean(open->module, &error);
        snprintf(text, sizeof(text),
                 "there is no two-sided module \"%.100s\" on the peer: install it there too", error.text);
        return session_refuse(session, CODE_MODULE, text);
    }
    if (session->module->workload_version != open->workload_version) {
        snprintf(
            text, sizeof(text),
            "the module %s has workload version %u on the peer and %u here: install the same vmsuite on both",
            session->module->name, session->module->workload_version, open->workload_version);
        return session_refuse(session, CODE_WORKLOAD, text);
    }
    if (parse_values(session, open->params, &error) < 0)
        return session_refuse(session, CODE_PARAMETERS, error.text);
    if (promise_memory(session) < 0)
        return -1;
    snprintf(session->report.module, sizeof(session->report.module), "%s", session->module->name);
    return 0;
}

static int answer_open(struct session *session, const struct message *open) {
    struct message opened = {.type = MESSAGE_OPENED};
    struct trial_setup *setup = &session->trial_setup;
    struct vms_error error;
    int status;

    if (open_module(session, open) < 0)
        return -1;
    setup->module = session->module;
    setup->values = session->values;
    setup->seed = open->seed;
    if ((status = net_ends(session->setup->fd, &setup->address, &setup->peer, &error)) < 0)
        return session_fail(session, status, &error);
    net_clear_port(&setup->address);
    net_clear_port(&setup->peer);
    randombytes_buf(setup->cookie, sizeof(setup->cookie));
    memcpy(opened.cookie, setup->cookie, sizeof(opened.cookie));
    peer_path_read(session->setup->fd, &opened.path);
    peer_machine_read(&opened.machine);
    status = peer_send(&session->stream, &opened, clock_now_ns() + SESSION_FRAME_LIMIT_NS, &error);
    return status < 0 ? session_fail(session, status, &error) : 0;
}

int session_open(struct session *session) {
    struct message message;
    struct vms_error error;
    int status =
        handshake_peer(&session->stream, session->setup->token, clock_now_ns() + HANDSHAKE_LIMIT_NS, &error);

    if (status < 0)
        return session_end(session, error.text);
    session->report.authenticated = true;
    session_report(session);
    if (!ledger_admit(session->setup->ledger, session->setup->entry))
        return session_refuse(session, CODE_BUSY, "it has as many sessions as it accepts (--max-sessions)");
    status = peer_receive(&session->stream, MESSAGE_FROM_CLIENT, clock_now_ns() + OPEN_LIMIT_NS,
                          &session->open, &message, &error);
    if (status < 0)
        return session_fail(session, status, &error);
    if (message.type != MESSAGE_OPEN)
        return session_refuse(session, CODE_PROTOCOL, "a session begins with the message \"open\"");
    return answer_open(session, &message);
}
