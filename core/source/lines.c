/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/lines.h"

#include "base/cleanup.h"
#include "source/files.h"

#define RECORDED_MAX ((size_t)16 * 1024 * 1024)

/* What is captured is read whole, up to the limit. */
static int open_captured(struct source_lines *lines) {
    size_t size;
    int status = source_bytes(lines->source, RECORDED_MAX, &lines->bytes, &size, "%s", lines->path);

    if (status < 0)
        return status;
    lines->file = fmemopen(lines->bytes, size, "r");
    return lines->file ? 0 : -errno;
}

int source_lines_open(const struct machine_source *source, const char *path, struct source_lines *ret_lines) {
    struct source_lines lines = {.source = source, .path = path};
    int status = source_is_live(source) ? source_note(source, path, files_stream(source, path, &lines.file))
                                        : open_captured(&lines);

    if (status < 0) {
        free(lines.bytes);
        return status;
    }
    if (source_is_live(source) && source->recorder) {
        cleanup_free char *bytes = NULL;
        size_t size;

        (void)source_bytes(source, RECORDED_MAX, &bytes, &size, "%s", path);
    }
    *ret_lines = lines;
    return 0;
}

char *source_lines_next(struct source_lines *lines) {
    ssize_t length;

    errno = 0;
    length = getline(&lines->line, &lines->capacity, lines->file);
    if (length < 0) {
        if (!feof(lines->file))
            (void)source_note(lines->source, lines->path, -errno);
        return NULL;
    }
    if (length > 0 && lines->line[length - 1] == '\n')
        lines->line[length - 1] = '\0';
    return lines->line;
}

void source_lines_close(struct source_lines *lines) {
    (void)fclose(lines->file);
    free(lines->bytes);
    free(lines->line);
    *lines = (struct source_lines){0};
}
