/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/matrix.h"

#include "compare/layout.h"
#include "compare/parts.h"
#include "compare/words.h"

#include <string.h>

static const struct {
    const char *name, *heading;
} resources[] = {{"network", "network"}, {"memory", "memory"}, {"disk", "disk"}, {"cpu", "CPU"}};

const char *matrix_resource(size_t index) {
    return index < VMS_LENGTH(resources) ? resources[index].name : NULL;
}

const char *matrix_heading(const char *resource) {
    for (size_t i = 0; i < VMS_LENGTH(resources); i++)
        if (strcmp(resources[i].name, resource) == 0)
            return resources[i].heading;
    return resource;
}

const struct compare_answer *matrix_find(const struct comparison *comparison, size_t other,
                                         const char *resource) {
    for (size_t i = 0; i < comparison->n_answers; i++)
        if (comparison->answers[i].other == other && strcmp(comparison->answers[i].resource, resource) == 0)
            return &comparison->answers[i];
    return NULL;
}

const char *matrix_colour(enum compare_verdict verdict) {
    static const char *const colours[] = {
        [COMPARE_SLOWER] = "\033[31m",      [COMPARE_FASTER] = "\033[32m",
        [COMPARE_EQUIVALENT] = "\033[36m",  [COMPARE_UNDECIDED] = "\033[33m",
        [COMPARE_UNCONFIRMED] = "\033[33m", [COMPARE_UNTESTED] = ""};

    return colours[verdict];
}

/* "3 runs of each", "2 runs, others 5", "1 to 5 runs". */
static char *new_runs(const struct comparison *comparison) {
    size_t least = comparison->sides[0].n_runs, most = least;

    for (size_t i = 1; i < comparison->n_sides; i++) {
        size_t n = comparison->sides[i].n_runs;

        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    if (least == most)
        return compare_sentence("%zu run%s of each", least, least == 1 ? "" : "s");
    return compare_sentence("%zu to %zu runs of each", least, most);
}

/* Trials of a run: of the first row, which is the worst. */
static size_t trials_of(const struct comparison *comparison) {
    const struct compare_figure *figure = comparison->n_rows > 0 ? &comparison->rows[0].figures[0] : NULL;

    return figure && figure->n_runs > 0 ? figure->n_trials / figure->n_runs : 0;
}

char *matrix_title(const struct comparison *comparison) {
    char *runs = new_runs(comparison), *title = NULL;
    size_t trials = trials_of(comparison);
    const char *what = comparison->n_sides > 2 ? "each" : comparison->sides[1].label;

    if (runs)
        title = compare_sentence("What %s costs against %s: %s, %zu trial%s a run", what,
                                 comparison->sides[0].label, runs, trials, trials == 1 ? "" : "s");
    free(runs);
    return title;
}

static bool is_sure(const struct compare_finding *finding) {
    return finding->verdict == COMPARE_SLOWER || finding->verdict == COMPARE_FASTER ||
           finding->verdict == COMPARE_EQUIVALENT;
}

char *matrix_count(const struct comparison *comparison) {
    size_t sure = 0;

    for (size_t i = 0; i < comparison->n_answers; i++)
        sure += is_sure(&comparison->answers[i].finding);
    if (sure == comparison->n_answers)
        return compare_sentence(sure == 1 ? "The answer is sure." : "All %zu answers are sure.", sure);
    return compare_sentence("%zu of %zu answer%s %s sure.", sure, comparison->n_answers,
                            comparison->n_answers == 1 ? "" : "s", sure == 1 ? "is" : "are");
}

/* Widths of the matrix: the names of the configurations, then the resources; 0: no answer of it. */
struct widths {
    size_t name, columns[VMS_LENGTH(resources)], all;
};

static struct widths measure(const struct comparison *comparison) {
    struct widths widths = {0};
    char words[WORDS_SIZE];

    for (size_t i = 1; i < comparison->n_sides; i++) {
        size_t width = layout_width(comparison->sides[i].label);

        widths.name = width > widths.name ? width : widths.name;
    }
    for (size_t i = 0; i < comparison->n_answers; i++)
        for (size_t j = 0; j < VMS_LENGTH(resources); j++) {
            if (strcmp(comparison->answers[i].resource, resources[j].name) != 0)
                continue;
            words_short(comparison->answers[i].row, &comparison->answers[i].finding,
                        comparison->options.margin, words);
            if (layout_width(words) > widths.columns[j])
                widths.columns[j] = layout_width(words);
        }
    widths.all = 2 + widths.name;
    for (size_t j = 0; j < VMS_LENGTH(resources); j++)
        widths.all += widths.columns[j] > 0 ? 2 + widths.columns[j] : 0;
    return widths;
}

/* `width` of 0: as wide as it is. */
static void put_cell(FILE *file, const struct comparison *comparison, const struct compare_answer *answer,
                     size_t width, bool colour) {
    char words[WORDS_SIZE] = "";

    if (answer)
        words_short(answer->row, &answer->finding, comparison->options.margin, words);
    fputs("  ", file);
    fputs(colour && answer ? matrix_colour(answer->finding.verdict) : "", file);
    layout_left(file, words, width > 0 ? width : layout_width(words));
    fputs(colour && answer ? "\033[0m" : "", file);
}

static size_t last_column(const struct widths *widths) {
    size_t last = 0;

    for (size_t j = 0; j < VMS_LENGTH(resources); j++)
        last = widths->columns[j] > 0 ? j : last;
    return last;
}

static void write_grid(FILE *file, const struct comparison *comparison, const struct widths *widths,
                       bool colour) {
    size_t last = last_column(widths);

    fputs("  ", file);
    layout_left(file, "", widths->name);
    for (size_t j = 0; j < VMS_LENGTH(resources); j++)
        if (widths->columns[j] > 0) {
            fputs("  ", file);
            layout_left(file, resources[j].heading,
                        j < last ? widths->columns[j] : strlen(resources[j].heading));
        }
    fputc('\n', file);
    for (size_t i = 1; i < comparison->n_sides; i++) {
        fputs("  ", file);
        layout_left(file, comparison->sides[i].label, widths->name);
        for (size_t j = 0; j < VMS_LENGTH(resources); j++)
            if (widths->columns[j] > 0)
                put_cell(file, comparison, matrix_find(comparison, i, resources[j].name),
                         j < last ? widths->columns[j] : 0, colour);
        fputc('\n', file);
    }
}

/* One answer a line, where the table is too wide. */
static void write_lines(FILE *file, const struct comparison *comparison, bool colour) {
    for (size_t i = 1; i < comparison->n_sides; i++) {
        fputs("  ", file);
        layout_left(file, comparison->sides[i].label, LAYOUT_COLUMNS - 2);
        fputc('\n', file);
        for (size_t j = 0; j < VMS_LENGTH(resources); j++) {
            const struct compare_answer *answer = matrix_find(comparison, i, resources[j].name);

            if (!answer)
                continue;
            fprintf(file, "    %-8s", resources[j].heading);
            put_cell(file, comparison, answer, 0, colour);
            fputc('\n', file);
        }
    }
}

void matrix_write(FILE *file, const struct comparison *comparison, bool colour) {
    struct widths widths = measure(comparison);

    if (widths.all <= LAYOUT_COLUMNS)
        write_grid(file, comparison, &widths, colour);
    else
        write_lines(file, comparison, colour);
}
