/* SPDX-License-Identifier: GPL-3.0-or-later */
/* github-action-benchmark's "customBiggerIsBetter" and "customSmallerIsBetter": an array of {name, unit,
 * value, range, extra}. Such a file holds one direction: the other is left out. The value is the mean, the
 * range its standard deviation; base units. */
#include "base/error.h"
#include "export/format.h"
#include "record/value.h"

#include <string.h>

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    fputc('[', export->file);
    return 0;
}

static json_t *new_entry(const struct export_case *outcome, const json_t *name, const json_t *summary) {
    const json_t *sd = json_object_get(summary, "sd");
    json_t *entry = json_object();
    int failed = 0;

    failed |= value_set(entry, "name",
                        json_sprintf("%s %s", json_string_value(name), export_text(summary, "metric")));
    failed |= value_set(entry, "unit", json_string(export_text(summary, "unit")));
    failed |= value_set(entry, "value", json_incref(json_object_get(summary, "mean")));
    if (json_is_number(sd))
        failed |= value_set(entry, "range", json_sprintf("\u00b1 %.17g", json_number_value(sd)));
    failed |= value_set(entry, "extra",
                        json_sprintf("n = %lld\nrun %s",
                                     (long long)json_integer_value(json_object_get(summary, "n")),
                                     reader_text(outcome->reader, "run_id")));
    return value_finish(entry, failed);
}

static int add_summary(struct export *export, const struct export_case *outcome, const json_t *name,
                       const json_t *summary) {
    json_t *entry;
    int status;

    if (!json_is_number(json_object_get(summary, "mean")) ||
        strcmp(export_text(summary, "better"), value_better_name(export->options->better)) != 0) {
        export->left_out++;
        return 0;
    }
    entry = new_entry(outcome, name, summary);
    if (!entry)
        return -1;
    export_separate(export);
    status = export_value(export->file, entry);
    json_decref(entry);
    return status;
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    json_t *name = export_name(export, outcome);
    const json_t *summary;
    size_t index;
    int failed = name ? 0 : -1;

    json_array_foreach (json_object_get(outcome->json, "summary"), index, summary)
        if (!failed)
            failed = add_summary(export, outcome, name, summary);
    json_decref(name);
    return failed ? error_memory(error) : 0;
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    fputs("\n]\n", export->file);
    return 0;
}

const struct export_format export_github = {.name = "github",
                                            .help = "github-action-benchmark: means, of one direction",
                                            .begin = begin,
                                            .add = add,
                                            .end = end};
