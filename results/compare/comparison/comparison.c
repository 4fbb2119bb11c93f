/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/comparison/comparison.h"

#include "base/units.h"
#include "record/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct compare_options compare_defaults = {
    .margin = COMPARE_MARGIN, .run_shift = NAN, .seed = 1, .error = COMPARE_ERROR};

static const char *const verdict_names[] = {
    [COMPARE_SLOWER] = "slower",           [COMPARE_FASTER] = "faster",
    [COMPARE_EQUIVALENT] = "equivalent",   [COMPARE_UNDECIDED] = "undecided",
    [COMPARE_UNCONFIRMED] = "unconfirmed", [COMPARE_UNTESTED] = "untested"};

const char *compare_verdict_name(enum compare_verdict verdict) {
    return verdict_names[verdict];
}

bool compare_is_lower_better(const struct compare_row *row) {
    return row->metric->better == VMS_LOWER;
}

const char *compare_resource(const struct compare_row *row) {
    return value_resource_name(row->identity->resource);
}

/* Tested rows first, the worst on top; what has no share of a loss stands before what has. */
double compare_badness(const struct compare_row *row) {
    return isnan(row->finding.effect.estimate)        ? -INFINITY
           : row->finding.scale == COMPARE_DIFFERENCE ? (isnan(row->finding.loss) ? 10 : row->finding.loss)
                                                      : row->finding.effect.estimate;
}

bool compare_is_asked(const struct comparison *comparison, const char *metric) {
    for (size_t i = 0; i < comparison->options.n_metrics; i++)
        if (strcmp(comparison->options.metrics[i], metric) == 0)
            return true;
    return false;
}

bool compare_is_single(const struct compare_finding *finding) {
    return (finding->runs[0] < 2 || finding->runs[1] < 2) && finding->earlier == 0;
}

bool compare_is_partial(const struct compare_answer *answer) {
    return answer->n_left_out > 0 && answer->n_left_out < answer->n_cases;
}

/* Whether a parameter counts bytes, by its name. */
static bool is_size(const char *name, size_t length) {
    return memmem(name, length, "size", strlen("size")) || memmem(name, length, "bytes", strlen("bytes"));
}

static void print_size(FILE *file, const char *digits) {
    char text[UNITS_TEXT_SIZE];

    units_format_bytes(strtoull(digits, NULL, 10), text);
    fprintf(file, "%s%s", text, strspn(text, "0123456789") == strlen(text) ? "B" : "");
}

char *compare_title(const char *label, bool names) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    while (*label) {
        size_t length = strcspn(label, " ");
        const char *equals = memchr(label, '=', length), *value = equals ? equals + 1 : label;
        size_t rest = (size_t)(label + length - value);

        bool counts = equals && strncmp(label, "neighbours=", strlen("neighbours=")) == 0;

        if (equals && (names || counts))
            fprintf(file, "%.*s=", (int)(equals - label), label);
        if (equals && is_size(label, (size_t)(equals - label)) && strspn(value, "0123456789") == rest)
            print_size(file, value);
        else
            fprintf(file, "%.*s", (int)rest, value);
        label += length;
        if (*label)
            fputc(*label++, file);
    }
    return fclose(file) == 0 ? text : NULL;
}
