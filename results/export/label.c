/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cleanup.h"
#include "format.h"

#include <string.h>

/* Whether the suite's benchmarks of `group` give the parameter more than one value. */
static bool is_swept(const json_t *suite, const char *group, const char *param) {
    const json_t *benchmark, *first = NULL;
    size_t index, n_benchmarks = 0;

    json_array_foreach(json_object_get(suite, "benchmarks"), index, benchmark) {
        const json_t *value = json_object_get(json_object_get(benchmark, "params"), param);

        if (strcmp(export_text(benchmark, "group"), group) != 0)
            continue;
        if (json_array_size(value) > 1 || (n_benchmarks > 0 && !json_equal(value, first) && (value || first)))
            return true;
        first = value;
        n_benchmarks++;
    }
    return n_benchmarks == 0;
}

char *export_label(const json_t *suite, const json_t *outcome) {
    const char *group = export_text(outcome, "group"), *key;
    char *text = NULL;
    json_t *value;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    fputs(group, stream);
    json_object_foreach(json_object_get(outcome, "params"), key, value) {
        if (!is_swept(suite, group, key))
            continue;
        fprintf(stream, " %s=", key);
        if (json_is_string(value))
            fputs(json_string_value(value), stream);
        else
            (void)export_value(stream, value);
    }
    (void)fclose(stream);
    return text;
}
