/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/words/matrix.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "compare/words/layout.h"
#include "compare/words/words.h"

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

/* "3 runs of each", "3 runs of each in turn", "2 runs, others 5", "1 to 5 runs". */
static char *new_runs(const struct comparison *comparison) {
    size_t least = comparison->sides[0].n_runs, most = least;
    bool paired = true;

    for (size_t i = 1; i < comparison->n_sides; i++) {
        size_t n = comparison->sides[i].n_runs;

        paired &= comparison->sides[i].paired;

        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    if (least == most)
        return text_new("%zu run%s of each%s", least, least == 1 ? "" : "s", paired ? " in turn" : "");
    return text_new("%zu to %zu runs of each", least, most);
}

/* ", 10 trials a run", ", 2 to 6 trials a run"; "" where there is none. */
static char *new_trials(const struct comparison *comparison) {
    size_t least = SIZE_MAX, most = 0;

    for (size_t i = 0; i < comparison->n_rows; i++)
        for (int side = 0; side < 2; side++) {
            const struct compare_figure *figure = &comparison->rows[i].figures[side];
            size_t n = figure->n_runs > 0 ? figure->n_trials / figure->n_runs : 0;

            if (n == 0 || !comparison->rows[i].headline)
                continue;
            least = n < least ? n : least;
            most = n > most ? n : most;
        }
    if (most == 0)
        return strdup("");
    if (least == most)
        return text_new(", %zu trial%s a run", most, most == 1 ? "" : "s");
    return text_new(", %zu to %zu trials a run", least, most);
}

char *matrix_title(const struct comparison *comparison) {
    cleanup_free char *runs = new_runs(comparison), *trials = new_trials(comparison);
    const char *what = comparison->n_sides > 2 ? "each" : comparison->sides[1].label;

    if (!runs || !trials)
        return NULL;
    return text_new("What %s costs against %s: %s%s", what, comparison->sides[0].label, runs, trials);
}

bool matrix_needs_sentence(const struct compare_answer *answer) {
    return compare_is_partial(answer) || answer->finding.verdict == COMPARE_UNDECIDED ||
           answer->finding.verdict == COMPARE_UNCONFIRMED;
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
        return text_new(sure == 1 ? "The answer is sure." : "All %zu answers are sure.", sure);
    if (sure == 0)
        return strdup("No answer is sure yet.");
    return text_new("%zu of %zu answers %s sure.", sure, comparison->n_answers, sure == 1 ? "is" : "are");
}

/* The matrix as cells: a heading row and column, resources without any answer left out. */
struct grid {
    const struct comparison *comparison;
    size_t resources[VMS_LENGTH(resources)]; /* indices of those that have an answer */
    size_t n_resources;
    /* a row is a resource, a column a configuration: the other way round where that is too wide */
    bool by_resource;
    bool narrow; /* without what an answer may be off by */
    size_t columns;
};

static struct grid new_grid(const struct comparison *comparison) {
    struct grid grid = {.comparison = comparison};

    for (size_t j = 0; j < VMS_LENGTH(resources); j++)
        for (size_t i = 0; i < comparison->n_answers; i++)
            if (strcmp(comparison->answers[i].resource, resources[j].name) == 0) {
                grid.resources[grid.n_resources++] = j;
                break;
            }
    return grid;
}

static size_t grid_rows(const struct grid *grid) {
    return grid->by_resource ? grid->n_resources : grid->comparison->n_sides - 1;
}

static size_t grid_columns(const struct grid *grid) {
    return grid->by_resource ? grid->comparison->n_sides - 1 : grid->n_resources;
}

/* A heading: of a configuration (is_side), or of a resource. */
static const char *heading_of(const struct grid *grid, bool is_side, size_t index) {
    return is_side ? grid->comparison->sides[index + 1].label : resources[grid->resources[index]].heading;
}

static const struct compare_answer *answer_at(const struct grid *grid, size_t row, size_t column) {
    size_t side = grid->by_resource ? column : row, resource = grid->by_resource ? row : column;

    return matrix_find(grid->comparison, side + 1, resources[grid->resources[resource]].name);
}

static void words_at(const struct grid *grid, size_t row, size_t column, char ret_words[static WORDS_SIZE]) {
    const struct compare_answer *answer = answer_at(grid, row, column);
    char *mark;

    ret_words[0] = '\0';
    if (!answer)
        return;
    words_short(answer->row, &answer->finding, grid->comparison->options.margin, ret_words);
    mark = strstr(ret_words, " ±");
    if (grid->narrow && mark)
        *mark = '\0';
}

static size_t max_size(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t column_width(const struct grid *grid, size_t column) {
    size_t width = utf8_columns(heading_of(grid, grid->by_resource, column));
    char words[WORDS_SIZE];

    for (size_t row = 0; row < grid_rows(grid); row++) {
        words_at(grid, row, column, words);
        width = max_size(width, utf8_columns(words));
    }
    return width;
}

static size_t name_width(const struct grid *grid) {
    size_t width = 0;

    for (size_t row = 0; row < grid_rows(grid); row++)
        width = max_size(width, utf8_columns(heading_of(grid, !grid->by_resource, row)));
    return width;
}

static bool fits(const struct grid *grid) {
    size_t all = 2 + name_width(grid);

    for (size_t column = 0; column < grid_columns(grid); column++)
        all += 2 + column_width(grid, column);
    return all <= grid->columns;
}

/* `width` of 0: as wide as it is. */
static void put_cell(FILE *file, const char *words, const struct compare_answer *answer, size_t width,
                     bool colour) {
    fputs("  ", file);
    fputs(colour && answer ? matrix_colour(answer->finding.verdict) : "", file);
    layout_left(file, words, width > 0 ? width : utf8_columns(words));
    fputs(colour && answer ? "\033[0m" : "", file);
}

static void write_grid(FILE *file, const struct grid *grid, bool colour) {
    size_t last = grid_columns(grid) - 1;
    char words[WORDS_SIZE];

    fputs("  ", file);
    layout_left(file, "", name_width(grid));
    for (size_t column = 0; column <= last; column++)
        put_cell(file, heading_of(grid, grid->by_resource, column), NULL,
                 column < last ? column_width(grid, column) : 0, false);
    fputc('\n', file);
    for (size_t row = 0; row < grid_rows(grid); row++) {
        fputs("  ", file);
        layout_left(file, heading_of(grid, !grid->by_resource, row), name_width(grid));
        for (size_t column = 0; column <= last; column++) {
            words_at(grid, row, column, words);
            put_cell(file, words, answer_at(grid, row, column),
                     column < last ? column_width(grid, column) : 0, colour);
        }
        fputc('\n', file);
    }
}

/* One answer a line, where every table is too wide. */
static void write_lines(FILE *file, const struct grid *grid, bool colour) {
    char words[WORDS_SIZE];

    for (size_t row = 0; row < grid_rows(grid); row++) {
        layout_paragraph(file, grid->columns, "  ", 4, heading_of(grid, true, row));
        for (size_t column = 0; column < grid_columns(grid); column++) {
            if (!answer_at(grid, row, column))
                continue;
            words_at(grid, row, column, words);
            fprintf(file, "    %-8s", heading_of(grid, false, column));
            put_cell(file, words, answer_at(grid, row, column), 0, colour);
            fputc('\n', file);
        }
    }
}

void matrix_write(FILE *file, const struct comparison *comparison, size_t columns, bool colour) {
    struct grid grid = new_grid(comparison);

    grid.columns = columns;
    if (grid.n_resources == 0)
        return;
    for (unsigned shape = 0; shape < 4; shape++) {
        grid.by_resource = shape % 2 == 1;
        grid.narrow = shape >= 2;
        if (fits(&grid)) {
            write_grid(file, &grid, colour);
            return;
        }
    }
    grid.by_resource = grid.narrow = false;
    write_lines(file, &grid, colour);
}
