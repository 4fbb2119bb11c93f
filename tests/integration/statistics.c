/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics for check_statistics.py: each line of the input is a function and sets of numbers separated
 * by ';', each line of the output its figures. */
#include "base/cleanup.h"
#include "stats/decide.h"
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

static int do_holm(struct set *a) {
    if (ranktest_holm(a->values, a->n, a->values) < 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        printf("%.17g%s", a->values[i], i + 1 < a->n ? " " : "\n");
    return 0;
}

static int do_ratio(const struct set *a, const struct set *b) {
    struct resample_block blocks[] = {{a->values, a->n}, {b->values, b->n}};
    struct resample_side baseline = {&blocks[0], 1}, other = {&blocks[1], 1};
    const struct resample_allowance none = {0, RESAMPLE_PRIOR_DF};
    struct resample_estimate result;

    if (resample_ratio(&baseline, &other, &none, 7, &result) < 0)
        return -1;
    printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", result.medians.ratio,
           result.medians.ci95[0], result.medians.ci95[1], result.means.ratio, result.means.ci95[0],
           result.means.ci95[1], result.trimmed.ratio, result.trimmed.log_se, result.trimmed.df,
           decide_difference(&result.trimmed), decide_equivalence(&result.trimmed, 0.03));
    return 0;
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
    else if (strcmp(name, "holm") == 0)
        return do_holm(&sets[0]);
    else if (strcmp(name, "ratio") == 0)
        return do_ratio(&sets[0], &sets[1]);
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
