/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/record_file.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/file.h"
#include "files/transfer.h"
#include "record/file/foreign.h"
#include "record/file/pack.h"
#include "record/file/spool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static int refuse_size(const struct record_file *file, struct vms_error *error) {
    if (file->most < RECORD_FILE_MAX)
        return error_set(error, -EFBIG,
                         "%s: has more than %" PRIu64 " MiB, the most that is read of a document", file->path,
                         file->most >> 20);
    return error_set(error, -EFBIG, "%s: is larger than %d GiB unpacked", file->path, RECORD_FILE_MAX_GIB);
}

static int refuse_read(const struct record_file *file, int status, struct vms_error *error) {
    const char *path = file->path;

    if (status == -ENOMEM)
        return error_memory(error);
    if (status == -EFBIG)
        return refuse_size(file, error);
    if (status == -E2BIG)
        return error_set(error, -EINVAL, "%s: is packed more than %d to 1, as no record is", path,
                         RECORD_FILE_RATIO_MAX);
    if (status == -ENODATA)
        return error_set(error, -EIO, "%s: became shorter while it was read", path);
    return error_set(error, status, "%s: cannot be read: %s", path, strerror(-status));
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
    status = buffer->bytes ? transfer_read_at(file->fd, buffer->bytes, length, (off_t)extent.start, NULL)
                           : -ENOMEM;
    if (status < 0)
        return refuse_read(file, status, error);
    buffer->bytes[length] = '\0';
    *ret_text = buffer->bytes;
    return 0;
}

#define PIECE ((size_t)1 << 18)

/* Calls `take` with the text up to `end` in pieces, until it returns something other than 0. */
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

static int take_small(struct record_file *file, int fd) {
    int status;

    file->text = malloc(file->size + 1);
    if (!file->text)
        return -ENOMEM;
    status = transfer_read_at(fd, file->text, file->size, 0, NULL);
    file->text[file->size] = '\0';
    return status;
}

/* The text becomes that of the spool, which is empty then. */
static void take_spool(struct record_file *file, struct spool *spool) {
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->text);
    file->text = spool->text;
    file->fd = spool->fd;
    file->size = spool->length;
    *spool = SPOOL_EMPTY(0);
}

/* Reads a pipe to its end. */
static int take_pipe(struct record_file *file, int fd) {
    struct spool spool = SPOOL_EMPTY(file->most);
    char piece[65536];
    ssize_t got = 1;
    int status = 0;

    while (status == 0 && got > 0) {
        got = read(fd, piece, sizeof(piece));
        if (got < 0)
            status = errno == EINTR ? (got = 1, 0) : -errno;
        else
            status = spool_add(&spool, piece, (size_t)got);
    }
    if (status == 0)
        take_spool(file, &spool);
    spool_done(&spool);
    return status;
}

static int take_file(struct record_file *file, int fd) {
    struct stat info;

    if (fstat(fd, &info) < 0)
        return -errno;
    if (!S_ISREG(info.st_mode))
        return take_pipe(file, fd);
    file->size = (uint64_t)info.st_size;
    if (file->size <= RECORD_FILE_SMALL)
        return take_small(file, fd);
    file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return file->fd < 0 ? -errno : 0;
}

static int add_packed(void *user, const char *text, size_t length) {
    return unpack_add(user, text, length);
}

/* What is unpacked of a file of `packed` bytes. */
struct unpacking {
    struct spool spool;
    uint64_t packed;
};

/* Little that becomes much is no record: the numbers of trials do not repeat each other so. */
static int add_unpacked(void *user, const char *text, size_t length) {
    struct unpacking *unpacking = user;
    uint64_t unpacked = unpacking->spool.length + length;

    if (unpacked > RECORD_FILE_UNWATCHED && unpacked / RECORD_FILE_RATIO_MAX > unpacking->packed)
        return -E2BIG;
    return spool_add(&unpacking->spool, text, length);
}

/* Puts the text in the place of what is packed. */
static int unpack(struct record_file *file, struct vms_error *error) {
    struct unpacking unpacking = {SPOOL_EMPTY(file->most), file->size};
    struct unpack *unpack = unpack_new(add_unpacked, &unpacking);
    int status = unpack ? each_piece(file, file->size, add_packed, unpack, error) : -ENOMEM;

    if (status == 0)
        status = unpack_end(unpack);
    if (status == 0)
        take_spool(file, &unpacking.spool);
    else if (status == -EBADMSG)
        (void)error_set(error, status, "%s: is damaged, or was cut short: zstd cannot unpack it", file->path);
    else
        (void)refuse_read(file, status, error);
    unpack_free(unpack);
    spool_done(&unpacking.spool);
    return status;
}

/* What holds no JSON is called by its name; what is packed is unpacked. */
static int look_at_kind(struct record_file *file, struct vms_error *error) {
    size_t length = file->size < FOREIGN_BYTES ? file->size : FOREIGN_BYTES;
    struct record_buffer buffer = {0};
    const struct foreign *foreign;
    const char *begin;
    int status = record_file_read(file, (struct extent){0, length}, &buffer, &begin, error);

    if (status == 0 && length >= 4 && pack_is_packed(begin, 4))
        status = unpack(file, error);
    else if (status == 0 && (foreign = foreign_find(begin, length)))
        status = error_set(error, -EINVAL, "%s: is %s; %s", file->path, foreign->name, foreign->mend);
    record_buffer_done(&buffer);
    return status;
}

/* Of what is packed, or comes through a pipe, no more than `most` bytes are kept. */
static int open_up_to(struct record_file *file, const char *path, uint64_t most, struct vms_error *error) {
    cleanup_close int fd = -1;
    int status;

    *file = (struct record_file){.path = strdup(path), .fd = -1, .most = most};
    if (!file->path)
        return error_memory(error);
    fd = file_open(path, error);
    if (fd < 0)
        return fd;
    status = take_file(file, fd);
    return status < 0 ? refuse_read(file, status, error) : look_at_kind(file, error);
}

int record_file_open(struct record_file *file, const char *path, struct vms_error *error) {
    return open_up_to(file, path, RECORD_FILE_MAX, error);
}

void record_file_done(struct record_file *file) {
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->text);
    free(file->path);
}

void record_buffer_done(struct record_buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct record_buffer){0};
}

int record_file_load(const char *path, size_t max, char **ret_text, size_t *ret_length,
                     struct vms_error *error) {
    struct record_buffer buffer = {0};
    struct record_file file;
    const char *text = NULL;
    int status = open_up_to(&file, path, max, error);

    if (status == 0 && file.size > max)
        status = refuse_size(&file, error);
    if (status == 0)
        status = record_file_read(&file, (struct extent){0, file.size}, &buffer, &text, error);
    if (status == 0) { /* either of them holds it */
        *ret_text = file.text ? TAKE(file.text) : TAKE(buffer.bytes);
        *ret_length = file.size;
    }
    record_buffer_done(&buffer);
    record_file_done(&file);
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
    if (file->size == 0)
        return error_set(error, -EINVAL, "%s: is empty", file->path);
    status = each_piece(file, file->size, outline_piece, &outlining, error);
    if (status == 0)
        status = outline_finish(outline, &outlining.sentence);
    if (status < 0 && outlining.sentence)
        return record_file_refuse(file, outline->at, status, outlining.sentence, error);
    return status == -ENOMEM ? refuse_read(file, status, error) : status;
}
