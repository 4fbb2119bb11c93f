/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comparison in one sentence, for titles. */
#include "compare/words/matrix.h"

#include "base/text.h"
#include "compare/words/words.h"

#include <math.h>

static void put_answer(FILE *file, const struct comparison *comparison, const struct compare_answer *answer) {
    char words[WORDS_SIZE];

    words_short(answer->row, &answer->finding, comparison->options.margin, words);
    fprintf(file, "%s %s", matrix_heading(answer->resource), words);
}

/* Of one configuration: all its answers. */
static char *new_list(const struct comparison *comparison) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    bool begun = false;

    if (!file)
        return NULL;
    fprintf(file, "%s against %s: ", comparison->sides[1].label, comparison->sides[0].label);
    for (size_t j = 0; matrix_resource(j); j++) {
        const struct compare_answer *answer = matrix_find(comparison, 1, matrix_resource(j));

        if (!answer)
            continue;
        fputs(begun ? ", " : "", file);
        put_answer(file, comparison, answer);
        begun = true;
    }
    return fclose(file) == 0 ? text : NULL;
}

/* A lost case is worse than any factor. */
static double cost_of(const struct compare_answer *answer) {
    return answer->finding.fallen + answer->finding.risen > 0 || isnan(answer->finding.cost)
               ? (double)INFINITY
               : answer->finding.cost;
}

static const struct compare_answer *find_worst(const struct comparison *comparison) {
    const struct compare_answer *worst = NULL;

    for (size_t i = 0; i < comparison->n_answers; i++) {
        const struct compare_answer *answer = &comparison->answers[i];

        if (answer->finding.verdict == COMPARE_SLOWER && (!worst || cost_of(answer) > cost_of(worst)))
            worst = answer;
    }
    return worst;
}

static bool are_equivalent(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_answers; i++)
        if (comparison->answers[i].finding.verdict != COMPARE_EQUIVALENT)
            return false;
    return true;
}

char *matrix_headline(const struct comparison *comparison) {
    const char *baseline = comparison->sides[0].label;
    const struct compare_answer *worst = find_worst(comparison);
    char words[WORDS_SIZE];

    if (comparison->n_answers == 0)
        return text_new("Nothing could be compared with %s", baseline);
    if (comparison->n_sides == 2)
        return new_list(comparison);
    if (worst) {
        words_short(worst->row, &worst->finding, comparison->options.margin, words);
        return text_new("Against %s, %s costs most: %s %s", baseline, comparison->sides[worst->other].label,
                        matrix_heading(worst->resource), words);
    }
    if (are_equivalent(comparison)) {
        words_share(comparison->options.margin, words);
        return text_new("All configurations equal %s within %s", baseline, words);
    }
    return text_new("No configuration is surely slower than %s", baseline);
}
