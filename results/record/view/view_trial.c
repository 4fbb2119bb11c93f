/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trials of a case, and what they measured. */
#include "record/view/view_read.h"
#include "record/write/record_clock.h"
#include "record/write/record_noise.h"

#include <math.h>
#include <string.h>

/* Room for one more element at the end of an array in the scan's arena; the new one is zeroed. NULL where the
 * scan has failed. */
#define GROW(scan, array, n) (grow(scan, (void **)&(array), n, sizeof(*(array))))
static inline bool grow(struct scan *scan, void **array, size_t n, size_t size) {
    void *grown = scan->failed ? NULL : arena_grow(scan->arena, *array, n, size);

    if (!grown) {
        if (!scan->failed)
            scan_fail_memory(scan);
        return false;
    }
    *array = grown;
    memset((char *)grown + n * size, 0, size);
    return true;
}

const struct view_fact *view_read_facts(struct scan *scan, size_t *ret_n) {
    enum { KEY, VALUE };
    static const char *const keys[] = {[KEY] = "key", [VALUE] = "value"};
    struct view_fact *facts = NULL;
    size_t n = 0;

    scan_enter_array(scan);
    while (scan_element(scan) && GROW(scan, facts, n)) {
        struct scan_object object = SCAN_OBJECT(keys);
        int member;

        scan_enter_object(scan);
        while ((member = scan_member(scan, &object)) >= 0)
            *(member == KEY ? &facts[n].key : &facts[n].value) = scan_text(scan);
        scan_require(scan, &object, 1 << KEY | 1 << VALUE);
        n++;
    }
    *ret_n = n;
    return facts;
}

enum outcome_status view_read_status(struct scan *scan) {
    enum outcome_status status = OUTCOME_FAILED;
    const char *name;

    if (scan_is_text(scan, "ok")) /* as most are */
        return OUTCOME_OK;
    name = scan_text(scan);
    if (!scan->failed && outcome_status_from_name(name, &status) < 0)
        scan_fail(scan, "\"%.60s\" is not a status", name);
    return status;
}

size_t view_find_metric_name(struct view_reading *reading, const char *name, size_t expected) {
    struct view_case *outcome = reading->outcome;

    if (expected < outcome->n_metrics && strcmp(reading->metrics[expected].name, name) == 0)
        return expected;
    for (size_t i = 0; i < outcome->n_metrics; i++)
        if (strcmp(reading->metrics[i].name, name) == 0)
            return i;
    if (!view_metrics_fit(reading->scan, outcome->n_metrics) ||
        !GROW(reading->scan, reading->metrics, outcome->n_metrics))
        return 0;
    reading->metrics[outcome->n_metrics].name = name;
    return outcome->n_metrics++;
}

/* The metric of a sample, mostly that of the same place in the trials before. */
static size_t read_metric_name(struct view_reading *reading, size_t expected) {
    if (expected < reading->outcome->n_metrics &&
        scan_is_text(reading->scan, reading->metrics[expected].name))
        return expected;
    return view_find_metric_name(reading, scan_text(reading->scan), expected);
}

static const struct view_quantile *read_quantiles(struct scan *scan, size_t *ret_n) {
    enum { Q, VALUE };
    static const char *const keys[] = {[Q] = "q", [VALUE] = "value"};
    struct view_quantile *quantiles = NULL;
    size_t n = 0;

    scan_enter_array(scan);
    while (scan_element(scan) && GROW(scan, quantiles, n)) {
        struct scan_object object = SCAN_OBJECT(keys);
        int member;

        scan_enter_object(scan);
        while ((member = scan_member(scan, &object)) >= 0)
            if (member == Q)
                quantiles[n].q = scan_number(scan);
            else
                quantiles[n].value = scan_number_or_null(scan);
        scan_require(scan, &object, 1 << Q | 1 << VALUE);
        n++;
    }
    *ret_n = n;
    return quantiles;
}

static const double *read_values(struct scan *scan, size_t *ret_n) {
    double *values = NULL;
    size_t n = 0;

    scan_enter_array(scan);
    while (scan_element(scan) && GROW(scan, values, n))
        values[n++] = scan_number_or_null(scan);
    *ret_n = n;
    return values;
}

/* NULL where its buckets are others than this program's. */
static const struct sketch *read_histogram(struct scan *scan) {
    enum { ERROR, ZEROS, FIRST, COUNTS };
    static const char *const keys[] = {
        [ERROR] = "relative_error", [ZEROS] = "zeros", [FIRST] = "first", [COUNTS] = "counts"};
    struct scan_object object = SCAN_OBJECT(keys);
    struct sketch *sketch = arena_new(scan->arena, sizeof(*sketch));
    double error = SKETCH_ERROR, first = 0;
    int member;

    if (!sketch) {
        scan_fail_memory(scan);
        return NULL;
    }
    *sketch = (struct sketch){0};
    scan_enter_object(scan);
    while ((member = scan_member(scan, &object)) >= 0) {
        if (member == ERROR)
            error = scan_number(scan);
        else if (member == ZEROS)
            sketch->zeros = scan_whole(scan);
        else if (member == FIRST)
            first = scan_number(scan);
        else if (sketch_parse(scan_text(scan), sketch) < 0)
            scan_fail(scan, "\"counts\" are at most %d whole numbers with a space between them",
                      SKETCH_COUNTS);
    }
    scan_require(scan, &object, 1 << ERROR | 1 << ZEROS | 1 << FIRST | 1 << COUNTS);
    if (!(fabs(first) <= SKETCH_INDEX_MAX) || first != floor(first)) {
        scan_fail(scan, "\"first\" is a whole number from -%d to %d", SKETCH_INDEX_MAX, SKETCH_INDEX_MAX);
        return NULL;
    }
    sketch->first = (int32_t)first;
    if (!sketch_is_valid(sketch))
        scan_fail(scan, "a histogram's counts are too many");
    return error == SKETCH_ERROR ? sketch : NULL;
}

/* The sample's distribution, which is there from its first member on. */
static struct view_distribution *distribution_of(struct scan *scan, struct view_sample *sample) {
    static struct view_distribution nowhere; /* after a failure */

    if (!sample->distribution) {
        struct view_distribution *new = arena_new(scan->arena, sizeof(*new));

        if (!new) {
            scan_fail_memory(scan);
            return &nowhere;
        }
        *new = (struct view_distribution){.mean = NAN, .sd = NAN};
        sample->distribution = new;
    }
    return (struct view_distribution *)sample->distribution;
}

static void read_sample(struct view_reading *reading, struct view_sample *sample, size_t expected) {
    enum { METRIC, VALUE, N, MEAN, SD, PERCENTILES, HISTOGRAM, VALUES };
    static const char *const keys[] = {
        [METRIC] = "metric",       [VALUE] = "value",  [N] = "n",
        [MEAN] = "mean",           [SD] = "sd",        [PERCENTILES] = "percentiles",
        [HISTOGRAM] = "histogram", [VALUES] = "values"};
    struct scan *scan = reading->scan;
    struct scan_object object = SCAN_OBJECT(keys);
    struct view_distribution *distribution;
    int member;

    scan_enter_object(scan);
    while ((member = scan_member(scan, &object)) >= 0) {
        distribution = member >= N ? distribution_of(scan, sample) : NULL;
        switch (member) {
        case METRIC:
            sample->metric = read_metric_name(reading, expected);
            break;
        case VALUE:
            sample->value = scan_number_or_null(scan);
            break;
        case N:
            distribution->n = scan_whole(scan);
            break;
        case MEAN:
            distribution->mean = scan_number_or_null(scan);
            break;
        case SD:
            distribution->sd = scan_number_or_null(scan);
            break;
        case PERCENTILES:
            distribution->quantiles = read_quantiles(scan, &distribution->n_quantiles);
            break;
        case HISTOGRAM:
            distribution->histogram = read_histogram(scan);
            break;
        default:
            distribution->values = read_values(scan, &distribution->n_values);
        }
    }
    scan_require(scan, &object, 1 << METRIC | 1 << VALUE);
}

static const struct view_sample *read_samples(struct view_reading *reading, size_t *ret_n) {
    struct view_sample *samples = NULL;
    size_t n = 0;

    scan_enter_array(reading->scan);
    while (scan_element(reading->scan) && view_metrics_fit(reading->scan, n) &&
           GROW(reading->scan, samples, n)) {
        read_sample(reading, &samples[n], n);
        n++;
    }
    *ret_n = n;
    return samples;
}

static const char *const *read_texts(struct scan *scan, size_t *ret_n) {
    const char **texts = NULL;
    size_t n = 0;

    scan_enter_array(scan);
    while (scan_element(scan) && GROW(scan, texts, n))
        texts[n++] = scan_text(scan);
    *ret_n = n;
    return texts;
}

static size_t count_elements(struct scan *scan) {
    size_t n = 0;

    for (scan_enter_array(scan); scan_element(scan); n++)
        scan_skip(scan);
    return n;
}

static const struct noise *read_noise(struct scan *scan) {
    struct noise *noise = scan_null(scan) ? NULL : arena_new(scan->arena, sizeof(*noise));

    if (noise)
        record_scan_noise(scan, noise);
    return noise;
}

static const struct clock_offset *read_clock(struct scan *scan) {
    struct clock_offset *clock = scan_null(scan) ? NULL : arena_new(scan->arena, sizeof(*clock));

    if (clock)
        record_scan_clock(scan, clock);
    return clock;
}

enum { TRIAL, ORDER, START, DURATION, STATUS, REASON, FLAGS, NOISE, FACTS, CLOCK, METRICS, ATTEMPTS };
static const char *const trial_keys[] = {
    [TRIAL] = "trial",   [ORDER] = "order",   [START] = "start_s",   [DURATION] = "duration_s",
    [STATUS] = "status", [REASON] = "reason", [FLAGS] = "flags",     [NOISE] = "noise",
    [FACTS] = "facts",   [CLOCK] = "clock",   [METRICS] = "metrics", [ATTEMPTS] = "attempts"};

static void read_trial_member(struct view_reading *reading, struct view_trial *trial, int member) {
    struct scan *scan = reading->scan;

    switch (member) {
    case TRIAL:
        trial->trial = scan_unsigned(scan);
        break;
    case ORDER:
        trial->order = scan_unsigned(scan);
        break;
    case START:
        trial->start_s = scan_number_or_null(scan);
        break;
    case DURATION:
        trial->duration_s = scan_number_or_null(scan);
        break;
    case STATUS:
        trial->status = view_read_status(scan);
        break;
    case REASON:
        trial->reason = scan_text_or_null(scan);
        break;
    case FLAGS:
        trial->flags = read_texts(scan, &trial->n_flags);
        break;
    case NOISE:
        trial->noise = read_noise(scan);
        break;
    case FACTS:
        trial->facts = view_read_facts(scan, &trial->n_facts);
        break;
    case CLOCK:
        trial->clock = read_clock(scan);
        break;
    case METRICS:
        trial->samples = read_samples(reading, &trial->n_samples);
        break;
    default:
        trial->n_attempts = count_elements(scan);
    }
}

void view_read_trials(struct view_reading *reading) {
    struct scan *scan = reading->scan;
    size_t n = 0;

    scan_enter_array(scan);
    while (scan_element(scan) && GROW(scan, reading->trials, n)) {
        struct scan_object object = SCAN_OBJECT(trial_keys);
        struct view_trial *trial = &reading->trials[n++];
        int member;

        trial->start_s = trial->duration_s = NAN;
        scan_enter_object(scan);
        while ((member = scan_member(scan, &object)) >= 0)
            read_trial_member(reading, trial, member);
        scan_require(scan, &object, 1 << TRIAL | 1 << STATUS | 1 << METRICS);
        if (!trial->reason)
            trial->reason = "";
    }
    reading->outcome->n_trials = n;
}
