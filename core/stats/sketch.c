/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/sketch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE ((1 + SKETCH_ERROR) / (1 - SKETCH_ERROR))

/* Joins all buckets below `first` with it. */
static void join_below(struct sketch *sketch, int32_t first) {
    uint64_t below = 0;
    size_t n = (size_t)(first - sketch->first);

    if (n > sketch->n_counts)
        n = sketch->n_counts;
    for (size_t i = 0; i < n; i++)
        below += sketch->counts[i];
    memmove(sketch->counts, sketch->counts + n, (sketch->n_counts - n) * sizeof(*sketch->counts));
    sketch->n_counts -= (uint32_t)n;
    sketch->first = first;
    if (sketch->n_counts == 0)
        sketch->counts[sketch->n_counts++] = 0;
    sketch->counts[0] += below;
}

/* Begins at a lower bucket, with zeros up to where it began. */
static void lower(struct sketch *sketch, int32_t first) {
    size_t n = (size_t)(sketch->first - first);

    memmove(sketch->counts + n, sketch->counts, sketch->n_counts * sizeof(*sketch->counts));
    memset(sketch->counts, 0, n * sizeof(*sketch->counts));
    sketch->n_counts += (uint32_t)n;
    sketch->first = first;
}

static void add_to(struct sketch *sketch, int32_t index, uint64_t count) {
    int32_t last, least;

    if (sketch->n_counts == 0)
        *sketch = (struct sketch){.zeros = sketch->zeros, .first = index, .n_counts = 1};
    last = sketch->first + (int32_t)sketch->n_counts - 1;
    least = (index > last ? index : last) - SKETCH_COUNTS + 1;
    if (least > sketch->first)
        join_below(sketch, least);
    if (index < least)
        index = least;
    if (index < sketch->first)
        lower(sketch, index);
    while (sketch->first + (int32_t)sketch->n_counts <= index)
        sketch->counts[sketch->n_counts++] = 0;
    sketch->counts[index - sketch->first] += count;
}

int sketch_add(struct sketch *sketch, double value, uint64_t count) {
    if (!isfinite(value) || value < 0)
        return -EDOM;
    if (value == 0)
        sketch->zeros += count;
    else if (count > 0)
        add_to(sketch, (int32_t)ceil(log(value) / log(BASE)), count);
    return 0;
}

void sketch_merge(struct sketch *sketch, const struct sketch *other) {
    sketch->zeros += other->zeros;
    for (size_t i = 0; i < other->n_counts; i++)
        if (other->counts[i] > 0)
            add_to(sketch, other->first + (int32_t)i, other->counts[i]);
}

uint64_t sketch_count(const struct sketch *sketch) {
    uint64_t n = sketch->zeros;

    for (size_t i = 0; i < sketch->n_counts; i++)
        n += sketch->counts[i];
    return n;
}

double sketch_quantile(const struct sketch *sketch, double q) {
    uint64_t n = sketch_count(sketch), below = sketch->zeros;
    double rank = floor(q * (double)(n > 0 ? n - 1 : 0));

    if (n == 0)
        return NAN;
    if (rank < (double)below)
        return 0;
    for (size_t i = 0; i < sketch->n_counts; i++) {
        below += sketch->counts[i];
        if (rank < (double)below) /* the middle of the bucket, as relative errors go */
            return 2 * exp(log(BASE) * (sketch->first + (int32_t)i)) / (BASE + 1);
    }
    return NAN;
}

void sketch_format(const struct sketch *sketch, char ret_text[static SKETCH_TEXT_SIZE]) {
    size_t at = 0;

    ret_text[0] = '\0';
    for (size_t i = 0; i < sketch->n_counts; i++)
        at += (size_t)snprintf(ret_text + at, SKETCH_TEXT_SIZE - at, "%s%ju", i > 0 ? " " : "",
                               (uintmax_t)sketch->counts[i]);
}

int sketch_parse(const char *text, struct sketch *sketch) {
    sketch->n_counts = 0;
    while (*text) {
        char *end;

        if (*text < '0' || *text > '9' || sketch->n_counts == SKETCH_COUNTS)
            return -EINVAL;
        errno = 0;
        sketch->counts[sketch->n_counts++] = strtoull(text, &end, 10);
        if (errno != 0 || (*end != '\0' && (*end != ' ' || end[1] == '\0')))
            return -EINVAL;
        text = *end ? end + 1 : end;
    }
    return 0;
}

bool sketch_is_valid(const struct sketch *sketch) {
    uint64_t n = sketch->zeros;

    if (sketch->n_counts > SKETCH_COUNTS || sketch->first < -SKETCH_INDEX_MAX ||
        sketch->first > SKETCH_INDEX_MAX)
        return false;
    for (size_t i = 0; i < sketch->n_counts; i++)
        if (__builtin_add_overflow(n, sketch->counts[i], &n))
            return false;
    return true;
}
