/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export.h"

#include "cleanup.h"
#include "error.h"
#include "format.h"
#include "label.h"

#include <string.h>

static const struct export_format *const formats[] = {&export_csv,    &export_jsonl,  &export_bmf,
                                                      &export_github, &export_google, &export_openmetrics};

const char *export_format_name(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index]->name : NULL;
}

const char *export_format_help(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index]->help : NULL;
}

const char *export_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

const json_t *export_summary(const json_t *outcome, const char *metric) {
    const json_t *summary;
    size_t index;

    json_array_foreach(json_object_get(outcome, "summary"), index,
                       summary) if (strcmp(export_text(summary, "metric"), metric) == 0) return summary;
    return NULL;
}

int export_value(FILE *file, const json_t *value) {
    const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17);

    return json_dumpf(value, file, flags) < 0 ? -EIO : 0;
}

void export_separate(struct export *export) {
    fputs(export->n_written++ > 0 ? ",\n  " : "\n  ", export->file);
}

static int add_case(const struct export_format *format, struct export *export, const struct reader *reader,
                    size_t index, struct vms_error *error) {
    cleanup_free char *label = NULL;
    json_t *json = NULL;
    int status = reader_case(reader, index, &json, error);

    if (status < 0)
        return status;
    label = label_new(json_object_get(reader_head(reader), "suite"), json);
    if (!label)
        status = error_set(error, -ENOMEM, "out of memory");
    else
        status =
            format->add(export, &(struct export_case){.reader = reader, .json = json, .label = label}, error);
    json_decref(json);
    return status;
}

static const struct export_format *find_format(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

int export_write(FILE *file, const struct export_options *options, struct reader *const *readers,
                 size_t n_readers, size_t *ret_left_out, struct vms_error *error) {
    const struct export_format *format = find_format(options->format);
    struct export export = {.file = file, .options = options, .readers = readers, .n_readers = n_readers};
    int status, end_status;

    if (!format)
        return error_set(error, -ENOENT, "no format \"%s\"", options->format);
    status = format->begin(&export, error);
    for (size_t i = 0; status == 0 && i < n_readers; i++)
        for (size_t j = 0; status == 0 && j < reader_n_cases(readers[i]); j++)
            status = add_case(format, &export, readers[i], j, error);
    end_status = format->end(&export, status == 0 ? error : NULL);
    status = status < 0 ? status : end_status;
    if (status == 0 && (fflush(file) == EOF || ferror(file)))
        status = error_set(error, -EIO, "cannot write the export: %s", strerror(errno));
    if (status == 0)
        *ret_left_out = export.left_out;
    return status;
}
