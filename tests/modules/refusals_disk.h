/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of the module block. */
#ifndef VMSUITE_TESTS_MODULES_REFUSALS_DISK_H
#define VMSUITE_TESTS_MODULES_REFUSALS_DISK_H

#define NOT_FOR_THIS_USER ": this user may not do that: choose another scratch folder or user"
#define WRITE "block", "file_size=16KiB block_size=4KiB", false
#define RANDOM "block", "file_size=16KiB block_size=4KiB operation=randrw sync=fsync latency=true", false
#define REWRITE "block", "file_size=16KiB block_size=4KiB operation=rewrite sync=fdatasync", false

static const struct refused refused_disk[] = {
    {WRITE, "open", 1, EPERM, -EPERM, "creating SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {WRITE, "open", 2, EPERM, -EPERM, "creating SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {WRITE, "open", 3, EPERM, -EPERM, "creating SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {WRITE, "write", 1, EPERM, -EPERM, "writing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {WRITE, "write", 1, EINTR, -EINTR, "writing SCRATCH/block.data at byte 0: Interrupted system call"},
    {WRITE, "pwrite", 2, EPERM, -EPERM, "writing SCRATCH/block.data at byte 4096" NOT_FOR_THIS_USER},
    {WRITE, "pwrite", 2, EINTR, 0, ""},
    {WRITE, "pwrite", 2, EINVAL, -EINVAL, "writing SCRATCH/block.data at byte 4096: Invalid argument"},
    {WRITE, "fstat", 1, EPERM, 0, "medium: unknown\nmedium_name: nothing could be found out about it\n"},
    {WRITE, "statvfs", 1, EPERM, -EPERM,
     "SCRATCH: its file system cannot be asked for space: Operation not permitted"},
    {WRITE, "statvfs", 2, EPERM, -EPERM,
     "SCRATCH: its file system cannot be asked for space: Operation not permitted"},
    {WRITE, "statvfs", 3, EPERM, -EPERM,
     "SCRATCH: its file system cannot be asked for space: Operation not permitted"},
    {WRITE, "fstatfs", 1, EPERM, 0, "medium: unknown\nmedium_name: nothing could be found out about it\n"},
    {WRITE, "statx", 1, EPERM, 0, ""},
    {WRITE, "getrlimit", 1, EPERM, 0, ""},
    {WRITE, "sync_file_range", 1, EPERM, 0, ""},
    {WRITE, "mincore", 1, EPERM, 0,
     "read_figure: unknown (how much was in memory: mincore: Operation not permitted)\n"},
    {WRITE, "mincore", 2, EPERM, 0, "verified: every sector, from the page cache or what is below it\n"},
    {WRITE, "malloc", 1, ENOMEM, -ENOMEM, "no memory for 1052672 bytes of data to write"},
    {WRITE, "calloc", 1, ENOMEM, -ENOMEM, "no memory"},
    {WRITE, "calloc", 2, ENOMEM, -ENOMEM, "no memory for 8 bytes of order"},
    {WRITE, "fopen", 1, EPERM, 0, ""},
    {WRITE, "opendir", 1, EPERM, 0, ""},
    {WRITE, "mmap", 1, EPERM, 0,
     "read_figure: unknown (how much was in memory: mincore: Operation not permitted)\n"},
    {WRITE, "mmap", 2, EPERM, 0, "verified: every sector, from the page cache or what is below it\n"},
    {WRITE, "posix_memalign", 1, EPERM, -ENOMEM, "no memory for 1052672 bytes of data to write"},
    {WRITE, "posix_memalign", 2, EPERM, -ENOMEM, "no memory for a block of 4096 bytes"},
    {WRITE, "pread", 2, EPERM, -EPERM, "reading SCRATCH/block.data at byte 4096" NOT_FOR_THIS_USER},
    {WRITE, "pread", 2, EINTR, 0, ""},
    {RANDOM, "pwrite", 1, EPERM, -EPERM, "writing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {RANDOM, "pwrite", 1, EINTR, 0, ""},
    {RANDOM, "pwrite", 1, EINVAL, -EINVAL, "writing SCRATCH/block.data at byte 0: Invalid argument"},
    {RANDOM, "fsync", 1, EPERM, -EPERM, "flushing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {RANDOM, "fsync", 1, EINTR, -EINTR, "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {RANDOM, "fdatasync", 1, EPERM, -EPERM, "flushing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {RANDOM, "fdatasync", 1, EINTR, -EINTR, "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {RANDOM, "sync_file_range", 1, EPERM, 0, ""},
    {RANDOM, "sync_file_range", 1, EINTR, -EINTR,
     "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {RANDOM, "sync_file_range", 2, EPERM, 0, ""},
    {RANDOM, "sync_file_range", 2, EINTR, -EINTR,
     "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {RANDOM, "malloc", 2, ENOMEM, -ENOMEM, "no memory for 24 bytes of order"},
    {RANDOM, "malloc", 3, ENOMEM, -ENOMEM, "no memory for 2097152 bytes of data to write"},
    {RANDOM, "malloc", 4, ENOMEM, -ENOMEM,
     "counting the cached pages of SCRATCH/block.data at byte 0: Cannot allocate memory"},
    {RANDOM, "malloc", 5, ENOMEM, -ENOMEM, "no memory for 1 latencies"},
    {RANDOM, "malloc", 6, ENOMEM, -ENOMEM, "no memory for 3 latencies"},
    {RANDOM, "posix_memalign", 3, EPERM, -ENOMEM, "no memory for 2097152 bytes of data to write"},
    {REWRITE, "pwrite", 5, EPERM, -EPERM, "writing SCRATCH/block.data at byte 12288" NOT_FOR_THIS_USER},
    {REWRITE, "pwrite", 5, EINTR, 0, ""},
    {REWRITE, "pwrite", 5, EINVAL, -EINVAL, "writing SCRATCH/block.data at byte 12288: Invalid argument"},
    {REWRITE, "fdatasync", 1, EPERM, -EPERM, "flushing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {REWRITE, "fdatasync", 1, EINTR, -EINTR,
     "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {REWRITE, "fdatasync", 2, EPERM, -EPERM, "flushing SCRATCH/block.data at byte 0" NOT_FOR_THIS_USER},
    {REWRITE, "fdatasync", 2, EINTR, -EINTR,
     "flushing SCRATCH/block.data at byte 0: Interrupted system call"},
    {REWRITE, "sync_file_range", 3, EPERM, 0, ""},
    {REWRITE, "sync_file_range", 4, EPERM, 0, ""},
    {REWRITE, "mincore", 1, EPERM, 0, "cached_before: unknown: mincore: Operation not permitted\n"},
    {REWRITE, "mincore", 1, EINTR, -EINTR,
     "counting the cached pages of SCRATCH/block.data at byte 0: Interrupted system call"},
    {REWRITE, "mincore", 2, EPERM, 0, "verified: every sector, from the page cache or what is below it\n"},
};
#undef NOT_FOR_THIS_USER
#undef WRITE
#undef RANDOM
#undef REWRITE

#endif
