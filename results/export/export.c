/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/export.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "export/format.h"
#include "export/format_rows.h"
#include "record/read/roster.h"
#include "record/read/walk.h"

#include <string.h>

#define FLUSH_SIZE ((size_t)1 << 16)

#define DECLARE(format) extern const struct export_format export_##format;
#define REFER(format) &export_##format,
EXPORT_FORMAT_ROWS(DECLARE)
static const struct export_format *const formats[] = {EXPORT_FORMAT_ROWS(REFER)};

const char *export_format_name(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index]->name : NULL;
}

const char *export_format_help(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index]->help : NULL;
}

int export_flush(struct export *export, bool now) {
    struct buffer *out = &export->out;
    size_t length = out->length;

    if (out->failed)
        return -ENOMEM;
    if (length == 0 || (length < FLUSH_SIZE && !now))
        return 0;
    out->length = 0;
    return fwrite(out->bytes, 1, length, export->file) == length ? 0 : -EIO;
}

char *export_name(struct export *export, const struct export_case *outcome) {
    const char *run = outcome->head->run_id, *last;
    cleanup_free char *name = text_new("%s/%s", outcome->head->label, outcome->label);
    char *longer;

    if (!name)
        return NULL;
    last = json_string_value(json_object_get(export->names, name));
    if (!last)
        longer = strdup(name);
    else if (strcmp(last, run) != 0)
        longer = text_new("%s run %s", name, run);
    else
        longer = text_new("%s run %s case %u", name, run, outcome->outcome->id);
    if (!longer)
        return NULL;
    if (json_object_set_new(export->names, name, json_string(run)) == 0)
        return longer;
    free(longer);
    return NULL;
}

void export_separate(struct export *export) {
    buffer_add_text(&export->out, export->n_written++ > 0 ? ",\n  " : "\n  ");
}

/* A sentence where there is none yet. */
static int fail(const struct export *export, int status, struct vms_error *error) {
    if (status == -ENOMEM || export->out.failed)
        return error_memory(error);
    return status == -EIO ? error_set(error, status, "cannot write the export: %s", strerror(errno)) : status;
}

/* A record, while its cases are written. */
struct writing {
    const struct export_format *format;
    struct export *export;
    struct reader *reader;
};

static int add_case(void *context, const struct walk_case *at, struct vms_error *error) {
    const struct writing *writing = context;
    int status = writing->format->add(
        writing->export, &(struct export_case){reader_head(writing->reader), at->outcome, at->label}, error);

    if (status == 0)
        status = export_flush(writing->export, false);
    return status < 0 ? fail(writing->export, status, error) : 0;
}

static int add_record(const struct export_format *format, struct export *export, const char *path,
                      struct vms_error *error) {
    struct reader *reader = NULL;
    int status = reader_open(path, &reader, error);

    if (status == 0)
        status = walk_cases(reader, add_case, &(struct writing){format, export, reader}, error);
    reader_close(reader);
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
    int status = look->format->look ? look->format->look(look->export, reader, error) : 0;

    return status < 0 ? fail(look->export, status, error) : 0;
}

static int look_at_all(const struct export_format *format, struct export *export, char *const *paths,
                       size_t n_paths, struct vms_error *error) {
    struct look look = {format, export};
    struct roster roster;
    int status = roster_init(&roster, paths, n_paths, look_at, &look, error);

    roster_done(&roster);
    return status;
}

static int write_all(const struct export_format *format, struct export *export, char *const *paths,
                     size_t n_paths, struct vms_error *error) {
    int status = look_at_all(format, export, paths, n_paths, error);

    if (status < 0)
        return status;
    if (format->begin)
        status = format->begin(export, error);
    for (size_t i = 0; status == 0 && i < n_paths; i++)
        status = add_record(format, export, paths[i], error);
    if (status == 0 && format->end)
        status = format->end(export, error);
    if (status == 0)
        status = export_flush(export, true);
    if (status == 0 && (fflush(export->file) == EOF || ferror(export->file)))
        status = -EIO;
    return status < 0 ? fail(export, status, error) : 0;
}

int export_write(FILE *file, const struct export_options *options, char *const *paths, size_t n_paths,
                 size_t *ret_left_out, struct vms_error *error) {
    const struct export_format *format = find_format(options->format);
    struct export export = {.file = file, .options = options};
    int status;

    if (!format)
        return error_set(error, -ENOENT, "no format \"%s\"", options->format);
    export.names = json_object();
    status = export.names ? write_all(format, &export, paths, n_paths, error) : error_memory(error);
    if (format->done)
        format->done(export.state);
    json_decref(export.names);
    buffer_done(&export.out);
    if (status == 0)
        *ret_left_out = export.left_out;
    return status;
}
