/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memlat: how long one load takes. A pointer chase over a random cycle of cache lines (the method of
 * lmbench's lat_mem_rd: L. McVoy, C. Staelin, "lmbench: Portable Tools for Performance Analysis", USENIX
 * 1996, with the order drawn at random so that no prefetcher can follow). A sweep over `size` is the
 * machine's latency curve: its steps are the caches.
 *
 * The chase is made twice, in pages of the usual size and in huge pages. What the first takes longer is the
 * cost of walking the page tables, which in a guest are two on top of each other: virtualisation of memory
 * shows here and hardly anywhere else.
 *
 * The time of a load is the median over blocks of loads, each long enough that the clock is exact to 0.1 %.
 */
#include "memlat/chain.h"
#include "memlat/size.h"
#include "shared/case/affinity.h"
#include "shared/case/numbers.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/case/step.h"
#include "shared/memory/caches.h"
#include "shared/memory/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_SIZE, PARAM_PAGES, PARAM_AFFINITY, PARAM_SECONDS };
enum { PAGES_BOTH, PAGES_NONE, PAGES_THP, PAGES_HUGETLB };

static const char *const pages_names[] = {"both", "none", "thp", "hugetlb", NULL};

static const struct vms_param params[] = {
    [PARAM_SIZE] = {"size", VMS_BYTES, "0", "0", "1048576GiB", NULL,
                    "Bytes that the chase goes through; 0: four times the last-level caches, less where "
                    "memory is short.",
                    VMS_ROLE_SIZE},
    [PARAM_PAGES] = {"pages", VMS_CHOICE, "both", NULL, NULL, pages_names,
                     "Huge pages: none, thp (transparent), hugetlb (from the pool), or both: none, then thp.",
                     VMS_ROLE_PLAIN},
    [PARAM_AFFINITY] = {"affinity", VMS_TEXT, "auto", NULL, NULL, NULL,
                        "Where the chase runs: none (anywhere), spread, compact, the number of a processor, "
                        "or auto: spread where there is more than one NUMA node, else none.",
                        VMS_ROLE_PLAIN},
    [PARAM_SECONDS] = {"seconds", VMS_SECONDS, "0.2", "0.01", "600", NULL, "How long each chase is measured.",
                       VMS_ROLE_PLAIN},
};

static const struct vms_fact facts[] = {
    {"working_set_bytes", VMS_ROLE_WORK, "Bytes that a chase goes through."},
    {"size_rule", VMS_ROLE_PLAIN, "Where the size comes from."},
    {"line_bytes", VMS_ROLE_WORK, "Bytes from one load's line to the next."},
    {"caches", VMS_ROLE_PLAIN, "One cache of each level, in bytes."},
    {"llc_source", VMS_ROLE_PLAIN,
     "Where the size of the last level comes from, and what of it was not believed."},
    {"processors", VMS_ROLE_PLAIN, "Where the chase was bound to, or none."},
    AFFINITY_FACTS,
    {"huge_pages", VMS_ROLE_PLAIN, "The share of the second chase's memory in huge pages."},
    {"load_huge", VMS_ROLE_PLAIN, "Why there was no second chase."},
};

enum { METRIC_LOAD, METRIC_LOAD_HUGE, METRIC_PAGE_WALK };

static const struct vms_metric metrics[] = {
    [METRIC_LOAD] = {"load", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                     "One load, in pages of the usual size.", VMS_ROLE_HEADLINE},
    [METRIC_LOAD_HUGE] = {"load_huge", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                          "One load, in huge pages.", VMS_ROLE_HEADLINE},
    [METRIC_PAGE_WALK] = {"page_walk", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                          "What walking the page tables adds to a load: load minus load_huge.",
                          VMS_ROLE_DERIVED},
};

#define LINE_ASSUMED 64
#define HUGE_ENOUGH 0.9      /* the part in huge pages from which the memory counts as such */
#define WARM_LOADS (1 << 22) /* the most that are made before any time is taken */
#define BLOCKS_MAX 100000    /* of one chase */

struct memlat {
    struct chain small, huge; /* empty where it is not wanted or cannot be had */
    struct place_mask before; /* where the calling thread could run before it was bound */
    double *blocks;           /* seconds per load; BLOCKS_MAX of them */
};

static double time_walk(const struct vms_host *host, struct chain *chain, size_t loads) {
    uint64_t begin_ns = host->now(host->context);

    chain_walk(chain, loads);
    return 1e-9 * (double)(host->now(host->context) - begin_ns);
}

/* Loads that take STEP_COUNT steps of the clock. */
static size_t size_block(const struct vms_host *host, struct chain *chain, size_t *walked) {
    double least = STEP_COUNT * step_of_clock(host);
    size_t loads = 1024;

    for (;; loads *= 2) {
        double seconds = time_walk(host, chain, loads);

        *walked += loads;
        if (seconds >= least)
            return loads;
    }
}

static int chase(const struct vms_host *host, struct memlat *memlat, struct chain *chain, double seconds,
                 double *ret_load, struct vms_error *error) {
    size_t warm = (chain->lines < WARM_LOADS ? chain->lines : WARM_LOADS) / CHAIN_STEP * CHAIN_STEP;
    uint64_t from = chain->at->ordinal;
    size_t walked = warm, loads, n = 0;
    uint64_t begin_ns, polled_ns;

    chain_walk(chain, warm);
    loads = size_block(host, chain, &walked);
    begin_ns = polled_ns = host->now(host->context);
    while (n < BLOCKS_MAX && (n == 0 || 1e-9 * (double)(polled_ns - begin_ns) < seconds)) {
        memlat->blocks[n++] = time_walk(host, chain, loads) / (double)loads;
        walked += loads;
        polled_ns = host->now(host->context);
        if (host->should_stop(host->context))
            return report_error(error, -ECANCELED, "stopped after %zu loads", walked);
    }
    numbers_sort(memlat->blocks, n);
    *ret_load = numbers_quantile(memlat->blocks, n, 0.5);
    return chain_check(chain, from, walked, error);
}

static int memlat_measure(const struct vms_host *host, const union vms_value *values, void *state,
                          struct vms_error *error) {
    struct memlat *memlat = state;
    double seconds = values[PARAM_SECONDS].seconds, load = 0, load_huge = 0;
    int status = 0;

    if (memlat->small.lines > 0)
        status = chase(host, memlat, &memlat->small, seconds, &load, error);
    if (status == 0 && memlat->huge.lines > 0)
        status = chase(host, memlat, &memlat->huge, seconds, &load_huge, error);
    if (status == 0 && memlat->small.lines > 0)
        status = report_sample(host, error, METRIC_LOAD, load);
    if (status == 0 && memlat->huge.lines > 0)
        status = report_sample(host, error, METRIC_LOAD_HUGE, load_huge);
    if (status == 0 && memlat->small.lines > 0 && memlat->huge.lines > 0)
        status = report_sample(host, error, METRIC_PAGE_WALK, load - load_huge);
    return status;
}

static void memlat_cleanup(void *state) {
    struct memlat *memlat = state;

    if (!memlat)
        return;
    chain_done(&memlat->small);
    chain_done(&memlat->huge);
    (void)place_restore(&memlat->before);
    free(memlat->blocks);
    free(memlat);
}

static size_t line_size(hwloc_topology_t topology) {
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, HWLOC_OBJ_L1CACHE, 0);

    return cache && cache->attr->cache.linesize >= LINE_ASSUMED ? cache->attr->cache.linesize : LINE_ASSUMED;
}

/* "L1 32768, L2 524288, L3 33554432": one cache of each level, as hwloc has them. */
static int report_caches(const struct vms_host *host, hwloc_topology_t topology, struct vms_error *error) {
    char text[200] = "";
    size_t used = 0;

    for (hwloc_obj_type_t type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L5CACHE; type++) {
        hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type, 0);

        if (cache)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%sL%u %" PRIu64, used ? ", " : "",
                                     cache->attr->cache.depth, (uint64_t)cache->attr->cache.size);
    }
    return report_fact(host, error, "caches", "%s", used ? text : "hwloc sees none");
}

static int bind_chase(hwloc_topology_t topology, const char *affinity, const struct vms_host *host,
                      struct vms_error *error) {
    struct place place;
    char text[32];
    int status = place_resolve(topology, "1", affinity, &place, error);

    if (status < 0)
        return status;
    status = place_bind_first(&place, error);
    if (status < 0)
        return status;
    place_format(&place, text, sizeof(text));
    return report_fact(host, error, "processors", "%s", text);
}

/* Looks at the machine once: where to run, how large the chase is, which caches there are. */
static int resolve(const struct vms_host *host, const union vms_value *values, struct size *ret_size,
                   size_t *ret_line_bytes, struct vms_error *error) {
    struct size_need need = {.wanted = values[PARAM_SIZE].bytes,
                             .chains = values[PARAM_PAGES].choice == PAGES_BOTH ? 2 : 1};
    hwloc_topology_t topology;
    struct caches caches;
    struct room room;
    int status = caches_load_topology(&topology, error);

    if (status < 0)
        return status;
    caches_read(topology, &caches);
    need.last_level = caches.last_level;
    need.line_bytes = *ret_line_bytes = line_size(topology);
    room_read("", &room);
    status = size_decide(&need, &room, ret_size, error);
    if (status == 0)
        status = report_caches(host, topology, error);
    if (status == 0)
        status = report_fact(host, error, "llc_source", "%s", caches.source);
    if (status == 0)
        status = bind_chase(topology, values[PARAM_AFFINITY].text, host, error);
    hwloc_topology_destroy(topology);
    return status;
}

/* A chain in huge pages is only kept where it really lies in them; without, `both` is left with one chase. */
static int make_huge(const struct vms_host *host, unsigned pages, uint64_t size, size_t line_bytes,
                     struct memlat *memlat, struct vms_error *error) {
    enum region_pages kind = pages == PAGES_HUGETLB ? REGION_HUGETLB : REGION_THP;
    int status = chain_init(size, line_bytes, kind, host->seed, &memlat->huge, error);
    double part;

    if (status < 0)
        return status;
    part = region_huge_part(&memlat->huge.region);
    if (part < 0)
        status = report_fact(host, error, "huge_pages", "unknown: smaps: %s", strerror((int)-part));
    else
        status = report_fact(host, error, "huge_pages", "%.3g %% of the memory", 100 * part);
    if (status < 0 || part >= HUGE_ENOUGH)
        return status;
    chain_done(&memlat->huge);
    memlat->huge.lines = 0;
    if (pages == PAGES_BOTH)
        return report_fact(host, error, "load_huge", "not measured: %s",
                           part < 0 ? "whether the memory lies in huge pages is unknown"
                                    : "the kernel gave no huge pages");
    if (part < 0)
        return report_error(error, -ENOTSUP, "whether the memory lies in huge pages is unknown: smaps: %s",
                            strerror((int)-part));
    return report_error(error, -ENOTSUP, "the kernel gave huge pages for only %.3g %% of the memory",
                        100 * part);
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct memlat *memlat = state;
    unsigned pages = values[PARAM_PAGES].choice;
    size_t line_bytes = 0;
    struct size size = {0};
    int status = place_save(&memlat->before, error);

    if (status == 0)
        status = report_affinity(host, error);
    if (status < 0)
        return status;
    memlat->blocks = malloc(BLOCKS_MAX * sizeof(*memlat->blocks));
    if (!memlat->blocks)
        return report_error(error, -ENOMEM, "no memory for %d times", BLOCKS_MAX);
    status = resolve(host, values, &size, &line_bytes, error);
    if (status == 0)
        status = report_fact(host, error, "working_set_bytes", "%" PRIu64, size.bytes);
    if (status == 0)
        status = report_fact(host, error, "size_rule", "%s", size.rule);
    if (status == 0)
        status = report_fact(host, error, "line_bytes", "%zu", line_bytes);
    if (status == 0 && (pages == PAGES_BOTH || pages == PAGES_NONE))
        status = chain_init(size.bytes, line_bytes, REGION_SMALL, host->seed, &memlat->small, error);
    if (status == 0 && pages != PAGES_NONE)
        status = make_huge(host, pages, size.bytes, line_bytes, memlat, error);
    return status;
}

static int memlat_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                          struct vms_error *error) {
    return state_make(host, values, sizeof(struct memlat), set_up, memlat_cleanup, ret_state, error);
}

static int memlat_validate(const union vms_value *values, struct vms_error *error) {
    int status = size_check(values[PARAM_SIZE].bytes, LINE_ASSUMED, error);

    return status == 0 ? place_check("1", values[PARAM_AFFINITY].text, error) : status;
}

/* A guess: 200 ns a load, of which a trial makes WARM_LOADS at the most before it takes times; to make a line
 * and to check it takes as much again. */
static void memlat_estimate(const union vms_value *values, struct vms_estimate *ret) {
    unsigned chains = values[PARAM_PAGES].choice == PAGES_BOTH ? 2 : 1;
    const struct size_need need = {
        .wanted = values[PARAM_SIZE].bytes, .last_level = caches_guess(), .chains = chains};
    uint64_t size = size_guess(&need);
    double lines = (double)size / LINE_ASSUMED, warm = lines < WARM_LOADS ? lines : WARM_LOADS;

    ret->memory = chains * size + size / 8;
    ret->seconds = chains * (values[PARAM_SECONDS].seconds + 200e-9 * (warm + lines));
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "memlat",
    .summary = "Time of one load by a random pointer chase, and what page tables add to it",
    .resource = VMS_MEMORY,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .prepare = memlat_prepare,
    .measure = memlat_measure,
    .cleanup = memlat_cleanup,
    .estimate = memlat_estimate,
    .validate = memlat_validate,
};
