/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "region.h"

#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define BIG_PAGE (UINT64_C(2) << 20)

int region_map(size_t bytes, const char *what, struct region *ret_region, struct vms_error *error) {
    struct region region = {.bytes = bytes, .map_bytes = bytes + 2 * BIG_PAGE};
    uintptr_t start;

    if (region.map_bytes < bytes)
        return report_error(error, -ENOMEM, "%s: %zu bytes are more than can be addressed", what, bytes);
    region.map = mmap(NULL, region.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region.map == MAP_FAILED)
        return report_error(error, -ENOMEM, "%s: mapping %zu bytes: %s", what, bytes, strerror(errno));
    start = ((uintptr_t)region.map + BIG_PAGE - 1) & ~(uintptr_t)(BIG_PAGE - 1);
    region.start = (void *)start;
    *ret_region = region;
    return 0;
}

void region_unmap(struct region *region) {
    if (region->map)
        (void)munmap(region->map, region->map_bytes);
    *region = (struct region){0};
}
