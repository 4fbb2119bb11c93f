/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure's Vega specification: the kind's template with this figure's data, scales and titles. */
#include "report/spec.h"

#include "base/cleanup.h"
#include "record/text/json_writer.h"
#include "record/value.h"
#include "report/assets.h"

#include <string.h>

/* The element of an array whose "name" (or other key) is `name`. */
static json_t *named(const json_t *array, const char *key, const char *name) {
    json_t *element;
    size_t index;

    json_array_foreach (array, index, element) {
        const char *own = json_string_value(json_object_get(element, key));

        if (own && strcmp(own, name) == 0)
            return element;
    }
    return NULL;
}

/* The distinct values of a member of the rows, in the order of their first appearance. */
static json_t *distinct(const json_t *rows, const char *key) {
    json_t *values = json_array(), *row;
    json_auto_t *known = json_object();
    size_t index;
    int failed = 0;

    json_array_foreach (rows, index, row) {
        json_t *value = json_object_get(row, key);
        cleanup_free char *text = json_line(value);

        if (text && json_object_get(known, text))
            continue;
        failed |= !text || json_array_append(values, value) || json_object_set_new(known, text, json_true());
    }
    return value_finish(values, failed);
}

static json_t *count_distinct(const json_t *rows, const char *key) {
    json_auto_t *values = distinct(rows, key);
    json_t *count = values ? json_integer((json_int_t)json_array_size(values)) : NULL;

    return count;
}

/* Characters of the longest text: how much room legends and the names of rows need. */
static json_t *longest(json_t *texts) {
    const json_t *text;
    size_t index, most = 1;

    json_array_foreach (texts, index, text)
        if (json_string_length(text) > most)
            most = json_string_length(text);
    json_decref(texts);
    return json_integer((json_int_t)most);
}

static int set_signal(json_t *spec, const char *name, json_t *value) {
    return value_set(named(json_object_get(spec, "signals"), "name", name), "value", value);
}

static int set_scale(json_t *spec, const char *name, const char *key, json_t *value) {
    return value_set(named(json_object_get(spec, "scales"), "name", name), key, value);
}

static int set_axis(json_t *spec, const char *orient, const char *key, json_t *value) {
    return value_set(named(json_object_get(spec, "axes"), "orient", orient), key, value);
}

/* The texts of the x values, looked up by the axis. */
static json_t *new_labels(const json_t *rows) {
    json_t *labels = json_object(), *row;
    size_t index;
    int failed = 0;

    json_array_foreach (rows, index, row) {
        char key[32];

        (void)snprintf(key, sizeof(key), "%.15g", json_number_value(json_object_get(row, "x")));
        failed |= value_set(labels, key, json_incref(json_object_get(row, "x_text")));
    }
    return value_finish(labels, failed);
}

/* A parameter's name in words: "message size". */
static json_t *spaced(const char *name) {
    json_t *text;
    char *copy = strdup(name);

    for (char *c = copy; c && *c; c++)
        *c = *c == '_' ? ' ' : *c;
    text = copy ? json_string(copy) : NULL;
    free(copy);
    return text;
}

static int set_lines(json_t *spec, const struct figure *figure) {
    int failed = 0;

    failed |= set_axis(spec, "bottom", "title", spaced(figure->x_title));
    failed |= set_signal(spec, "lines", json_boolean(!figure->points_only));
    if (figure->x_axis == AXIS_LOGARITHMIC) {
        failed |= set_signal(spec, "labels", new_labels(figure->rows));
        failed |= set_axis(spec, "bottom", "values", distinct(figure->rows, "x"));
    } else {
        json_t *axis = named(json_object_get(spec, "axes"), "orient", "bottom");

        failed |=
            set_scale(spec, "x", "type", json_string(figure->x_axis == AXIS_POINTS ? "point" : "linear"));
        failed |= json_object_del(named(json_object_get(spec, "scales"), "name", "x"), "base");
        failed |= json_object_del(axis, "encode") | json_object_del(axis, "values");
        if (figure->x_axis == AXIS_POINTS)
            failed |= set_scale(spec, "x", "domain", distinct(figure->rows, "x"));
        else
            failed |= set_axis(spec, "bottom", "tickMinStep", json_integer(1)) |
                      set_scale(spec, "x", "zero", json_false());
    }
    if (figure->y_format)
        failed |= set_axis(spec, "left", "format", json_string(figure->y_format));
    if (figure->y_title)
        failed |= set_signal(spec, "floor", json_null());
    if (figure->logarithmic_y) {
        json_t *scale = named(json_object_get(spec, "scales"), "name", "y");

        failed |= set_scale(spec, "y", "type", json_string("log"));
        failed |= json_object_del(scale, "zero");
        /* Powers of ten only: lines between them say nothing. */
        failed |= set_axis(spec, "left", "tickCount", json_integer(3));
    }
    return failed;
}

/* Without any height an axis has no scale. */
static bool is_all_zero(const struct figure *figure) {
    const json_t *row;
    size_t index;

    json_array_foreach (figure->rows, index, row)
        if (json_number_value(json_object_get(row, "value")) != 0 ||
            json_number_value(json_object_get(row, "high")) != 0)
            return false;
    return true;
}

static const char *template_of(enum figure_kind kind) {
    static const char *const templates[] = {
        [FIGURE_LINES] = asset_lines, [FIGURE_BARS] = asset_bars, [FIGURE_RATIOS] = asset_ratios};

    return templates[kind];
}

json_t *figure_spec(const struct figure *figure) {
    json_t *spec = json_loads(template_of(figure->kind), 0, NULL);
    char unit[FIGURE_UNIT_SIZE];
    double divisor = figure_prefix(figure, unit);
    int failed = 0;

    failed |= value_set(spec, "description", json_sprintf("%s. %s", figure->title, figure->caption));
    failed |=
        value_set(json_array_get(json_object_get(spec, "data"), 0), "values", json_incref(figure->rows));
    failed |= set_scale(spec, "colour", "domain", distinct(figure->rows, "series"));
    failed |= set_signal(spec, "longest", longest(distinct(figure->rows, "series")));
    if (figure->kind != FIGURE_BARS)
        failed |= set_scale(spec, "shape", "domain", distinct(figure->rows, "series"));
    if (figure->kind == FIGURE_LINES)
        failed |= set_lines(spec, figure);
    else
        failed |=
            set_scale(spec, figure->kind == FIGURE_BARS ? "x" : "y", "domain", distinct(figure->rows, "x")) |
            set_scale(spec, "inner", "domain", distinct(figure->rows, "series"));
    if (figure->kind == FIGURE_RATIOS)
        failed |= set_signal(spec, "rows", count_distinct(figure->rows, "x")) |
                  set_signal(spec, "longest_row", longest(distinct(figure->rows, "x"))) |
                  set_signal(spec, "series", count_distinct(figure->rows, "series")) |
                  set_axis(spec, "top", "title", json_string(figure->x_title));
    if (figure->kind != FIGURE_RATIOS && is_all_zero(figure))
        failed |= set_scale(spec, "y", "domain", json_pack("[i, i]", 0, 1));
    if (figure->kind != FIGURE_RATIOS) {
        failed |= set_signal(spec, "divisor", json_real(divisor));
        failed |= set_axis(spec, "left", "title", json_string(unit));
    }
    return value_finish(spec, failed);
}
