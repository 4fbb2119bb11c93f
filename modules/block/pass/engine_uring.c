/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/pass/engine.h"
#include "block/target/failure.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

/* A place in the queue. It has blocks of the pool of its own, which it uses in turn. */
struct place {
    uint64_t operation, offset, begun_ns;
    unsigned char *block;
    uint64_t uses;
    bool is_write;
};

struct uring {
    struct io_uring ring;
    unsigned depth, n_free;
    struct place *places;
    unsigned *free_places; /* a stack */
};

static void release(struct uring *uring) {
    free(uring->places);
    free(uring->free_places);
    free(uring);
}

/* One task hands over and waits, which needs no interrupts between processors (in a guest each of them may
 * leave it); kernels before 6.0 do not know of that. */
static int make_ring(struct io_uring *ring, unsigned depth) {
    int status = io_uring_queue_init(depth, ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN);

    return status == -EINVAL ? io_uring_queue_init(depth, ring, 0) : status;
}

/* Whether the ring takes work: some systems let it be made and refuse what it is for. */
static int try_ring(struct io_uring *ring) {
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    bool can_move = probe && io_uring_opcode_supported(probe, IORING_OP_READ) &&
                    io_uring_opcode_supported(probe, IORING_OP_WRITE);
    struct io_uring_cqe *cqe;
    int status = can_move ? 0 : -EOPNOTSUPP;

    if (probe)
        io_uring_free_probe(probe);
    if (status < 0)
        return status;
    io_uring_prep_nop(io_uring_get_sqe(ring));
    status = io_uring_submit_and_wait(ring, 1);
    if (status >= 0)
        status = io_uring_peek_cqe(ring, &cqe);
    if (status < 0)
        return status;
    status = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return status < 0 ? status : 0;
}

static int uring_open(struct pass *pass, void **ret_state) {
    struct uring *uring = calloc(1, sizeof(*uring));
    unsigned depth = pass->job->queue_depth;
    int status;

    if (!uring)
        return -ENOMEM;
    uring->depth = uring->n_free = depth;
    uring->places = calloc(depth, sizeof(*uring->places));
    uring->free_places = calloc(depth, sizeof(*uring->free_places));
    status = uring->places && uring->free_places ? make_ring(&uring->ring, depth) : -ENOMEM;
    if (status == 0 && (status = try_ring(&uring->ring)) < 0)
        io_uring_queue_exit(&uring->ring);
    if (status < 0) {
        release(uring);
        return status;
    }
    for (unsigned i = 0; i < depth; i++)
        uring->free_places[i] = depth - 1 - i;
    *ret_state = uring;
    return 0;
}

/* Hands over what is queued and waits for `least` ends. */
static int hand_over(struct uring *uring, const struct pass *pass, unsigned least, struct vms_error *error) {
    int status = io_uring_submit_and_wait(&uring->ring, least);

    if (status >= 0 || status == -EINTR || status == -EAGAIN || status == -EBUSY)
        return 0; /* nothing is lost: the next call hands over what this one did not */
    return failure_io(error, status, "queueing transfers of", pass->target->path, 0);
}

static void queue(struct uring *uring, struct pass *pass, uint64_t operation) {
    const struct vms_host *host = pass->job->host;
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring); /* as many entries as places: never NULL */
    unsigned index = uring->free_places[--uring->n_free];
    struct place *place = &uring->places[index];
    uint64_t size = pass->job->block_size, per_place = pass->pool->n_slots / uring->depth;

    place->operation = operation;
    place->offset = plan_block(pass->plan, operation) * size;
    place->is_write = plan_is_write(pass->plan, operation);
    if (pass_is_timed(pass, operation))
        place->begun_ns = host->now(host->context);
    if (place->is_write) {
        place->block = pool_stamp(pass->pool, index * per_place + place->uses++ % per_place, place->offset,
                                  pass->generation);
        io_uring_prep_write(sqe, pass->target->fd, place->block, (unsigned)size, place->offset);
    } else {
        place->block = pass->pool->landing + index * size;
        io_uring_prep_read(sqe, pass->target->fd, place->block, (unsigned)size, place->offset);
    }
    io_uring_sqe_set_data(sqe, place);
}

/* An operation has ended: judges it and frees its place. */
static int settle(struct uring *uring, struct pass *pass, struct place *place, int result,
                  struct vms_error *error) {
    const struct vms_host *host = pass->job->host;

    uring->free_places[uring->n_free++] = (unsigned)(place - uring->places);
    if (pass_is_timed(pass, place->operation))
        pass_keep(pass, place->is_write ? PASS_WRITE : PASS_READ, host->now(host->context) - place->begun_ns);
    if (result == (int)pass->job->block_size)
        return 0;
    return engine_finish(pass, place->is_write, place->block, result, place->offset, error);
}

/* Waits for one end at least and settles all that there are. */
static int reap(struct uring *uring, struct pass *pass, struct vms_error *error) {
    struct io_uring_cqe *cqe;
    struct vms_error other; /* one reason is enough: the first */
    unsigned head, n = 0;
    bool must_call = io_uring_sq_ready(&uring->ring) > 0 || io_uring_cq_ready(&uring->ring) == 0;
    int status = must_call ? hand_over(uring, pass, 1, error) : 0;

    if (status < 0)
        return status;
    io_uring_for_each_cqe (&uring->ring, head, cqe) {
        int one = settle(uring, pass, io_uring_cqe_get_data(cqe), cqe->res, status == 0 ? error : &other);

        if (status == 0)
            status = one;
        n++;
    }
    io_uring_cq_advance(&uring->ring, n);
    return status;
}

static int uring_run(void *state, struct pass *pass, uint64_t first, uint64_t n, struct vms_error *error) {
    struct uring *uring = state;
    int status = 0;

    for (uint64_t i = first; status == 0 && i < first + n;) {
        while (status == 0 && uring->n_free > 0 && i < first + n) {
            queue(uring, pass, i++);
            if (pass->job->submit == JOB_SUBMIT_EACH)
                status = hand_over(uring, pass, 0, error);
        }
        if (status == 0 && uring->n_free == 0)
            status = reap(uring, pass, error);
    }
    return status;
}

static int uring_drain(void *state, struct pass *pass, struct vms_error *error) {
    struct uring *uring = state;
    int status = 0;

    while (status == 0 && uring->n_free < uring->depth)
        status = reap(uring, pass, error);
    return status;
}

static void uring_close(void *state) {
    struct uring *uring = state;

    /* The kernel still writes into the landing blocks of what is under way. */
    while (uring->n_free < uring->depth) {
        struct io_uring_cqe *cqe;
        int status = io_uring_submit_and_wait(&uring->ring, 1);

        if (status < 0 && status != -EINTR && status != -EAGAIN && status != -EBUSY)
            break;
        while (io_uring_peek_cqe(&uring->ring, &cqe) == 0) {
            uring->n_free++;
            io_uring_cqe_seen(&uring->ring, cqe);
        }
    }
    io_uring_queue_exit(&uring->ring);
    release(uring);
}

const struct engine engine_uring = {
    .open = uring_open, .run = uring_run, .drain = uring_drain, .close = uring_close};
