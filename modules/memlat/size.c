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

uint64_t size_guess(uint64_t wanted, uint64_t last_level, unsigned chains) {
    uint64_t bytes = wanted ? wanted : SIZE_CACHES * last_level;
    struct room room;

    room_read("", &room);
    return !wanted && bytes > room.bytes / chains ? room.bytes / chains : bytes;
}

int size_decide(uint64_t wanted, uint64_t last_level, size_t line_bytes, unsigned chains,
                const struct room *room, struct size *ret_size, struct vms_error *error) {
    uint64_t most = room->bytes / chains, bytes = wanted ? wanted : SIZE_CACHES * last_level;
    int status = size_check(wanted, line_bytes, error);
    struct size size;

    if (status < 0)
        return status;
    if (wanted)
        (void)snprintf(size.rule, sizeof(size.rule), "as given");
    else
        (void)snprintf(size.rule, sizeof(size.rule), "%d times the last-level caches", SIZE_CACHES);
    if (!wanted && bytes > most) {
        bytes = most < SIZE_CACHES_LEAST * last_level ? SIZE_CACHES_LEAST * last_level : most;
        (void)snprintf(size.rule, sizeof(size.rule),
                       "less than %d times the last-level caches: the %s allows no more", SIZE_CACHES,
                       room->source);
    }
    if (bytes > most)
        return report_error(error, -ENOMEM,
                            "%u chain(s) of %" PRIu64 " bytes do not fit: the %s leaves %" PRIu64
                            ": give a smaller size or more memory",
                            chains, bytes, room->source, room->bytes);
    size.bytes = bytes / line_bytes * line_bytes;
    *ret_size = size;
    return 0;
}
