/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes all of some bytes to a descriptor, however the kernel divides them and whichever signals come. */
#ifndef VMSUITE_CORE_FILES_TRANSFER_H
#define VMSUITE_CORE_FILES_TRANSFER_H

#include <stddef.h>
#include <sys/types.h>

/* 0, or a negative errno where not all of them were written: some may have been. `place` is the offset in the
 * file. */
int transfer_write(int fd, const void *bytes, size_t n);
int transfer_write_at(int fd, const void *bytes, size_t n, off_t place);

#endif
