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
 * Arrays are at least four times the last-level caches unless said (STREAM's rule); all pages are touched
 * first by the thread that will use them and before any time is taken. After the passes every element is
 * held to STREAM's error bound.
 */
#include "array_size.h"
#include "kernels.h"
#include "region.h"
#include "report.h"
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <omp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_ARRAY_SIZE, PARAM_THREADS, PARAM_REPETITIONS };

static const struct vms_param params[] = {
    [PARAM_ARRAY_SIZE] =
        {"array_size", VMS_BYTES, "0", "0", NULL, NULL,
         "Bytes of each of the three arrays; 0: four times the last-level caches, less where "
         "memory is short."},
    [PARAM_THREADS] = {"threads", VMS_TEXT, "all", NULL, NULL, NULL,
                       "How many threads: a number, or all: one for each processor that may be used."},
    [PARAM_REPETITIONS] = {"repetitions", VMS_COUNT, "10", "2", "200", NULL,
                           "Passes over the arrays in a trial; the first does not count."},
};

enum operation { COPY, SCALE, ADD, TRIAD, OPERATIONS };
enum figure { BEST, MEAN, WORST, FIGURES };

#define RATE(name, help)                                                                                     \
    { name, VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, help }

static const struct vms_metric metrics[OPERATIONS * FIGURES] = {
    [COPY * FIGURES + BEST] = RATE("copy", "c = a, best pass: STREAM's figure."),
    [COPY * FIGURES + MEAN] = RATE("copy_mean", "c = a, mean time of the passes."),
    [COPY * FIGURES + WORST] = RATE("copy_worst", "c = a, worst pass."),
    [SCALE * FIGURES + BEST] = RATE("scale", "b = q c, best pass: STREAM's figure."),
    [SCALE * FIGURES + MEAN] = RATE("scale_mean", "b = q c, mean time of the passes."),
    [SCALE * FIGURES + WORST] = RATE("scale_worst", "b = q c, worst pass."),
    [ADD * FIGURES + BEST] = RATE("add", "c = a + b, best pass: STREAM's figure."),
    [ADD * FIGURES + MEAN] = RATE("add_mean", "c = a + b, mean time of the passes."),
    [ADD * FIGURES + WORST] = RATE("add_worst", "c = a + b, worst pass."),
    [TRIAD * FIGURES + BEST] = RATE("triad", "a = b + q c, best pass: STREAM's figure, and the headline."),
    [TRIAD * FIGURES + MEAN] = RATE("triad_mean", "a = b + q c, mean time of the passes."),
    [TRIAD * FIGURES + WORST] = RATE("triad_worst", "a = b + q c, worst pass."),
};

/* Bytes per element, as STREAM counts them. */
static const double bytes_per_element[OPERATIONS] = {[COPY] = 16, [SCALE] = 16, [ADD] = 24, [TRIAD] = 24};

struct stream {
    struct region region;
    double *a, *b, *c;
    size_t n; /* elements of each array, a multiple of a cache line's 8 */
    int threads;
    const struct kernels *kernels;
};

#define LINE 8 /* elements of a cache line */

/* The part of 0..n that thread `id` of `of` works on, in whole cache lines. */
static size_t slice(const struct stream *stream, int id, int of, size_t *ret_length) {
    size_t lines = stream->n / LINE, share = lines / (size_t)of, rest = lines % (size_t)of;
    size_t before = (size_t)id < rest ? (size_t)id : rest;

    *ret_length = (share + ((size_t)id < rest)) * LINE;
    return ((size_t)id * share + before) * LINE;
}

/* Gives all elements their first value, each by the thread that works on it; returns how many threads did. */
static int fill(struct stream *stream) {
    int threads = 0;

#pragma omp parallel num_threads(stream->threads) reduction(+ : threads)
    {
        size_t length, start = slice(stream, omp_get_thread_num(), omp_get_num_threads(), &length);

        for (size_t i = start; i < start + length; i++) {
            stream->a[i] = STREAM_A;
            stream->b[i] = STREAM_B;
            stream->c[i] = STREAM_C;
        }
        threads = 1;
    }
    return threads;
}

static void run_operation(struct stream *stream, enum operation operation) {
#pragma omp parallel num_threads(stream->threads)
    {
        size_t length, start = slice(stream, omp_get_thread_num(), omp_get_num_threads(), &length);
        double *a = stream->a + start, *b = stream->b + start, *c = stream->c + start;

        switch (operation) {
        case COPY:
            stream->kernels->copy(c, a, length);
            break;
        case SCALE:
            stream->kernels->scale(b, c, STREAM_Q, length);
            break;
        case ADD:
            stream->kernels->add(c, a, b, length);
            break;
        default:
            stream->kernels->triad(a, b, c, STREAM_Q, length);
        }
    }
}

/* The seconds of one operation over the passes that count. */
struct times {
    double shortest, longest, sum;
};

static void add_time(struct times *times, double seconds) {
    times->shortest = times->sum == 0.0 || seconds < times->shortest ? seconds : times->shortest;
    times->longest = seconds > times->longest ? seconds : times->longest;
    times->sum += seconds;
}

static int time_passes(const struct vms_host *host, struct stream *stream, unsigned passes,
                       struct times times[static OPERATIONS], struct vms_error *error) {
    for (unsigned pass = 0; pass < passes; pass++) {
        for (enum operation operation = COPY; operation < OPERATIONS; operation++) {
            uint64_t begin_ns, end_ns;

            if (host->should_stop(host->context))
                return report_error(error, -ECANCELED, "stopped in pass %u of %u", pass + 1, passes);
            begin_ns = host->now(host->context);
            run_operation(stream, operation);
            end_ns = host->now(host->context);
            if (end_ns <= begin_ns)
                return report_error(error, -ERANGE, "arrays of %zu bytes are too small to be timed",
                                    stream->n * sizeof(double));
            if (pass > 0)
                add_time(&times[operation], 1e-9 * (double)(end_ns - begin_ns));
        }
    }
    return 0;
}

static int report_rates(const struct vms_host *host, const struct stream *stream, unsigned passes,
                        const struct times times[static OPERATIONS], struct vms_error *error) {
    static const enum operation order[OPERATIONS] = {TRIAD, COPY, SCALE, ADD};

    for (unsigned i = 0; i < OPERATIONS; i++) {
        enum operation operation = order[i];
        const struct times *of = &times[operation];
        double bytes = bytes_per_element[operation] * (double)stream->n;
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

static int stream_measure(const struct vms_host *host, const union vms_value *values, void *state,
                          struct vms_error *error) {
    struct stream *stream = state;
    unsigned passes = (unsigned)values[PARAM_REPETITIONS].count;
    struct times times[OPERATIONS] = {{0}};
    int status;

    (void)fill(stream);
    status = time_passes(host, stream, passes, times, error);
    if (status == 0)
        status = verify_arrays(stream->a, stream->b, stream->c, stream->n, passes, error);
    if (status == 0)
        status = report_rates(host, stream, passes, times, error);
    return status;
}

/* "all" or "0": the processors that this process may use. */
static int read_threads(const char *text, int *ret_threads, struct vms_error *error) {
    cpu_set_t allowed;
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (strcmp(text, "all") == 0 || (number == 0 && end != text && *end == '\0')) {
        if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
            return report_error(error, -errno, "the processors that may be used: %s", strerror(errno));
        *ret_threads = CPU_COUNT(&allowed);
        return 0;
    }
    if (*text < '0' || *text > '9' || *end != '\0' || number > CPU_SETSIZE)
        return report_error(error, -EINVAL, "threads: \"%s\" is neither a number up to %d nor all", text,
                            CPU_SETSIZE);
    *ret_threads = (int)number;
    return 0;
}

static int map_arrays(struct stream *stream, struct vms_error *error) {
    int status = region_map(3 * stream->n * sizeof(double), "the three arrays", &stream->region, error);
    int threads;

    if (status < 0)
        return status;
    stream->a = stream->region.start;
    stream->b = stream->a + stream->n;
    stream->c = stream->b + stream->n;
    omp_set_dynamic(0);
    threads = fill(stream);
    if (threads != stream->threads)
        return report_error(error, -EAGAIN, "OpenMP gave %d of the %d threads that were asked for", threads,
                            stream->threads);
    return 0;
}

static int report_facts(const struct vms_host *host, const struct stream *stream,
                        const struct array_size *size, struct vms_error *error) {
    int status = report_fact(host, error, "array_bytes", "%" PRIu64, size->bytes);

    if (status == 0)
        status = report_fact(host, error, "array_rule", "%s", size->rule);
    if (status == 0)
        status = report_fact(host, error, "threads", "%d", stream->threads);
    if (status == 0)
        status = report_fact(host, error, "llc_bytes", "%" PRIu64, size->caches.last_level);
    if (status == 0)
        status = report_fact(host, error, "llc_source", "%s", size->caches.source);
    if (status == 0)
        status = report_fact(host, error, "kernel_isa", "%s", stream->kernels->isa);
    return status;
}

static void stream_cleanup(void *state) {
    struct stream *stream = state;

    if (!stream)
        return;
    region_unmap(&stream->region);
    free(stream);
}

static int stream_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                          struct vms_error *error) {
    struct stream *stream = calloc(1, sizeof(*stream));
    struct array_size size;
    int status;

    if (!stream)
        return report_error(error, -ENOMEM, "no memory for the state of the case");
    stream->kernels = kernels_best();
    status = read_threads(values[PARAM_THREADS].text, &stream->threads, error);
    if (status == 0)
        status = array_size_resolve(values[PARAM_ARRAY_SIZE].bytes, &size, error);
    if (status == 0) {
        stream->n = size.bytes / sizeof(double);
        status = map_arrays(stream, error);
    }
    if (status == 0)
        status = report_facts(host, stream, &size, error);
    if (status < 0) {
        stream_cleanup(stream);
        return status;
    }
    *ret_state = stream;
    return 0;
}

/* A guess for a machine with the caches that array_size.h assumes and 4 GB/s. */
static void stream_estimate(const union vms_value *values, struct vms_estimate *ret) {
    uint64_t bytes = values[PARAM_ARRAY_SIZE].bytes;
    double passes = (double)values[PARAM_REPETITIONS].count;

    if (bytes == 0)
        bytes = ARRAY_SIZE_CACHES * CACHES_ASSUMED;
    ret->memory = 3 * bytes;
    ret->seconds = (passes * 10 + 6) * (double)bytes / 4e9;
}

const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module),
    .name = "stream",
    .summary = "Memory bandwidth as STREAM measures it: Copy, Scale, Add, Triad",
    .resource = VMS_MEMORY,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .prepare = stream_prepare,
    .measure = stream_measure,
    .cleanup = stream_cleanup,
    .estimate = stream_estimate,
};
