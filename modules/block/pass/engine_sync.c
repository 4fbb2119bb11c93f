/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/pass/engine.h"

#include <unistd.h>

static int sync_open(struct pass *pass, void **ret_state) {
    (void)pass;
    *ret_state = NULL;
    return 0;
}

static int move(struct pass *pass, uint64_t operation, uint64_t slot, struct vms_error *error) {
    uint64_t size = pass->job->block_size;
    uint64_t offset = plan_block(pass->plan, operation) * size;
    bool is_write = plan_is_write(pass->plan, operation);
    unsigned char *block;
    ssize_t moved;

    if (is_write) {
        block = pool_stamp(pass->pool, slot, offset, pass->generation);
        moved = pwrite(pass->target->fd, block, size, (off_t)offset);
    } else {
        block = pass->pool->landing;
        moved = pread(pass->target->fd, block, size, (off_t)offset);
    }
    if (moved == (ssize_t)size)
        return 0;
    return engine_finish(pass, is_write, block, moved < 0 ? -errno : moved, offset, error);
}

static int move_timed(struct pass *pass, uint64_t operation, uint64_t slot, struct vms_error *error) {
    const struct vms_host *host = pass->job->host;
    uint64_t begun_ns = host->now(host->context);
    int status = move(pass, operation, slot, error);

    pass_keep(pass, plan_is_write(pass->plan, operation) ? PASS_WRITE : PASS_READ,
              host->now(host->context) - begun_ns);
    return status;
}

static int sync_run(void *state, struct pass *pass, uint64_t first, uint64_t n, struct vms_error *error) {
    uint64_t slot = first % pass->pool->n_slots;
    int status = 0;

    (void)state;
    for (uint64_t i = first; status == 0 && i < first + n; i++) {
        status = pass_is_timed(pass, i) ? move_timed(pass, i, slot, error) : move(pass, i, slot, error);
        slot = slot + 1 < pass->pool->n_slots ? slot + 1 : 0;
    }
    return status;
}

static int sync_drain(void *state, struct pass *pass, struct vms_error *error) {
    (void)state;
    (void)pass;
    (void)error;
    return 0;
}

static void sync_close(void *state) {
    (void)state;
}

const struct engine engine_sync = {
    .open = sync_open, .run = sync_run, .drain = sync_drain, .close = sync_close};
