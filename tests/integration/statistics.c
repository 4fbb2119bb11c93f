/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics for check_statistics.py: each line of the input is a function and sets of numbers separated
 * by ';', each line of the output its figures. */
#include "base/cleanup.h"
#include "stats/ranktest.h"
#include "stats/stats.h"

#include <string.h>

#define SETS_MAX 2
#define VALUES_MAX 4096

struct set {
    double values[VALUES_MAX];
    size_t n;
};

static void read_set(char *text, struct set *ret) {
    char *rest = text, *word;

    ret->n = 0;
    while ((word = strsep(&rest, " \n")))
        if (word[0] != '\0' && ret->n < VALUES_MAX)
            ret->values[ret->n++] = strtod(word, NULL);
}

static void do_summary(const struct set *a) {
    struct stats_summary summary;

    stats_summarise(a->values, a->n, 7, &summary);
    printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %zu\n", summary.mean, summary.sd,
           summary.cv, summary.q1, summary.median, summary.q3, summary.ci95_mean[0], summary.ci95_mean[1],
           summary.ci95_median[0], summary.ci95_median[1], summary.outliers);
}

static void do_ranks(const struct set *a, const struct set *b) {
    printf("%.17g %.17g\n", ranktest_mann_whitney(a->values, a->n, b->values, b->n),
           ranktest_cliff_delta(a->values, a->n, b->values, b->n));
}

static int do_line(char *line, struct set sets[SETS_MAX]) {
    char *rest = line, *name = strsep(&rest, " ");

    for (size_t i = 0; i < SETS_MAX; i++) {
        char *text = rest ? strsep(&rest, ";") : NULL;

        sets[i].n = 0;
        if (text)
            read_set(text, &sets[i]);
    }
    if (strcmp(name, "summary") == 0)
        do_summary(&sets[0]);
    else if (strcmp(name, "ranks") == 0)
        do_ranks(&sets[0], &sets[1]);
    else
        return -1;
    return 0;
}

int main(void) {
    static struct set sets[SETS_MAX];
    cleanup_free char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) > 0)
        if (do_line(line, sets) < 0)
            return 1;
    return 0;
}
