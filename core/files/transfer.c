/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/transfer.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#define NOWHERE ((off_t)-1) /* where the descriptor stands */

static int write_all(int fd, const char *bytes, size_t n, off_t place) {
    const bool follows = place == NOWHERE;

    for (size_t done = 0; done < n;) {
        ssize_t written = follows ? write(fd, bytes + done, n - done)
                                  : pwrite(fd, bytes + done, n - done, place + (off_t)done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        done += (size_t)written;
    }
    return 0;
}

int transfer_write(int fd, const void *bytes, size_t n) {
    return write_all(fd, bytes, n, NOWHERE);
}

int transfer_write_at(int fd, const void *bytes, size_t n, off_t place) {
    return place < 0 ? -EINVAL : write_all(fd, bytes, n, place);
}

int transfer_read_at(int fd, void *bytes, size_t n, off_t place, size_t *ret_done) {
    size_t done = 0;
    ssize_t got = 1;

    while (done < n && got > 0) {
        got = pread(fd, (char *)bytes + done, n - done, place + (off_t)done);
        if (got > 0)
            done += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    if (ret_done)
        *ret_done = done;
    return done == n ? 0 : got < 0 ? -errno : -ENODATA;
}
