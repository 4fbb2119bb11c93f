/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memlat/size.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>

int size_check(uint64_t wanted, size_t line_bytes, struct vms_error *error) {
    if (wanted && wanted < SIZE_LEAST_LINES * line_bytes)
        return report_error(error, -EINVAL, "size is %" PRIu64 " bytes; it must be 0 or at least %zu", wanted,
                            SIZE_LEAST_LINES * line_bytes);
    return 0;
}

static uint64_t bytes_of(const struct size_need *need) {
    return need->wanted ? need->wanted : SIZE_CACHES * need->last_level;
}

uint64_t size_guess(const struct size_need *need) {
    uint64_t bytes = bytes_of(need), most;
    struct room room;

    room_read("", &room);
    most = room.bytes / need->chains;
    return !need->wanted && bytes > most ? most : bytes;
}

int size_decide(const struct size_need *need, const struct room *room, struct size *ret_size,
                struct vms_error *error) {
    uint64_t most = room->bytes / need->chains, bytes = bytes_of(need);
    int status = size_check(need->wanted, need->line_bytes, error);
    struct size size;

    if (status < 0)
        return status;
    if (need->wanted)
        (void)snprintf(size.rule, sizeof(size.rule), "as given");
    else
        (void)snprintf(size.rule, sizeof(size.rule), "%d times the last-level caches", SIZE_CACHES);
    if (!need->wanted && bytes > most) {
        bytes = most < SIZE_CACHES_LEAST * need->last_level ? SIZE_CACHES_LEAST * need->last_level : most;
        (void)snprintf(size.rule, sizeof(size.rule),
                       "less than %d times the last-level caches: the %s allows no more", SIZE_CACHES,
                       room->source);
    }
    if (bytes > most)
        return report_error(error, -ENOMEM,
                            "%u chain(s) of %" PRIu64 " bytes do not fit: the %s leaves %" PRIu64
                            ": give a smaller size or more memory",
                            need->chains, bytes, room->source, room->bytes);
    size.bytes = bytes / need->line_bytes * need->line_bytes;
    *ret_size = size;
    return 0;
}
