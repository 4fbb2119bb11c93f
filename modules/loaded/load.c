/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loaded/loaded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (128 << 10)

size_t loaded_streams(const union vms_value *values) {
    return values[LOADED_STREAMS].count * (values[LOADED_DIRECTION].choice == LOADED_BOTH ? 2 : 1);
}

bool loaded_client_sends(const union vms_value *values, size_t index) {
    return values[LOADED_DIRECTION].choice != LOADED_RECEIVE && index < values[LOADED_STREAMS].count;
}

int load_init(struct load *load, const struct vms_host *host, const union vms_value *values, const int *fds,
              bool is_client, struct vms_error *error) {
    size_t n = loaded_streams(values);

    *load = (struct load){.workers = calloc(n, sizeof(*load->workers))};
    if (!load->workers)
        return net_fail_errno(error, ENOMEM, "the streams");
    while (load->n < n) {
        struct tcp_worker_plan plan = {.sends = loaded_client_sends(values, load->n) == is_client,
                                       .block_size = BLOCK_SIZE,
                                       .seconds_ns = (uint64_t)(values[LOADED_SECONDS].seconds * NET_SECOND),
                                       .warmup_ns = (uint64_t)(values[LOADED_WARMUP].seconds * NET_SECOND)};
        int status = tcp_worker_init(&load->workers[load->n], host, fds[load->n], &plan, error);

        load->n++;
        if (status < 0)
            return status;
    }
    return 0;
}

int load_start(struct load *load, uint64_t begin_ns, struct vms_error *error) {
    int status = 0;

    while (load->started < load->n &&
           (status = tcp_worker_start(&load->workers[load->started], begin_ns, error)) == 0)
        load->started++;
    return status;
}

int load_join(struct load *load, bool broken, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; i < load->started && broken; i++)
        (void)shutdown(load->workers[i].fd, SHUT_RDWR);
    for (size_t i = 0; i < load->started; i++) {
        struct vms_error later;
        int ended = tcp_worker_join(&load->workers[i], status == 0 ? error : &later);

        status = status == 0 ? ended : status;
    }
    load->started = 0;
    return status;
}

void load_count(const struct load *load, uint64_t ret_fields[static LOAD_FIELDS]) {
    uint64_t first_ns = UINT64_MAX, last_ns = 0;

    memset(ret_fields, 0, LOAD_FIELDS * sizeof(*ret_fields));
    for (size_t i = 0; i < load->n; i++) {
        const struct tcp_worker *worker = &load->workers[i];

        ret_fields[worker->plan.sends ? LOAD_SENT : LOAD_RECEIVED] += worker->total;
        if (worker->plan.sends || !worker->counting)
            continue;
        ret_fields[LOAD_BYTES] += worker->count.bytes;
        first_ns = worker->count.first_ns < first_ns ? worker->count.first_ns : first_ns;
        last_ns = worker->count.last_ns > last_ns ? worker->count.last_ns : last_ns;
    }
    ret_fields[LOAD_ELAPSED] = last_ns > first_ns ? last_ns - first_ns : 0;
}

void load_done(struct load *load) {
    while (load->n > 0)
        tcp_worker_done(&load->workers[--load->n]);
    free(load->workers);
    load->workers = NULL;
}
