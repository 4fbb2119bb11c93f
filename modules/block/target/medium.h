/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies under a file: what a figure that went past the page cache shows the speed of. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_MEDIUM_H
#define VMSUITE_MODULES_BLOCK_TARGET_MEDIUM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum medium_kind {
    MEDIUM_UNKNOWN, /* nothing shows what is below */
    MEDIUM_DEVICE,
    MEDIUM_MEMORY, /* there is no device: nothing is ever written out */
    MEDIUM_NETWORK /* another machine answers */
};

struct medium {
    enum medium_kind kind;
    bool is_cached_behind; /* what lies under the device has a page cache of its own (a loop device without
                              direct I/O): what is not in ours may be in that */
    char name[128];        /* "ext4 on vda", "tmpfs", "nfs" */
};

/* What the system says of a descriptor. */
struct medium_clues {
    uint32_t file_system; /* statfs's f_type */
    dev_t device;         /* the file's, or the block device itself */
    bool is_block_device;
    bool is_mapped; /* the file system names places on a device for the file's bytes (FIEMAP) */
    /* the block device that the mount names, or 0: for file systems with numbers of their own */
    dev_t mounted;
};

/* Looks at an open file with data in it, or an open block device. Never fails: what cannot be found out is
 * unknown. */
void medium_look(int fd, struct medium *ret_medium);

/* The judgement by itself; devices are looked up in `sysfs` ("/sys"). */
void medium_judge(const struct medium_clues *clues, const char *sysfs, struct medium *ret_medium);

/* "device", "memory", "network", "unknown". */
const char *medium_kind_name(enum medium_kind kind);

#endif
