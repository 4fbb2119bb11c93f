/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer as figures: the loss of each case against the baseline with its interval, one per resource. */
#include "report/figure.h"

#include "base/cleanup.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

static bool has_resource(const struct compare_row *row, const char *resource) {
    const char *own = json_string_value(json_object_get(row->identity, "resource"));

    return own && strcmp(own, resource) == 0;
}

static int add_row(struct figure *figure, const struct comparison *comparison,
                   const struct compare_row *row) {
    cleanup_free char *label = compare_title(row->label, false); /* fits on a phone */

    if (!label)
        return -ENOMEM;
    return figure_add_row(figure, comparison->sides[row->other].label, value_text(label), row->title,
                          row->finding.loss, row->finding.loss_ci95, row->figures[1].n_trials);
}

static int add_resource(struct figure_list *figures, const struct comparison *comparison,
                        const char *resource) {
    struct figure *figure = NULL;
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (!row->headline || isnan(row->ratio) || !has_resource(row, resource))
            continue;
        if (!figure) {
            figure = figures_add(figures);
            if (!figure)
                return -ENOMEM;
            figure->kind = FIGURE_OVERHEAD;
            figure->section = SECTION_ANSWER;
            figure->unit = strdup("1");
            figure->x_title = strdup("");
            if (asprintf(&figure->id, "overhead-%s", resource) < 0 ||
                asprintf(&figure->title, "%s: what it costs against %s", resource,
                         comparison->sides[0].label) < 0 ||
                asprintf(
                    &figure->caption,
                    "Loss of each case's headline figure against %s, with its 95%% interval. Right of "
                    "zero is slower. Beyond -100%% and 200%% intervals are cut; the table has them whole.",
                    comparison->sides[0].label) < 0)
                return -ENOMEM;
        }
        status = add_row(figure, comparison, row);
    }
    return status;
}

int figures_from_comparison(struct figure_list *figures, const struct comparison *comparison) {
    int status = 0;

    for (int i = VMS_NETWORK; status == 0 && i <= VMS_CPU; i++)
        status = add_resource(figures, comparison, value_resource_name((enum vms_resource)i));
    return status;
}
