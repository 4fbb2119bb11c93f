/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/files/run_labels.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/utf8.h"

#include <string.h>

/* Text of one line in UTF-8. */
static bool is_value(const char *text) {
    size_t length = strlen(text);

    if (length == 0 || length > RUN_LABEL_VALUE_MAX)
        return false;
    while (*text) {
        uint32_t character;
        size_t step = utf8_read(text, &character);

        if (step == 0 || character < 0x20 || (character >= 0x7f && character < 0xa0))
            return false;
        text += step;
    }
    return true;
}

static int check(const char *name, const char *value, struct vms_error *error) {
    if (!name_is_safe(name))
        return error_set(error, -EINVAL, "its name must be " NAME_RULE);
    if (!is_value(value))
        return error_set(error, -EINVAL, "its value must be 1 to %d bytes of one line in UTF-8",
                         RUN_LABEL_VALUE_MAX);
    return 0;
}

int run_labels_check(const json_t *labels, struct vms_error *error) {
    struct vms_error why = {""};
    const char *name;
    json_t *value;
    int status = 0;

    json_object_foreach ((json_t *)labels, name, value)
        if (status == 0 && check(name, json_is_string(value) ? json_string_value(value) : "", &why) < 0)
            status = error_set(error, -EINVAL, "label \"%s\": %s", name, why.text);
    return status;
}

static int add(json_t *labels, const char *text, struct vms_error *error) {
    const char *equals = strchr(text, '=');
    cleanup_free char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
    struct vms_error why = {""};

    if (!equals)
        return error_set(error, -EINVAL, "--label %s: a label is NAME=VALUE, such as commit=1f3a", text);
    if (!name)
        return error_memory(error);
    if (check(name, equals + 1, &why) < 0)
        return error_set(error, -EINVAL, "--label %s: %s", text, why.text);
    if (json_object_get(labels, name))
        return error_set(error, -EINVAL, "--label %s: %s has a value already", text, name);
    return json_object_set_new(labels, name, json_string(equals + 1)) < 0 ? error_memory(error) : 0;
}

int run_labels_parse(char *const *texts, size_t n_texts, json_t **ret_labels, struct vms_error *error) {
    json_auto_t *labels = json_object();
    int status = labels ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < n_texts; i++)
        status = add(labels, texts[i], error);
    if (status == 0)
        *ret_labels = n_texts > 0 ? json_incref(labels) : NULL;
    return status;
}
