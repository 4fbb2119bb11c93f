/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/worker.h"

#include "base/clock.h"
#include "base/cpus.h"
#include "base/error.h"
#include "process/memory.h"
#include "run/worker/worker_host.h"
#include "run/worker/worker_path.h"
#include "run/worker/worker_scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_term(int number) {
    (void)number;
    stopped = 1;
}

bool worker_stopped(void) {
    return stopped;
}

static int set_affinity(const char *cpus, struct vms_error *error) {
    cpu_set_t set;
    int status = cpus_parse(cpus, &set, error);

    if (status == 0 && sched_setaffinity(0, sizeof(set), &set) < 0)
        status = error_set(error, -errno, "this machine does not let the case run on processors %s: %s", cpus,
                           strerror(errno));
    return status;
}

/* Called when the module has returned: only the process that called it goes on. A copy that the module forked
 * says so, which fails the case, and ends. */
static void end_copies(const struct worker *worker) {
    struct worker_message stray = {.kind = WORKER_STRAY};

    if (getpid() == worker->pid)
        return;
    worker_say(worker, &stray);
    _exit(1);
}

/* Why a call of the module failed: its own sentence, and what the host refused it. */
static int explain(struct worker *worker, int status, struct vms_error *error) {
    size_t used;

    worker_scratch_explain(worker->task, error);
    used = strlen(error->text);
    if (!worker->refusal[0])
        return status;
    if (status == 0 || used == 0)
        return error_set(error, -EPROTO, "%s", worker->refusal);
    (void)snprintf(error->text + used, sizeof(error->text) - used, " (%s)", worker->refusal);
    return status;
}

/* Everything before the first trial. */
static int get_ready(struct worker *worker, struct vms_host *host, void **ret_state,
                     struct vms_error *error) {
    const struct outcome_case *outcome = worker->task->outcome;
    const struct vms_module *module = outcome->module;
    const struct peer_work work = {module, outcome->texts, outcome->seed};
    enum memory_policy policy;
    int status = worker->task->cpus ? set_affinity(worker->task->cpus, error) : 0;

    if (status == 0 && (module->needs & VMS_NEEDS_ROOT) && geteuid() != 0)
        return error_set(error, -ENOTSUP, "this needs root");
    if (status == 0 && worker->task->peer) {
        status = peer_client_open(worker->task->peer, &work, worker->deadline_ns, &worker->client, error);
        if (status == 0) {
            peer_client_lend(worker->client, host);
            worker_say_path(worker, peer_path_kind(peer_client_path(worker->client)));
            worker_tell_path(host, worker->client);
        }
        /* Only the module itself may call a case unsupported. */
        if (status == -ENOTSUP)
            status = -EPROTO;
    }
    policy = memory_choose(MEMORY_RETURNS);
    if (status == 0 && module->probe)
        status = module->probe(host, outcome->values, error);
    if (status == 0 && module->prepare)
        status = module->prepare(host, outcome->values, ret_state, error);
    (void)memory_choose(policy);
    end_copies(worker);
    return explain(worker, status, error);
}

/* Asks the peer how its half ended. Its sentence says more than "connection reset". */
static int end_at_peer(struct worker *worker, int status, struct vms_error *error) {
    uint64_t wait_ns = status < 0 ? NS_PER_S : 5 * NS_PER_S;
    struct vms_error peer_error = {""};
    int peer_status = peer_client_end(worker->client, clock_now_ns() + wait_ns, &peer_error);

    if (peer_status == 0 || (status < 0 && peer_status == -ETIMEDOUT))
        return status;
    if (status == 0)
        return error_set(error, peer_status, "the peer: %.400s", peer_error.text);
    (void)snprintf(error->text + strlen(error->text), sizeof(error->text) - strlen(error->text),
                   "; the peer: %s", peer_error.text);
    return status;
}

static void say_clock(const struct worker *worker) {
    struct worker_message message = {.kind = WORKER_CLOCK, .clock = *peer_client_clock(worker->client)};

    if (message.clock.n > 0)
        worker_say(worker, &message);
}

/* The process that works for the trials beside this one. */
static pid_t find_helper(const struct worker *worker) {
    if (!worker->client || !peer_client_path(worker->client)->local)
        return USAGE_NO_HELPER;
    return worker->task->peer->pid > 0 ? worker->task->peer->pid : USAGE_UNKNOWN_HELPER;
}

/* Calls the module between two readings of the counters, which lie outside the measured time. */
static int measure(struct worker *worker, const struct vms_host *host, void *state,
                   struct worker_message *done, struct vms_error *error) {
    const struct outcome_case *outcome = worker->task->outcome;
    struct machine_source source = machine_source_here();
    pid_t helper = find_helper(worker);
    struct noise_counters before, after;
    enum memory_policy policy;
    int status;

    noise_read(&source, helper, &before);
    worker->measuring = true;
    policy = memory_choose(MEMORY_RETURNS);
    done->start_ns = clock_now_ns();
    status = outcome->module->measure(host, outcome->values, state, error);
    done->end_ns = clock_now_ns();
    (void)memory_choose(policy);
    end_copies(worker);
    worker->measuring = false;
    noise_read(&source, helper, &after);
    noise_judge(&before, &after, &done->noise, &done->flags);
    done->has_noise = true;
    return status;
}

static int run_trial(struct worker *worker, const struct vms_host *host, void *state,
                     struct worker_message *done, struct vms_error *error) {
    double limit_s = ((double)worker->deadline_ns - (double)clock_now_ns()) / NS_PER_S;
    int status = worker->client ? peer_client_begin(worker->client, limit_s, error) : 0;

    if (status < 0)
        return status;
    status = measure(worker, host, state, done, error);
    status = explain(worker, status, error);
    if (worker->client) {
        status = end_at_peer(worker, status, error);
        say_clock(worker);
    }
    if (status == 0 && worker->trial.n_metrics == 0)
        status = error_set(error, -EPROTO, "the module reported no figure");
    return status;
}

static void serve_orders(struct worker *worker, const struct vms_host *host, void *state) {
    struct worker_order order;

    while (recv(WORKER_SOCKET, &order, sizeof(order), 0) == (ssize_t)sizeof(order)) {
        struct worker_message done = {.kind = WORKER_DONE};
        struct vms_error error = {""};

        worker->order = order.number;
        worker->deadline_ns = order.deadline_ns;
        worker->refusal[0] = '\0';
        done.status = run_trial(worker, host, state, &done, &error);
        if (done.status == 0)
            worker_say_trial(worker);
        outcome_trial_done(&worker->trial);
        worker->trial = (struct outcome_trial){0};
        done.error = error;
        worker_say(worker, &done);
    }
}

_Noreturn void worker_run(const struct worker_task *task, uint64_t deadline_ns) {
    struct sigaction action = {.sa_handler = on_term};
    struct worker worker = {.task = task, .pid = getpid(), .deadline_ns = deadline_ns};
    struct worker_message ready = {.kind = WORKER_READY};
    struct vms_error error = {""};
    void *state = NULL;
    struct vms_host host;

    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    worker_host_init(&worker, &host);
    ready.status = get_ready(&worker, &host, &state, &error);
    ready.error = error;
    worker_say(&worker, &ready);
    if (ready.status == 0)
        serve_orders(&worker, &host, state);
    if (task->outcome->module->cleanup)
        task->outcome->module->cleanup(state);
    end_copies(&worker);
    peer_client_close(worker.client);
    _exit(0);
}
