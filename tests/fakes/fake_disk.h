/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripted side of fake_disk.c, for tests that it is linked into. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_DISK_H
#define VMSUITE_TESTS_FAKES_FAKE_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* What a call costs on the script's clock, and of processor time. */
#define FAKE_DISK_WRITE_NS 1000
#define FAKE_DISK_READ_NS 4000
#define FAKE_DISK_FDATASYNC_NS 5000000
#define FAKE_DISK_FSYNC_NS 7000000
#define FAKE_DISK_CPU_NS 500 /* of a write or a read, half user and half system */

struct fake_disk {
    bool is_scripted;  /* time passes by calls only, and getrusage tells the script's processor time */
    bool drops_direct; /* open() leaves O_DIRECT out, as a file system that buffers it silently */
    uint64_t now_ns;   /* the script's clock */
    uint64_t cpu_ns;   /* the script's processor time */
    bool counts_pages; /* mincore finds `resident` pages in memory, whatever is there */
    unsigned resident;
    bool is_endless;   /* statvfs tells of 2^52 free blocks of 4096 bytes, whose product is 0 */
    int open_flags;    /* of the last file that was opened for writing */
    char calls[65536]; /* w: pwrite, r: pread, d: fdatasync, s: fsync; in their order */
    unsigned n_calls;
};
extern struct fake_disk fake_disk;

#endif
