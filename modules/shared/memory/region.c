/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/memory/region.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIG_PAGE (UINT64_C(1) << 21)
#define SAMPLES 1024 /* pages whose node is asked for */
#define NODES 64     /* nodes that can be distinguished */

int region_map(size_t bytes, enum region_pages pages, const char *what, struct region *ret_region,
               struct vms_error *error) {
    int flags =
        MAP_PRIVATE | MAP_ANONYMOUS | (pages == REGION_HUGETLB ? MAP_HUGETLB | 21 << MAP_HUGE_SHIFT : 0);
    struct region region = {.bytes = bytes, .map_bytes = (bytes / BIG_PAGE + 2) * BIG_PAGE};

    if (region.map_bytes < bytes)
        return report_error(error, -ENOMEM, "%s: %zu bytes are more than can be addressed", what, bytes);
    region.map = mmap(NULL, region.map_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (region.map == MAP_FAILED && pages == REGION_HUGETLB)
        return report_error(error, -ENOTSUP,
                            "%s: %zu bytes of the pool of huge pages: %s (see /proc/sys/vm/nr_hugepages)",
                            what, region.map_bytes, strerror(errno));
    if (region.map == MAP_FAILED)
        return report_error(error, -ENOMEM, "%s: mapping %zu bytes: %s", what, bytes, strerror(errno));
    region.start = (void *)(((uintptr_t)region.map + BIG_PAGE - 1) & ~(uintptr_t)(BIG_PAGE - 1));
    /* A kernel without transparent huge pages refuses both; what was got is reported afterwards. */
    if (pages == REGION_SMALL || pages == REGION_THP)
        (void)madvise(region.map, region.map_bytes, pages == REGION_THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    *ret_region = region;
    return 0;
}

void region_touch(const struct region *region) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t at = 0; at < region->bytes; at += page)
        ((volatile char *)region->start)[at] = 0;
}

void region_unmap(struct region *region) {
    if (region->map)
        (void)munmap(region->map, region->map_bytes);
    *region = (struct region){0};
}

/* What a line of smaps says of a mapping: kilobytes in all, and in huge pages of either kind. */
static void add_line(const char *line, uint64_t *resident, uint64_t *huge) {
    uint64_t kilobytes;

    if (sscanf(line, "Rss: %" SCNu64, &kilobytes) == 1)
        *resident += kilobytes;
    if (sscanf(line, "AnonHugePages: %" SCNu64, &kilobytes) == 1)
        *huge += kilobytes;
    if (sscanf(line, "Private_Hugetlb: %" SCNu64, &kilobytes) == 1) {
        *huge += kilobytes;
        *resident += kilobytes;
    }
}

double region_huge_part(const struct region *region) {
    uintptr_t start = (uintptr_t)region->map, end = start + region->map_bytes;
    uint64_t resident = 0, huge = 0;
    bool inside = false;
    char line[512];
    FILE *file = fopen("/proc/self/smaps", "re");

    if (!file)
        return -errno;
    while (fgets(line, sizeof(line), file)) {
        uintptr_t first, last;

        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &first, &last) == 2)
            inside = first < end && last > start;
        else if (inside)
            add_line(line, &resident, &huge);
    }
    (void)fclose(file);
    return resident > 0 ? (double)huge / (double)resident : 0;
}

static size_t format_nodes(const size_t counts[static NODES], size_t n, char *text, size_t size) {
    size_t used = 0;

    for (size_t node = 0; node < NODES && used < size; node++)
        if (counts[node] > 0)
            used += (size_t)snprintf(text + used, size - used, "%snode %zu: %.3g %%", used ? ", " : "", node,
                                     100.0 * (double)counts[node] / (double)n);
    return used;
}

void region_format_nodes(const struct region *region, char *text, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = region->bytes / page;
    size_t n = pages < SAMPLES ? pages : SAMPLES, counts[NODES] = {0};
    void *addresses[SAMPLES];
    int nodes[SAMPLES];

    for (size_t i = 0; i < n; i++)
        addresses[i] = (char *)region->start + i * pages / n * page;
    if (syscall(SYS_move_pages, 0, n, addresses, NULL, nodes, 0) < 0) {
        (void)snprintf(text, size, "unknown: move_pages: %s", strerror(errno));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (nodes[i] >= 0 && nodes[i] < NODES)
            counts[nodes[i]]++;
    if (format_nodes(counts, n, text, size) == 0)
        (void)snprintf(text, size, "unknown: no page has a node");
}
