/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/label.h"

#include <stdio.h>
#include <string.h>

static const char *group_of(const json_t *object) {
    const char *group = json_string_value(json_object_get(object, "group"));

    return group ? group : "";
}

bool label_is_swept(const json_t *suite, const char *group, const char *param) {
    const json_t *benchmark, *first = NULL;
    size_t index, n_benchmarks = 0;

    json_array_foreach (json_object_get(suite, "benchmarks"), index, benchmark) {
        const json_t *value = json_object_get(json_object_get(benchmark, "params"), param);

        if (strcmp(group_of(benchmark), group) != 0)
            continue;
        if (json_array_size(value) > 1 || (n_benchmarks > 0 && !json_equal(value, first) && (value || first)))
            return true;
        first = value;
        n_benchmarks++;
    }
    return n_benchmarks == 0;
}

char *label_new(const json_t *suite, const json_t *outcome) {
    const char *group = group_of(outcome), *key;
    char *text = NULL;
    json_t *value;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    fputs(group, stream);
    json_object_foreach (json_object_get(outcome, "params"), key, value) {
        if (!label_is_swept(suite, group, key))
            continue;
        fprintf(stream, " %s=", key);
        if (json_is_string(value))
            fputs(json_string_value(value), stream);
        else
            (void)json_dumpf(value, stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    }
    (void)fclose(stream);
    return text;
}
