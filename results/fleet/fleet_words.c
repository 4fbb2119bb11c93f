/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a fleet, for people. */
#include "fleet/fleet.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "compare/words/words.h"
#include "output/terminal.h"

#include <math.h>
#include <stdlib.h>

#define FACTOR_FROM 1.5 /* from which on a change is said as a factor */

void fleet_change(double factor, char ret_text[static FLEET_WORDS_SIZE]) {
    const char *word = factor < 1 ? "faster" : "slower";
    double above = factor < 1 ? 1 / factor : factor;
    char number[UNITS_TEXT_SIZE];

    units_format_number(above, 3, number);
    if (above >= FACTOR_FROM)
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%sx %s", number, word);
    else
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%.2g%% %s", 100 * (above - 1), word);
}

/* The end of an interval: "8.8%", "1.6x"; a negative one is faster. */
static void put_end(double log, double mean, char ret_text[static FLEET_WORDS_SIZE]) {
    double above = exp(fabs(log));
    const char *sign = log < 0 ? "-" : "";
    char factor[WORDS_SIZE];

    words_end(above, (log < 0) == (mean < 0) ? exp(fabs(mean)) : 1, factor);
    if (above >= FACTOR_FROM)
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%s%.20s", sign, factor);
    else
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%s%.2g%%", sign, 100 * (above - 1));
}

void fleet_words(const struct fleet *fleet, const struct fleet_row *row,
                 char ret_text[static FLEET_WORDS_SIZE]) {
    const struct random_effects *result = fleet_result(fleet, row);
    const double logs[] = {result->mean, result->ci95[0], result->ci95[1]};
    char texts[3][FLEET_WORDS_SIZE];

    for (size_t i = 0; i < 3; i++) {
        if (fleet->n_configurations == 1)
            units_format_value(exp(logs[i]), row->metric->unit, texts[i]);
        else if (i == 0)
            fleet_change(exp(logs[i]), texts[i]);
        else
            put_end(logs[i], logs[0], texts[i]);
    }
    if (!isfinite(logs[0]))
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "no figure");
    else if (isfinite(logs[1]))
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%.90s [%.90s, %.90s]", texts[0], texts[1], texts[2]);
    else
        (void)snprintf(ret_text, FLEET_WORDS_SIZE, "%.90s", texts[0]);
}

char *fleet_title(const struct fleet *fleet) {
    return fleet->n_configurations > 1
               ? text_new("What %s costs against %s", fleet->configurations[1], fleet->configurations[0])
               : text_new("What was measured: %s", fleet->configurations[0]);
}

static void write_lost(FILE *file, const struct fleet *fleet) {
    for (size_t i = 0; i < fleet->n_lost; i++)
        terminal_print(file, "%s %s gave no record: %s\n", fleet->by, fleet->lost[i].host,
                       fleet->lost[i].reason);
}

/* Hosts that have only one of two configurations are in no cost. */
static void write_halves(FILE *file, const struct fleet *fleet) {
    for (size_t i = 0; fleet->n_configurations > 1 && i < fleet->n_hosts; i++)
        for (size_t k = 0; k < FLEET_SIDES; k++)
            if (fleet->hosts[i].runs[k] == 0)
                terminal_print(file, "%s %s has no record of %s\n", fleet->by, fleet->hosts[i].name,
                               fleet->configurations[k]);
}

static void write_row(FILE *file, const struct fleet *fleet, const struct fleet_row *row) {
    const struct random_effects *result = fleet_result(fleet, row);
    char words[FLEET_WORDS_SIZE], number[UNITS_TEXT_SIZE];

    fleet_words(fleet, row, words);
    units_format_number(100 * expm1(result->between), 2, number);
    terminal_print(file, "  %s, %s: %s", row->title, row->metric->name, words);
    if (isfinite(result->between))
        fprintf(file, "; hosts differ by %s%%", number);
    terminal_print(file, "; %zu host%s%s\n", result->n, result->n == 1 ? "" : "s",
                   fleet->n_configurations > 1 && !row->paired ? ", none with both" : "");
}

static void write_gaps(FILE *file, const struct fleet *fleet) {
    if (fleet->n_gaps > 0)
        fputs("\nLeft out of these means\n", file);
    for (size_t i = 0; i < fleet->n_gaps && i < FLEET_OUTLIERS_SHOWN; i++) {
        cleanup_free char *words = fleet_gap_words(fleet, &fleet->gaps[i]);

        terminal_print(file, "  %s: %s\n", fleet->hosts[fleet->gaps[i].host].name, words ? words : "");
    }
    if (fleet->n_gaps > FLEET_OUTLIERS_SHOWN)
        fprintf(file, "  and %zu more\n", fleet->n_gaps - FLEET_OUTLIERS_SHOWN);
}

static void write_outliers(FILE *file, const struct fleet *fleet) {
    if (fleet->n_hosts < FLEET_HOSTS_LEAST)
        fputs("\nWith five hosts or more, those that stand out are named.\n", file);
    else if (fleet->n_outliers == 0)
        fprintf(file, "\nNo %shost stands out.\n", fleet->n_gaps > 0 ? "other " : "");
    else
        fputs("\nHosts that stand out, against the median host\n", file);
    for (size_t i = 0; i < fleet->n_outliers && i < FLEET_OUTLIERS_SHOWN; i++) {
        const struct fleet_outlier *outlier = &fleet->outliers[i];
        char change[FLEET_WORDS_SIZE];

        fleet_change(outlier->factor, change);
        terminal_print(file, "  %s: %s in %s, %s\n", fleet->hosts[outlier->host].name, change,
                       fleet->rows[outlier->row].title, fleet->rows[outlier->row].metric->name);
    }
    if (fleet->n_outliers > FLEET_OUTLIERS_SHOWN)
        fprintf(file, "  and %zu more\n", fleet->n_outliers - FLEET_OUTLIERS_SHOWN);
}

void fleet_write_table(FILE *file, const struct fleet *fleet) {
    char *title = fleet_title(fleet);

    terminal_print(file, "%s\n%zu record%s of %zu host%s, which the label %s names\n", title ? title : "",
                   fleet->n_records, fleet->n_records == 1 ? "" : "s", fleet->n_hosts,
                   fleet->n_hosts == 1 ? "" : "s", fleet->by);
    free(title);
    write_lost(file, fleet);
    write_halves(file, fleet);
    fputs("\nMean over hosts, with its 95% interval\n", file);
    for (size_t i = 0; i < fleet->n_rows; i++)
        write_row(file, fleet, &fleet->rows[i]);
    write_gaps(file, fleet);
    write_outliers(file, fleet);
}
