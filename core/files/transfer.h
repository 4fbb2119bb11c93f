/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes all of some bytes to a descriptor, or reads them, however the kernel divides them and whichever
 * signals come. */
#ifndef VMSUITE_CORE_FILES_TRANSFER_H
#define VMSUITE_CORE_FILES_TRANSFER_H

#include <stddef.h>
#include <sys/types.h>

/* 0, or a negative errno where not all of them were written: some may have been. `place` is the offset in the
 * file. */
int transfer_write(int fd, const void *bytes, size_t n);
int transfer_write_at(int fd, const void *bytes, size_t n, off_t place);

/* Reads `n` bytes from the offset `place` on. 0, a negative errno, or -ENODATA where the file ends before;
 * *ret_done: how many were read, however it ended (NULL: that is not asked). */
int transfer_read_at(int fd, void *bytes, size_t n, off_t place, size_t *ret_done);

#endif
