/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/param.h"

#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "module/descriptor.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [VMS_COUNT] = "count",     [VMS_BYTES] = "bytes",   [VMS_SECONDS] = "seconds", [VMS_RATE] = "rate",
    [VMS_BOOLEAN] = "boolean", [VMS_CHOICE] = "choice", [VMS_TEXT] = "text",
};

const char *param_kind_name(enum vms_kind kind) {
    return kind_names[kind];
}

int param_kind_from_name(const char *name, enum vms_kind *ret_kind) {
    for (size_t i = 0; i < VMS_LENGTH(kind_names); i++)
        if (kind_names[i] && strcmp(kind_names[i], name) == 0) {
            *ret_kind = (enum vms_kind)i;
            return 0;
        }
    return -EINVAL;
}

int param_find(const struct vms_module *module, const char *name) {
    for (size_t i = 0; i < module->n_params; i++)
        if (strcmp(module->params[i].name, name) == 0)
            return (int)i;
    return -1;
}

static size_t count_choices(const struct vms_param *param) {
    size_t n = 0;

    while (param->choices[n])
        n++;
    return n;
}

static int parse_boolean(const char *text, bool *ret, struct vms_error *error) {
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return error_set(error, -EINVAL, "\"%s\" is neither true nor false", text);
    *ret = text[0] == 't';
    return 0;
}

static int parse_choice(const struct vms_param *param, const char *text, unsigned *ret,
                        struct vms_error *error) {
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = count_choices(param);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, param->choices[i]) == 0) {
            *ret = (unsigned)i;
            return 0;
        }
    }
    return error_set(error, -EINVAL, "%s", suggest_choices(text, param->choices, n, sentence));
}

static int parse_text(const char *text, const char **ret, struct vms_error *error) {
    size_t length = strlen(text);

    if (length >= PARAM_TEXT_SIZE)
        return error_set(error, -EINVAL, "the text has %zu bytes, at most %d are allowed", length,
                         PARAM_TEXT_SIZE - 1);
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)text[i]))
            return error_set(error, -EINVAL, "the text holds a control character (code %d)",
                             (unsigned char)text[i]);
    *ret = text;
    return 0;
}

static int parse_kind(const struct vms_param *param, const char *text, union vms_value *ret,
                      struct vms_error *error) {
    switch (param->kind) {
    case VMS_COUNT:
        return units_parse_count(text, &ret->count, error);
    case VMS_BYTES:
        return units_parse_bytes(text, &ret->bytes, error);
    case VMS_SECONDS:
        return units_parse_seconds(text, &ret->seconds, error);
    case VMS_RATE:
        return units_parse_rate(text, &ret->rate, error);
    case VMS_BOOLEAN:
        return parse_boolean(text, &ret->boolean, error);
    case VMS_CHOICE:
        return parse_choice(param, text, &ret->choice, error);
    case VMS_TEXT:
        return parse_text(text, &ret->text, error);
    }
    return error_set(error, -EINVAL, "unknown kind %d", (int)param->kind);
}

static bool is_numeric(enum vms_kind kind) {
    return kind == VMS_COUNT || kind == VMS_BYTES || kind == VMS_SECONDS || kind == VMS_RATE;
}

/* a < b, for the numeric kinds. */
static bool is_less(enum vms_kind kind, const union vms_value *a, const union vms_value *b) {
    switch (kind) {
    case VMS_COUNT:
        return a->count < b->count;
    case VMS_BYTES:
        return a->bytes < b->bytes;
    case VMS_SECONDS:
        return a->seconds < b->seconds;
    default:
        return a->rate < b->rate;
    }
}

static int check_limits(const struct vms_param *param, const char *text, const union vms_value *value,
                        struct vms_error *error) {
    union vms_value limit;
    int status;

    if (param->min) {
        status = parse_kind(param, param->min, &limit, error);
        if (status < 0)
            return status;
        if (is_less(param->kind, value, &limit))
            return error_set(error, -EINVAL, "\"%s\" is too small: the minimum is %s", text, param->min);
    }
    if (param->max) {
        status = parse_kind(param, param->max, &limit, error);
        if (status < 0)
            return status;
        if (is_less(param->kind, &limit, value))
            return error_set(error, -EINVAL, "\"%s\" is too large: the maximum is %s", text, param->max);
    }
    return 0;
}

int param_parse(const struct vms_param *param, const char *text, union vms_value *ret_value,
                struct vms_error *error) {
    struct vms_error why = {""};
    union vms_value value = {0};
    int status = parse_kind(param, text, &value, &why);

    if (status == 0 && is_numeric(param->kind))
        status = check_limits(param, text, &value, &why);
    if (status < 0)
        return error_set(error, status, "parameter \"%s\": %.400s", param->name, why.text);
    *ret_value = value;
    return 0;
}

int param_defaults(const struct vms_module *module, union vms_value *ret_values, struct vms_error *error) {
    for (size_t i = 0; i < module->n_params; i++) {
        int status = param_parse(&module->params[i], module->params[i].fallback, &ret_values[i], error);

        if (status < 0)
            return status;
    }
    return 0;
}

static int check_choices(const struct vms_param *param, struct vms_error *error) {
    if ((param->kind == VMS_CHOICE) != (param->choices != NULL))
        return error_set(error, -EINVAL,
                         "parameter \"%s\": choices belong to the kind \"choice\", and only there",
                         param->name);
    if (!param->choices)
        return 0;
    if (!param->choices[0])
        return error_set(error, -EINVAL, "parameter \"%s\": the list of choices is empty", param->name);
    for (size_t i = 0; param->choices[i]; i++) {
        if (param->choices[i][0] == '\0' || strlen(param->choices[i]) >= PARAM_TEXT_SIZE)
            return error_set(error, -EINVAL, "parameter \"%s\": choice %zu is empty or too long", param->name,
                             i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(param->choices[i], param->choices[j]) == 0)
                return error_set(error, -EINVAL, "parameter \"%s\": choice \"%s\" appears twice", param->name,
                                 param->choices[i]);
    }
    return 0;
}

static int check_range(const struct vms_param *param, struct vms_error *error) {
    struct vms_error why = {""};
    union vms_value min, max;

    if (!param->min && !param->max)
        return 0;
    if (!is_numeric(param->kind))
        return error_set(error, -EINVAL, "parameter \"%s\": limits are for numbers, not for kind \"%s\"",
                         param->name, kind_names[param->kind]);
    if ((param->min && parse_kind(param, param->min, &min, &why) < 0) ||
        (param->max && parse_kind(param, param->max, &max, &why) < 0))
        return error_set(error, -EINVAL, "parameter \"%s\": a limit cannot be read: %.300s", param->name,
                         why.text);
    if (param->min && param->max && is_less(param->kind, &max, &min))
        return error_set(error, -EINVAL, "parameter \"%s\": the minimum, %s, is above the maximum, %s",
                         param->name, param->min, param->max);
    return 0;
}

static int check_row(const struct vms_module *module, size_t row, struct vms_error *error) {
    const struct vms_param *param = &module->params[row];
    struct vms_error why = {""};
    union vms_value value;
    int status;

    if (!descriptor_is_name(param->name))
        return error_set(error, -EINVAL,
                         "parameter %zu: its name is not lower case letters, digits and '_' after a letter",
                         row);
    if ((size_t)param_find(module, param->name) != row)
        return error_set(error, -EINVAL, "parameter \"%s\" appears twice", param->name);
    if (param->kind < VMS_COUNT || param->kind > VMS_TEXT)
        return error_set(error, -EINVAL, "parameter \"%s\": its kind, %d, is missing or unknown", param->name,
                         (int)param->kind);
    if (!param->fallback || !param->help)
        return error_set(error, -EINVAL, "parameter \"%s\" has no %s", param->name,
                         param->fallback ? "help" : "default");
    status = check_choices(param, error);
    if (status == 0)
        status = check_range(param, error);
    if (status == 0 && param_parse(param, param->fallback, &value, &why) < 0)
        status = error_set(error, -EINVAL, "the default does not fit: %.400s", why.text);
    return status;
}

int param_check_table(const struct vms_module *module, struct vms_error *error) {
    for (size_t i = 0; i < module->n_params; i++)
        if (!module->params[i].name)
            return error_set(error, -EINVAL, "parameter %zu has no name", i);
    for (size_t i = 0; i < module->n_params; i++) {
        int status = check_row(module, i, error);

        if (status < 0)
            return status;
    }
    return 0;
}
