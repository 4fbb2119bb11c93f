/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request at a time: a probe that adds next to nothing to the load. Each is timed from when it is
 * sent. */
#include "loaded/loaded.h"

#include "shared/net/socket.h"
#include "shared/net/transactions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_LEAST 1000
#define ROOM_MOST (1 << 20)

int requests_init(struct requests *requests, double seconds, double interval, struct vms_error *error) {
    double most = interval > 0 ? seconds / interval + 2 : ROOM_MOST;

    *requests = (struct requests){.capacity = most < ROOM_LEAST  ? ROOM_LEAST
                                              : most > ROOM_MOST ? ROOM_MOST
                                                                 : (size_t)most};
    requests->latencies = net_new_buffer(requests->capacity * sizeof(*requests->latencies));
    return requests->latencies ? 0 : net_fail_errno(error, ENOMEM, "room for the latencies");
}

void requests_done(struct requests *requests) {
    free(requests->latencies);
    requests->latencies = NULL;
}

/* A request, and then its response. */
struct request {
    char *message;
    size_t size;
    uint64_t number; /* is in both */
};

/* One round trip. */
static int ask(struct net_watch *watch, int fd, const struct request *request, uint64_t *ret_latency_ns,
               struct vms_error *error) {
    const struct vms_host *host = watch->host;
    uint64_t begin_ns = host->now(host->context);
    int status;

    net_stamp(request->message, request->size, request->number);
    status = net_send_all(watch, fd, request->message, request->size, error);
    net_stamp(request->message, request->size, ~request->number);
    if (status == 0)
        status = net_receive_all(watch, fd, request->message, request->size, false, error);
    if (status < 0)
        return status;
    if (status == 0)
        return report_error(error, -ECONNRESET, "the other half ended the connection");
    if (!net_stamped(request->message, request->size, request->number))
        return report_error(error, -EIO, "a response does not belong to its request");
    *ret_latency_ns = host->now(host->context) - begin_ns;
    return 0;
}

/* Sleeps, and looks at should_stop. */
static int wait_until(struct net_watch *watch, uint64_t until_ns, struct vms_error *error) {
    const struct vms_host *host = watch->host;
    uint64_t now;

    while ((now = host->now(host->context)) < until_ns) {
        int status = net_watch_check(watch, now, true, error);

        if (status < 0)
            return status;
        net_wait(-1, 0, now, until_ns);
    }
    return 0;
}

int requests_run(const struct vms_host *host, const union vms_value *values, int fd,
                 struct requests *requests, struct vms_error *error) {
    uint64_t interval_ns = (uint64_t)(values[LOADED_INTERVAL].seconds * NET_SECOND);
    uint64_t until_ns = requests->until_ns, now;
    struct request request = {.size = values[LOADED_MESSAGE_SIZE].bytes};
    struct net_watch watch;
    int status;

    request.message = net_new_buffer(request.size);
    status = request.message ? 0 : net_fail_errno(error, ENOMEM, "a message");
    net_watch_init(&watch, host, host->now(host->context));
    while (status == 0 && (now = host->now(host->context)) < until_ns) {
        uint64_t latency_ns = 0, next_ns = now + interval_ns;

        status = net_watch_check(&watch, now, true, error);
        if (status == 0)
            status = ask(&watch, fd, &request, &latency_ns, error);
        request.number++;
        if (status == 0 && now + latency_ns >= requests->from_ns && requests->n < requests->capacity)
            requests->latencies[requests->n++] = (double)latency_ns / NET_SECOND;
        if (status == 0)
            status = wait_until(&watch, next_ns < until_ns ? next_ns : until_ns, error);
    }
    free(request.message);
    return status;
}

int requests_answer(const struct vms_host *host, const union vms_value *values, int fd,
                    struct vms_error *error) {
    size_t size = values[LOADED_MESSAGE_SIZE].bytes;
    char *message = net_new_buffer(size);
    struct net_watch watch;
    int status = message ? 1 : net_fail_errno(error, ENOMEM, "a message");

    net_watch_init(&watch, host, host->now(host->context));
    while (status > 0 && (status = net_receive_all(&watch, fd, message, size, false, error)) > 0) {
        status = net_send_all(&watch, fd, message, size, error);
        status = status == 0 ? 1 : status;
    }
    free(message);
    return status;
}
