/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/memory/caches.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int caches_load_topology(hwloc_topology_t *ret_topology, struct vms_error *error) {
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology) < 0)
        return report_error(error, -ENOMEM, "no memory for the topology of this machine");
    if (hwloc_topology_load(topology) < 0) {
        hwloc_topology_destroy(topology);
        return report_error(error, -EIO, "hwloc cannot read the topology of this machine");
    }
    *ret_topology = topology;
    return 0;
}

/* Keeps no more than is plausible for the processors that there are. */
static void cap(hwloc_topology_t topology, struct caches *caches) {
    int processors = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
    uint64_t most = CACHES_SHARE_MAX * (uint64_t)(processors > 0 ? processors : 1);

    if (caches->last_level <= most)
        return;
    (void)snprintf(caches->source, sizeof(caches->source),
                   "hwloc, which says %" PRIu64 " for %d processor%s: %" PRIu64 " each are believed",
                   caches->last_level, processors, processors == 1 ? "" : "s", CACHES_SHARE_MAX);
    caches->last_level = most;
}

void caches_read(hwloc_topology_t topology, struct caches *ret_caches) {
    static const hwloc_obj_type_t levels[] = {HWLOC_OBJ_L5CACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L3CACHE,
                                              HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L1CACHE};

    for (size_t i = 0; i < VMS_LENGTH(levels); i++) {
        struct caches found = {.level = (unsigned)(VMS_LENGTH(levels) - i), .source = "hwloc"};
        hwloc_obj_t cache = NULL;

        while ((cache = hwloc_get_next_obj_by_type(topology, levels[i], cache)) != NULL) {
            found.last_level += cache->attr->cache.size;
            found.count++;
        }
        if (found.last_level > 0) {
            cap(topology, &found);
            *ret_caches = found;
            return;
        }
    }
    *ret_caches = (struct caches){.last_level = CACHES_ASSUMED, .source = "assumed"};
}

uint64_t caches_guess(void) {
    struct caches caches = {.last_level = CACHES_ASSUMED};
    hwloc_topology_t topology = NULL;
    struct vms_error ignored;

    if (caches_load_topology(&topology, &ignored) == 0) {
        caches_read(topology, &caches);
        hwloc_topology_destroy(topology);
    }
    return caches.last_level;
}
