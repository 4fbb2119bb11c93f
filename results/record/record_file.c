/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/record_file.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int read_all(int fd, uint64_t at, char *target, size_t length) {
    while (length > 0) {
        ssize_t got = pread(fd, target, length, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -ENODATA;
        target += got;
        at += (uint64_t)got;
        length -= (size_t)got;
    }
    return 0;
}

static int refuse_read(const char *path, int status, struct vms_error *error) {
    if (status == -ENOMEM)
        return error_memory(error);
    if (status == -ENODATA)
        return error_set(error, -EIO, "%s became shorter while it was read", path);
    return error_set(error, status, "cannot read %s: %s", path, strerror(-status));
}

static int take_small(struct record_file *file, int fd) {
    int status;

    file->text = malloc(file->size + 1);
    if (!file->text)
        return -ENOMEM;
    status = read_all(fd, 0, file->text, file->size);
    file->text[file->size] = '\0';
    return status;
}

int record_file_open(struct record_file *file, const char *path, struct vms_error *error) {
    /* Without O_NONBLOCK a FIFO would be waited for. */
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    int status = 0;

    *file = (struct record_file){.path = strdup(path), .fd = -1};
    if (!file->path)
        return refuse_read(path, -ENOMEM, error);
    if (fd < 0 || fstat(fd, &info) < 0)
        return refuse_read(path, -errno, error);
    if (!S_ISREG(info.st_mode))
        return error_set(error, -EINVAL, "%s is not a regular file", path);
    if (info.st_size == 0)
        return error_set(error, -EINVAL, "%s is empty", path);
    file->size = (uint64_t)info.st_size;
    if (file->size <= RECORD_FILE_SMALL) {
        status = take_small(file, fd);
    } else {
        file->fd = fd;
        fd = -1;
    }
    return status < 0 ? refuse_read(path, status, error) : 0;
}

void record_file_done(struct record_file *file) {
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->text);
    free(file->path);
}

int record_file_read(const struct record_file *file, struct extent extent, struct record_buffer *buffer,
                     const char **ret_text, struct vms_error *error) {
    size_t length = extent.end - extent.start;
    int status = 0;

    if (file->text) {
        *ret_text = file->text + extent.start;
        return 0;
    }
    if (buffer->size <= length) {
        free(buffer->bytes);
        buffer->bytes = malloc(length + 1);
        buffer->size = buffer->bytes ? length + 1 : 0;
    }
    status = buffer->bytes ? read_all(file->fd, extent.start, buffer->bytes, length) : -ENOMEM;
    if (status < 0)
        return refuse_read(file->path, status, error);
    buffer->bytes[length] = '\0';
    *ret_text = buffer->bytes;
    return 0;
}

void record_buffer_done(struct record_buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct record_buffer){0};
}

#define PIECE ((size_t)1 << 18)

/* Calls `take` with the text up to `end` in pieces, until it returns something else than 0. */
static int each_piece(const struct record_file *file, uint64_t end,
                      int (*take)(void *user, const char *text, size_t length), void *user,
                      struct vms_error *error) {
    struct record_buffer buffer = {0};
    int status = 0;

    for (uint64_t at = 0; status == 0 && at < end;) {
        struct extent extent = {at, !file->text && end - at > PIECE ? at + PIECE : end};
        const char *text;

        status = record_file_read(file, extent, &buffer, &text, error);
        if (status == 0)
            status = take(user, text, extent.end - extent.start);
        at = extent.end;
    }
    record_buffer_done(&buffer);
    return status;
}

/* Lines so far, and bytes of the last one. */
struct place {
    size_t line, column;
};

static int count_lines(void *user, const char *text, size_t length) {
    struct place *place = user;

    for (size_t i = 0; i < length; i++) {
        place->column = text[i] == '\n' ? 0 : place->column + 1;
        place->line += text[i] == '\n';
    }
    return 0;
}

int record_file_refuse(const struct record_file *file, uint64_t at, int status, const char *sentence,
                       struct vms_error *error) {
    struct place place = {1, 0};

    (void)each_piece(file, at < file->size ? at : file->size, count_lines, &place, NULL);
    return error_set(error, status, "%s:%zu:%zu: %s", file->path, place.line, place.column + 1, sentence);
}

struct outlining {
    struct outline *outline;
    const char *sentence;
};

static int outline_piece(void *user, const char *text, size_t length) {
    struct outlining *outlining = user;

    return outline_scan(outlining->outline, text, length, &outlining->sentence);
}

int record_file_outline(const struct record_file *file, struct outline *outline, struct vms_error *error) {
    struct outlining outlining = {.outline = outline};
    int status;

    *outline = (struct outline){0};
    status = each_piece(file, file->size, outline_piece, &outlining, error);
    if (status == 0)
        status = outline_finish(outline, &outlining.sentence);
    if (status < 0 && outlining.sentence)
        return record_file_refuse(file, outline->at, status, outlining.sentence, error);
    return status == -ENOMEM ? refuse_read(file->path, status, error) : status;
}
