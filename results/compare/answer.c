/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comparison in words. */
#include "compare/parts.h"

#include "base/cleanup.h"
#include "base/units.h"

#include <math.h>
#include <string.h>

/* The headline rows of one resource against one other side. */
struct tally {
    size_t n, verdicts[COMPARE_UNDECIDED + 1], n_ratios;
    double log_speed; /* sum over the rows with a ratio; below 0 is slower */
};

static void count_row(struct tally *tally, const struct compare_row *row) {
    tally->n++;
    tally->verdicts[row->verdict]++;
    if (!row->has_ratio)
        return;
    tally->n_ratios++;
    tally->log_speed += strcmp(compare_text(row->metric, "better"), "higher") == 0
                            ? log(row->estimate.medians.ratio)
                            : -log(row->estimate.medians.ratio);
}

/* "31.2% slower", from the geometric mean. */
static void format_mean(const struct tally *tally, char ret_text[static LOSS_TEXT_SIZE]) {
    double loss = tally->n_ratios > 0 ? 1 - exp(tally->log_speed / (double)tally->n_ratios) : 0;

    (void)snprintf(ret_text, LOSS_TEXT_SIZE, "%.1f%% %s", 100 * fabs(loss), loss >= 0 ? "slower" : "faster");
}

static char *tell(const char *resource, const struct tally *tally, double margin) {
    size_t slower = tally->verdicts[COMPARE_SLOWER], faster = tally->verdicts[COMPARE_FASTER];
    size_t equivalent = tally->verdicts[COMPARE_EQUIVALENT],
           decided = tally->n - tally->verdicts[COMPARE_UNDECIDED];
    char mean[LOSS_TEXT_SIZE];

    format_mean(tally, mean);
    if (equivalent == tally->n)
        return compare_sentence("%s: equivalent within %.3g%%", resource, 100 * margin);
    if (decided == 0)
        return compare_sentence("%s: undecided (%s so far)", resource, mean);
    if (slower > 0 && faster > 0)
        return compare_sentence("%s: mixed (%zu slower, %zu faster, %zu equivalent, %zu undecided)", resource,
                                slower, faster, equivalent, tally->n - decided);
    if (slower + faster == 0)
        return compare_sentence("%s: %zu of %zu rows equivalent within %.3g%%, the others undecided",
                                resource, equivalent, tally->n, 100 * margin);
    if (decided == tally->n)
        return compare_sentence("%s: %s, decided", resource, mean);
    return compare_sentence("%s: %s, %zu of %zu rows decided", resource, mean, decided, tally->n);
}

static int add_answer(struct comparison *comparison, size_t other, char *sentence) {
    cleanup_free char *owned = sentence;
    char **grown = reallocarray(comparison->answers, comparison->n_answers + 1, sizeof(*grown));

    if (!grown || !owned)
        return -ENOMEM;
    comparison->answers = grown;
    grown[comparison->n_answers] = comparison->n_sides > 2
                                       ? compare_sentence("%s, %s", comparison->sides[other].label, owned)
                                       : strdup(owned);
    return grown[comparison->n_answers++] ? 0 : -ENOMEM;
}

int compare_answer(struct comparison *comparison) {
    /* Rows are sorted by side and resource. */
    for (size_t first = 0, end; first < comparison->n_rows; first = end) {
        const struct compare_row *rows = comparison->rows;
        const char *resource = compare_text(rows[first].identity, "resource");
        struct tally tally = {0};

        for (end = first; end < comparison->n_rows && rows[end].other == rows[first].other &&
                          strcmp(compare_text(rows[end].identity, "resource"), resource) == 0;
             end++)
            if (rows[end].headline)
                count_row(&tally, &rows[end]);
        if (tally.n > 0 &&
            add_answer(comparison, rows[first].other, tell(resource, &tally, comparison->options.margin)) < 0)
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

        if (equals && names)
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

void compare_format_loss(double loss, char ret_text[static LOSS_TEXT_SIZE]) {
    if (isnan(loss))
        ret_text[0] = '\0';
    else
        (void)snprintf(ret_text, LOSS_TEXT_SIZE, "%+.*f%%", fabs(loss) < 0.00995 ? 2 : 1, 100 * loss);
}

void compare_format_interval(const struct compare_row *row, char ret_text[static INTERVAL_TEXT_SIZE]) {
    char loss[LOSS_TEXT_SIZE], low[LOSS_TEXT_SIZE], high[LOSS_TEXT_SIZE];

    compare_format_loss(row->loss, loss);
    compare_format_loss(row->loss_ci95[0], low);
    compare_format_loss(row->loss_ci95[1], high);
    if (*low)
        (void)snprintf(ret_text, INTERVAL_TEXT_SIZE, "%s [%s, %s]", loss, low, high);
    else
        (void)snprintf(ret_text, INTERVAL_TEXT_SIZE, "%s", loss);
}

void compare_format_figure(const struct compare_row *row, size_t side,
                           char ret_text[static FIGURE_TEXT_SIZE]) {
    char text[UNITS_TEXT_SIZE] = "n/a";
    enum vms_unit unit;

    if (units_from_name(compare_text(row->metric, "unit"), &unit) == 0)
        units_format_value(row->figures[side].median, unit, text);
    (void)snprintf(ret_text, FIGURE_TEXT_SIZE, "%s", text);
}

void compare_format_verdict(const struct compare_row *row, char ret_text[static VERDICT_TEXT_SIZE]) {
    const char *name = compare_verdict_name(row->verdict);
    const char *mark = row->failed ? ", FAILED" : "";

    if (row->verdict != COMPARE_UNDECIDED)
        (void)snprintf(ret_text, VERDICT_TEXT_SIZE, "%s%s", name, mark);
    else if (row->reason)
        (void)snprintf(ret_text, VERDICT_TEXT_SIZE, "%s: %s", name, row->reason);
    else if (!row->has_effort)
        (void)snprintf(ret_text, VERDICT_TEXT_SIZE, "%s", name);
    else
        (void)snprintf(ret_text, VERDICT_TEXT_SIZE, "%s: take ~%zu run%s of %zu trials", name,
                       row->effort.runs, row->effort.runs == 1 ? "" : "s", row->effort.trials);
}
