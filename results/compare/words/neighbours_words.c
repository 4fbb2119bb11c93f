/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/words/neighbours_words.h"

#include "base/text.h"
#include "base/units.h"
#include "compare/effects/neighbours.h"
#include "compare/words/matrix.h"
#include "compare/words/words.h"
#include "record/value.h"

#include <math.h>

static void print_kept(FILE *file, const struct comparison *comparison, const struct compare_beside *beside) {
    for (size_t i = 0; i < comparison->n_sides; i++) {
        char kept[UNITS_TEXT_SIZE];

        units_format_number(100 * beside->kept[i], 3, kept);
        if (isfinite(beside->kept[i]))
            fprintf(file, "%s%s %s%%",
                    i > 0 ? ", " : "; kept of what each does alone: ", comparison->sides[i].label, kept);
    }
    if (isfinite(beside->fairness))
        fprintf(file, "; fairness %.3f", beside->fairness);
}

char *neighbours_sentence(const struct comparison *comparison, const struct compare_beside *beside) {
    char cost[WORDS_SIZE], interval[WORDS_SIZE], *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    words_cost(NULL, &beside->finding, cost);
    words_interval(&beside->finding, interval);
    if (beside->title)
        fprintf(file, "%s %s: ", beside->title, beside->metric);
    else
        fprintf(file, "%s: ", matrix_heading(beside->resource));
    fprintf(file, "%s%s%s", cost, *interval ? " " : "", interval);
    if (!beside->tail)
        print_kept(file, comparison, beside);
    return fclose(file) == 0 ? text : NULL;
}

char *neighbours_title(const struct comparison *comparison) {
    unsigned n = comparison->besides[0].neighbours;

    return text_new("Beside %u neighbour%s, against alone: what it costs the victim, %s", n,
                    n == 1 ? "" : "s", comparison->sides[0].label);
}

static json_t *new_kept(const struct comparison *comparison, const struct compare_beside *beside) {
    json_t *kept = json_object();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_sides; i++)
        failed |= value_set(kept, comparison->sides[i].label, value_number(beside->kept[i]));
    return value_finish(kept, failed);
}

json_t *neighbours_json(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_besides; i++) {
        const struct compare_beside *beside = &comparison->besides[i];
        json_t *json = json_object();

        failed |= value_set(json, "label", value_text(beside->title));
        failed |= value_set(json, "resource", value_text(beside->resource));
        failed |= value_set(json, "metric", value_text(beside->metric));
        failed |= value_set(json, "neighbours", json_integer(beside->neighbours));
        failed |= value_set(json, "tail", json_boolean(beside->tail));
        failed |= value_set(json, "victim", value_text(comparison->sides[0].label));
        failed |= value_set(json, "loss", value_number(beside->finding.loss));
        failed |= value_set(json, "cost", value_number(beside->finding.cost));
        failed |= value_set(json, "cost_ci95", value_interval(beside->finding.cost_ci95));
        failed |= value_set(json, "kept", new_kept(comparison, beside));
        failed |= value_set(json, "fairness", value_number(beside->fairness));
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}
