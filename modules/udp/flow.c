/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int flow_allocate(struct flow *flow, size_t n, size_t size, struct vms_error *error) {
    flow->n_messages = n;
    flow->buffer = net_new_buffer(n * size);
    flow->messages = calloc(n, sizeof(*flow->messages));
    flow->vectors = calloc(n, sizeof(*flow->vectors));
    if (!flow->buffer || !flow->messages || !flow->vectors)
        return net_fail_errno(error, ENOMEM, "room for datagrams");
    for (size_t i = 0; i < n; i++) {
        flow->vectors[i] = (struct iovec){flow->buffer + i * size, size};
        flow->messages[i].msg_hdr.msg_iov = &flow->vectors[i];
        flow->messages[i].msg_hdr.msg_iovlen = 1;
    }
    return 0;
}

int flow_init(struct flow *flow, const struct vms_host *host, int fd, bool sends,
              const struct flow_plan *plan, struct vms_error *error) {
    *flow = (struct flow){.host = host, .fd = fd, .sends = sends, .plan = *plan, .joined = 1};
    return sends ? sender_init(flow, error) : receiver_init(flow, error);
}

void flow_done(struct flow *flow) {
    free(flow->buffer);
    free(flow->messages);
    free(flow->vectors);
    free(flow->controls);
    account_done(&flow->account);
}

static void *run(void *argument) {
    struct flow *flow = argument;

    flow->status = flow->sends ? sender_run(flow) : receiver_run(flow);
    return NULL;
}

int flow_start(struct flow *flow, struct vms_error *error) {
    int number = pthread_create(&flow->thread, NULL, run, flow);

    return number ? net_fail_errno(error, number, "starting a stream's thread") : 0;
}

int flow_join(struct flow *flow, struct vms_error *error) {
    (void)pthread_join(flow->thread, NULL);
    if (flow->status < 0)
        *error = flow->error;
    return flow->status;
}

void flow_end(struct flow *flow) {
    atomic_store(&flow->ended, true);
}
