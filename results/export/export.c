/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/export.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "export/format.h"
#include "record/label.h"
#include "record/origin.h"
#include "record/roster.h"

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

    json_array_foreach (json_object_get(outcome, "summary"), index, summary)
        if (strcmp(export_text(summary, "metric"), metric) == 0)
            return summary;
    return NULL;
}

int export_value(FILE *file, const json_t *value) {
    const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17);

    return json_dumpf(value, file, flags) < 0 ? -EIO : 0;
}

json_t *export_name(struct export *export, const struct export_case *outcome) {
    const char *run = reader_text(outcome->reader, "run_id"), *last;
    json_t *name = json_sprintf("%s/%s", origin_label(reader_document(outcome->reader)), outcome->label),
           *longer = NULL;

    if (!name)
        return NULL;
    last = json_string_value(json_object_get(export->names, json_string_value(name)));
    if (!last)
        longer = json_incref(name);
    else if (strcmp(last, run) != 0)
        longer = json_sprintf("%s run %s", json_string_value(name), run);
    else
        longer = json_sprintf("%s run %s case %lld", json_string_value(name), run,
                              (long long)json_integer_value(json_object_get(outcome->json, "case")));
    if (json_object_set_new(export->names, json_string_value(name), json_string(run)) < 0) {
        json_decref(longer);
        longer = NULL;
    }
    json_decref(name);
    return longer;
}

void export_separate(struct export *export) {
    fputs(export->n_written++ > 0 ? ",\n  " : "\n  ", export->file);
}

static int add_case(const struct export_format *format, struct export *export, struct reader *reader,
                    size_t index, struct vms_error *error) {
    cleanup_free char *label = NULL;
    json_t *json = NULL;
    int status = reader_case_json(reader, index, &json, error);

    if (status < 0)
        return status;
    label = label_new(json_object_get(reader_document(reader), "suite"), json);
    if (!label)
        status = error_memory(error);
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

/* A format and what it writes, while the records are looked at. */
struct look {
    const struct export_format *format;
    struct export *export;
};

static int look_at(void *user, struct reader *reader, struct vms_error *error) {
    const struct look *look = user;

    return look->format->look ? look->format->look(look->export, reader, error) : 0;
}

static int add_record(const struct export_format *format, struct export *export, const char *path,
                      struct vms_error *error) {
    struct reader *reader = NULL;
    int status = reader_open(path, &reader, error);

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++)
        status = add_case(format, export, reader, i, error);
    reader_close(reader);
    return status;
}

int export_write(FILE *file, const struct export_options *options, char *const *paths, size_t n_paths,
                 size_t *ret_left_out, struct vms_error *error) {
    const struct export_format *format = find_format(options->format);
    struct export export = {.file = file, .options = options};
    struct look look = {format, &export};
    struct roster roster;
    int status;

    if (!format)
        return error_set(error, -ENOENT, "no format \"%s\"", options->format);
    export.names = json_object();
    if (!export.names)
        return error_memory(error);
    status = roster_init(&roster, paths, n_paths, look_at, &look, error);
    roster_done(&roster);
    if (status == 0)
        status = format->begin(&export, error);
    for (size_t i = 0; status == 0 && i < n_paths; i++)
        status = add_record(format, &export, paths[i], error);
    if (status == 0 && format->end)
        status = format->end(&export, error);
    if (format->done)
        format->done(export.state);
    json_decref(export.names);
    if (status == 0 && (fflush(file) == EOF || ferror(file)))
        status = error_set(error, -EIO, "cannot write the export: %s", strerror(errno));
    if (status == 0)
        *ret_left_out = export.left_out;
    return status;
}
