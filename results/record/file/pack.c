/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/pack.h"

#include "record/text/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 9 /* records become 25 times smaller in the time that writing them to a disk takes */
#define WINDOW_LOG_MAX 25
#define PIECE 65536

bool pack_is_wanted(const char *path) {
    size_t length = strlen(path);

    return length > 4 && strcmp(path + length - 4, ".zst") == 0;
}

bool pack_is_packed(const char *text, size_t length) {
    return length >= 4 && memcmp(text, "\x28\xB5\x2F\xFD", 4) == 0;
}

struct pack {
    FILE *file;
    ZSTD_CCtx *context;
};

/* Packs on; `end` also empties what the context holds. 0 or -1: as Jansson's callbacks do. */
static int add(struct pack *pack, const char *text, size_t length, ZSTD_EndDirective end) {
    ZSTD_inBuffer in = {text, length, 0};
    char bytes[PIECE];
    size_t left;

    do {
        ZSTD_outBuffer out = {bytes, sizeof(bytes), 0};

        left = ZSTD_compressStream2(pack->context, &out, &in, end);
        if (ZSTD_isError(left) || fwrite(bytes, 1, out.pos, pack->file) != out.pos)
            return -1;
    } while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return 0;
}

static int add_text(const char *text, size_t length, void *user) {
    return add(user, text, length, ZSTD_e_continue);
}

int pack_json(FILE *file, const json_t *json) {
    struct pack pack = {file, ZSTD_createCCtx()};
    int status = 0;

    if (!pack.context)
        return -ENOMEM;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(pack.context, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(pack.context, ZSTD_c_checksumFlag, 1)) ||
        json_put(json, JSON_STYLE_DOCUMENT, add_text, &pack) != 0 || add(&pack, "\n", 1, ZSTD_e_end) < 0)
        status = -EIO;
    (void)ZSTD_freeCCtx(pack.context);
    return status;
}

struct unpack {
    ZSTD_DCtx *context;
    unpack_sink *sink;
    void *user;
    bool in_frame;
};

struct unpack *unpack_new(unpack_sink *sink, void *user) {
    struct unpack *unpack = calloc(1, sizeof(*unpack));

    if (!unpack)
        return NULL;
    *unpack = (struct unpack){.context = ZSTD_createDCtx(), .sink = sink, .user = user};
    if (unpack->context &&
        !ZSTD_isError(ZSTD_DCtx_setParameter(unpack->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        return unpack;
    unpack_free(unpack);
    return NULL;
}

int unpack_add(struct unpack *unpack, const char *packed, size_t length) {
    ZSTD_inBuffer in = {packed, length, 0};
    bool full = true;

    while (in.pos < in.size || full) {
        char text[PIECE];
        ZSTD_outBuffer out = {text, sizeof(text), 0};
        size_t left = ZSTD_decompressStream(unpack->context, &out, &in);
        int status;

        if (ZSTD_isError(left))
            return -EBADMSG;
        unpack->in_frame = left > 0;
        full = out.pos == out.size; /* then it holds more perhaps */
        status = out.pos > 0 ? unpack->sink(unpack->user, text, out.pos) : 0;
        if (status < 0)
            return status;
        if (left == 0 && in.pos == in.size)
            break;
    }
    return 0;
}

int unpack_end(const struct unpack *unpack) {
    return unpack->in_frame ? -EBADMSG : 0;
}

void unpack_free(struct unpack *unpack) {
    if (!unpack)
        return;
    (void)ZSTD_freeDCtx(unpack->context);
    free(unpack);
}
