/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/intake.h"

#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Whoever sent it; 0 where the kernel does not say. */
static pid_t sender_of(struct msghdr *header) {
    struct ucred sender = {0};

    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS)
            memcpy(&sender, CMSG_DATA(part), sizeof(sender));
    return sender.pid;
}

static void end_text(char *text, size_t size) {
    text[size - 1] = '\0';
}

/* Whether the message is one that worker_say sends, with its texts ended. */
static bool is_whole(struct worker_message *message, size_t length) {
    if (length != sizeof(*message) || message->magic != WORKER_MAGIC)
        return false;
    switch (message->kind) {
    case WORKER_FACT:
        end_text(message->fact.key, sizeof(message->fact.key));
        end_text(message->fact.value, sizeof(message->fact.value));
        return true;
    case WORKER_READY:
    case WORKER_LOG:
    case WORKER_PATH:
    case WORKER_DONE:
        end_text(message->error.text, sizeof(message->error.text));
        return true;
    case WORKER_METRIC:
    case WORKER_CLOCK:
        return true;
    case WORKER_STRAY:
        return false;
    }
    return false;
}

int intake_receive(int socket, pid_t from, uint32_t order, struct worker_message *ret_message,
                   struct vms_error *error) {
    char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec part = {ret_message, sizeof(*ret_message)};
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    pid_t sender;

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (length <= 0)
        return -ECONNRESET;
    sender = sender_of(&header);
    if (sender > 0 && sender != from)
        return error_set(error, -EPROTO,
                         "a second process of the module spoke in its place: one that it forked called the "
                         "host, or returned from the module's function");
    if ((header.msg_flags & MSG_TRUNC) || !is_whole(ret_message, (size_t)length))
        return error_set(error, -EPROTO,
                         "the module wrote %zd bytes to descriptor %d, over which vmsuite talks with its "
                         "process",
                         length, WORKER_SOCKET);
    if (ret_message->order != order)
        return error_set(error, -EPROTO, "what its process reported belongs to another trial (%u, not %u)",
                         ret_message->order, order);
    return 1;
}

static int take_metric(const struct worker_message *message, const struct vms_module *module,
                       struct outcome_trial *trial, struct vms_error *error) {
    const struct outcome_metric *metric = &message->metric;
    struct outcome_metric *place;

    if (metric->metric >= module->n_metrics || metric->n_raw > OUTCOME_RAW_MAX || !isfinite(metric->value) ||
        metric->is_distribution != (module->metrics[metric->metric].shape == VMS_DISTRIBUTION))
        return error_set(error, -EPROTO, "its process reported a metric that the module does not have");
    for (size_t i = 0; i < trial->n_metrics; i++)
        if (trial->metrics[i].metric == metric->metric)
            return error_set(error, -EPROTO, "its process reported metric \"%s\" twice",
                             module->metrics[metric->metric].name);
    place = outcome_trial_add_metric(trial);
    if (!place)
        return error_memory(error);
    *place = *metric;
    place->sketch = NULL;
    if (!message->has_sketch || !metric->is_distribution)
        return 0;
    if (!sketch_is_valid(&message->sketch) || sketch_count(&message->sketch) != metric->distribution.n)
        return error_set(error, -EPROTO,
                         "its process reported a histogram that does not belong to metric \"%s\"",
                         module->metrics[metric->metric].name);
    place->sketch = malloc(sizeof(*place->sketch));
    if (!place->sketch)
        return error_memory(error);
    *place->sketch = message->sketch;
    return 0;
}

int intake_take(const struct worker_message *message, struct outcome_case *outcome,
                struct outcome_trial *trial, struct vms_error *error) {
    int status = 0;

    switch (message->kind) {
    case WORKER_METRIC:
        return take_metric(message, outcome->module, trial, error);
    case WORKER_FACT:
        status = outcome_facts_set(message->of_case ? &outcome->facts : &trial->facts, message->fact.key,
                                   message->fact.value);
        break;
    case WORKER_LOG:
        status = outcome_trial_log(trial, (enum vms_log_level)message->status, message->error.text);
        break;
    case WORKER_PATH:
        outcome->path = strcmp(message->error.text, "loopback") == 0 ? "loopback" : "network";
        break;
    case WORKER_CLOCK:
        trial->clock = message->clock;
        break;
    case WORKER_READY:
    case WORKER_DONE:
    case WORKER_STRAY:
        break;
    }
    if (status == -E2BIG)
        return error_set(error, -EPROTO, "the module reported more than %d facts", OUTCOME_FACTS_MAX);
    return status < 0 ? error_set(error, status, "out of memory for what the module reported") : 0;
}
