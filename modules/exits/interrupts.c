/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/interrupts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "  TLB:   12   34   TLB shootdowns": the numbers up to the first word. */
static bool sum_row(const char *line, const char *label, double *ret_sum) {
    size_t length = strlen(label);
    double sum = 0;
    char *end;

    line += strspn(line, " ");
    if (strncmp(line, label, length) != 0 || line[length] != ':')
        return false;
    for (line += length + 1;; line = end) {
        unsigned long count = strtoul(line, &end, 10);

        if (end == line)
            break;
        sum += (double)count;
    }
    *ret_sum = sum;
    return true;
}

double interrupts_count(const char *label) {
    FILE *file = fopen("/proc/interrupts", "re");
    char *line = NULL;
    size_t size = 0;
    double sum = NAN;

    while (file && getline(&line, &size, file) > 0)
        if (sum_row(line, label, &sum))
            break;
    free(line);
    if (file)
        (void)fclose(file);
    return sum;
}
