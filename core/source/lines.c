/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/lines.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define RECORDED_MAX ((size_t)16 * 1024 * 1024)

int source_lines_open(const struct machine_source *source, const char *path, struct source_lines *ret_lines) {
    cleanup_close int fd = source_open(source, O_RDONLY | O_NONBLOCK | O_NOCTTY, path);
    struct source_lines lines = {0};
    struct stat status;

    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    if (source->recorder) {
        cleanup_free char *bytes = NULL;
        size_t size;

        (void)source_bytes(source, RECORDED_MAX, &bytes, &size, "%s", path);
    }
    lines.file = fdopen(fd, "r");
    if (!lines.file)
        return -errno;
    fd = -1; /* the stream's now */
    *ret_lines = lines;
    return 0;
}

char *source_lines_next(struct source_lines *lines) {
    ssize_t length = getline(&lines->line, &lines->capacity, lines->file);

    if (length < 0)
        return NULL;
    if (length > 0 && lines->line[length - 1] == '\n')
        lines->line[length - 1] = '\0';
    return lines->line;
}

void source_lines_close(struct source_lines *lines) {
    (void)fclose(lines->file);
    free(lines->line);
    *lines = (struct source_lines){0};
}
