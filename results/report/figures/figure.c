/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures/figure.h"

#include "base/error.h"
#include "base/units.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

#define FIGURE_ID_MAX 64
#define FIGURE_ID_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

struct figure *figures_add(struct figure_list *figures) {
    struct figure *grown = reallocarray(figures->figures, figures->n_figures + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    figures->figures = grown;
    grown = &grown[figures->n_figures];
    *grown = (struct figure){.rows = json_array()};
    if (!grown->rows)
        return NULL;
    figures->n_figures++;
    return grown;
}

/* What is shown where the mouse rests, and read out. */
static json_t *row_text(const struct figure *figure, const struct figure_row *row) {
    char text[UNITS_TEXT_SIZE] = "no value", low[UNITS_TEXT_SIZE], high[UNITS_TEXT_SIZE];
    enum vms_unit unit;
    bool has_unit = units_from_name(figure->unit, &unit) == 0;

    if (isfinite(row->value) && has_unit)
        units_format_value(row->value, unit, text);
    if (!has_unit || !isfinite(row->interval[0]) || !isfinite(row->interval[1]))
        return json_sprintf("%s, %s: %s (n = %zu)", row->series, row->x_text, text, row->n);
    units_format_value(row->interval[0], unit, low);
    units_format_value(row->interval[1], unit, high);
    return json_sprintf("%s, %s: %s [%s, %s] (n = %zu)", row->series, row->x_text, text, low, high, row->n);
}

int figure_add_row(struct figure *figure, const struct figure_row *row) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "series", value_text(row->series));
    failed |= value_set(json, "x", row->x);
    failed |= value_set(json, "x_text", value_text(row->x_text));
    failed |= value_set(json, "value", value_number(row->value));
    failed |= value_set(json, "low", value_number(row->interval[0]));
    failed |= value_set(json, "high", value_number(row->interval[1]));
    failed |= value_set(json, "n", json_integer((json_int_t)row->n));
    failed |= value_set(json, "text", row_text(figure, row));
    json = value_finish(json, failed);
    return !json || json_array_append_new(figure->rows, json) < 0 ? -ENOMEM : 0;
}

/* What is not a letter, digit or '-' becomes '-', and each id is another, so that none of a record's texts
 * leads to a file or ends an attribute. `taken`: of each id, the number that was last put behind it. */
static int make_id(struct figure *figure, json_t *taken) {
    char id[FIGURE_ID_MAX + 16], own[FIGURE_ID_MAX];
    unsigned n;

    (void)snprintf(own, sizeof(own), "%s", figure->id);
    for (char *letter = own; *letter; letter++)
        if (!strchr(FIGURE_ID_LETTERS, *letter))
            *letter = '-';
    memcpy(id, own, sizeof(own));
    for (n = (unsigned)json_integer_value(json_object_get(taken, own)); json_object_get(taken, id); n++)
        (void)snprintf(id, sizeof(id), "%s-%u", own, n + 1);
    free(figure->id);
    figure->id = strdup(id);
    return !figure->id || json_object_set_new(taken, own, json_integer(n > 0 ? n : 1)) < 0 ||
                   (strcmp(id, own) != 0 && json_object_set_new(taken, id, json_integer(1)) < 0)
               ? -ENOMEM
               : 0;
}

static int make_ids(struct figure_list *figures) {
    json_auto_t *taken = json_object();
    int status = taken ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < figures->n_figures; i++)
        status = make_id(&figures->figures[i], taken);
    return status;
}

int figures_make(const struct series_list *series, const struct condition_list *conditions,
                 const struct comparison *comparison, struct figure_list *ret_figures,
                 struct vms_error *error) {
    struct figure_list figures = {0};
    int status = comparison ? figures_from_comparison(&figures, comparison) : 0;

    if (status == 0)
        status = figures_from_groups(&figures, series);
    if (status == 0)
        status = figures_from_trials(&figures, series);
    if (status == 0)
        status = figures_from_conditions(&figures, conditions);
    if (status == 0)
        status = make_ids(&figures);
    if (status < 0) {
        figures_done(&figures);
        return error_memory(error);
    }
    *ret_figures = figures;
    return 0;
}

void figures_done(struct figure_list *figures) {
    for (size_t i = 0; i < figures->n_figures; i++) {
        struct figure *figure = &figures->figures[i];

        free(figure->id);
        free(figure->title);
        free(figure->caption);
        free(figure->x_title);
        free(figure->unit);
        json_decref(figure->rows);
        json_decref(figure->x_domain);
    }
    free(figures->figures);
    *figures = (struct figure_list){0};
}

double figure_prefix(const struct figure *figure, char ret_unit[static FIGURE_UNIT_SIZE]) {
    static const struct {
        double factor;
        const char *prefix;
    } large[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}},
      small[] = {{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}};
    bool is_time = strcmp(figure->unit, "s") == 0;
    double largest = 0;
    const json_t *row;
    size_t index;

    if (figure->y_title) {
        (void)snprintf(ret_unit, FIGURE_UNIT_SIZE, "%s", figure->y_title);
        return 1;
    }

    json_array_foreach (figure->rows, index, row)
        largest = fmax(largest, fabs(json_number_value(json_object_get(row, "value"))));
    (void)snprintf(ret_unit, FIGURE_UNIT_SIZE, "%s", strcmp(figure->unit, "1") == 0 ? "" : figure->unit);
    for (size_t i = 0; i < VMS_LENGTH(large) && !is_time && *ret_unit; i++)
        if (largest >= large[i].factor) {
            (void)snprintf(ret_unit, FIGURE_UNIT_SIZE, strcmp(figure->unit, "1/s") == 0 ? "%s/s" : "%s%s",
                           large[i].prefix, figure->unit);
            return large[i].factor;
        }
    for (size_t i = 0; i < VMS_LENGTH(small) && is_time; i++)
        if (largest >= small[i].factor) {
            (void)snprintf(ret_unit, FIGURE_UNIT_SIZE, "%ss", small[i].prefix);
            return small[i].factor;
        }
    return 1;
}
