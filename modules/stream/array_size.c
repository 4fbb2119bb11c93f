/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/array_size.h"

#include "shared/case/report.h"
#include "shared/memory/room.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ARRAYS 3
#define LINE_BYTES 64

static int refuse_limit(uint64_t bytes, uint64_t most, struct vms_error *error) {
    return report_error(error, -ENOTSUP,
                        "three arrays of %" PRIu64 " bytes need %" PRIu64
                        " bytes, and less would be measured in the caches; " ARRAY_SIZE_LIMIT " is %" PRIu64
                        ": give a larger one",
                        bytes, ARRAYS * bytes, most);
}

static int refuse_memory(uint64_t bytes, uint64_t room, const char *limit, struct vms_error *error) {
    return report_error(error, -ENOMEM,
                        "three arrays of %" PRIu64 " bytes need %" PRIu64 " bytes; the %s leaves %" PRIu64
                        ": give a smaller array_size or more memory",
                        bytes, ARRAYS * bytes, limit, room);
}

int array_size_check(uint64_t wanted, uint64_t most, struct vms_error *error) {
    if (most && wanted > most / ARRAYS)
        return report_error(
            error, -EINVAL,
            "three arrays of array_size %" PRIu64 " bytes are more than memory_limit %" PRIu64, wanted, most);
    if (wanted && wanted < ARRAY_SIZE_LEAST)
        return report_error(error, -EINVAL,
                            "array_size is %" PRIu64 " bytes; it must be 0 or at least %" PRIu64, wanted,
                            ARRAY_SIZE_LEAST);
    return 0;
}

int array_size_decide(uint64_t wanted, const struct caches *caches, uint64_t room, const char *limit,
                      struct array_size *ret_size, struct vms_error *error) {
    uint64_t rule = ARRAY_SIZE_CACHES * caches->last_level, least = (rule + ARRAYS - 1) / ARRAYS;
    uint64_t bytes = wanted ? wanted : rule;
    struct array_size size = {.caches = *caches};

    int status = array_size_check(wanted, 0, error);

    if (status < 0)
        return status;
    if (bytes > room / ARRAYS) {
        if (!wanted && room / ARRAYS < least && strcmp(limit, ARRAY_SIZE_LIMIT) == 0)
            return refuse_limit(least, room, error);
        if (wanted || room / ARRAYS < least)
            return refuse_memory(wanted ? wanted : least, room, limit, error);
        bytes = room / ARRAYS;
        (void)snprintf(size.rule, sizeof(size.rule),
                       "less than %d times the last-level caches: the %s allows no more", ARRAY_SIZE_CACHES,
                       limit);
    } else if (wanted) {
        (void)snprintf(size.rule, sizeof(size.rule), "as given, %.3g times the last-level caches",
                       (double)wanted / (double)caches->last_level);
    } else {
        (void)snprintf(size.rule, sizeof(size.rule), "%d times the last-level caches", ARRAY_SIZE_CACHES);
    }
    size.bytes = bytes / LINE_BYTES * LINE_BYTES;
    *ret_size = size;
    return 0;
}

/* What is free, or what may be taken of it; 0: all. */
static struct room read_room(uint64_t most) {
    struct room room;

    room_read("", &room);
    if (most && most < room.bytes)
        room = (struct room){.bytes = most, .source = ARRAY_SIZE_LIMIT};
    return room;
}

uint64_t array_size_guess(uint64_t wanted, uint64_t most) {
    const struct caches caches = {.last_level = caches_guess()};
    struct room room = read_room(most);
    struct array_size size = {0};
    struct vms_error ignored;
    int status = array_size_decide(wanted, &caches, room.bytes, room.source, &size, &ignored);

    return status < 0 && status != -ENOTSUP ? wanted : size.bytes;
}

int array_size_resolve(uint64_t wanted, uint64_t most, hwloc_topology_t topology, struct array_size *ret_size,
                       struct vms_error *error) {
    struct room room = read_room(most);
    struct caches caches;

    caches_read(topology, &caches);
    return array_size_decide(wanted, &caches, room.bytes, room.source, ret_size, error);
}
