/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linpack/batch.h"

#include "linpack/system.h"
#include "shared/case/report.h"
#include "shared/memory/room.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static size_t number_bytes(bool is_double) {
    return is_double ? sizeof(double) : sizeof(float);
}

static size_t system_bytes(size_t n, bool is_double) {
    size_t bytes = (n * n + n) * number_bytes(is_double);

    return (bytes + 63) / 64 * 64;
}

#define KEPT 64 /* solutions at the most, but one round at the least */

static size_t count_rounds(size_t count) {
    return count < KEPT ? KEPT / count : 1;
}

static size_t kept_bytes(size_t n, bool is_double, size_t count) {
    size_t bytes = count_rounds(count) * count * n * number_bytes(is_double);

    return (bytes + 63) / 64 * 64;
}

uint64_t batch_bytes(size_t n, bool is_double, size_t count) {
    return 2 * count * system_bytes(n, is_double) + kept_bytes(n, is_double, count) +
           n * (sizeof(double) + sizeof(int));
}

static char *made_system(const struct batch *batch, size_t i) {
    return batch->made + i * system_bytes(batch->n, batch->is_double);
}

static size_t side_offset(const struct batch *batch) {
    return batch->n * batch->n * number_bytes(batch->is_double);
}

int batch_init(size_t n, bool is_double, size_t count, uint64_t seed, struct batch *ret_batch,
               struct vms_error *error) {
    struct batch batch = {
        .n = n, .is_double = is_double, .count = count, .seed = seed, .rounds = count_rounds(count)};
    uint64_t bytes = batch_bytes(n, is_double, count);
    size_t systems = count * system_bytes(n, is_double);
    struct room room;
    int status;

    room_read("", &room);
    if (bytes > room.bytes)
        return report_error(error, -ENOMEM,
                            "%zu system(s) of order %zu need %" PRIu64 " bytes; the %s leaves %" PRIu64
                            ": give a smaller n or more memory",
                            count, n, bytes, room.source, room.bytes);
    status = region_map(bytes, REGION_SYSTEM, "the matrices", &batch.region, error);
    if (status < 0)
        return status;
    batch.made = batch.region.start;
    batch.work = batch.made + systems;
    batch.kept = batch.work + systems;
    batch.row = (double *)(void *)(batch.kept + kept_bytes(n, is_double, count));
    batch.pivots = (int *)(void *)(batch.row + n);
    for (size_t i = 0; i < count; i++) {
        char *made = made_system(&batch, i);

        system_generate(seed + i, n, is_double, made, made + side_offset(&batch));
    }
    *ret_batch = batch;
    return 0;
}

void batch_done(struct batch *batch) {
    region_unmap(&batch->region);
}

void batch_reset(struct batch *batch) {
    memcpy(batch->work, batch->made, batch->count * system_bytes(batch->n, batch->is_double));
}

void *batch_matrix(const struct batch *batch, size_t i) {
    return batch->work + i * system_bytes(batch->n, batch->is_double);
}

void *batch_side(const struct batch *batch, size_t i) {
    return (char *)batch_matrix(batch, i) + side_offset(batch);
}

static char *kept_solution(const struct batch *batch, size_t index) {
    return batch->kept + index * batch->n * number_bytes(batch->is_double);
}

void batch_keep(struct batch *batch, size_t round) {
    for (size_t i = 0; i < batch->count; i++)
        memcpy(kept_solution(batch, round * batch->count + i), batch_side(batch, i),
               batch->n * number_bytes(batch->is_double));
}

int batch_check(const struct batch *batch, size_t rounds, double *ret_residual, struct vms_error *error) {
    double largest = 0;

    for (size_t index = 0; index < rounds * batch->count; index++) {
        size_t i = index % batch->count;
        const char *made = made_system(batch, i);
        double residual = system_residual(batch->n, batch->is_double, made, made + side_offset(batch),
                                          kept_solution(batch, index), batch->row);

        if (!(residual <= SYSTEM_RESIDUAL_LIMIT))
            return report_error(error, -EBADMSG,
                                "verification failed: system %zu of %zu (order %zu, seed %" PRIu64
                                ") has the normalised residual %g, the limit is %g",
                                i + 1, batch->count, batch->n, batch->seed + i, residual,
                                SYSTEM_RESIDUAL_LIMIT);
        largest = residual > largest ? residual : largest;
    }
    *ret_residual = largest;
    return 0;
}
