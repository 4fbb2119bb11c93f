/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cpus.h"

#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define CPUS_MAX (1UL << 20) /* more than any kernel counts */

/* Takes "N" or "N-M" and the comma behind it; NULL where there is neither. */
static const char *take_range(const char *at, unsigned long limit, unsigned long *ret_first,
                              unsigned long *ret_last) {
    char *end;

    if (!isdigit((unsigned char)*at))
        return NULL;
    *ret_first = *ret_last = strtoul(at, &end, 10);
    if (*end == '-') {
        if (!isdigit((unsigned char)end[1]))
            return NULL;
        *ret_last = strtoul(end + 1, &end, 10);
    }
    if (*ret_last < *ret_first || *ret_last >= limit || (*end && (*end != ',' || !end[1])))
        return NULL;
    return *end ? end + 1 : end;
}

int cpus_parse(const char *text, cpu_set_t *ret_set, struct vms_error *error) {
    const char *at = text;
    cpu_set_t set;

    CPU_ZERO(&set);
    do {
        unsigned long first, last;

        at = take_range(at, CPU_SETSIZE, &first, &last);
        if (!at)
            return error_set(error, -EINVAL, "\"%s\" is not a list of processors such as \"0\" or \"0-3,8\"",
                             text);
        for (unsigned long cpu = first; cpu <= last; cpu++)
            CPU_SET(cpu, &set);
    } while (*at);
    *ret_set = set;
    return 0;
}

int cpus_count(const char *text, int64_t *ret_count) {
    const char *at = text;
    int64_t count = 0;

    do {
        unsigned long first, last;

        at = take_range(at, CPUS_MAX, &first, &last);
        if (!at)
            return -EINVAL;
        count += (int64_t)(last - first + 1);
    } while (*at);
    *ret_count = count;
    return 0;
}

char *cpus_format(const cpu_set_t *set, size_t size) {
    size_t n = size * 8, length;
    const char *separator = "";
    char *text = NULL;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    for (size_t first = 0; first < n; first++) {
        size_t last = first;

        if (!CPU_ISSET_S(first, size, set))
            continue;
        while (last + 1 < n && CPU_ISSET_S(last + 1, size, set))
            last++;
        (void)fprintf(out, last > first ? "%s%zu-%zu" : "%s%zu", separator, first, last);
        separator = ",";
        first = last;
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
