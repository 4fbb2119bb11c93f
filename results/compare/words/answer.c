/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comparison in words. */
#include "compare/words/answer.h"

#include "base/text.h"
#include "compare/words/matrix.h"
#include "compare/words/words.h"

#include <errno.h>
#include <string.h>

static char *new_sentence(const struct comparison *comparison, const struct compare_answer *answer) {
    char words[WORDS_SIZE];
    const char *label = comparison->n_sides > 2 ? comparison->sides[answer->other].label : "";
    size_t n_lost = answer->finding.fallen + answer->finding.risen, n_left_out = answer->n_left_out - n_lost;
    char left_out[96] = "";

    words_long(answer->row, &answer->finding, comparison->options.margin, words);
    if (compare_is_partial(answer) && n_left_out > 0)
        (void)snprintf(left_out, sizeof(left_out), "; without %zu of %zu cases, which %s zeros or gaps",
                       n_left_out, answer->n_cases, n_left_out == 1 ? "has" : "have");
    return text_new("%s%s%s: %s%s", label, *label ? " " : "", matrix_heading(answer->resource), words,
                    left_out);
}

static const struct compare_row *find_row(const struct comparison *comparison,
                                          const struct compare_answer *answer) {
    for (size_t i = 0; answer->n_cases == 1 && i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (row->headline && row->finding.weight > 0 && row->other == answer->other &&
            strcmp(compare_resource(row), answer->resource) == 0)
            return row;
    }
    return NULL;
}

int compare_answer(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_answers; i++) {
        comparison->answers[i].row = find_row(comparison, &comparison->answers[i]);
        comparison->answers[i].sentence = new_sentence(comparison, &comparison->answers[i]);
        if (!comparison->answers[i].sentence)
            return -ENOMEM;
    }
    return 0;
}
