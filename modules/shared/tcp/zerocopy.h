/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's word on sends with MSG_ZEROCOPY: how many are done with, and how many it copied after all. */
#ifndef VMSUITE_MODULES_SHARED_TCP_ZEROCOPY_H
#define VMSUITE_MODULES_SHARED_TCP_ZEROCOPY_H

#include <vmsuite/module.h>

struct zerocopy {
    uint64_t sends;  /* made with MSG_ZEROCOPY */
    uint64_t done;   /* of which the kernel has reported the end */
    uint64_t copied; /* of which it said that it copied */
};

/* Takes what the kernel has reported so far from the socket's error queue. -errno with a sentence. */
int zerocopy_reap(struct zerocopy *zerocopy, int fd, struct vms_error *error);

#endif
