/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hosts did not give: means and outliers are of ratios, which a figure of 0 does not have. */
#include "fleet/fleet.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

static int add_gap(struct fleet *fleet, const struct fleet_gap *gap) {
    struct fleet_gap *grown = reallocarray(fleet->gaps, fleet->n_gaps + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    fleet->gaps = grown;
    grown[fleet->n_gaps++] = *gap;
    return 0;
}

int fleet_find_gaps(struct fleet *fleet) {
    for (size_t host = 0; host < fleet->n_hosts; host++)
        for (size_t row = 0; row < fleet->n_rows; row++)
            for (size_t k = 0; k < fleet->n_configurations; k++) {
                const struct fleet_cell *cell = &fleet->rows[row].cells[k][host];
                bool has_gap = cell->n_zeros > 0 || (cell->n_runs == 0 && fleet->hosts[host].runs[k] > 0);

                if (has_gap && add_gap(fleet, &(struct fleet_gap){host, row, k, cell->n_zeros}) < 0)
                    return -ENOMEM;
            }
    return 0;
}

char *fleet_gap_words(const struct fleet *fleet, const struct fleet_gap *gap) {
    const struct fleet_row *row = &fleet->rows[gap->row];
    const char *of = fleet->n_configurations > 1 ? " of " : "";
    const char *configuration = fleet->n_configurations > 1 ? fleet->configurations[gap->configuration] : "";

    if (gap->n_zeros == 0)
        return text_new("no figure in %s, %s%s%s", row->title, row->metric->name, of, configuration);
    return text_new("0 or below in %s, %s%s%s: %u of %u runs", row->title, row->metric->name, of,
                    configuration, gap->n_zeros,
                    gap->n_zeros + row->cells[gap->configuration][gap->host].n_runs);
}
