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

/* What is believed of a cache. */
static uint64_t believe(hwloc_obj_t cache) {
    int processors = cache->cpuset ? hwloc_bitmap_weight(cache->cpuset) : 1;
    uint64_t size = cache->attr->cache.size,
             most = CACHES_SHARE_MAX * (uint64_t)(processors > 0 ? processors : 1);

    return size <= CACHES_WHOLE_MAX || size <= most ? size : most;
}

static void say_cut(hwloc_topology_t topology, uint64_t shown, struct caches *caches) {
    int processors = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);

    (void)snprintf(caches->source, sizeof(caches->source),
                   "hwloc, which says %" PRIu64 " for %d processor%s: %" PRIu64 " each are believed", shown,
                   processors, processors == 1 ? "" : "s", CACHES_SHARE_MAX);
}

void caches_read(hwloc_topology_t topology, struct caches *ret_caches) {
    static const hwloc_obj_type_t levels[] = {HWLOC_OBJ_L5CACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L3CACHE,
                                              HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L1CACHE};

    for (size_t i = 0; i < VMS_LENGTH(levels); i++) {
        struct caches found = {.level = (unsigned)(VMS_LENGTH(levels) - i), .source = "hwloc"};
        hwloc_obj_t cache = NULL;
        uint64_t shown = 0;

        while ((cache = hwloc_get_next_obj_by_type(topology, levels[i], cache)) != NULL) {
            shown += cache->attr->cache.size;
            found.last_level += believe(cache);
            found.count++;
        }
        if (found.last_level > 0) {
            if (found.last_level < shown)
                say_cut(topology, shown, &found);
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
