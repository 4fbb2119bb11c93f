/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One page: the pooled figures, the hosts that stand out, and the heat map. */
#include "fleet/fleet_page.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "fleet/fleet.h"
#include "report/assets.h"
#include "report/html.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SHADES 4
#define SHADE_LEAST 0.005 /* logarithms of a factor: what is below is not coloured, */
#define SHADE_MOST 0.4    /* and what is above is as dark as it gets */

static void write_head(FILE *file, const char *title) {
    fprintf(
        file,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s' "
        "'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        asset_style_hash, fleet_style_hash);
    html_text(file, title);
    fprintf(file, "</title>\n<style>%s</style>\n<style>%s</style>\n</head>\n<body>\n", asset_style,
            fleet_style);
}

static void write_lost(FILE *file, const struct fleet *fleet) {
    if (fleet->n_lost == 0)
        return;
    fputs("<ul class=\"note\">\n", file);
    for (size_t i = 0; i < fleet->n_lost; i++) {
        fputs("<li>", file);
        html_text(file, fleet->lost[i].host);
        fputs(" gave no record: ", file);
        html_text(file, fleet->lost[i].reason);
        fputs("</li>\n", file);
    }
    fputs("</ul>\n", file);
}

/* Hosts that have only one of two configurations are in no cost. */
static void write_halves(FILE *file, const struct fleet *fleet) {
    for (size_t i = 0; fleet->n_configurations > 1 && i < fleet->n_hosts; i++)
        for (size_t k = 0; k < FLEET_SIDES; k++)
            if (fleet->hosts[i].runs[k] == 0) {
                fputs("<p class=\"note\">", file);
                html_text(file, fleet->hosts[i].name);
                fputs(" has no record of ", file);
                html_text(file, fleet->configurations[k]);
                fputs("</p>\n", file);
            }
}

static void write_row_name(FILE *file, const struct fleet_row *row) {
    html_text(file, row->title);
    fputs(", ", file);
    html_text(file, row->metric->name);
}

static void write_rows(FILE *file, const struct fleet *fleet) {
    fputs("<h2>Mean over hosts</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>case</th><th>mean [95% "
          "interval]</th>"
          "<th>hosts differ by</th><th>hosts</th></tr></thead>\n<tbody>\n",
          file);
    for (size_t i = 0; i < fleet->n_rows; i++) {
        const struct fleet_row *row = &fleet->rows[i];
        const struct random_effects *result = fleet_result(fleet, row);
        char words[FLEET_WORDS_SIZE], number[UNITS_TEXT_SIZE];

        fleet_words(fleet, row, words);
        units_format_number(100 * expm1(result->between), 2, number);
        fputs("<tr><td class=\"what\">", file);
        write_row_name(file, row);
        fputs("</td><td>", file);
        html_text(file, words);
        fputs("</td><td>", file);
        if (isfinite(result->between))
            fprintf(file, "%s%%", number);
        fprintf(file, "</td><td>%zu</td></tr>\n", result->n);
    }
    fputs("</tbody></table></div>\n", file);
}

static void write_gaps(FILE *file, const struct fleet *fleet) {
    if (fleet->n_gaps == 0)
        return;
    fputs("<p>Left out of these means:</p>\n<ul>\n", file);
    for (size_t i = 0; i < fleet->n_gaps && i < FLEET_OUTLIERS_SHOWN; i++) {
        cleanup_free char *words = fleet_gap_words(fleet, &fleet->gaps[i]);

        fputs("<li><strong>", file);
        html_text(file, fleet->hosts[fleet->gaps[i].host].name);
        fputs("</strong>: ", file);
        html_text(file, words ? words : "");
        fputs("</li>\n", file);
    }
    if (fleet->n_gaps > FLEET_OUTLIERS_SHOWN)
        fprintf(file, "<li>and %zu more</li>\n", fleet->n_gaps - FLEET_OUTLIERS_SHOWN);
    fputs("</ul>\n", file);
}

static void write_outliers(FILE *file, const struct fleet *fleet) {
    fputs("<h2>Hosts that stand out</h2>\n", file);
    if (fleet->n_outliers == 0) {
        fputs(fleet->n_hosts < FLEET_HOSTS_LEAST
                  ? "<p>With five hosts or more, those that stand out are named.</p>\n"
              : fleet->n_gaps > 0 ? "<p>No other, against the median host.</p>\n"
                                  : "<p>None, against the median host.</p>\n",
              file);
        return;
    }
    fputs("<ul>\n", file);
    for (size_t i = 0; i < fleet->n_outliers && i < FLEET_OUTLIERS_SHOWN; i++) {
        char change[FLEET_WORDS_SIZE];

        fleet_change(fleet->outliers[i].factor, change);
        fputs("<li><strong>", file);
        html_text(file, fleet->hosts[fleet->outliers[i].host].name);
        fprintf(file, "</strong>: %s in ", change);
        write_row_name(file, &fleet->rows[fleet->outliers[i].row]);
        fputs("</li>\n", file);
    }
    if (fleet->n_outliers > FLEET_OUTLIERS_SHOWN)
        fprintf(file, "<li>and %zu more, which have a frame below</li>\n",
                fleet->n_outliers - FLEET_OUTLIERS_SHOWN);
    fputs("</ul>\n", file);
}

static bool is_outlier(const struct fleet *fleet, size_t host, size_t row) {
    for (size_t i = 0; i < fleet->n_outliers; i++)
        if (fleet->outliers[i].host == host && fleet->outliers[i].row == row)
            return true;
    return false;
}

/* The text of a cell: "+12", in per cent, or a factor from twice on. */
static void write_cell(FILE *file, const struct fleet *fleet, size_t host, size_t index) {
    const struct fleet_row *row = &fleet->rows[index];
    double effect = row->effects[host] - row->centre, size = fabs(effect);
    int shade = size < SHADE_LEAST ? 0 : 1 + (int)fmin((SHADES - 1) * size / SHADE_MOST, SHADES - 1);
    char factor[UNITS_TEXT_SIZE];

    if (!isfinite(effect)) {
        fputs("<td class=\"none\">-</td>", file);
        return;
    }
    if (shade == 0) {
        fputs("<td>0</td>", file);
        return;
    }
    fprintf(file, "<td class=\"%c%d%s\"", effect > 0 ? 's' : 'f', shade,
            is_outlier(fleet, host, index) ? " out" : "");
    units_format_number(exp(size), 2, factor);
    if (exp(size) >= 2)
        fprintf(file, ">%c%sx</td>", effect > 0 ? '+' : '-', factor);
    else
        fprintf(file, ">%+.0f</td>", copysign(100 * expm1(size), effect));
}

static void write_heat_map(FILE *file, const struct fleet *fleet) {
    fprintf(
        file,
        "<h2>Each host against the median host</h2>\n<p>In per cent, or as a factor from 2x on: %s. A frame "
        "marks a host that stands out.</p>\n"
        "<div class=\"wide\"><table class=\"heat\">\n<thead><tr><th>",
        fleet->n_configurations > 1
            ? "how much more (+, red) or less (-, blue) the second configuration costs it"
            : "how much slower (+, red) or faster (-, blue) it is");
    html_text(file, fleet->by);
    fputs("</th>", file);
    for (size_t i = 0; i < fleet->n_rows; i++) {
        fputs("<th><span>", file);
        write_row_name(file, &fleet->rows[i]);
        fputs("</span></th>", file);
    }
    fputs("</tr></thead>\n<tbody>\n", file);
    for (size_t host = 0; host < fleet->n_hosts; host++) {
        fputs("<tr><th scope=\"row\">", file);
        html_text(file, fleet->hosts[host].name);
        fputs("</th>", file);
        for (size_t i = 0; i < fleet->n_rows; i++)
            write_cell(file, fleet, host, i);
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
}

int fleet_write_page(FILE *file, const struct fleet *fleet, struct vms_error *error) {
    cleanup_free char *title = fleet_title(fleet);

    if (!title)
        return error_memory(error);
    write_head(file, title);
    fputs("<header>", file);
    html_element(file, "h1", title);
    fprintf(file, "\n<p>A vmsuite report of %zu record%s of %zu host%s, which the label ", fleet->n_records,
            fleet->n_records == 1 ? "" : "s", fleet->n_hosts, fleet->n_hosts == 1 ? "" : "s");
    html_text(file, fleet->by);
    fputs(" names.</p>\n</header>\n<main>\n", file);
    write_lost(file, fleet);
    write_halves(file, fleet);
    write_rows(file, fleet);
    write_gaps(file, fleet);
    write_outliers(file, fleet);
    write_heat_map(file, fleet);
    fputs("</main>\n<footer><p>Means and intervals are those of the population that these hosts were drawn "
          "from: the variance between hosts is Paule and Mandel's, the interval Hartung and Knapp's.</p>"
          "</footer>\n</body>\n</html>\n",
          file);
    return ferror(file) ? error_set(error, -EIO, "cannot write the page: %s", strerror(errno)) : 0;
}
