/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing takes most of the time of a large comparison of records, so that long lists are sorted by their
 * digits instead, the least significant first (Knuth, The Art of Computer Programming, 5.2.5, R); those
 * between are merged from short ones (5.2.4). */
#include "stats/sort.h"

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 32 /* numbers; up to here inserting is the fastest, */
#define LONG 512 /* and from here digits are */
#define DIGIT_BITS 11
#define DIGIT_VALUES (1U << DIGIT_BITS)
#define DIGITS 6 /* 66 bits */

static void insert(double *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const double value = values[i];
        size_t at = i;

        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/* Merges two sorted lists, the first of `half` numbers, both of `n`. */
static void merge(const double *lists, size_t half, size_t n, double *ret) {
    for (size_t first = 0, second = half; first + second < n + half;)
        *ret++ =
            second == n || (first < half && lists[first] <= lists[second]) ? lists[first++] : lists[second++];
}

/* Of up to LONG numbers. */
static void merge_all(double *values, size_t n) {
    double room[LONG], *from = values, *into = room;

    for (size_t at = 0; at < n; at += SHORT)
        insert(values + at, n - at < SHORT ? n - at : SHORT);
    for (size_t width = SHORT; width < n; width *= 2) {
        double *swapped = from;

        for (size_t at = 0; at < n; at += 2 * width) {
            size_t left = n - at;

            merge(from + at, left < width ? left : width, left < 2 * width ? left : 2 * width, into + at);
        }
        from = into;
        into = swapped;
    }
    if (from != values)
        memcpy(values, from, n * sizeof(*values));
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool is_sorted(const double *values, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (values[i - 1] > values[i])
            return false;
    return true;
}

/* Whole numbers that are in the order of the doubles, and back: the sign bit is turned round, and with it all
 * others of a negative number. */
static uint64_t to_key(double value) {
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

static double from_key(uint64_t key) {
    const uint64_t bits = key ^ (key >> 63 ? UINT64_C(1) << 63 : UINT64_MAX);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static unsigned digit_of(uint64_t key, unsigned digit) {
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

/* Sorts by one digit into `ret`; false where all keys have the same one, and nothing is to be done. */
static bool sort_digit(const uint64_t *keys, size_t n, unsigned digit, uint64_t *ret) {
    size_t places[DIGIT_VALUES] = {0}, place = 0;

    for (size_t i = 0; i < n; i++)
        places[digit_of(keys[i], digit)]++;
    if (places[digit_of(keys[0], digit)] == n)
        return false;
    for (size_t i = 0; i < DIGIT_VALUES; i++) {
        const size_t count = places[i];

        places[i] = place;
        place += count;
    }
    for (size_t i = 0; i < n; i++)
        ret[places[digit_of(keys[i], digit)]++] = keys[i];
    return true;
}

void sort_numbers(double *values, size_t n) {
    cleanup_free uint64_t *keys = NULL;
    uint64_t *from, *into, *swapped;

    if (n <= SHORT) {
        insert(values, n);
        return;
    }
    if (is_sorted(values, n))
        return;
    if (n <= LONG) {
        merge_all(values, n);
        return;
    }
    keys = calloc(2 * n, sizeof(*keys));
    if (!keys) {
        qsort(values, n, sizeof(*values), compare);
        return;
    }
    from = keys;
    into = keys + n;
    for (size_t i = 0; i < n; i++)
        from[i] = to_key(values[i]);
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (!sort_digit(from, n, digit, into))
            continue;
        swapped = from;
        from = into;
        into = swapped;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = from_key(from[i]);
}
