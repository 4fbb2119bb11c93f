/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comparison in words. */
#include "compare/matrix.h"
#include "compare/parts.h"
#include "compare/words.h"

#include "base/units.h"

#include <errno.h>
#include <string.h>

static char *new_sentence(const struct comparison *comparison, const struct compare_answer *answer) {
    char words[WORDS_SIZE];
    const char *label = comparison->n_sides > 2 ? comparison->sides[answer->other].label : "";
    char left_out[96] = "";

    words_long(answer->row, &answer->finding, comparison->options.margin, words);
    if (compare_is_partial(answer))
        (void)snprintf(left_out, sizeof(left_out), "; without %zu of %zu cases, which have zeros or gaps",
                       answer->n_left_out, answer->n_cases);
    return compare_sentence("%s%s%s: %s%s", label, *label ? " " : "", matrix_heading(answer->resource), words,
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

bool compare_is_partial(const struct compare_answer *answer) {
    return answer->n_left_out > 0 && answer->n_left_out < answer->n_cases;
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
