/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/memory/place.h"

#include "shared/case/processors.h"
#include "shared/case/report.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without a topology (NULL) texts are only read, for any machine. */
static int processor(hwloc_topology_t topology, unsigned i) {
    return (int)hwloc_get_obj_by_type(topology, HWLOC_OBJ_PU, i)->os_index;
}

static unsigned count_objects(hwloc_topology_t topology, hwloc_obj_type_t type) {
    int n = topology ? hwloc_get_nbobjs_by_type(topology, type) : 1;

    return n > 0 ? (unsigned)n : 0;
}

static int add_processors(hwloc_topology_t topology, long first, long last, struct place *list,
                          struct vms_error *error) {
    for (long cpu = first; cpu <= last; cpu++) {
        if (list->threads == PLACE_MAX)
            return report_error(error, -EINVAL, "affinity: more than %d processors", PLACE_MAX);
        if (cpu > INT_MAX || (topology && !hwloc_get_pu_obj_by_os_index(topology, (unsigned)cpu)))
            return report_error(error, -EINVAL, "affinity: processor %ld is not one that may be used", cpu);
        list->cpus[list->threads++] = (int)cpu;
    }
    return 0;
}

/* "0,2-5" -> the processors in that order. */
static int read_list(hwloc_topology_t topology, const char *text, struct place *list,
                     struct vms_error *error) {
    const char *rest = text;

    list->threads = 0;
    do {
        long first, last;
        int status;

        if (!processors_take(&rest, &first, &last))
            return report_error(
                error, -EINVAL,
                "affinity: \"%s\" is not auto, none, spread, compact or a list of processors such as 0,2-5",
                text);
        status = add_processors(topology, first, last, list, error);
        if (status < 0)
            return status;
    } while (*rest);
    return 0;
}

static int read_threads(hwloc_topology_t topology, const char *text, const struct place *list,
                        unsigned *ret_threads, struct vms_error *error) {
    const char *rest = text;
    unsigned cores = count_objects(topology, HWLOC_OBJ_CORE);
    long number = -1;

    if (!processors_take_number(&rest, &number))
        number = -1;

    if (strcmp(text, "all") == 0 || (number == 0 && *rest == '\0'))
        *ret_threads = count_objects(topology, HWLOC_OBJ_PU);
    else if (strcmp(text, "cores") == 0)
        *ret_threads = cores ? cores : count_objects(topology, HWLOC_OBJ_PU);
    else if (strcmp(text, "list") == 0 && list->threads > 0)
        *ret_threads = list->threads;
    else if (strcmp(text, "list") == 0)
        return report_error(error, -EINVAL, "threads is list, but affinity is not a list of processors");
    else if (number > 0 && number <= PLACE_MAX && *rest == '\0')
        *ret_threads = (unsigned)number;
    else
        return report_error(error, -EINVAL, "threads: \"%s\" is not a number up to %d, all, cores or list",
                            text, PLACE_MAX);
    return 0;
}

/* As far apart as they go; more threads than processors begin again. */
static int spread(hwloc_topology_t topology, struct place *place, struct vms_error *error) {
    hwloc_obj_t root = hwloc_get_root_obj(topology);
    unsigned processors = count_objects(topology, HWLOC_OBJ_PU);
    unsigned n = place->threads < processors ? place->threads : processors;
    hwloc_cpuset_t *sets = calloc(n, sizeof(hwloc_cpuset_t));

    if (!sets || hwloc_distrib(topology, &root, 1, sets, n, INT_MAX, 0) < 0) {
        free(sets);
        return report_error(error, -ENOMEM, "no memory to spread %u threads", n);
    }
    for (unsigned i = 0; i < n; i++) {
        place->cpus[i] = hwloc_bitmap_first(sets[i]);
        hwloc_bitmap_free(sets[i]);
    }
    free(sets);
    for (unsigned i = n; i < place->threads; i++)
        place->cpus[i] = place->cpus[i - n];
    return 0;
}

/* Leaves only what sched_getaffinity(2) allows. */
static int restrict_to_allowed(hwloc_topology_t topology, struct vms_error *error) {
    hwloc_cpuset_t set = hwloc_bitmap_alloc();
    int status = 0;

    if (!set || hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_THREAD) < 0 ||
        hwloc_topology_restrict(topology, set, 0) < 0)
        status = report_error(error, -EIO, "the processors that may be used: %s", strerror(errno));
    hwloc_bitmap_free(set);
    return status;
}

/* Whether `affinity` is a list of processors, rather than one of the words. */
static bool is_list(const char *affinity) {
    return strcmp(affinity, "auto") != 0 && strcmp(affinity, "none") != 0 &&
           strcmp(affinity, "spread") != 0 && strcmp(affinity, "compact") != 0;
}

int place_check(const char *threads, const char *affinity, struct vms_error *error) {
    struct place list = {.threads = 0};
    unsigned n;
    int status = is_list(affinity) ? read_list(NULL, affinity, &list, error) : 0;

    return status == 0 ? read_threads(NULL, threads, &list, &n, error) : status;
}

int place_resolve(hwloc_topology_t topology, const char *threads, const char *affinity,
                  struct place *ret_place, struct vms_error *error) {
    bool is_auto = strcmp(affinity, "auto") == 0, is_numa = count_objects(topology, HWLOC_OBJ_NUMANODE) > 1;
    bool is_none = strcmp(affinity, "none") == 0 || (is_auto && !is_numa);
    bool is_spread = strcmp(affinity, "spread") == 0 || (is_auto && is_numa);
    bool is_compact = strcmp(affinity, "compact") == 0;
    struct place list = {.threads = 0};
    int status = restrict_to_allowed(topology, error);

    if (status == 0 && is_list(affinity))
        status = read_list(topology, affinity, &list, error);
    if (status == 0)
        status = read_threads(topology, threads, &list, &ret_place->threads, error);
    if (status < 0)
        return status;
    if (is_spread)
        return spread(topology, ret_place, error);
    for (unsigned i = 0; i < ret_place->threads; i++)
        ret_place->cpus[i] = is_none      ? PLACE_FREE
                             : is_compact ? processor(topology, i % count_objects(topology, HWLOC_OBJ_PU))
                                          : list.cpus[i % list.threads];
    return 0;
}

int place_bind(const struct place *place, unsigned thread) {
    cpu_set_t *set;
    size_t size;
    int cpu = place->cpus[thread], status;

    if (cpu == PLACE_FREE)
        return 0;
    set = CPU_ALLOC((size_t)cpu + 1);
    if (!set)
        return -ENOMEM;
    size = CPU_ALLOC_SIZE((size_t)cpu + 1);
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)cpu, size, set);
    status = sched_setaffinity(0, size, set) < 0 ? -errno : 0;
    CPU_FREE(set);
    return status;
}

int place_bind_first(const struct place *place, struct vms_error *error) {
    int status = place_bind(place, 0);

    return status < 0
               ? report_error(error, status, "binding to processor %d: %s", place->cpus[0], strerror(-status))
               : 0;
}

int place_save(struct place_mask *ret_mask, struct vms_error *error) {
    struct place_mask mask = {{0}};

    if (sched_getaffinity(0, sizeof(mask), (cpu_set_t *)(void *)mask.bits) < 0)
        return report_error(error, -errno, "the processors that may be used: %s", strerror(errno));
    *ret_mask = mask;
    return 0;
}

int place_restore(const struct place_mask *mask) {
    return sched_setaffinity(0, sizeof(*mask), (const cpu_set_t *)(const void *)mask->bits) < 0 ? -errno : 0;
}

void place_format(const struct place *place, char *text, size_t size) {
    size_t used = 0;

    if (place->cpus[0] == PLACE_FREE) {
        (void)snprintf(text, size, "none");
        return;
    }
    for (unsigned i = 0; i < place->threads; i++) {
        int length = snprintf(text + used, size - used, "%s%d", i ? " " : "", place->cpus[i]);

        if ((size_t)length + 4 >= size - used) {
            (void)snprintf(text + used, size - used, "...");
            return;
        }
        used += (size_t)length;
    }
}
