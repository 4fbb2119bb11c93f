/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: sustained memory bandwidth as STREAM defines it (J. D. McCalpin, "Memory Bandwidth and Machine
 * Balance in Current High Performance Computers", IEEE TCCA Newsletter, December 1995, and the notes of
 * stream.c).
 *
 * A trial makes `repetitions` passes over three arrays a, b, c of 8-byte numbers, each pass
 *     Copy   c = a        16 bytes per element
 *     Scale  b = q c      16
 *     Add    c = a + b    24
 *     Triad  a = b + q c  24
 * and times each operation of each pass. As in STREAM the first pass does not count, the rate of an
 * operation is its bytes divided by its shortest time, and its bytes are those that the program reads and
 * writes: a processor that reads a line before it overwrites it moves half as many again in Copy and Scale,
 * a third in Add and Triad. The headline is Triad, the figure that STREAM is quoted by.
 *
 * Kernel `portable` is what STREAM's C compiles to, and what machines are compared by. Kernel `streaming`
 * stores past the caches, so that nothing is read only to be overwritten: the machine's limit.
 *
 * Arrays are at least four times the last-level caches unless said (STREAM's rule); all pages are touched
 * first by the thread that will use them and before any time is taken. After the passes every element is
 * held to STREAM's error bound.
 */
#include "shared/case/affinity.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "stream/array_size.h"
#include "stream/passes.h"
#include "stream/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    PARAM_ARRAY_SIZE,
    PARAM_THREADS,
    PARAM_REPETITIONS,
    PARAM_KERNEL,
    PARAM_ISA,
    PARAM_AFFINITY,
    PARAM_PAGES,
    PARAM_MEMORY_LIMIT
};

static const char *const kernel_names[] = {"portable", "streaming", NULL};           /* enum kernel */
static const char *const isa_names[] = {"auto", "baseline", "avx2", "avx512", NULL}; /* enum isa */
static const char *const pages_names[] = {"system", "none", "thp", "hugetlb", NULL}; /* enum region_pages */

static const struct vms_param params[] = {
    [PARAM_ARRAY_SIZE] =
        {"array_size", VMS_BYTES, "0", "0", "1048576GiB", NULL,
         "Bytes of each of the three arrays; 0: four times the last-level caches, less where "
         "memory is short.",
         VMS_ROLE_SIZE},
    [PARAM_THREADS] =
        {"threads", VMS_TEXT, "all", NULL, NULL, NULL,
         "How many threads: a number, all (or 0) for one per processor that may be used, cores for "
         "one per core, list for one per processor of the list in affinity.",
         VMS_ROLE_PLAIN},
    [PARAM_REPETITIONS] = {"repetitions", VMS_COUNT, "10", "2", VERIFY_PASSES_MAX, NULL,
                           "Passes over the arrays in a trial; the first does not count.", VMS_ROLE_PLAIN},
    [PARAM_KERNEL] = {"kernel", VMS_CHOICE, "portable", NULL, NULL, kernel_names,
                      "portable: STREAM's loops in C; streaming: with stores that bypass the caches.",
                      VMS_ROLE_PLAIN},
    [PARAM_ISA] = {"isa", VMS_CHOICE, "auto", NULL, NULL, isa_names,
                   "Instruction set of the loops; auto: the widest that the processor has.", VMS_ROLE_PLAIN},
    [PARAM_AFFINITY] = {"affinity", VMS_TEXT, "auto", NULL, NULL, NULL,
                        "Where threads run: none (anywhere), spread, compact, a list of processors such as "
                        "0,2-5, or auto: spread where there is more than one NUMA node, else none.",
                        VMS_ROLE_PLAIN},
    [PARAM_PAGES] = {"pages", VMS_CHOICE, "system", NULL, NULL, pages_names,
                     "Huge pages: none, thp (transparent), hugetlb (from the pool), or as the system has it.",
                     VMS_ROLE_PLAIN},
    [PARAM_MEMORY_LIMIT] =
        {ARRAY_SIZE_LIMIT, VMS_BYTES, "0", "0", "1048576GiB", NULL,
         "The most that the three arrays take together; 0: what is free. Where the caches hold a quarter of "
         "it or more, the case is unsupported: it would measure the caches.",
         VMS_ROLE_PLAIN},
};

static const struct vms_fact facts[] = {
    {"array_bytes", VMS_ROLE_WORK, "Bytes of each array."},
    {"working_set_bytes", VMS_ROLE_WORK, "Bytes of the three arrays."},
    {"array_rule", VMS_ROLE_PLAIN, "Where the size comes from."},
    {"llc_bytes", VMS_ROLE_PLAIN, "Bytes of all last-level caches that the size was decided by."},
    {"llc_source", VMS_ROLE_PLAIN, "Where that size comes from, and what of it was not believed."},
    {"threads", VMS_ROLE_PLAIN, "Threads that ran."},
    {"processors", VMS_ROLE_PLAIN, "Where they were bound to, or none."},
    AFFINITY_FACTS,
    {"numa_pages", VMS_ROLE_PLAIN, "Which NUMA nodes the pages are on."},
    {"huge_pages", VMS_ROLE_PLAIN, "The share of the memory in huge pages."},
    {"kernel_isa", VMS_ROLE_WORK, "The instruction set of the loops that ran."},
    {"traffic_factor", VMS_ROLE_PLAIN, "What the memory moves for each byte that is counted."},
    {"triad_traffic", VMS_ROLE_VOLATILE, "The rate of Triad, counted with that factor."},
    {"page_faults_while_timed", VMS_ROLE_VOLATILE, "Page faults during the passes."},
};

enum figure { BEST, MEAN, WORST, FIGURES };

#define RATE(name, role, help)                                                                               \
    { name, VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, help, VMS_ROLE_##role }

static const struct vms_metric metrics[OPERATIONS * FIGURES] = {
    [COPY * FIGURES + BEST] = RATE("copy", PLAIN, "c = a, best pass: STREAM's figure."),
    [COPY * FIGURES + MEAN] = RATE("copy_mean", DERIVED, "c = a, mean time of the passes."),
    [COPY * FIGURES + WORST] = RATE("copy_worst", DERIVED, "c = a, worst pass."),
    [SCALE * FIGURES + BEST] = RATE("scale", PLAIN, "b = q c, best pass: STREAM's figure."),
    [SCALE * FIGURES + MEAN] = RATE("scale_mean", DERIVED, "b = q c, mean time of the passes."),
    [SCALE * FIGURES + WORST] = RATE("scale_worst", DERIVED, "b = q c, worst pass."),
    [ADD * FIGURES + BEST] = RATE("add", PLAIN, "c = a + b, best pass: STREAM's figure."),
    [ADD * FIGURES + MEAN] = RATE("add_mean", DERIVED, "c = a + b, mean time of the passes."),
    [ADD * FIGURES + WORST] = RATE("add_worst", DERIVED, "c = a + b, worst pass."),
    [TRIAD * FIGURES + BEST] =
        RATE("triad", HEADLINE, "a = b + q c, best pass: STREAM's figure, and the headline."),
    [TRIAD * FIGURES + MEAN] = RATE("triad_mean", DERIVED, "a = b + q c, mean time of the passes."),
    [TRIAD * FIGURES + WORST] = RATE("triad_worst", DERIVED, "a = b + q c, worst pass."),
};

/* Bytes per element, as STREAM counts them. */
static const double bytes_per_element[OPERATIONS] = {[COPY] = 16, [SCALE] = 16, [ADD] = 24, [TRIAD] = 24};

struct stream {
    struct arrays arrays;
    enum kernel kernel;
    struct place_mask before; /* where the calling thread could run before it was bound */
};

static int report_rates(const struct vms_host *host, const struct stream *stream, unsigned passes,
                        const struct pass_times times[static OPERATIONS], struct vms_error *error) {
    static const enum operation order[OPERATIONS] = {TRIAD, COPY, SCALE, ADD};

    for (unsigned i = 0; i < OPERATIONS; i++) {
        enum operation operation = order[i];
        const struct pass_times *of = &times[operation];
        double bytes = bytes_per_element[operation] * (double)stream->arrays.n;
        double rates[FIGURES] = {[BEST] = bytes / of->shortest,
                                 [MEAN] = bytes * (passes - 1) / of->sum,
                                 [WORST] = bytes / of->longest};

        for (unsigned figure = BEST; figure < FIGURES; figure++) {
            int status = report_sample(host, error, operation * FIGURES + figure, rates[figure]);

            if (status < 0)
                return status;
        }
    }
    return 0;
}

/* What the memory moves for each byte that is counted: a line that is overwritten by ordinary stores is read
 * first (Copy may be the C library's memcpy, which for large blocks does without). */
static int report_traffic(const struct vms_host *host, const struct stream *stream,
                          const struct pass_times *triad, struct vms_error *error) {
    bool allocates = stream->kernel == KERNEL_PORTABLE;
    double counted = bytes_per_element[TRIAD] * (double)stream->arrays.n / triad->shortest;
    int status =
        report_fact(host, error, "traffic_factor", "%s",
                    allocates ? "copy and scale 1.5, add and triad 1.333: a line is read before it is "
                                "overwritten"
                              : "1: stores bypass the caches");

    if (status < 0)
        return status;
    return report_fact(host, error, "triad_traffic", "%.4g GB/s",
                       (allocates ? counted * 4 / 3 : counted) / 1e9);
}

static uint64_t count_faults(void) {
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)(usage.ru_minflt + usage.ru_majflt) : 0;
}

/* A process that has arrays has had faults: 0 in all says that this kernel does not count them (gVisor). */
static int report_faults(const struct vms_host *host, uint64_t before, uint64_t after,
                         struct vms_error *error) {
    static const char key[] = "page_faults_while_timed";

    return after == 0 ? report_fact(host, error, key, "unknown: this kernel does not count them")
                      : report_fact(host, error, key, "%" PRIu64, after - before);
}

static int stream_measure(const struct vms_host *host, const union vms_value *values, void *state,
                          struct vms_error *error) {
    struct stream *stream = state;
    struct arrays *arrays = &stream->arrays;
    unsigned passes = (unsigned)values[PARAM_REPETITIONS].count;
    struct pass_times times[OPERATIONS] = {{0}};
    uint64_t before, after;
    int status;

    arrays_fill(arrays);
    before = count_faults();
    status = passes_run(host, arrays, passes, times, error);
    after = count_faults();
    if (status == 0)
        status = verify_arrays(arrays->a, arrays->b, arrays->c, arrays->n, passes, error);
    if (status == 0)
        status = report_rates(host, stream, passes, times, error);
    if (status == 0)
        status = report_traffic(host, stream, &times[TRIAD], error);
    if (status == 0)
        status = report_faults(host, before, after, error);
    return status;
}

static int report_size(const struct vms_host *host, const struct array_size *size, struct vms_error *error) {
    int status = report_fact(host, error, "array_bytes", "%" PRIu64, size->bytes);

    if (status == 0)
        status = report_fact(host, error, "working_set_bytes", "%" PRIu64, 3 * size->bytes);
    if (status == 0)
        status = report_fact(host, error, "array_rule", "%s", size->rule);
    if (status == 0)
        status = report_fact(host, error, "llc_bytes", "%" PRIu64, size->caches.last_level);
    if (status == 0)
        status = report_fact(host, error, "llc_source", "%s", size->caches.source);
    return status;
}

static int report_place(const struct vms_host *host, const struct arrays *arrays, struct vms_error *error) {
    double huge = region_huge_part(&arrays->region);
    char text[200];
    int status = report_fact(host, error, "threads", "%u", arrays->place.threads);

    place_format(&arrays->place, text, sizeof(text));
    if (status == 0)
        status = report_fact(host, error, "processors", "%s", text);
    region_format_nodes(&arrays->region, text, sizeof(text));
    if (status == 0)
        status = report_fact(host, error, "numa_pages", "%s", text);
    if (status == 0 && huge < 0)
        status = report_fact(host, error, "huge_pages", "unknown: smaps: %s", strerror((int)-huge));
    else if (status == 0)
        status = report_fact(host, error, "huge_pages", "%.3g %% of the memory", 100 * huge);
    return status == 0 ? report_fact(host, error, "kernel_isa", "%s", arrays->kernels->isa) : status;
}

static void stream_cleanup(void *state) {
    struct stream *stream = state;

    if (!stream)
        return;
    arrays_done(&stream->arrays);
    (void)place_restore(&stream->before);
    free(stream);
}

/* Resolves sizes and places from one look at the machine. */
static int resolve(const union vms_value *values, struct stream *stream, struct array_size *ret_size,
                   struct vms_error *error) {
    hwloc_topology_t topology;
    int status = caches_load_topology(&topology, error);

    if (status < 0)
        return status;
    status = array_size_resolve(values[PARAM_ARRAY_SIZE].bytes, values[PARAM_MEMORY_LIMIT].bytes, topology,
                                ret_size, error);
    if (status == 0)
        status = place_resolve(topology, values[PARAM_THREADS].text, values[PARAM_AFFINITY].text,
                               &stream->arrays.place, error);
    hwloc_topology_destroy(topology);
    return status;
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct stream *stream = state;
    struct array_size size;
    int status = place_save(&stream->before, error);

    if (status == 0)
        status = report_affinity(host, error);
    if (status < 0)
        return status;
    stream->kernel = (enum kernel)values[PARAM_KERNEL].choice;
    stream->arrays.kernels = kernels_choose(stream->kernel, (enum isa)values[PARAM_ISA].choice);
    if (!stream->arrays.kernels)
        return report_error(error, -ENOTSUP, "this processor cannot run kernel %s with isa %s",
                            kernel_names[stream->kernel], isa_names[values[PARAM_ISA].choice]);
    status = resolve(values, stream, &size, error);
    if (status == 0)
        status =
            arrays_map(&stream->arrays, size.bytes, (enum region_pages)values[PARAM_PAGES].choice, error);
    if (status == 0)
        status = report_size(host, &size, error);
    if (status == 0)
        status = report_place(host, &stream->arrays, error);
    return status;
}

static int stream_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                          struct vms_error *error) {
    return state_make(host, values, sizeof(struct stream), set_up, stream_cleanup, ret_state, error);
}

/* What prepare would refuse, before anything is allocated. */
static int stream_probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    hwloc_topology_t topology;
    struct array_size size;
    int status = caches_load_topology(&topology, error);

    (void)host;
    if (status < 0)
        return status;
    status = array_size_resolve(values[PARAM_ARRAY_SIZE].bytes, values[PARAM_MEMORY_LIMIT].bytes, topology,
                                &size, error);
    hwloc_topology_destroy(topology);
    return status;
}

static int stream_validate(const union vms_value *values, struct vms_error *error) {
    int status = array_size_check(values[PARAM_ARRAY_SIZE].bytes, values[PARAM_MEMORY_LIMIT].bytes, error);

    return status == 0 ? place_check(values[PARAM_THREADS].text, values[PARAM_AFFINITY].text, error) : status;
}

/* A guess: 4 GB/s for one thread, twice that for more. */
static double guess_rate(const char *threads) {
    return strcmp(threads, "1") == 0 || sysconf(_SC_NPROCESSORS_ONLN) < 2 ? 4e9 : 8e9;
}

static void stream_estimate(const union vms_value *values, struct vms_estimate *ret) {
    uint64_t bytes = array_size_guess(values[PARAM_ARRAY_SIZE].bytes, values[PARAM_MEMORY_LIMIT].bytes);
    double passes = (double)values[PARAM_REPETITIONS].count;

    ret->memory = 3 * bytes;
    ret->seconds = (passes * 10 + 6) * (double)bytes / guess_rate(values[PARAM_THREADS].text);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "stream",
    .summary = "Memory bandwidth as STREAM measures it: Copy, Scale, Add, Triad",
    .resource = VMS_MEMORY,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .probe = stream_probe,
    .prepare = stream_prepare,
    .measure = stream_measure,
    .cleanup = stream_cleanup,
    .estimate = stream_estimate,
    .validate = stream_validate,
};
