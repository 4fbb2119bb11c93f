/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/spool.h"

#include "files/transfer.h"
#include "record/file/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is in memory goes to a file. */
static int move_to_file(struct spool *spool) {
    int status;

    spool->fd = temporary_open();
    if (spool->fd < 0) {
        status = spool->fd;
        spool->fd = -1;
        return status;
    }
    status = transfer_write(spool->fd, spool->text, (size_t)spool->length);
    free(spool->text);
    spool->text = NULL;
    return status;
}

int spool_add(struct spool *spool, const char *text, size_t length) {
    int status = 0;

    if (length > spool->max - spool->length)
        return -EFBIG;
    if (spool->fd < 0 && !spool->text && !(spool->text = malloc(SPOOL_MEMORY + 1)))
        return -ENOMEM;
    if (spool->fd < 0 && length > SPOOL_MEMORY - spool->length)
        status = move_to_file(spool);
    if (status == 0 && spool->fd >= 0)
        status = transfer_write(spool->fd, text, length);
    if (status < 0)
        return status;
    if (spool->fd < 0) {
        memcpy(spool->text + spool->length, text, length);
        spool->text[spool->length + length] = '\0';
    }
    spool->length += length;
    return 0;
}

void spool_done(struct spool *spool) {
    if (spool->fd >= 0)
        (void)close(spool->fd);
    free(spool->text);
}
